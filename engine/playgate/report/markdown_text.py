"""Sections as Markdown (GitHub's)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playgate.report.digest import Cell, Column, Section
from playgate.report.words import visible

__all__ = ["code", "code_in_cell", "escaped", "row", "section_lines"]

_LIMIT = 240
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKS = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
# What GitHub would turn into a mention, a reference or a link by itself.
_MENTION = re.compile(r"(?<!\w)([@#])(?=\w)")
_LINK = re.compile(r"\b(https?|ftp)://|\b(www)\.", re.IGNORECASE)
_WORD_JOINER = "\u2060"


def section_lines(section: Section) -> Iterator[str]:
    """Yields a heading, a table, and what there is to say of it."""
    yield f"## {escaped(section.title)}\n\n"
    yield row([escaped(column.head) for column in section.columns])
    yield row(["---:" if column.kind == "number" else "---" for column in section.columns])
    for cells in section.rows:
        yield row([_cell(*pair) for pair in zip(section.columns, cells, strict=True)])
    for line in filter(None, (section.left_out, section.note)):
        yield f"\n{escaped(line)}\n"


def row(cells: list[str]) -> str:
    """Returns a row of a table."""
    return f"| {' | '.join(cells)} |\n"


def _cell(column: Column, cell: Cell) -> str:
    first, *lesser = (cell,) if isinstance(cell, str) else cell
    head = code_in_cell(first) if column.kind == "id" else escaped(first)
    return "<br>".join([head, *map(escaped, lesser)])


def code_in_cell(text: str) -> str:
    """Returns text as code, as far as a cell of a table can hold it: a bar ends a cell even within
    code, and escapes are not undone there."""
    return code(text) if text and "|" not in text else escaped(text)


def escaped(text: str, *, limit: int = _LIMIT) -> str:
    """Returns text that Markdown shows as it is, cut to `limit` characters (0: whole)."""
    shown = visible(text, limit=limit)
    marked = _MARKS.sub(r"\\\g<0>", shown).translate(_ENTITIES)
    quiet = _MENTION.sub(rf"\1{_WORD_JOINER}", marked)
    return _LINK.sub(_unlinked, quiet)


def _unlinked(found: re.Match[str]) -> str:
    return f"{found[1]}&#58;//" if found[1] else f"{found[2]}&#46;"


def code(text: str) -> str:
    """Returns text as code."""
    shown = visible(text, limit=_LIMIT)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    room = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{room}{shown}{room}{fence}"
