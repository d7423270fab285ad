"""Writes a small spreadsheet by hand, so that tests say exactly what its cells are."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

__all__ = ["Cell", "write_workbook"]

Cell = str | float | bool | date | datetime | None

_BEGIN = datetime(1899, 12, 30)
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = "http://schemas.openxmlformats.org/package/2006"
_STYLES = f"""<styleSheet {_MAIN}><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs>
</styleSheet>"""


def write_workbook(
    path: Path,
    rows: Sequence[Sequence[Cell]],
    *,
    first: int = 1,
    hidden: Sequence[Sequence[Cell]] = (),
    sheet: str = "",
) -> str:
    """Writes the rows from row number `first` on; `hidden` are those of a hidden sheet before, and
    `sheet` is the XML of the sheet in place of the rows."""
    sheets = [("hidden", hidden)] * bool(hidden) + [("visible", rows)]
    names = "".join(
        f'<sheet name="{name}" sheetId="{n}" state="{name}" r:id="r{n}"/>'
        for n, (name, _) in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", f'<Types xmlns="{_PARTS}/content-types"/>')
        packed.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PARTS}/relationships"><Relationship Id="r1"'
            f' Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        packed.writestr(
            "xl/workbook.xml",
            f'<workbook {_MAIN} xmlns:r="{_LINKS}"><sheets>{names}</sheets></workbook>',
        )
        packed.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PARTS}/relationships">{links}<Relationship Id="s"'
            f' Type="{_LINKS}/styles" Target="styles.xml"/></Relationships>',
        )
        packed.writestr("xl/styles.xml", _STYLES)
        for n, (_, cells) in enumerate(sheets, 1):
            content = sheet or "".join(map(_row, range(first, first + len(cells)), cells))
            packed.writestr(
                f"xl/worksheets/sheet{n}.xml",
                f"<worksheet {_MAIN}><sheetData>{content}</sheetData></worksheet>",
            )
    return str(path)


def _row(number: int, cells: Sequence[Cell]) -> str:
    written = "".join(_cell(f"{chr(65 + at)}{number}", each) for at, each in enumerate(cells))
    return f'<row r="{number}">{written}</row>'


def _cell(place: str, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, date):
        moment = cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)
        return f'<c r="{place}" s="1"><v>{(moment - _BEGIN) / timedelta(days=1)!r}</v></c>'
    if isinstance(cell, str):
        return (
            f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
        )
    return f'<c r="{place}"><v>{cell!r}</v></c>'
