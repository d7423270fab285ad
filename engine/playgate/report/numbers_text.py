"""The numbers for people: at a terminal, or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING

from playgate.conditions.instants import load_zone
from playgate.numbers.result import Kpis, Segments, TargetResult
from playgate.numbers.watch_result import Alarms, CoachPlan
from playgate.report.digest import Section
from playgate.report.markdown_text import code, escaped, section_lines
from playgate.report.numbers_json import Result
from playgate.report.numbers_words import head_lines
from playgate.report.tables import LIMITS, console, drawn, section_parts
from playgate.report.words import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["render", "render_markdown"]


def render(result: Result, *, width: int = 100, colour: bool = False) -> Iterator[str]:
    """The result in pieces of text; lines are at most `width` wide."""
    from rich.text import Text

    drawing = console(width, colour=colour)
    title, file, lines = _head(result)
    yield drawn(
        drawing, Text(visible(title, limit=LIMITS["message"]), "bold"), Text(visible(file)),
        *(Text(visible(line)) for line in lines),
    )  # fmt: skip
    for section in _sections(result):
        yield "\n" + drawn(drawing, *_parts(section, width))


def _parts(section: Section, width: int) -> Iterator[RenderableType]:
    from rich.text import Text

    if section.rows:
        yield from section_parts(section, width)
        return
    yield Text(visible(section.title, limit=LIMITS["message"]), "bold")
    yield Text(f"  {visible(section.note)}", "dim")


def render_markdown(result: Result) -> Iterator[str]:
    """The result as Markdown, in pieces."""
    title, file, lines = _head(result)
    yield f"# {escaped(title)}\n\n{code(file)}\n\n"
    yield "".join(f"{escaped(line)}\n" for line in lines)
    for section in _sections(result):
        if section.rows:
            yield "\n" + "".join(section_lines(section))
        else:
            yield f"\n## {escaped(section.title)}\n\n{escaped(section.note)}\n"


def _head(result: Result) -> tuple[str, str, list[str]]:
    basis = result.basis
    title = f": {basis.title}" if basis.title not in ("", basis.playbook) else ""
    zone = load_zone(basis.timezone) or UTC
    return (
        f"{basis.playbook} version {basis.version}{title}", basis.file, head_lines(basis, zone)
    )


def _sections(result: Result) -> Iterator[Section]:
    """The tables that have something to say; one without rows says why in its note."""
    zone = load_zone(result.basis.timezone) or UTC
    match result:
        case Kpis():
            from playgate.report.kpi_digest import kpi_sections

            found = kpi_sections(result)
        case TargetResult():
            from playgate.report.target_digest import target_sections

            found = target_sections(result, zone)
        case Segments():
            from playgate.report.target_digest import segment_sections

            found = segment_sections(result)
        case Alarms():
            from playgate.report.coach_digest import alarm_sections

            found = alarm_sections(result)
        case CoachPlan():
            from playgate.report.coach_digest import coach_sections

            found = coach_sections(result, zone)
    yield from (section for section in found if section.rows or section.note)
