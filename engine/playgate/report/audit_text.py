"""An audit for people at a terminal: what a manager reads, on a few screens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from playgate.audit.result import AuditResult
from playgate.language import say
from playgate.report.digest import next_steps, sections
from playgate.report.headline import headline, verdict
from playgate.report.tables import LIMITS, console, drawn, section_parts
from playgate.report.words import visible

# rich takes a while to import, so only what draws a table does.
if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

__all__ = ["render"]


def render(result: AuditResult, *, width: int = 100, colour: bool = False) -> Iterator[str]:
    """Yields the audit in pieces of text, one for each part; lines are at most `width` wide."""
    drawing = console(width, colour=colour)
    yield drawn(drawing, *_head(result))
    for section in sections(result):
        yield "\n" + drawn(drawing, *section_parts(section, width))
    yield "\n" + drawn(drawing, *_next(result))


def _head(result: AuditResult) -> Iterator[Text]:
    from rich.text import Text

    head = headline(result)
    for what, file in head.playbooks:
        yield Text(visible(what, limit=LIMITS["message"]), "bold")
        yield Text(visible(file))
    for line in head.lines:
        yield Text(visible(line))
    share, counts = verdict(result)
    yield Text.assemble("\n", (share, "bold"), " ", counts)


def _next(result: AuditResult) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    yield Text(say("Next"), "bold")
    table = Table.grid(padding=(0, 0, 0, 2), pad_edge=True)
    for option, gives in next_steps(result):
        table.add_row(Text(option, overflow="fold"), Text(gives, "dim"))
    yield table
