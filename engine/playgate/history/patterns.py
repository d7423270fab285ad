r"""Texts of a mapping in which `*` stands for anything, as in `"FINAL_APPROVED by *"`.

A star behind a backslash is only a star.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["PatternNames", "is_pattern", "names_of", "pattern_of", "plain_text"]

_STAR = re.compile(r"\\\*|\*")


def is_pattern(text: str) -> bool:
    """Returns whether a star in the text stands for anything."""
    return any(found[0] == "*" for found in _STAR.finditer(text))


def plain_text(text: str) -> str:
    """Returns the text that is meant by one which is no pattern."""
    return text.replace("\\*", "*")


def pattern_of(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Returns what matches all that one of these patterns stands for; `None` where there is
    none."""
    found = [_expression(text) for text in texts if is_pattern(text)]
    return re.compile("|".join(found), re.DOTALL) if found else None


def _expression(text: str) -> str:
    """Writes a pattern so that no cell takes long: what stands between two stars is sought once,
    where it comes first."""
    first, *others = _between_stars(text)
    if not others:
        return first
    *inner, last = others
    sought = (f"(?>.*?{each})" for each in inner if each)
    return "".join([first, *sought, ".*", last])


def _between_stars(text: str) -> list[str]:
    parts, end = [""], 0
    for star in _STAR.finditer(text):
        parts[-1] += re.escape(text[end : star.start()])
        if star[0] == "*":
            parts.append("")
        else:
            parts[-1] += r"\*"
        end = star.end()
    parts[-1] += re.escape(text[end:])
    return parts


def names_of(names: Mapping[str, str]) -> Mapping[str, str]:
    """Returns translations, which also know what fits a pattern among their texts."""
    return PatternNames(names) if any("*" in text for text in names) else names


class PatternNames(dict[str, str]):
    """Translations some of which hold for all that fits a pattern: an exact text beats a pattern,
    and the first of those that fit is taken."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(
            {plain_text(text): to for text, to in names.items() if not is_pattern(text)}
        )
        self._patterns = [
            (re.compile(_expression(text), re.DOTALL), to)
            for text, to in names.items()
            if is_pattern(text)
        ]

    def __bool__(self) -> bool:
        return bool(len(self) or self._patterns)

    def get(self, text: str, default: Any = None) -> Any:
        """Returns the translation of the text, else the default."""
        if super().__contains__(text):
            return super().__getitem__(text)
        return next((to for pattern, to in self._patterns if pattern.fullmatch(text)), default)

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and self.get(text) is not None

    def __getitem__(self, text: str) -> str:
        found: str | None = self.get(text)
        if found is None:
            raise KeyError(text)
        return found
