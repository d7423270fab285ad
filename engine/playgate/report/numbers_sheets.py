"""The numbers as tables of a workbook: those of the commands as CSV, with typed cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

from playgate.conditions.instants import load_zone
from playgate.language import message, say
from playgate.numbers.forecast.result import Backtest, Brought, Forecast
from playgate.numbers.practices.result import Effect, NoDifference, Practices
from playgate.report.numbers_csv import INSTANTS, table
from playgate.report.numbers_json import NumbersResult
from playgate.report.numbers_words import called, head_lines
from playgate.report.sheet import At, Book, Cell, Money, Percent, Sheet, head

__all__ = [
    "ALIKE",
    "CUSTOMERS",
    "FORETOLD",
    "FOUND",
    "GOAL",
    "LOOKED_AT",
    "SUMMED",
    "book",
    "forecast_sheets",
    "numbers_sheet",
    "practices_sheets",
]

_SHARES = frozenset(
    (
        *("comes", "comes_low", "comes_high", "chance", "raised", "effort", "worth", "reaches"),
        *("barometer", "barometer_low", "barometer_high"),
        *("changed_reaches", "changed_barometer", "changed_barometer_low"),
        *("changed_barometer_high", "own_value", "own_low", "own_high"),
        *("others_value", "others_low", "others_high", "closing_value", "closing_low"),
        *("closing_high", "share_value", "share_low", "share_high"),
        *("learnt_value", "learnt_low", "learnt_high", "learnt_chance", "confirmed_value"),
        *("confirmed_low", "confirmed_high", "confirmed_chance", "gap_best", "gap_middle"),
        *("effect_value", "effect_low", "effect_high", "effect_chance"),
    )
)
GOAL = frozenset(
    (
        *("goal", "per_week", "sold", "expected", "brings", "changed_brings"),
        *("likely_value", "likely_low", "likely_high"),
    )
)
"""What is an amount of a goal."""
CUSTOMERS = frozenset(("value", "open_value"))
"""What is an amount of a group of customers."""
FORETOLD = frozenset(("amount", "value", "low", "high", "commit", "would"))
"""What is an amount of a forecast."""
_BY_KIND = frozenset(
    ("value", "low", "high", "lower", "upper", "drawn", "kpi_at_least", "kpi_at_most")
)
"""What is a share, days, an amount or so many a week, as the KPI is."""
_NO_UNIT = frozenset(("ratio", "time", "count"))


def book(result: Forecast | Practices) -> Book:
    """Returns the tables of a forecast, or of practices."""
    basis = result.basis
    zone = load_zone(basis.timezone) or UTC
    is_forecast = isinstance(result, Forecast)
    named = say("{playbook} version {version}", playbook=basis.playbook, version=basis.version)
    about: list[tuple[str, Cell]] = [
        (say("Forecast") if is_forecast else say("Practices"), basis.title or basis.playbook),
        (say("Playbook"), f"{named} ({basis.file})"),
        *((say("Counted"), line) for line in head_lines(basis, zone)),
        (say("As of"), None if basis.as_of is None else At(basis.as_of)),
        *(_foretold(result) if isinstance(result, Forecast) else _looked_at(result)),
    ]
    return Book(
        about=about,
        sheets=forecast_sheets(result)
        if isinstance(result, Forecast)
        else practices_sheets(result),
        zone=zone,
        zone_name=basis.timezone,
        as_of=basis.as_of,
    )


def numbers_sheet(
    name: str, result: NumbersResult, *, amounts: frozenset[str] = frozenset(), unit: str = ""
) -> Sheet:
    """Returns a command's table, where columns of `amounts` are of the unit."""
    columns, found = table(result)
    return _sheet(name, columns, found, amounts=amounts, unit=unit)


def _sheet(
    name: str,
    columns: Sequence[str],
    found: Iterable[Mapping[str, Any]],
    *,
    amounts: frozenset[str] = frozenset(),
    unit: str = "",
) -> Sheet:
    return Sheet(
        name,
        [head(each) for each in columns],
        ([_typed(each, row, amounts, unit) for each in columns] for row in found),
    )


def _typed(name: str, row: Mapping[str, Any], amounts: frozenset[str], unit: str) -> Cell:
    value = row.get(name)
    if name == "kpi_period":
        return called(row[name])
    if value is None or isinstance(value, bool | str):
        return value
    if name in INSTANTS:
        return At(value)
    if name in _SHARES or (name in _BY_KIND and row.get("kpi_kind") == "ratio"):
        return Percent(value)
    if name in amounts:
        return Money(value, unit)
    if name in _BY_KIND and row.get("kpi_kind", "count") not in _NO_UNIT:
        return Money(value, row["kpi_unit"])
    found: Cell = value
    return found


# What is likely to come


SUMMED = ("value", "low", "high", "commit", "fresh")
"""The sums of a forecast, on its first page."""


def _foretold(result: Forecast) -> Iterator[tuple[str, Cell]]:
    yield say("Until"), At(result.end)
    for name in SUMMED:
        given = getattr(result, name)
        yield head(name), None if given is None else Money(given, result.unit)
    yield from ((say("Note"), note) for note in result.notes)


FOUND = Brought.__match_args__
"""The columns of what open deals bring together."""


def forecast_sheets(result: Forecast) -> Iterator[Sheet]:
    """Yields the sums, the deals behind them, and how well the same forecast did before."""
    sums = (line.__dict__ for line in result.lines)
    yield _sheet(say("Forecast"), FOUND, sums, amounts=FORETOLD, unit=result.unit)
    yield numbers_sheet(say("Forecast by deal"), result, amounts=FORETOLD, unit=result.unit)
    yield Sheet(
        say("Forecast before"), [say(_BEFORE[each]) for each in _BEFORE], _before(result.backtest)
    )


_BEFORE = {
    "measure": message("Measure"),
    "this": message("This"),
    "by_stage": message("Stage × amount"),
    "by_last": message("The span before"),
}


def _before(tested: Backtest) -> list[list[Cell]]:
    errors = (tested.error, tested.error_by_stage, tested.error_by_last)
    return [
        [say("Times"), tested.times, None, None],
        [say("Deals"), tested.deals, None, None],
        [say("Off by"), *(None if each is None else Percent(each) for each in errors)],
        [say("Brier score"), tested.brier, tested.brier_by_stage, None],
        [say("Within the interval"), tested.covered, None, None],
    ]


# What winners do otherwise


LOOKED_AT = ("reached", "undecided", "decided", "well", "tried", "promising")
"""How much was looked at for practices, on their first page."""
ALIKE = ("rule", *(f"effect_{name}" for name in Effect.__match_args__))
"""The columns of the rules that make no difference."""


def _looked_at(result: Practices) -> Iterator[tuple[str, Cell]]:
    yield say("Outcome"), result.outcome
    yield say("Landmark"), result.landmark
    for name in LOOKED_AT:
        yield head(name), getattr(result, name)
    yield say("Margin"), Percent(result.margin)


def practices_sheets(result: Practices) -> Iterator[Sheet]:
    """Yields what stood the test, and the rules that make no difference."""
    yield numbers_sheet(say("Practices"), result)
    yield _sheet(say("No difference"), ALIKE, map(_alike, result.alike))


def _alike(each: NoDifference) -> Mapping[str, Any]:
    effect = each.effect.__dict__
    return {"rule": each.rule, **{f"effect_{name}": value for name, value in effect.items()}}
