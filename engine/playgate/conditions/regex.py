"""Regular expressions: the one door to RE2, which searches any text in linear time.

What RE2 refuses is told with its place in the expression and with what to write instead. RE2 is
imported only where a playbook says `matches`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

__all__ = ["MOST_STEPS", "Expression", "Finds", "PatternError", "compile_re2"]

Finds = Callable[[str], bool]
"""Whether the expression is found anywhere in a text."""

_LONGEST = 500
_LARGEST = 10_000
"""Steps of a compiled expression: each may have to look at each character of a text."""
MOST_STEPS = 500_000
"""Steps of all expressions of a playbook together: to compile these takes about a second."""

_TOKEN = re.compile(r"\\x\{[^}]*\}|\\.|.", re.DOTALL)
_REPEAT = re.compile(r"(?:[*+?]|\{[0-9,]+\})\??")
_NO_COUNT = re.compile(r"\{(?:,[0-9]+|0[0-9]+(?:,[0-9]*)?|[0-9]*,?[0-9]{5,}|[0-9]+,0[0-9]+)\}")
_GROUP = re.compile(r"\(\?(?::|P?<[\w]+>|[imsU]*(?:-[imsU]+)?[:)])")
_SIGNS = re.compile(
    r"\\Q.*?(?:\\E|\Z)|\\[xpP]\{[^}]*\}|\\.|\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\]|.", re.DOTALL
)

_MISTAKES = {  # what RE2 says → what we say, and what to write instead
    "missing ]": ("`[` without `]`", "write `\\[` for the sign itself"),
    "missing )": ("`(` without `)`", "write `\\(` for the sign itself"),
    "unexpected )": ("`)` without `(`", "write `\\)` for the sign itself"),
    "trailing \\": ("a `\\` at the end", "write `\\\\` for the sign itself"),
    "no argument for repetition operator": ("nothing to repeat", "write `\\SIGN` for the sign"),
    "bad repetition operator": ("a repeat of a repeat", "put the inner one into `(?:...)`"),
    "invalid repetition size": (
        "repeats more than 1000 times, or the least count is above the most",
        "lower the counts",
    ),
    "invalid named capture group": (
        "a group's name takes letters, digits and `_`, stands once, and ends with `>`",
        "as in `(?P<year>...)`",
    ),
    "duplicate capture group name": ("this group is there twice", "give it another name"),
    "invalid character class range": (
        "`PART` is no range or class of characters",
        "as in `[a-z]`, `[[:alpha:]]` or `\\p{L}`; a plain `-` stands last",
    ),
    "invalid escape sequence": ("there is no escape `PART`", "write `\\\\` for the sign `\\`"),
    "invalid perl operator": ("`PART` is not in RE2", "flags are `i`, `m`, `s` and `U`"),
    "pattern too large": ("too large once its repeats are written out", "lower the counts"),
    "bad number of UTF-8 bytes": ("no Unicode text", "write it as UTF-8"),
}
_GROUPS = (  # what may follow `(?`; the first match wins
    ("=", "look-ahead is not in RE2", "say it as two tests under `all`"),
    ("!", "negative look-ahead is not in RE2", "say it as a second test under `not`"),
    ("<=", "look-behind is not in RE2", "match the text before as well"),
    ("<!", "negative look-behind is not in RE2", "match the text before as well"),
    (">", "an atomic group is not in RE2", "write `(?:...)`"),
    ("P=", "a back reference is not in RE2", ""),
    ("P>", "a call of a group is not in RE2", ""),
    ("(", "a conditional is not in RE2", "write the alternatives out with `|`"),
    ("#", "a comment is not in RE2", "write it as a comment of the playbook"),
)
_ESCAPES = {
    "G": ("`\\G` is not in RE2", ""),
    "K": ("`\\K` is not in RE2", ""),
    "N": ("`\\N` is not in RE2", "write `[^\\n]`, or the character itself"),
    "R": ("`\\R` is not in RE2", "write `\\r?\\n`"),
    "U": ("`\\U` is not in RE2", "write `\\x{...}` or the character itself"),
    "X": ("`\\X` is not in RE2", ""),
    "Z": ("`\\Z` is not in RE2", "write `\\z` or `$`"),
    "b": ("`\\b` in a class is not in RE2", "write `\\x08`"),
    "h": ("`\\h` is not in RE2", "write `[ \\t]`"),
    "u": ("`\\u` is not in RE2", "write `\\x{...}` or the character itself"),
    "x": (
        "`\\x` takes two hexadecimal digits, or those of a character in braces",
        "as in `\\x41` or `\\x{20AC}`",
    ),
    **dict.fromkeys(
        "dDsSwW", ("a range needs a character at both ends", "write `\\-` for the sign")
    ),
    **dict.fromkeys("123456789", ("a back reference is not in RE2", "")),
}


class PatternError(ValueError):
    """Tells why a pattern is refused: what is wrong, where (from 0), and what to write instead."""

    def __init__(self, message: str, *, position: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.hint = hint


class Expression:
    """A compiled expression, which says whether it is found anywhere in a text."""

    __slots__ = ("_search", "steps")

    def __init__(self, search: Callable[[bytes], object], steps: int) -> None:
        self._search = search
        self.steps = steps
        """How large it is: each step may have to look at each character of a text."""

    def __call__(self, text: str) -> bool:
        return self._search(_encoded(text)) is not None


@lru_cache(maxsize=1024)
def compile_re2(pattern: str) -> Expression:
    """Returns what says whether RE2 finds the pattern in a text; raises `PatternError` for what is
    no RE2 expression, and for one so large that a long text would take long."""
    import re2  # few playbooks need it

    if len(pattern) > _LONGEST:
        raise PatternError(
            f"a pattern has at most {_LONGEST} characters, this one {len(pattern)}",
            position=_LONGEST,
            hint="split it into several tests under `any` or `all`",
        )
    _check_unicode(pattern)
    _check_counts(pattern)
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)  # which knows more mistakes than one without groups
        options.never_capture = True
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0]
        raise _explained(pattern, said.decode() if isinstance(said, bytes) else said) from None
    steps = max(compiled.programsize, compiled.reverseprogramsize)
    if steps > _LARGEST:
        message, hint = _MISTAKES["pattern too large"]
        raise PatternError(message, position=0, hint=hint)
    return Expression(compiled.search, steps)


def _encoded(text: str) -> bytes:
    """Returns the text in UTF-8; half of a surrogate pair is an unknown character."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _check_unicode(pattern: str) -> None:
    half = next((at for at, char in enumerate(pattern) if "\ud800" <= char <= "\udfff"), None)
    if half is not None:
        raise PatternError("half of a surrogate pair is no character", position=half)


