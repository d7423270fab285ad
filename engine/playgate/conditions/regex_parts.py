"""Parts of an expression: their Python source, and whether backtracking in them stays harmless.

A part is *one-way* where, after each character read, at most one place in it can take the next
(the one-unambiguous expressions of Brüggemann-Klein and Wood, 1998). A text then has at most one
path through it, so that a search in it takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce

from playgate.records import Record, replace

__all__ = [
    "ANY",
    "DIGIT",
    "EMPTY",
    "NEWLINE",
    "SPACE",
    "WORD",
    "Chars",
    "Part",
    "alternatives",
    "assertion",
    "complement",
    "fold",
    "has_case",
    "one_of",
    "repeat",
    "sequence",
    "trim",
    "union",
]

Chars = tuple[tuple[int, int], ...]
"""A set of characters: ranges with both ends included, in order, that do not touch each other."""

_LAST = 0x10FFFF
_MANY = 100  # a nominal length of text, which bounds the ends that a one-way part may have
_CAP = 10**9

EMPTY: Chars = ()
ANY: Chars = ((0, _LAST),)
NEWLINE: Chars = ((10, 10),)
DIGIT: Chars = ((48, 57),)
SPACE: Chars = ((9, 10), (12, 13), (32, 32))
WORD: Chars = ((48, 57), (65, 90), (95, 95), (97, 122))


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


class Part(Record):
    """A part of an expression, read as Python's `re` reads `source`.

    `first` holds the characters that it may begin with, `more` those by which it may go on where it
    could end; `ways` bounds how many paths a text may have through it, `size` is its length with
    repeats written out, `repeats` is the product of its nested counts, and `shortest` is a repeat
    with the least count.
    """

    source: str
    first: Chars = EMPTY
    more: Chars = EMPTY
    empty: bool = True
    one_way: bool = True
    ways: int = 1
    size: int = 1
    repeats: int = 1
    bare: bool = False
    shortest: Part | None = None

    @property
    def loops(self) -> bool:
        """Whether a repeat of it is one-way, too."""
        return self.one_way and not self.empty and not _overlap(self.more, self.first)

    def grouped(self) -> Part:
        """Returns the same part in parentheses."""
        return replace(self, source=f"(?:{self.source})", bare=False, shortest=None)


def assertion(source: str) -> Part:
    """Returns a part that matches a place in the text, such as its start."""
    return Part(source, bare=True)


def one_of(chars: Chars) -> Part:
    """Returns a part that matches one character of a set."""
    # RE2 works on UTF-8, so a range beyond ASCII takes it several steps.
    size = sum(1 if high < 0x80 else 3 if low == high else 10 for low, high in chars)
    return Part(_class_source(chars), first=chars, empty=False, size=max(size, 1))


def _class_source(chars: Chars) -> str:
    if not chars:
        return "(?!)"
    if len(chars) == 1 and chars[0][0] == chars[0][1]:
        return re.escape(chr(chars[0][0]))
    if chars[-1][1] == _LAST and chars != ANY:
        return f"[^{_spans(complement(chars))}]"
    return f"[{_spans(chars)}]"


def _spans(chars: Chars) -> str:
    ends = ((re.escape(chr(low)), re.escape(chr(high))) for low, high in chars)
    return "".join(low if low == high else f"{low}-{high}" for low, high in ends)


def sequence(items: Sequence[Part]) -> Part:
    """Returns a part that matches the items one after the other."""
    return reduce(_followed, items) if items else Part("")


def _followed(left: Part, right: Part) -> Part:
    apart = left.one_way and not _overlap(left.more, right.first)
    one_way = apart and right.one_way
    ways = left.ways * right.ways
    return Part(
        left.source + right.source,
        first=union(left.first, right.first) if left.empty else left.first,
        more=union(left.more, right.more) if right.empty else right.more,
        empty=left.empty and right.empty,
        one_way=one_way,
        # Where the left part can go on, the right one cannot begin: only the last end counts.
        ways=_bounded(min(ways, left.ways + right.ways) if apart else ways, one_way),
        size=left.size + right.size,
        repeats=max(left.repeats, right.repeats),
    )


def trim(items: Sequence[Part]) -> Sequence[Part]:
    """Shortens the repeats at both ends as far as possible, which does not change what is found."""
    return _trim_start(_trim_start(items)[::-1])[::-1]


def _trim_start(items: Sequence[Part]) -> Sequence[Part]:
    for at, item in enumerate(items):
        if item.shortest is None:
            return items[at:]
        if item.shortest.source:
            return [item.shortest, *items[at + 1 :]]
    return []


def alternatives(branches: Sequence[Part]) -> Part:
    """Returns a part that matches any one of the branches."""
    if len(branches) == 1:
        return branches[0]
    first = union(*(branch.first for branch in branches))
    apart = all(
        not _overlap(left.first, right.first)
        for place, left in enumerate(branches)
        for right in branches[:place]
    )
    one_way = apart and all(b.one_way for b in branches) and sum(b.empty for b in branches) <= 1
    empty = any(branch.empty for branch in branches)
    more = union(*(branch.more for branch in branches))
    return Part(
        "|".join(branch.source for branch in branches),
        first=first,
        more=union(first, more) if empty else more,
        empty=empty,
        one_way=one_way,
        ways=_bounded(sum(branch.ways for branch in branches), one_way),
        size=sum(branch.size for branch in branches) + len(branches),
        repeats=max(branch.repeats for branch in branches),
    )


def repeat(body: Part, least: int, most: int | None, *, lazy: bool) -> Part:
    """Repeats `body` from `least` to `most` times (`None`: no bound, only for a body that
    `loops`)."""
    one_way = body.loops or (most == 1 and body.one_way and not body.empty)
    count = max(least if most is None else most, 1)
    first = EMPTY if most == 0 else body.first
    return Part(
        body.source + _repeat_source(least, most) + ("?" if lazy else ""),
        first=first,
        more=union(body.more, first),
        empty=body.empty or least == 0,
        one_way=one_way,
        ways=_bounded(_repeat_ways(body, least, most), one_way),
        size=body.size * (count + (most is None)) + 1,
        repeats=body.repeats * count,
        shortest=_shortest(body, least, most),
    )


def _shortest(body: Part, least: int, most: int | None) -> Part | None:
    """Returns the repeat with only its least count, where it allows more; otherwise `None`."""
    if least == most:
        return None
    return repeat(body, least, least, lazy=False) if least > 1 else body if least else Part("")


def _repeat_source(least: int, most: int | None) -> str:
    short = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((least, most))
    exact = f"{{{least}}}" if least == most else f"{{{least},{'' if most is None else most}}}"
    return short or exact


def _repeat_ways(body: Part, least: int, most: int | None) -> int:
    if most is None:
        return _MANY
    ways, power = 0, 1
    for count in range(most + 1):
        ways += power if count >= least else 0
        power = min(power * body.ways, _CAP)
    return min(ways, most * body.ways + 1) if body.loops else ways


def _bounded(ways: int, one_way: bool) -> int:
    """Bounds a one-way part's paths: it has one to each end, so no more than the text's
    characters."""
    return min(ways, _MANY if one_way else _CAP)
