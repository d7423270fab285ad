"""An audit as Markdown (GitHub's), for a pull request or a mail."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.audit.result import AuditResult
from playgate.report.digest import Cell, Column, Section, next_steps, sections
from playgate.report.headline import headline, verdict
from playgate.report.marked import code, escaped, row

__all__ = ["render", "section_lines"]

def render(result: AuditResult) -> Iterator[str]:
    """The audit in pieces of text, one for each part."""
    head = headline(result)
    for what, file in head.playbooks:
        yield f"# {escaped(what)}\n\n{code(file)}\n\n"
    yield "".join(f"{escaped(line)}\n" for line in head.lines) + "\n"
    share, counts = verdict(result)
    yield f"**{escaped(share)}** {escaped(counts)}\n"
    for section in sections(result):
        yield "\n" + "".join(section_lines(section))
    steps = ", ".join(f"{code(option)} ({gives})" for option, gives in next_steps(result))
    yield f"\nNext: {steps}\n"


def section_lines(section: Section) -> Iterator[str]:
    """A table with its title."""
    yield f"## {escaped(section.title)}\n\n"
    yield row([column.head for column in section.columns])
    yield row(["---:" if column.kind == "number" else "---" for column in section.columns])
    for cells in section.rows:
        yield row([_cell(*pair) for pair in zip(section.columns, cells, strict=True)])
    for line in filter(None, (section.left_out, section.note)):
        yield f"\n{escaped(line)}\n"


def _cell(column: Column, cell: Cell) -> str:
    first, *lesser = (cell,) if isinstance(cell, str) else cell
    # A bar ends a cell even within code, and escapes are not undone there.
    is_code = column.kind == "id" and first and "|" not in first
    head = code(first) if is_code else escaped(first)
    return "<br>".join([head, *map(escaped, lesser)])
