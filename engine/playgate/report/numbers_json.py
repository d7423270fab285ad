"""The numbers as JSON: the contract of `schemas/numbers.schema.json`, version 2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.numbers.experiment.result import Experiments
from playgate.numbers.forecast.result import Forecast
from playgate.numbers.practices.result import Practices
from playgate.numbers.quality_result import QualityResult
from playgate.numbers.result import Kpis, Segments, TargetResult
from playgate.numbers.today_result import Today
from playgate.numbers.watch_result import Alarms, CoachPlan
from playgate.records import Record
from playgate.report.figures import instant, trimmed
from playgate.report.json_text import json_pieces
from playgate.version import __version__

__all__ = ["SCHEMA", "VERSION", "NumbersResult", "kind_of", "plain", "render"]

SCHEMA = "https://playgate.invalid/schemas/numbers.schema.json"
VERSION = 2

NumbersResult = (
    Kpis
    | TargetResult
    | Segments
    | Alarms
    | CoachPlan
    | QualityResult
    | Practices
    | Forecast
    | Experiments
    | Today
)

_KINDS = {
    Kpis: "kpi",
    TargetResult: "target",
    Segments: "segments",
    Alarms: "alarms",
    CoachPlan: "coach",
    QualityResult: "quality",
    Practices: "practices",
    Forecast: "forecast",
    Experiments: "experiment",
    Today: "today",
}
_INSTANTS = frozenset(
    (
        *("as_of", "start", "end", "until", "last_day", "last_seen", "ramps_until"),
        *("enough_at", "kept_at", "due_at"),
    )
)


def kind_of(result: NumbersResult) -> str:
    """Returns the command whose result it is."""
    return _KINDS[type(result)]


def render(result: NumbersResult) -> Iterator[str]:
    """Yields the result in pieces; its fields are those of `playgate.numbers.result`."""
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "version": VERSION,
        "playgate": __version__,
        "kind": kind_of(result),
    }
    for name, value in result.__dict__.items():
        data[name] = map(plain, value) if _is_records(value) else _value(name, value)
    yield from json_pieces(data)
    yield "\n"


def _is_records(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Record)


def plain(record: Record) -> dict[str, Any]:
    """Returns a record's fields by name, as JSON has them."""
    return {name: _value(name, value) for name, value in record.__dict__.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, Record):
        return plain(value)
    if isinstance(value, tuple):
        return [_value("", each) for each in value]
    if isinstance(value, float):
        return trimmed(value)
    return instant(value) if name in _INSTANTS else value
