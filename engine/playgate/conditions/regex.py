"""Translates RE2 expressions so that Python's `re` finds exactly what RE2 would find.

It refuses what only one of the two knows or what they read differently. It also refuses what RE2
searches in linear time but a backtracking engine would take forever for. Only whether something is
found is kept: groups do not capture, and repeats at either end are as short as they may be.
"""

from __future__ import annotations

import re
from typing import NoReturn

from playgate.conditions.regex_parts import (
    ANY,
    DIGIT,
    EMPTY,
    NEWLINE,
    SPACE,
    WORD,
    Chars,
    Part,
    alternatives,
    assertion,
    complement,
    fold,
    has_case,
    one_of,
    repeat,
    sequence,
    trim,
    union,
)

__all__ = ["PatternError", "compile_re2"]

_LONGEST = 500
_DEEPEST = 50
_MOST_REPEATS = 1000
_LARGEST = 40_000
_MOST_WAYS = 100_000

_CONTROLS = {"a": 7, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_CLASSES = {"d": DIGIT, "s": SPACE, "w": WORD}
_COUNTS = re.compile(r"\{([0-9]+)(,([0-9]*))?\}")
_FLAGS = re.compile(r"([ims]+)(?:-([ims]+))?([:)])|-([ims]+):")
_HEX = re.compile(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,8})\})")
_NAME = re.compile(r"P?<([A-Za-z_][A-Za-z0-9_]*)>")

_GROUPS = (  # what may follow `(?`; the first match wins
    ("=", "look-ahead is not in RE2", "say it as two tests under `all`"),
    ("!", "negative look-ahead is not in RE2", "say it as a second test under `not`"),
    ("<=", "look-behind is not in RE2", "match the text before as well"),
    ("<!", "negative look-behind is not in RE2", "match the text before as well"),
    (">", "an atomic group is not in RE2", "write `(?:...)`"),
    ("P=", "a back reference is not in RE2", ""),
    ("P>", "a call of a group is not in RE2", ""),
    ("P<", "a group's name takes ASCII letters, digits and `_`, and ends with `>`", ""),
    ("<", "a group's name takes ASCII letters, digits and `_`, and ends with `>`", ""),
    ("(", "a conditional is not in RE2", "write the alternatives out with `|`"),
    ("#", "a comment is not in RE2", "write it as a comment of the playbook"),
    ("", "only the flags `i`, `m` and `s` mean the same everywhere", "as in `(?i)` or `(?i:...)`"),
)
_ESCAPES = {
    "B": ("`\\B` looks between bytes in RE2 and between letters in Python", ""),
    "C": ("`\\C` is a single byte, and only in RE2", "write `.`"),
    "E": ("quoting with `\\Q...\\E` is only in RE2", "write `\\` before each special sign"),
    "G": ("`\\G` is not in RE2", ""),
    "K": ("`\\K` is not in RE2", ""),
    "N": ("`\\N` is not in RE2", "write `[^\\n]`, or the character itself"),
    "P": ("Unicode classes are only in RE2", "list the characters, as in `[A-Za-zÀ-ž]`"),
    "Q": ("quoting with `\\Q...\\E` is only in RE2", "write `\\` before each special sign"),
    "R": ("`\\R` is not in RE2", "write `\\r?\\n`"),
    "U": ("`\\U` is only in Python", "write `\\x{...}` or the character itself"),
    "X": ("`\\X` is not in RE2", ""),
    "Z": ("`\\Z` is only in Python", "write `\\z` or `$`"),
    "h": ("`\\h` is not in RE2", "write `[ \\t]`"),
    "p": ("Unicode classes are only in RE2", "list the characters, as in `[A-Za-zÀ-ž]`"),
    "u": ("`\\u` is only in Python", "write `\\x{...}` or the character itself"),
    "x": ("`\\x` takes two hexadecimal digits, or some in braces", "as in `\\x41` or `\\x{20AC}`"),
}


