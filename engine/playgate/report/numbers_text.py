"""The numbers for people: at a terminal, or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from playgate.conditions.instants import load_zone
from playgate.language import say
from playgate.numbers.experiment.result import Experiments
from playgate.numbers.forecast.result import Forecast
from playgate.numbers.practices.result import Practices
from playgate.numbers.quality_result import QualityResult
from playgate.numbers.result import Kpis, Segments, TargetResult
from playgate.numbers.today_result import Today
from playgate.numbers.watch_result import Alarms, CoachPlan
from playgate.report.coach_digest import alarm_sections, coach_sections
from playgate.report.digest import Section
from playgate.report.experiment_text import experiment_sections
from playgate.report.forecast_text import forecast_sections
from playgate.report.kpi_digest import kpi_sections
from playgate.report.numbers_json import NumbersResult
from playgate.report.numbers_words import head_lines
from playgate.report.pages import Head, page, page_markdown
from playgate.report.practices_text import practice_sections
from playgate.report.quality_digest import quality_sections
from playgate.report.target_digest import segment_sections, target_sections
from playgate.report.today_text import day_heading, today_sections

__all__ = ["render", "render_markdown"]


def render(result: NumbersResult, *, width: int = 100, colour: bool = False) -> Iterator[str]:
    """Yields the result in pieces of text; lines are at most `width` wide."""
    return page(_head(result), _sections(result), width=width, colour=colour)


def render_markdown(result: NumbersResult) -> Iterator[str]:
    """Yields the result as Markdown, in pieces."""
    return page_markdown(_head(result), _sections(result))


def _head(result: NumbersResult) -> Head:
    basis = result.basis
    title = basis.title if basis.title != basis.playbook else ""
    if isinstance(result, Today):
        title = day_heading(result)
    zone = load_zone(basis.timezone) or UTC
    lines = tuple(head_lines(basis, zone))
    named = say("{playbook} version {version}", playbook=basis.playbook, version=basis.version)
    if title:
        named = say("{title}: {name}", title=named, name=title)
    return Head(named, basis.file, lines)


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
        case QualityResult():
            found = quality_sections(result)
        case Practices():
            found = practice_sections(result)
        case Forecast():
            found = forecast_sections(result, zone)
        case Experiments():
            found = experiment_sections(result, zone)
        case Today():
            found = today_sections(result, zone)
    yield from (section for section in found if section.rows or section.note)
