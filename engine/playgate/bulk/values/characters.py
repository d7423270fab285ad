"""Sets of characters, as ranges of their codes: what classes of regular expressions mean."""

from __future__ import annotations

__all__ = [
    "ANY",
    "EMPTY",
    "NAMED",
    "NEWLINE",
    "POSIX",
    "Chars",
    "complement",
    "fold",
    "has_case",
    "union",
]

Chars = tuple[tuple[int, int], ...]
"""A set of characters: ranges with both ends included, in order, that do not touch each other."""

_LAST = 0x10FFFF

EMPTY: Chars = ()
ANY: Chars = ((0, _LAST),)
NEWLINE: Chars = ((10, 10),)
NAMED: dict[str, Chars] = {
    "d": ((48, 57),),
    "s": ((9, 10), (12, 13), (32, 32)),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
}
"""What `\\d`, `\\s` and `\\w` mean to RE2."""
POSIX: dict[str, Chars] = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": ((48, 57),),
    "graph": ((33, 126),),
    "lower": ((97, 122),),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
"""What `[:alpha:]` and its like mean inside a class."""


def union(*sets: Chars) -> Chars:
    """Returns all characters of the sets, whose ranges may come in any order."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(span for chars in sets for span in chars):
        if merged and low <= merged[-1][1] + 1:
            low, last = merged.pop()
            high = max(high, last)
        merged.append((low, high))
    return tuple(merged)


def complement(chars: Chars) -> Chars:
    """Returns all other characters."""
    starts = [0, *(high + 1 for _, high in chars)]
    ends = [*(low - 1 for low, _ in chars), _LAST]
    return tuple((low, high) for low, high in zip(starts, ends, strict=True) if low <= high)


def fold(chars: Chars) -> Chars:
    """Adds the other case of each ASCII letter and, as RE2 does, the long s and the Kelvin sign."""
    added = [chars]
    for shift, first in ((32, 65), (-32, 97)):
        spans = [(max(low, first), min(high, first + 25)) for low, high in chars]
        added.append(tuple((low + shift, high + shift) for low, high in spans if low <= high))
    both = union(*added)
    for letter, other in (("s", 0x17F), ("k", 0x212A)):
        if _overlap(both, ((ord(letter), ord(letter)),)):
            both = union(both, ((other, other),))
    return both


def has_case(code: int) -> bool:
    """Whether the character is a letter that has another case."""
    char = chr(code)
    return {char} != {char.lower(), char.upper(), char.title(), char.casefold()}


def _overlap(left: Chars, right: Chars) -> bool:
    return any(a <= d and c <= b for a, b in left for c, d in right)
