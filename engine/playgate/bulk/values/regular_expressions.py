"""Regular expressions as engines search with them, and which of them one would misread."""

from __future__ import annotations

import re
from functools import cache

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.values.expressions import Expr
from playgate.bulk.values.plain_patterns import escaped, plain_pattern

__all__ = ["SPACE", "folded", "misread", "plain", "searched", "trimmed"]

SPACE = "\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What `str.strip` takes for white space, as it stands in a class."""

_LAST_WITH_CASE = 0x1FFFF
_LONGEST_FOLD = 3
_LONGEST = 4000

_NAMED_GROUP = re.compile(
    r"(\\Q.*?(?:\\E|\Z)|\\.|\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\])|\(\?P?<\w+>", re.DOTALL
)
"""A name of a group, or what is not to be searched for one."""

_RE2 = ("duckdb", "bigquery", "clickhouse")
_LENIENT_END = ("pyspark", "spark", "trino", "sqlite")
"""Engines that find `$` before a line break at the end of the text too."""


def trimmed(text: Expr) -> Expr:
    """Strips white space off the text, as `str.strip` does."""
    return text.re_replace(f"^[{SPACE}]+|[{SPACE}]+$", "")


def searched(text: Expr, pattern: str) -> Expr:
    """Says whether the RE2 expression is found in `text`.

    One that has no plain spelling stands as it is: `misread` allows it to engines of RE2 alone.
    """
    found = plain_pattern(pattern)
    # Some of them read `.` as any character, where nothing is said.
    return text.re_search("(?-s)" + _unnamed(pattern) if found.unlike else found.text)


def _unnamed(pattern: str) -> str:
    """Returns the expression without names of groups, which older RE2 writes in one way only."""
    plain_groups = _NAMED_GROUP.sub(lambda found: found[1] or "(", pattern)
    return plain_groups.replace("\x00", "\\x00")


def misread(pattern: str, dialect: str) -> str:
    """Says what the engine would read otherwise than RE2 in this expression, if anything."""
    if dialect in _RE2:
        return ""
    found = plain_pattern(pattern)
    outside = re.sub(r"\[\^?(?:\\.|[^\]\\])*\]|\\[^b]", "", found.text, flags=re.DOTALL)
    reasons = {
        **dict.fromkeys(sorted(found.unlike), True),
        "the end of the text, where a line break stands there": (
            dialect in _LENIENT_END and "$" in outside
        ),
        "a count above 255": dialect == "postgres" and found.largest_count > 255,
    }
    return ", ".join(reason for reason, holds in reasons.items() if holds)


def plain(pattern: str) -> str:
    """Returns the RE2 expression in the plainest spelling that finds the same."""
    return plain_pattern(pattern).text


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
    found = "".join(escaped(char) for char in chars)
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
