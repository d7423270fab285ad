"""Regular expressions in the plainest spelling, which most engines read alike.

Groups are plain (some engines know no `(?:`), classes are written out, nothing is lazy: only
whether something is found counts.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.values.expressions import Expr
from playgate.conditions.regex import compile_re2

__all__ = ["SPACE", "folded", "misread", "plain", "searched", "trimmed"]

SPACE = "\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What `str.strip` takes for white space, as it stands in a class."""

_SPECIAL = frozenset("\\.^$|()[]{}*+?-")
_LAST_WITH_CASE = 0x1FFFF
_LONGEST_FOLD = 3
_LONGEST = 4000

_RE2 = ("duckdb", "bigquery", "clickhouse")
_LENIENT_END = ("pyspark", "spark", "trino", "sqlite")
"""Engines that find `$` before a line break at the end of the text too."""

_TOKEN = re.compile(
    r"\(\?m:[\^$]\)|\(\?a:\\b\)|\(\?!\)|\(\?:|\\A|\\Z|\\.|\[\^?(?:\\.|[^\]\\])*\]"
    r"|(?:[*+?]|\{[0-9,]+\})\??|.",
    re.DOTALL,
)
_WRITTEN = {
    "(?:": "(",
    "(?a:\\b)": "\\b",
    "(?!)": "[^\\s\\S]",
    "[\x00-\U0010ffff]": "[\\s\\S]",
    "\\A": "^",
    "\\Z": "$",
}


def trimmed(text: Expr) -> Expr:
    """Strips white space off the text, as `str.strip` does."""
    return text.re_replace(f"^[{SPACE}]+|[{SPACE}]+$", "")


def searched(text: Expr, pattern: str) -> Expr:
    """Says whether the RE2 expression is found in `text`."""
    return text.re_search(plain(pattern))


def misread(pattern: str, dialect: str) -> str:
    """Says what the engine would read otherwise than RE2 in this expression, if anything."""
    if dialect in _RE2:
        return ""
    found = plain(pattern)
    outside = re.sub(r"\[\^?(?:\\.|[^\]\\])*\]|\\[^b]", "", found, flags=re.DOTALL)
    counts = [int(each) for each in re.findall(r"[{,]([0-9]+)", outside)]
    reasons = {
        "the boundary of a word": "\\b" in outside,
        "the start or end of a line": "(?m:" in outside,
        "the end of the text, where a line break stands there": (
            dialect in _LENIENT_END and "$" in outside
        ),
        "a count above 255": dialect == "postgres" and max(counts, default=0) > 255,
    }
    return ", ".join(reason for reason, holds in reasons.items() if holds)


@lru_cache(maxsize=256)
def plain(pattern: str) -> str:
    """Returns the RE2 expression in the plainest spelling that finds the same."""
    source = compile_re2(pattern).pattern
    # Parentheses, as an engine may put something before and after it.
    return f"({''.join(_token(found[0]) for found in _TOKEN.finditer(source))})"


def _token(token: str) -> str:
    if token in _WRITTEN or token.startswith("(?m:"):
        return _WRITTEN.get(token, token)
    if token[0] in "[\\":
        found = re.sub(r"\\(.)", lambda found: _escaped(found[1]), token, flags=re.DOTALL)
        return found.replace("\x00", "\\x00")  # no text of SQL holds a zero byte
    return token[:-1] if len(token) > 1 and token[-1] == "?" else token


def _escaped(char: str) -> str:
    return f"\\{char}" if char in _SPECIAL else char


def folded(text: str) -> str:
    """Returns the expression of all texts whose `casefold` is `text`, itself folded."""
    rests = [""]  # from the end on: of what is left of the text, the shortest first
    for start in range(len(text) - 1, -1, -1):
        ways = [
            _one_of(chars) + rests[-length]
            for length in range(1, min(_LONGEST_FOLD, len(rests)) + 1)
            if (chars := _written_as(text[start : start + length]))
        ]
        rests.append(ways[0] if len(ways) == 1 else f"({'|'.join(ways)})")
        if len(rests[-1]) > _LONGEST:
            raise CannotExpressError(f'the placeholder "{text}" can be written in too many ways')
    return rests[-1]


def _written_as(text: str) -> str:
    """Returns the characters that fold to `text`."""
    return (text if len(text) == 1 else "") + _unfolded().get(text, "")


def _one_of(chars: str) -> str:
    found = "".join(_escaped(char) for char in chars)
    return f"[{found}]" if len(chars) > 1 else found


@cache
def _unfolded() -> dict[str, str]:
    """Returns for each text the other characters that fold to it."""
    found: dict[str, str] = {}
    for code in range(_LAST_WITH_CASE + 1):
        char = chr(code)
        fold = char.casefold()
        if fold != char:
            found[fold] = found.get(fold, "") + char
    return found
