"""The numbers for people: at a terminal, or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from rich.console import RenderableType
from rich.text import Text

from playgate.conditions.instants import load_zone
from playgate.numbers.forecast.result import Forecast
from playgate.numbers.practices.result import Practices
from playgate.numbers.result import Kpis, Segments, TargetResult
from playgate.numbers.watch_result import Alarms, CoachPlan
from playgate.report.coach_digest import alarm_sections, coach_sections
from playgate.report.digest import Section
from playgate.report.forecast_text import forecast_sections
from playgate.report.kpi_digest import kpi_sections
from playgate.report.markdown_text import code, escaped, section_lines
from playgate.report.numbers_json import NumbersResult
from playgate.report.numbers_words import head_lines
from playgate.report.practices_text import practice_sections
from playgate.report.tables import LIMITS, console, drawn, section_parts
from playgate.report.target_digest import segment_sections, target_sections
from playgate.report.words import visible

__all__ = ["render", "render_markdown"]


def render(result: NumbersResult, *, width: int = 100, colour: bool = False) -> Iterator[str]:
    """Yields the result in pieces of text; lines are at most `width` wide."""
    drawing = console(width, colour=colour)
    title, file, lines = _head(result)
    yield drawn(
        drawing,
        Text(visible(title, limit=LIMITS["message"]), "bold"),
        Text(visible(file)),
        *(Text(visible(line)) for line in lines),
    )
    for section in _sections(result):
        yield "\n" + drawn(drawing, *_parts(section, width))


def _parts(section: Section, width: int) -> Iterator[RenderableType]:
    if section.rows:
        yield from section_parts(section, width)
        return
    yield Text(visible(section.title, limit=LIMITS["message"]), "bold")
    yield Text(f"  {visible(section.note)}", "dim")


def render_markdown(result: NumbersResult) -> Iterator[str]:
    """Yields the result as Markdown, in pieces."""
    title, file, lines = _head(result)
    yield f"# {escaped(title)}\n\n{code(file)}\n\n"
    yield "".join(f"{escaped(line)}\n" for line in lines)
    for section in _sections(result):
        if section.rows:
            yield "\n" + "".join(section_lines(section))
        else:
            yield f"\n## {escaped(section.title)}\n\n{escaped(section.note)}\n"


def _head(result: NumbersResult) -> tuple[str, str, list[str]]:
    basis = result.basis
    title = f": {basis.title}" if basis.title not in ("", basis.playbook) else ""
    zone = load_zone(basis.timezone) or UTC
    return (f"{basis.playbook} version {basis.version}{title}", basis.file, head_lines(basis, zone))


def _sections(result: NumbersResult) -> Iterator[Section]:
    """Yields the tables that have something to say; one without rows says why in its note."""
    zone = load_zone(result.basis.timezone) or UTC
    match result:
        case Kpis():
            found = kpi_sections(result)
        case TargetResult():
            found = target_sections(result, zone)
        case Segments():
            found = segment_sections(result)
        case Alarms():
            found = alarm_sections(result)
        case CoachPlan():
            found = coach_sections(result, zone)
        case Practices():
            found = practice_sections(result)
        case Forecast():
            found = forecast_sections(result, zone)
    yield from (section for section in found if section.rows or section.note)