def _check_counts(pattern: str) -> None:
    """Refuses what looks like a repeat and is plain text to RE2."""
    for found in _SIGNS.finditer(pattern):
        count = _NO_COUNT.match(pattern, found.start())
        if count and found[0] == "{":
            raise PatternError(
                f"`{count[0]}` repeats nothing in RE2: it is plain text there",
                position=found.start(),
                hint="write `{0,n}` with counts up to 1000, or `\\{` for the sign itself",
            )


def _explained(pattern: str, said: str) -> PatternError:
    """Returns what RE2 said of a pattern as an error with its place."""
    reason, _, part = said.partition(": ")
    reason = reason.removesuffix(" - compile failed")
    at = _place(pattern, reason, part)
    message, hint = _MISTAKES.get(reason, (f"{reason} `{part}`", ""))
    if reason == "invalid escape sequence":
        char = pattern[at + 1 : at + 2]
        if not char.isascii():
            message, hint = f"`{char}` needs no `\\`, and RE2 allows none", f"write `{char}`"
        else:
            message, hint = _ESCAPES.get(char, (message, hint))
    elif reason in ("invalid perl operator", "invalid named capture group"):
        rest = pattern[at + 2 :]
        message, hint = next(
            ((each, how) for sign, each, how in _GROUPS if rest.startswith(sign)), (message, hint)
        )
    elif reason == "bad repetition operator" and pattern.startswith("+", at):
        message, hint = "a possessive repeat is not in RE2", "leave the second sign out"
    message, hint = message.replace("PART", part), hint.replace("SIGN", part[:1])
    return PatternError(message, position=at, hint=hint)


def _place(pattern: str, reason: str, part: str) -> int:
    """Returns where the part of a pattern stands that RE2 stumbled over."""
    if reason in ("missing )", "unexpected )"):
        return _unpaired(pattern)
    if reason == "trailing \\":
        return len(pattern) - 1
    starts = [found.start() for found in _TOKEN.finditer(pattern)]
    if reason == "invalid perl operator":
        starts = [at for at in starts if not _GROUP.match(pattern, at)]
    if reason == "invalid repetition size" and not _says_too_much(part):
        starts.reverse()  # it is within one that stands before it
    at = next((at for at in starts if part and pattern.startswith(part, at)), 0)
    first = _REPEAT.match(part) if reason == "bad repetition operator" else None
    return at + first.end() if first else at


def _says_too_much(count: str) -> bool:
    numbers = [int(each) for each in re.findall("[0-9]+", count)]
    return max(numbers, default=0) > 1000 or numbers != sorted(numbers)


def _unpaired(pattern: str) -> int:
    """Returns where the first parenthesis stands that has no other."""
    open_at: list[int] = []
    for found in _SIGNS.finditer(pattern):
        if found[0] == "(":
            open_at.append(found.start())
        elif found[0] == ")":
            if not open_at:
                return found.start()
            open_at.pop()
    return open_at[-1] if open_at else 0
