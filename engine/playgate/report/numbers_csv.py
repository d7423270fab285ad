"""The numbers as CSV: a row for each line of a KPI, goal, group, alarm or skipped step."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from playgate.language import say
from playgate.numbers.experiment.result import Experiments
from playgate.numbers.forecast.result import Expected, Forecast
from playgate.numbers.practices.result import Effect, PracticeGap, Practices
from playgate.numbers.quality_result import Marked, QualityResult
from playgate.numbers.result import (
    Figure,
    Goal,
    Kpis,
    KpiTable,
    Likely,
    Line,
    Need,
    SegmentLine,
    Segments,
    TargetResult,
)
from playgate.numbers.today_result import Today, TodayDeal
from playgate.numbers.watch_result import Alarms, AlarmSeen, Coached, CoachPlan
from playgate.records import Record
from playgate.report import experiment_rows
from playgate.report.csv_text import csv_pieces
from playgate.report.figures import instant, trimmed
from playgate.report.numbers_json import NumbersResult

__all__ = ["COLUMNS", "INSTANTS", "render", "table"]

INSTANTS = frozenset(
    ("start", "end", "until", "last_day", "last_seen", "kpi_start", "kpi_end", "due_at")
)
"""The columns of instants."""
_FIGURE = Figure.__match_args__
_MARKS = Marked.__match_args__
_KPI = ("id", "title", "kind", "source", "unit", "period", "start", "end", "at_least", "at_most")
_GOAL = (
    "scope",
    "id",
    "name",
    "team",
    "reps",
    "goal",
    "per_week",
    "sold",
    "expected",
    "last_day",
    "catch_up",
)
_PAGE = ("id", "name", "team", "manager", "struggles", "last_seen")
_SHARES = ("own", "others")
_MARKED = ("scope", "id", "name", "team", "rule", "title")
_STEP = ("rule", "title", "unmet", "surplus", "chance", "ask")


def _named(prefix: str, record: type[Record]) -> tuple[str, ...]:
    return tuple(f"{prefix}_{name}" for name in record.__match_args__)


def _without(record: type[Record], *left_out: str) -> tuple[str, ...]:
    return tuple(name for name in record.__match_args__ if name not in left_out)


def _changed() -> tuple[str, ...]:
    return tuple(f"changed_{name}" for name in Need.__match_args__)


def _figures(names: Iterable[str], figures: Iterable[str]) -> tuple[str, ...]:
    """Returns the names, each of a figure replaced by those of its parts."""
    wide = [
        [f"{name}_{part}" for part in ("value", "low", "high", "count", "part")]
        if name in figures
        else [name]
        for name in names
    ]
    return tuple(name for each in wide for name in each)


COLUMNS: Mapping[type[NumbersResult], Sequence[str]] = {
    Kpis: (*(f"kpi_{name}" for name in _KPI), *_without(Line, "figure"), *_FIGURE),
    TargetResult: (*(*_GOAL, *Need.__match_args__), *(*_changed(), *_named("likely", Likely))),
    Segments: (
        *("group", "scope", "rep", "name", "team"),
        *_figures(_without(SegmentLine, "untouched", "reps"), ("closing",)),
    ),
    Alarms: _without(AlarmSeen, "tips"),
    QualityResult: (*_MARKED, *_figures(("share",), ("share",)), "expected", "chance", *_MARKS),
    Forecast: Expected.__match_args__,
    Practices: (
        *("kind", "words", "rule", "chance", "reps"),
        *(name for which in ("learnt", "confirmed") for name in _named(which, Effect)),
        *_named("gap", PracticeGap),
    ),
    Today: TodayDeal.__match_args__,
    Experiments: experiment_rows.COLUMNS,
    CoachPlan: (*_PAGE, *_STEP, *_figures(_SHARES, _SHARES)),
}
"""The columns of each result."""


def render(result: NumbersResult) -> Iterator[str]:
    """Yields a header and the rows."""
    columns, rows = table(result)
    cells = ([_text(name, row.get(name)) for name in columns] for row in rows)
    yield from csv_pieces(columns, cells)


def table(result: NumbersResult) -> tuple[Sequence[str], Iterable[Mapping[str, Any]]]:
    """Returns the columns, and rows of plain values by their names; instants are those of
    `INSTANTS`."""
    columns = COLUMNS[type(result)]
    match result:
        case Kpis():
            return columns, _kpis(result)
        case TargetResult():
            return columns, _goals(result)
        case Segments():
            return columns, _groups(result)
        case Alarms():
            return columns, (alarm.__dict__ for alarm in result.alarms)
        case QualityResult():
            return columns, _marks(result)
        case Forecast():
            return columns, (_listed(each) for each in result.deals)
        case Practices():
            return columns, _practices(result)
        case Today():
            return columns, map(_next, result.deals)
        case Experiments():
            return columns, experiment_rows.rows(result)
    return columns, _steps(result)


def _listed(each: Expected) -> dict[str, Any]:
    return {**each.__dict__, "missing": " ".join(each.missing), "why": say("; ").join(each.why)}


def _next(each: TodayDeal) -> dict[str, Any]:
    return {**each.__dict__, "who": "; ".join(each.who)}


def _under(prefix: str, record: Record | None) -> dict[str, Any]:
    """Returns a record's fields, the prefix before their names."""
    fields = record.__dict__ if record is not None else {}
    return {f"{prefix}_{name}": value for name, value in fields.items()}


