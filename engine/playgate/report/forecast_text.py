"""What the next days bring, as the short tables that text and Markdown show."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions.instants import Zone
from playgate.numbers.forecast.result import Expected, Forecast
from playgate.report.digest import ROWS, Cell, Column, Section
from playgate.report.figures import percent
from playgate.report.numbers_words import day, number
from playgate.report.words import count, plural

__all__ = ["forecast_sections"]

_RULES = 2


def forecast_sections(result: Forecast, zone: Zone) -> Iterator[Section]:
    """Yields tables of what is likely to come, of the deals behind it, of what would move it most,
    and of how well it did before."""
    until = f"until {day(result.end, zone)}"
    if result.value is None:
        yield Section(f"Nothing can be told {until}", (), (), "", " ".join(result.notes))
        return
    yield _sums(result, until)
    yield _deals("The open deals that bring most", result.deals, result)
    moving = sorted((each for each in result.deals if each.would > 0), key=_would)
    if moving:
        yield _moving(moving)
    yield _before(result)


def _would(deal: Expected) -> tuple[float, str]:
    return -deal.would, deal.deal


def _sums(result: Forecast, until: str) -> Section:
    columns = (
        Column("Of", "name"),
        Column("Deals", "number"),
        Column("Amount", "number"),
        Column("Likely", "number"),
        Column("Between", "mark"),
        Column("Commit", "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            "With those to come",
            "",
            "",
            number(result.value),
            f"{number(result.low)}–{number(result.high)}",
            number(result.commit),
        )
    ]
    rows += [
        (
            line.name if line.scope != "company" else "Open deals",
            count(line.deals),
            number(line.amount),
            number(line.value),
            f"{number(line.low)}–{number(line.high)}",
            number(line.commit),
        )
        for line in result.lines
    ]
    unit = f" in {result.unit}" if result.unit else ""
    note = "Between: so much in 19 of 20 such cases. Commit: of deals whose gate is met."
    return Section(f"What is likely to come {until}{unit}", columns, rows, "", note)


def _deals(title: str, deals: tuple[Expected, ...], result: Forecast) -> Section:
    columns = (
        Column("Deal", "name"),
        Column("Rep", "name"),
        Column("Amount", "number"),
        Column("Chance", "mark"),
        Column("Likely", "number"),
        Column("Why", "message"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.deal,
            each.rep,
            "–" if each.amount is None else number(each.amount),
            percent(each.chance),
            number(each.value),
            "; ".join(each.why),
        )
        for each in deals[:ROWS]
    ]
    left = len(deals) - len(rows)
    return Section(
        title,
        columns,
        rows,
        f"{plural(left, 'more deal')}" if left > 0 else "",
        " ".join(result.notes),
    )


def _moving(deals: list[Expected]) -> Section:
    columns = (
        Column("Deal", "name"),
        Column("Rep", "name"),
        Column("Would add", "number"),
        Column("Its gate misses", "message"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.deal,
            each.rep,
            number(each.would),
            ", ".join(each.missing[:_RULES])
            + (f" and {len(each.missing) - _RULES} more" if len(each.missing) > _RULES else ""),
        )
        for each in deals[:ROWS]
    ]
    left = len(deals) - len(rows)
    note = "At the chances of deals whose gate is met, which may have other causes."
    return Section(
        "What would move it most", columns, rows, plural(left, "more deal") if left else "", note
    )


def _before(result: Forecast) -> Section:
    tested = result.backtest
    columns = (
        Column("The same forecast before", "message"),
        Column("This", "mark"),
        Column("Stage × amount", "mark"),
        Column("The span before", "mark"),
    )
    if not tested.times:
        return Section("How well it did before: the history is too short", (), (), "", "–")
    rows: list[tuple[Cell, ...]] = [
        (
            f"Off by, on average over {plural(tested.times, 'date')}",
            percent(tested.error),
            percent(tested.error_by_stage),
            percent(tested.error_by_last),
        ),
        (
            f"Brier score of {plural(tested.deals, 'deal')} (less is better)",
            _score(tested.brier),
            _score(tested.brier_by_stage),
            "",
        ),
        ("What came lay within the interval", f"{tested.covered} of {tested.times}", "", ""),
    ]
    return Section("How well it did before", columns, rows)


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