class PatternError(ValueError):
    """Tells why a pattern is refused: what is wrong, where (from 0), and what to write instead."""

    def __init__(self, message: str, *, position: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.hint = hint


def compile_re2(pattern: str) -> re.Pattern[str]:
    """Returns the Python pattern whose `search` finds something where RE2 would find `pattern`.

    Raises `PatternError` for what is an error in RE2, what Python cannot be made to read as RE2
    does, and what could take Python too long.
    """
    if len(pattern) > _LONGEST:
        raise PatternError(
            f"a pattern has at most {_LONGEST} characters, this one {len(pattern)}",
            position=_LONGEST,
            hint="split it into several tests under `any` or `all`",
        )
    return re.compile(_Parser(pattern).whole())


def _one(code: int) -> Chars:
    return ((code, code),)


class _Parser:
    """Reads a pattern once from left to right; each method returns what it read as a part."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._depth = 0
        self._flags: frozenset[str] = frozenset()
        self._names: set[str] = set()

    def whole(self) -> str:
        """Returns the Python source of the whole pattern."""
        for at, char in enumerate(self._text):
            if "\ud800" <= char <= "\udfff":
                self._refuse("half of a surrogate pair is no character", at)
        while (found := self._leading_flags()) is not None:
            self._flags |= found
        part = self._alternatives()
        if self._at < len(self._text):
            self._refuse("`)` without `(`", hint="write `\\)` for the sign itself")
        self._check_size(part, 0)
        if part.ways > _MOST_WAYS:
            self._refuse(
                "too many repeats that can read the same text",
                0,
                "let each repeat stop at a sign that it does not take itself, "
                "as in `[^,]*,` for `.*,`",
            )
        return part.source

    # -- the text ------------------------------------------------------------------------------

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _take(self, text: str) -> bool:
        if not self._peek(text):
            return False
        self._at += len(text)
        return True

    def _next(self) -> str:
        self._at += 1
        return self._text[self._at - 1]

    def _refuse(self, message: str, at: int | None = None, hint: str = "") -> NoReturn:
        raise PatternError(message, position=self._at if at is None else at, hint=hint)

    # -- alternatives, sequences, repeats ------------------------------------------------------

    def _alternatives(self) -> Part:
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        return alternatives(branches)

    def _sequence(self) -> Part:
        items: list[Part] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            items.append(self._repeated())
        return sequence(items if self._depth else trim(items))

    def _repeated(self) -> Part:
        start = self._at
        if self._bounds() is not None:
            self._refuse("nothing to repeat", start, f"write `\\{self._text[start]}` for the sign")
        body = self._single()
        start = self._at
        bounds = self._bounds()
        if bounds is None:
            return body
        if body.bare:
            self._refuse("a place in the text cannot be repeated", start)
        lazy = self._take("?")
        self._check_single_repeat()
        if bounds[1] is None and not body.loops:
            self._refuse_loop(body, start)
        part = repeat(body, *bounds, lazy=lazy)
        if part.repeats > _MOST_REPEATS:
            self._refuse(f"repeats more than {_MOST_REPEATS} times", start)
        self._check_size(part, start)
        return part

    def _refuse_loop(self, body: Part, start: int) -> NoReturn:
        if body.empty:
            hint = "let each round take something, as in `(ab?)*` for `(a?b?)*`"
            self._refuse("a repeat without end whose inside can be empty", start, hint)
        hint = "repeat once, as in `[ab]+` for `(a+|b)+`; begin alternatives differently"
        self._refuse("a repeat without end that can read a text in two ways", start, hint)

    def _bounds(self) -> tuple[int, int | None] | None:
        """Returns the least and most counts of the repeat that begins here; `None` where none
        does."""
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        if self._peek("{,") and re.match(r"\{,[0-9]*\}", self._text[self._at :]):
            self._refuse("`{,n}` repeats only in Python", hint="write `{0,n}`, or `\\{`")
        found = _COUNTS.match(self._text, self._at)
        return None if found is None else self._counts(found)

    def _counts(self, found: re.Match[str]) -> tuple[int, int | None]:
        least, comma, most = found.groups()
        if any(len(digits) > 1 and digits[0] == "0" for digits in (least, most or "")):
            self._refuse("a count that begins with 0 is no count in RE2", hint="leave the 0 out")
        if max(len(least), len(most or "")) > 4 or max(int(least), int(most or 0)) > _MOST_REPEATS:
            self._refuse(f"repeats more than {_MOST_REPEATS} times")
        if most and int(most) < int(least):
            self._refuse("the least count is above the most", hint=f"write `{{{most},{least}}}`")
        self._at = found.end()
        low = int(least)
        return low, (low if comma is None else int(most) if most else None)

    def _check_single_repeat(self) -> None:
        start = self._at
        if self._peek("+"):
            self._refuse("a possessive repeat is not in RE2", hint="leave the second sign out")
        if self._bounds() is not None:
            self._refuse("a repeat of a repeat", start, "put the inner one into `(?:...)`")

    def _check_size(self, part: Part, at: int) -> None:
        if part.size > _LARGEST:
            self._refuse("too large once its repeats are written out", at, "lower the counts")

    # -- single things -------------------------------------------------------------------------

    def _single(self) -> Part:
        start = self._at
        char = self._next()
        match char:
            case "(":
                return self._group(start)
            case "[":
                return one_of(self._class(start))
            case ".":
                return one_of(ANY if "s" in self._flags else complement(NEWLINE))
            case "^":
                return assertion("(?m:^)" if "m" in self._flags else r"\A")
            case "$":
                return assertion("(?m:$)" if "m" in self._flags else r"\Z")
            case "\\":
                return self._escaped(start)
        return one_of(self._folded(_one(ord(char)), start))

    def _escaped(self, start: int) -> Part:
        for sign, source in (("A", r"\A"), ("z", r"\Z"), ("b", r"(?a:\b)")):
            if self._take(sign):
                return assertion(source)
        named = self._named_class()
        return one_of(self._folded(_one(self._code(start)), start) if named is None else named)

    def _named_class(self) -> Chars | None:
        r"""Returns the class that the letter here means, as in `\d`; a capital is all others."""
        letter = self._text[self._at : self._at + 1]
        if letter.lower() not in _CLASSES or not letter:
            return None
        self._at += 1
        found = _CLASSES[letter.lower()]
        if "i" in self._flags:
            found = fold(found)
        return found if letter.islower() else complement(found)

    def _code(self, start: int) -> int:
        """Returns the code of the character that the escape at `start`, a backslash, means."""
        if self._at == len(self._text):
            self._refuse("a `\\` at the end", start, "write `\\\\` for the sign itself")
        if found := _HEX.match(self._text, self._at):
            self._at = found.end()
            return self._scalar(int(found[1] or found[2], 16), start)
        char = self._next()
        if char in _CONTROLS:
            return _CONTROLS[char]
        if not char.isascii() or char.isalnum():
            self._refuse_escape(char, start)
        return ord(char)

    def _scalar(self, code: int, start: int) -> int:
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            self._refuse(f"there is no character U+{code:04X}", start)
        return code

    def _refuse_escape(self, char: str, start: int) -> NoReturn:
        if char == "0":
            self._refuse("an octal escape reads differently", start, "write `\\x00`")
        if char in "123456789":
            self._refuse("a back reference is not in RE2", start)
        if not char.isascii():
            self._refuse(f"`{char}` needs no `\\`, and RE2 allows none", start, f"write `{char}`")
        message, hint = _ESCAPES.get(char, (f"there is no escape `\\{char}`", f"write `{char}`"))
        self._refuse(message, start, hint)

    def _folded(self, found: Chars, start: int) -> Chars:
        """Returns the characters with the other case of their letters added, where the flag `i` is
        on."""
        if "i" not in self._flags:
            return found
        low, high = found[0][0], found[-1][1]
        if high >= 0x80 and (low != high or has_case(low)):
            self._refuse(
                "which letters beyond ASCII are the same without case differs",
                start,
                "write both cases, as in `[Éé]`, outside of `(?i)`",
            )
        return fold(found)

    # -- groups --------------------------------------------------------------------------------

    def _leading_flags(self) -> frozenset[str] | None:
        found = _FLAGS.match(self._text, self._at + 2) if self._peek("(?") else None
        if found is None or found[3] != ")" or found[2]:
            return None
        self._at = found.end()
        return frozenset(found[1])

    def _group(self, start: int) -> Part:
        outer = self._flags
        if self._take("?"):
            self._group_kind(start)
        self._depth += 1
        if self._depth > _DEEPEST:
            self._refuse(f"more than {_DEEPEST} groups in each other", start)
        part = self._alternatives()
        if not self._take(")"):
            self._refuse("`(` without `)`", start, "write `\\(` for the sign itself")
        self._depth -= 1
        self._flags = outer
        return part.grouped()

    def _group_kind(self, start: int) -> None:
        """Reads what stands between `(?` and the group's inside, and sets its flags."""
        if self._take(":"):
            return
        if found := _NAME.match(self._text, self._at):
            if found[1] in self._names:
                self._refuse(f"the group `{found[1]}` is there twice", start)
            self._names.add(found[1])
        elif found := _FLAGS.match(self._text, self._at):
            self._group_flags(found, start)
        else:
            _, message, hint = next(row for row in _GROUPS if self._peek(row[0]))
            self._refuse(message, start, hint)
        self._at = found.end()

    def _group_flags(self, found: re.Match[str], start: int) -> None:
        on, off = set(found[1] or ""), set(found[2] or found[4] or "")
        if found[3] == ")":
            hint = "put it at the start, or write `(?i:...)`"
            self._refuse("flags for the rest stand only at the start", start, hint)
        if on & off:
            self._refuse("a flag that is set and taken back at once", start)
        self._flags = self._flags.union(on).difference(off)

    # -- classes -------------------------------------------------------------------------------

    def _class(self, start: int) -> Chars:
        negated = self._take("^")
        found: Chars = EMPTY
        first = True
        while first or not self._peek("]"):
            if self._at >= len(self._text):
                self._refuse("`[` without `]`", start, "write `\\[` for the sign itself")
            found = union(found, self._class_item())
            first = False
        self._at += 1
        return complement(found) if negated else found

    def _class_item(self) -> Chars:
        start = self._at
        low = self._class_end()
        follows = self._text[self._at + 1 : self._at + 2]
        if not self._peek("-") or follows in ("]", ""):
            return low if isinstance(low, tuple) else self._folded(_one(low), start)
        self._check_operators()
        self._at += 1
        high = self._class_end()
        if isinstance(low, tuple) or isinstance(high, tuple):
            hint = "put the `-` last, or write `\\-`"
            self._refuse("a range needs a character at both ends", start, hint)
        if high < low:
            self._refuse("a range that ends before it begins", start)
        return self._folded(((low, high),), start)

    def _class_end(self) -> int | Chars:
        r"""Returns a character, or a class such as `\d`, inside a class."""
        start = self._at
        self._check_operators()
        char = self._next()
        if char != "\\":
            return ord(char)
        if self._peek("b"):
            self._refuse("`\\b` in a class is only in Python", start, "write `\\x08`")
        named = self._named_class()
        return self._code(start) if named is None else named

    def _check_operators(self) -> None:
        """Refuses what some engines read as classes within classes, and others as plain
        characters."""
        if self._peek("[:"):
            hint = "write it out, as in `[A-Za-z]` for `[[:alpha:]]`"
            self._refuse("POSIX classes are only in RE2", hint=hint)
        if self._peek("["):
            self._refuse("`[` in a class reads differently", hint="write `\\[`")
        for operator in ("--", "&&", "||", "~~"):
            if self._peek(operator):
                hint = f"write `\\{operator[0]}` once"
                self._refuse(f"`{operator}` in a class reads differently", hint=hint)