def _practices(result: Practices) -> Iterator[dict[str, Any]]:
    for each in result.found:
        row: dict[str, Any] = {**each.__dict__, "rule": json.dumps(each.rule, ensure_ascii=False)}
        row |= _under("learnt", each.learnt) | _under("confirmed", each.confirmed)
        yield row | _under("gap", each.gap)


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(trimmed(value))
    return str(instant(value)) if name in INSTANTS else str(value)


def _flat(record: Record) -> dict[str, Any]:
    """Returns the record's fields, those of its figures under their names."""
    found: dict[str, Any] = {}
    for name, value in record.__dict__.items():
        if isinstance(value, Figure):
            found.update({f"{name}_{part}": each for part, each in value.__dict__.items()})
        else:
            found[name] = value
    return found


def _kpis(result: Kpis) -> Iterator[Mapping[str, Any]]:
    for table in result.kpis:
        head = _head(table)
        for line in table.lines:
            yield {**head, **line.__dict__, **line.figure.__dict__}


def _head(table: KpiTable) -> dict[str, Any]:
    return {f"kpi_{name}": getattr(table, name) for name in _KPI}


def _marks(result: QualityResult) -> Iterator[Mapping[str, Any]]:
    for line in result.lines:
        own = {name: getattr(line, name) for name in _MARKED[:4]}
        yield {**own, **_flat(line), "rule": "", "title": "", **line.marks.__dict__}
        for rule in line.rules:
            yield {**_flat(rule), **own, **rule.marks.__dict__}


def _goals(result: TargetResult) -> Iterator[Mapping[str, Any]]:
    for goal in result.goals:
        after = goal.changed.__dict__ if goal.changed else {}
        yield {
            **_goal(goal),
            **goal.now.__dict__,
            **{f"changed_{name}": value for name, value in after.items()},
            **_under("likely", goal.likely),
        }


def _goal(goal: Goal) -> dict[str, Any]:
    return {name: getattr(goal, name) for name in _GOAL}


def _groups(result: Segments) -> Iterator[Mapping[str, Any]]:
    sold = [product.business for product in result.products if product.business is not None]
    groups = (("segment", result.segments), ("profile", result.profiles), ("product", sold))
    for group, lines in groups:
        for line in lines:
            yield {"group": group, "scope": "company", **_flat(line)}
            for part in line.reps:
                own = {"rep": part.id, "id": line.id, "title": line.title}
                yield {"group": group, **_flat(part), **own}


def _steps(result: CoachPlan) -> Iterator[Mapping[str, Any]]:
    for page in result.reps:
        yield from ({**_page(page), **_flat(step)} for step in page.skipped)
        if not page.skipped:
            yield _page(page)


def _page(page: Coached) -> dict[str, Any]:
    return {name: getattr(page, name) for name in _PAGE}
