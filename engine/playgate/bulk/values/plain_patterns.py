"""RE2 expressions in the plainest spelling, and what of them only RE2 reads.

Groups are plain (some engines know no `(?:`), classes are written out, flags are worked in, nothing
is lazy: only whether something is found counts. The expression is one that RE2 accepts.
"""

from __future__ import annotations

import re
from functools import lru_cache

from playgate.bulk.values.characters import (
    ANY,
    EMPTY,
    NAMED,
    NEWLINE,
    POSIX,
    Chars,
    complement,
    fold,
    has_case,
    union,
)
from playgate.records import Record

__all__ = ["PlainPattern", "escaped", "plain_pattern"]

_SPECIAL = frozenset("\\.^$|()[]{}*+?-")
_LAST = 0x10FFFF
_CONTROLS = {"a": 7, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_OF_THE_TEXT = {"A": "^", "z": "$"}

_BOUNDARY = "the boundary of a word"
_LINES = "the start or end of a line"
_UNICODE = "Unicode classes"
_FOLDED = "letters beyond ASCII without case"
_ROUNDS = "a repeat without end in another"

_TOKEN = re.compile(
    r"\\Q(?P<quoted>.*?)(?:\\E|\Z)"
    r"|\(\?(?P<flags>[imsU]*(?:-[imsU]+)?)(?P<ends>[:)])|\((?:\?P?<\w+>)?(?P<group>)"
    r"|(?P<repeat>[*+?]|\{(?P<least>0|[1-9][0-9]*)(?P<comma>,(?P<most>0|[1-9][0-9]*)?)?\})\??"
    r"|(?P<escape>\\(?:x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|[pP](?:\{[^}]*\}|.)|.))"
    r"|(?P<sign>.)",
    re.DOTALL,
)
_ITEM = re.compile(
    r"\[:(?P<not>\^?)(?P<posix>[a-z]+):\]"
    r"|(?P<escape>\\(?:x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|[pP](?:\{[^}]*\}|.)|.))"
    r"|(?P<sign>.)",
    re.DOTALL,
)


class PlainPattern(Record):
    """An expression that most engines read alike; `unlike` says what of it some do not."""

    text: str
    unlike: frozenset[str]
    largest_count: int


class _Group(Record):
    """What holds again where a group ends."""

    flags: frozenset[str]
    loops: bool


@lru_cache(maxsize=256)
def plain_pattern(pattern: str) -> PlainPattern:
    """Returns the RE2 expression in the plainest spelling that finds the same."""
    return _Speller(pattern).whole()


def escaped(char: str) -> str:
    """Returns a character as it stands in an expression, where it may mean something else."""
    if char == "\x00":
        return "\\x00"  # no text of SQL holds a zero byte
    return f"\\{char}" if char in _SPECIAL else char


class _Speller:
    """Reads an expression once from left to right, and writes it anew."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._written: list[str] = []
        self._unlike: set[str] = set()
        self._counts = [0]
        self._flags: frozenset[str] = frozenset()
        self._groups: list[_Group] = []
        self._loops = False  # whether what was read of the group repeats without end
        self._last_loops = False  # whether the last item does
        self._last_is_place = False
        self._last_is_repeat = False

    def whole(self) -> PlainPattern:
        at = 0
        while at < len(self._pattern):
            at = self._item(at)
        # Parentheses, as an engine may put something before and after it.
        text = f"({''.join(self._written)})"
        return PlainPattern(text, frozenset(self._unlike), max(self._counts))

    def _item(self, at: int) -> int:
        """Writes what stands at a place, and returns the next."""
        if self._pattern[at] == "[":
            chars, at = self._class(at + 1)
            self._write(_one_of(chars))
            return at
        found = _TOKEN.match(self._pattern, at)
        assert found is not None  # noqa: S101  (the last branch takes any character)
        if found["quoted"] is not None:
            for char in found["quoted"]:
                self._write(_one_of(self._cased(ord(char), ord(char))))
        elif found["repeat"]:
            self._repeat(found)
        elif found["ends"] or found["group"] is not None:
            self._open(found["flags"] or "", goes_on=found["ends"] == ")")
        elif found["escape"]:
            self._escape(found["escape"])
        else:
            self._sign(found["sign"])
        return found.end()

    def _write(self, text: str, *, place: bool = False, loops: bool = False) -> None:
        self._written.append(text)
        self._last_is_place, self._last_loops, self._last_is_repeat = place, loops, False

    def _sign(self, sign: str) -> None:
        match sign:
            case ")":
                group = self._groups.pop()
                inner, self._loops = self._loops, self._loops or group.loops
                self._flags = group.flags
                self._write(")", loops=inner)
            case "|":
                self._write("|")
            case ".":
                self._write(_one_of(ANY if "s" in self._flags else complement(NEWLINE)))
            case "^" | "$":
                self._place(sign)
            case _:
                self._write(_one_of(self._cased(ord(sign), ord(sign))))

    def _place(self, sign: str) -> None:
        if "m" in self._flags:
            self._unlike.add(_LINES)
        self._write(sign, place=True)

    def _open(self, flags: str, *, goes_on: bool) -> None:
        on, _, off = flags.partition("-")
        if not goes_on:
            self._groups.append(_Group(self._flags, self._loops))
            self._loops = False
            self._write("(")
        self._flags = self._flags.union(on).difference(off)

    def _repeat(self, found: re.Match[str]) -> None:
        if self._last_is_place:
            self._unlike.add("a place in the text that is repeated")
        if self._last_is_repeat:  # where only flags stand between
            self._unlike.add("a repeat of a repeat")
        least, most = found["least"], found["most"]
        self._counts += [int(each) for each in (least, most) if each]
        endless = found["repeat"] in "*+" or bool(found["comma"] and not most)
        if endless and self._last_loops:
            self._unlike.add(_ROUNDS)
        self._loops = self._loops or endless
        self._write(found["repeat"], loops=endless)
        self._last_is_repeat = True

    def _escape(self, escape: str) -> None:
        letter = escape[1]
        if letter in _OF_THE_TEXT:
            self._write(_OF_THE_TEXT[letter], place=True)
        elif letter in "bBC":
            self._unlike.add("a single byte" if letter == "C" else _BOUNDARY)
            self._write(escape, place=True)
        else:
            chars = self._named(escape)
            code = _code(escape) if chars is None else 0
            self._write(_one_of(self._cased(code, code) if chars is None else chars))

    def _named(self, escape: str) -> Chars | None:
        r"""Returns the class that an escape means, as in `\d`; a capital is all others."""
        letter = escape[1]
        if letter in "pP":
            self._unlike.add(_UNICODE)
            return EMPTY
        found = NAMED.get(letter.lower())
        return found and self._turned(found, letter.isupper())

    def _turned(self, chars: Chars, negated: bool) -> Chars:
        found = fold(chars) if "i" in self._flags else chars
        return complement(found) if negated else found

    def _cased(self, low: int, high: int) -> Chars:
        """Returns characters, with the other case of their letters where the flag `i` is on."""
        if "i" not in self._flags:
            return ((low, high),)
        if high >= 0x80 and (low != high or has_case(low)):
            self._unlike.add(_FOLDED)
        return fold(((low, high),))

    def _class(self, at: int) -> tuple[Chars, int]:
        """Returns the characters of the class whose inside begins here, and the place after it."""
        negated = self._pattern.startswith("^", at)
        at += negated
        found: Chars = EMPTY
        first = True
        while first or self._pattern[at] != "]":
            chars, at = self._class_item(at)
            found = union(found, chars)
            first = False
        return (complement(found) if negated else found), at + 1

    def _class_item(self, at: int) -> tuple[Chars, int]:
        low, at = self._class_end(at)
        ranges = self._pattern.startswith("-", at) and not self._pattern.startswith("-]", at)
        if isinstance(low, tuple):
            return low, at
        high: int | Chars = low
        if ranges:
            high, at = self._class_end(at + 1)
        assert isinstance(high, int)  # noqa: S101  (RE2 refuses a range to a class)
        return self._cased(low, high), at

    def _class_end(self, at: int) -> tuple[int | Chars, int]:
        r"""Returns a character, or a class such as `\d`, that stands in a class here."""
        found = _ITEM.match(self._pattern, at)
        assert found is not None  # noqa: S101  (the last branch takes any character)
        if found["posix"]:
            return self._turned(POSIX[found["posix"]], bool(found["not"])), found.end()
        if found["sign"]:
            return ord(found["sign"]), found.end()
        named = self._named(found["escape"])
        return (_code(found["escape"]) if named is None else named), found.end()


def _code(escape: str) -> int:
    """Returns the code of the character that an escape means."""
    rest = escape[1:]
    if rest[0] == "x" and len(rest) > 1:
        return int(rest[1:].strip("{}"), 16)
    return int(rest, 8) if rest.isdigit() else _CONTROLS.get(rest, ord(rest))


def _one_of(chars: Chars) -> str:
    if not chars:
        return "[^\\s\\S]"
    if chars == ANY:
        return "[\\s\\S]"
    if len(chars) == 1 and chars[0][0] == chars[0][1]:
        return escaped(chr(chars[0][0]))
    if chars[-1][1] == _LAST:
        return f"[^{_spans(complement(chars))}]"
    return f"[{_spans(chars)}]"


def _spans(chars: Chars) -> str:
    ends = ((escaped(chr(low)), escaped(chr(high))) for low, high in chars)
    return "".join(low if low == high else f"{low}-{high}" for low, high in ends)
