"""What the next days bring, as the short tables that text and Markdown show."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions.instants import Zone
from playgate.language import say, speaking
from playgate.numbers.forecast.result import Expected, Forecast
from playgate.report.digest import ROWS, Cell, Column, Section
from playgate.report.figures import day, percent
from playgate.report.numbers_words import number, part_of
from playgate.report.words import count, more, plural

__all__ = ["forecast_sections"]

_RULES = 2


def forecast_sections(result: Forecast, zone: Zone) -> Iterator[Section]:
    """Yields tables of what is likely to come, of the deals behind it, of what would move it most,
    and of how well it did before."""
    until = day(result.end, zone)
    if result.value is None:
        title = say("Nothing can be told until {day}", day=until)
        yield Section(title, (), (), "", " ".join(result.notes))
        return
    yield _sums(result, until)
    yield _deals(say("The open deals that bring most"), result.deals, result)
    moving = sorted((each for each in result.deals if each.would > 0), key=_would)
    if moving:
        yield _moving(moving)
    yield _before(result)


def _would(deal: Expected) -> tuple[float, str]:
    return -deal.would, deal.deal


def _sums(result: Forecast, until: str) -> Section:
    columns = (
        Column(say("Of"), "name"),
        Column(say("Deals"), "number"),
        Column(say("Amount"), "number"),
        Column(say("Likely"), "number"),
        Column(say("Between"), "mark"),
        Column(say("Commit"), "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            say("With those to come"),
            "",
            "",
            number(result.value),
            f"{number(result.low)}–{number(result.high)}",
            number(result.commit),
        )
    ]
    rows += [
        (
            line.name if line.scope != "company" else say("Open deals"),
            count(line.deals),
            number(line.amount),
            number(line.value),
            f"{number(line.low)}–{number(line.high)}",
            number(line.commit),
        )
        for line in result.lines
    ]
    title = (
        say("What is likely to come until {day} in {unit}", day=until, unit=result.unit)
        if result.unit
        else say("What is likely to come until {day}", day=until)
    )
    note = say("Between: so much in 19 of 20 such cases. Commit: of deals whose gate is met.")
    return Section(title, columns, rows, "", note)


def _deals(title: str, deals: tuple[Expected, ...], result: Forecast) -> Section:
    columns = (
        Column(say("Deal"), "name"),
        Column(say("Rep"), "name"),
        Column(say("Amount"), "number"),
        Column(say("Chance"), "mark"),
        Column(say("Likely"), "number"),
        Column(say("Why"), "message"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.deal,
            each.rep,
            "–" if each.amount is None else number(each.amount),
            percent(each.chance),
            number(each.value),
            say("; ").join(each.why),
        )
        for each in deals[:ROWS]
    ]
    left = more(len(deals) - len(rows), "deal")
    return Section(title, columns, rows, left, " ".join(result.notes))


def _moving(deals: list[Expected]) -> Section:
    columns = (
        Column(say("Deal"), "name"),
        Column(say("Rep"), "name"),
        Column(say("Would add"), "number"),
        Column(say("Its gate misses"), "message"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.deal,
            each.rep,
            number(each.would),
            f"{', '.join(each.missing[:_RULES])} {more(len(each.missing) - _RULES)}".rstrip(),
        )
        for each in deals[:ROWS]
    ]
    left = more(len(deals) - len(rows), "deal")
    note = say("At the chances of deals whose gate is met, which may have other causes.")
    return Section(say("What would move it most"), columns, rows, left, note)


def _before(result: Forecast) -> Section:
    tested = result.backtest
    columns = (
        Column(say("The same forecast before"), "message"),
        Column(say("This"), "mark"),
        Column(say("Stage × amount"), "mark"),
        Column(say("The span before"), "mark"),
    )
    if not tested.times:
        return Section(say("How well it did before: the history is too short"), (), (), "", "–")
    rows: list[tuple[Cell, ...]] = [
        (
            say("Off by, on average over {dates}", dates=plural(tested.times, "date")),
            percent(tested.error),
            percent(tested.error_by_stage),
            percent(tested.error_by_last),
        ),
        (
            say("Brier score of {deals} (less is better)", deals=plural(tested.deals, "deal")),
            _score(tested.brier),
            _score(tested.brier_by_stage),
            "",
        ),
        (say("What came lay within the interval"), part_of(tested.covered, tested.times), "", ""),
    ]
    return Section(say("How well it did before"), columns, rows)


def _score(value: float | None) -> str:
    return "–" if value is None else speaking().number(value, 3)
