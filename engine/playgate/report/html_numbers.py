"""The company's KPIs, its goal and the alarms: the tables of the commands, on the page."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.numbers.review import Review
from playgate.records import replace
from playgate.report.coach_digest import alarm_sections
from playgate.report.digest import Cell, Section
from playgate.report.html_view import View, shortened
from playgate.report.kpi_digest import clean_section, company_section, misses_section, tips_section
from playgate.report.quality_digest import quality_sections
from playgate.report.target_digest import barometer_tips, needs_section

__all__ = ["tables"]


def tables(review: Review) -> Iterator[View]:
    """Yields each table with an id, its notes, and how its rows are laid out."""
    misses = [replace(each, name=shortened(each.name)) for each in review.kpis.misses]
    chosen = [each for each in review.kpis.kpis if each.source == "playbook"]
    followed = [each for each in review.kpis.kpis if each.source == "adherence"]
    yield _view("kpis", company_section(chosen + followed, review.kpis.basis.period))
    yield _view("misses", misses_section(misses))
    yield _view("clean", clean_section(review.kpis.clean))
    yield _view("alarms", next(alarm_sections(review.alarms)))
    if review.quality is not None:
        lines = tuple(replace(each, name=shortened(each.name)) for each in review.quality.lines)
        marked = replace(review.quality, lines=lines)
        for place, section in enumerate(quality_sections(marked)):
            if section.rows:
                yield _view(f"quality{place}", section)
    if review.target is not None:
        yield _view("goal", needs_section(review.target))
    tips = [("tips", tips_section(chosen))]
    if review.target is not None:
        tips.append(("more", barometer_tips(review.target)))
    yield from (_view(name, section) for name, section in tips if section.rows)


def _view(name: str, section: Section) -> View:
    return {
        "id": name,
        "title": section.title,
        "note": section.note,
        "head": [column.head for column in section.columns],
        "ends": [
            place
            for place, column in enumerate(section.columns)
            if column.kind in ("number", "mark") and place
        ],
        "rows": [[_lines(cell) for cell in row] for row in section.rows],
    }


def _lines(cell: Cell) -> tuple[str, ...]:
    return (cell,) if isinstance(cell, str) else cell
