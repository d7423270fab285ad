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

__all__ = ["before_section", "deals_section", "forecast_sections", "moving_section", "sums_section"]

_RULES = 2


def forecast_sections(result: Forecast, zone: Zone) -> Iterator[Section]:
    """Yields tables of what is likely to come, of the deals behind it, of what would move it most,
    and of how well it did before."""
    yield sums_section(result, zone)
    if result.value is None:
        return
    yield deals_section(result)[0]
    moving, _ = moving_section(result)
    if moving.rows:
        yield moving
    yield before_section(result)


def _would(deal: Expected) -> tuple[float, str]:
    return -deal.would, deal.deal


def sums_section(result: Forecast, zone: Zone) -> Section:
    """Returns the table of what is likely to come: of all, then of each line; or says why nothing
    can be told."""
    until = day(result.end, zone)
    if result.value is None:
        title = say("Nothing can be told until {day}", day=until)
        return Section(title, (), (), "", " ".join(result.notes))
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


def deals_section(result: Forecast) -> tuple[Section, tuple[str, ...]]:
    """Returns the table of the open deals that bring most, and the deals of its rows."""
    deals = result.deals
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
    title = say("The open deals that bring most")
    section = Section(title, columns, rows, left, " ".join(result.notes))
    return section, tuple(each.deal for each in deals[:ROWS])


def moving_section(result: Forecast) -> tuple[Section, tuple[str, ...]]:
    """Returns the table of what would move the forecast most, and the deals of its rows."""
    deals = sorted((each for each in result.deals if each.would > 0), key=_would)
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
    section = Section(say("What would move it most"), columns, rows, left, note)
    return section, tuple(each.deal for each in deals[:ROWS])


def before_section(result: Forecast) -> Section:
    """Returns the table of how well the same forecast did at earlier dates."""
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
