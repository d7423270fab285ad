"""What pages are put together of: views, short names for what scripts tell apart, plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from playgate.model.playbook import Playbook
from playgate.report.digest import Cell, Section
from playgate.report.words import visible

__all__ = ["Ids", "Plain", "View", "section_view", "shortened"]

View = dict[str, Any]
"""What a template is given."""
_LONGEST_KEY = 80


def shortened(text: str, limit: int = 160) -> str:
    """Returns the text, cut where it is longer than people read."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


class Plain:
    """A playbook's names as people say them: `first_call` is "First call"."""

    def __init__(self, playbook: Playbook) -> None:
        known = {name: name.replace("_", " ") for name in (*playbook.fields, *playbook.signals)}
        known |= {name: each.title for name, each in playbook.activities.items()}
        self._known = {name: text for name, text in known.items() if name != text}
        names = sorted(map(re.escape, self._known), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<![\w/-])(?:{'|'.join(names) or '(?!)'})(?![\w/-])")

    def __call__(self, text: str) -> str:
        """Returns the text with names in plain words, and a capital letter in front."""
        said = self._pattern.sub(self._say, text)
        return said[:1].upper() + said[1:]

    def _say(self, found: re.Match[str]) -> str:
        text = self._known[found[0]]
        is_acronym = text[1:2].isupper()
        return text if not found.start() or is_acronym else text[:1].lower() + text[1:]


class Ids:
    """Short names for what a page's script tells apart: foreign text stays out of it."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._known: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """Returns the short id of a name, or an empty text for none."""
        return self._known.setdefault(name, f"{self._prefix}{len(self._known)}") if name else ""

    def key(self, name: str) -> str:
        """Returns the word for a name in the page's address: the name itself, where it is one that
        people read."""
        return name if len(name) <= _LONGEST_KEY and visible(name) == name else self(name)


def section_view(name: str, section: Section, hrefs: Sequence[str] = ()) -> View:
    """Returns a table of the commands as the page shows it; a row may lead somewhere."""
    return {
        "id": name,
        "title": section.title,
        "note": ". ".join(filter(None, (section.left_out, section.note))),
        "head": [column.head for column in section.columns],
        "ends": [
            place
            for place, column in enumerate(section.columns)
            if column.kind in ("number", "mark") and place
        ],
        "rows": [[_lines(cell) for cell in row] for row in section.rows],
        "hrefs": hrefs,
    }


def _lines(cell: Cell) -> tuple[str, ...]:
    return (cell,) if isinstance(cell, str) else cell
