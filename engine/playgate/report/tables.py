"""Sections as tables for people at a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from playgate.report.digest import Cell, Column, Section
from playgate.report.words import visible

# rich takes a while to import, so only what draws a table does.
if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

__all__ = ["LIMITS", "console", "drawn", "section_parts"]

LIMITS = {"name": 60, "message": 240}
"""How long a cell may be."""

_NAME_WIDTH = 24
_IDS_SHARE = 0.45
_LEVEL_STYLES = {"block": "bold red", "warn": "yellow", "observe": "dim"}


def console(width: int, *, colour: bool) -> Console:
    """Returns a console that draws on lines of at most `width`."""
    from rich.console import Console

    # Nothing is left to the environment: what is drawn depends on the arguments only.
    return Console(
        file=io.StringIO(),
        width=width,
        height=100,
        color_system="standard" if colour else None,
        force_terminal=colour,
        no_color=not colour,
        force_jupyter=False,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )


def drawn(console: Console, *parts: RenderableType) -> str:
    """Returns the parts as text."""
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return "".join(line.rstrip() + "\n" for line in capture.get().splitlines())


def section_parts(section: Section, width: int) -> Iterator[RenderableType]:
    """Yields a title, a table, and what there is to say of it."""
    from rich.text import Text

    yield Text(visible(section.title, limit=LIMITS["message"]), "bold")
    yield _table(section, width)
    for line in filter(None, (section.left_out, section.note)):
        yield Text(f"  {visible(line)}", "dim")


def _table(section: Section, width: int) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 0, 0, 2), header_style="dim", pad_edge=True)
    columns = zip(*section.rows, strict=True)
    for column, cells in zip(section.columns, columns, strict=True):
        is_number = column.kind == "number"
        head = visible(column.head, limit=LIMITS["name"])
        table.add_column(
            head.replace(" ", "\n") if is_number else head,
            justify="right" if is_number else "left",
            no_wrap=column.kind in ("number", "mark", "level") or _is_narrow(column, cells, width),
            overflow="fold",
            max_width=_NAME_WIDTH if column.kind == "name" else None,
        )
    for row in section.rows:
        pairs = zip(section.columns, row, strict=True)
        table.add_row(*(_cell(column, cell) for column, cell in pairs))
    return table


def _is_narrow(column: Column, cells: Iterable[Cell], width: int) -> bool:
    """Returns whether ids can stand unbroken and leave room for the rest."""
    lines = (line for cell in cells for line in ((cell,) if isinstance(cell, str) else cell))
    return column.kind == "id" and max(map(len, lines)) <= width * _IDS_SHARE


def _cell(column: Column, cell: Cell) -> Text:
    from rich.text import Text

    limit = LIMITS.get(column.kind, 0)
    lines = (cell,) if isinstance(cell, str) else cell
    first, *lesser = (visible(line, limit=limit) for line in lines)
    style = _LEVEL_STYLES.get(first, "") if column.kind == "level" else ""
    return Text("\n").join([Text(first, style), *(Text(line, "dim") for line in lesser)])
