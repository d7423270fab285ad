"""Tables as HTML for an e-mail: their style stands in each element, as mail programs want it, and
no script, picture or link is in it. Where a program knows of dark colours, it may take them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from playgate.language import say, speaking
from playgate.report.digest import Cell, Column, Section
from playgate.report.words import visible

__all__ = ["mail_page"]

_LONGEST = 400
_FONT = "font-family:Arial,Helvetica,sans-serif"
_PAGE = f"margin:0;padding:16px;background:#ffffff;color:#1b2430;{_FONT};font-size:15px"
_TITLE = "margin:0 0 4px;font-size:20px;line-height:1.3"
_LINE = "margin:0 0 4px;color:#566170;line-height:1.4"
_HEAD = "margin:22px 0 6px;font-size:16px"
_TABLE = "border-collapse:collapse;width:100%;max-width:900px"
_CELL = "padding:6px 10px 6px 0;border-bottom:1px solid #dfe3e8;vertical-align:top"
_DARK = (
    "@media (prefers-color-scheme:dark){"
    ".page{background:#12171d!important;color:#e8ecf1!important}"
    ".quiet{color:#a4afbc!important}.cell{border-color:#313b47!important}}"
)


def mail_page(title: str, lines: Sequence[str], sections: Iterable[Section]) -> Iterator[str]:
    """Yields the page in pieces: a title, lines in a quiet colour, and tables."""
    yield (
        f'<!DOCTYPE html>\n<html lang="{speaking().tag}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="supported-color-schemes" content="light dark">\n'
        f"<title>{_text(title)}</title>\n<style>{_DARK}</style>\n</head>\n"
        f'<body class="page" style="{_PAGE}">\n<h1 style="{_TITLE}">{_text(title)}</h1>\n'
    )
    yield "".join(map(_quiet, lines))
    for section in sections:
        yield "".join(_section(section))
    yield "</body>\n</html>\n"


def _quiet(line: str) -> str:
    return f'<p class="quiet" style="{_LINE}">{_text(line)}</p>\n'


def _section(section: Section) -> Iterator[str]:
    yield f'<h2 style="{_HEAD}">{_text(section.title)}</h2>\n'
    if section.rows:
        yield from _table(section)
    yield from map(_quiet, filter(None, (section.left_out, section.note)))


def _table(section: Section) -> Iterator[str]:
    yield f'<table style="{_TABLE}"><thead><tr>'
    for column in section.columns:
        yield (
            f'<th scope="col" class="cell quiet" style="{_CELL};color:#566170;font-size:13px;'
            f'text-align:{_side(column)}">{_text(column.head)}</th>'
        )
    yield "</tr></thead>\n<tbody>"
    for row in section.rows:
        cells = (_cell(*pair) for pair in zip(section.columns, row, strict=True))
        yield f"<tr>{''.join(cells)}</tr>\n"
    yield "</tbody></table>\n"


def _cell(column: Column, cell: Cell) -> str:
    lines = (cell,) if isinstance(cell, str) else cell
    said = (_level(line) if column.kind == "level" else line for line in lines)
    whole = "white-space:nowrap;" if column.kind in ("number", "mark", "level") else ""
    style = f"{_CELL};{whole}text-align:{_side(column)}"
    return f'<td class="cell" style="{style}">{"<br>".join(map(_text, said))}</td>'


def _level(level: str) -> str:
    return {"block": say("must"), "warn": say("should")}.get(level, level)


def _side(column: Column) -> str:
    return "right" if column.kind == "number" else "left"


def _text(text: str) -> str:
    return escape(visible(text, limit=_LONGEST))
