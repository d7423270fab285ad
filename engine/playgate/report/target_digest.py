"""Goals and segments as the short tables that text and Markdown show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.conditions.instants import Zone
from playgate.language import say, speaking
from playgate.numbers.result import (
    Goal,
    Input,
    Need,
    PartLine,
    PlanStep,
    ProductLine,
    Reach,
    SegmentLine,
    Segments,
    TargetResult,
)
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import day, percent, share
from playgate.report.numbers_words import days_between, member, money, number
from playgate.report.people_digest import used_section
from playgate.report.words import count, more, plural

__all__ = [
    "barometer_tips",
    "goal_section",
    "group_section",
    "likely_section",
    "needs_section",
    "plan_section",
    "product_section",
    "running_section",
    "segment_sections",
    "target_sections",
]

_ACROSS = 4
_ROWS = 40


def target_sections(result: TargetResult, zone: Zone) -> Iterator[Section]:
    """Yields the company's way to the goal, then each rep's week."""
    yield goal_section(result, zone)
    yield needs_section(result)
    if result.what_if:
        yield _changed(result)
    yield barometer_tips(result)
    yield plan_section(result)
    yield running_section(result, zone)
    yield likely_section(result, zone)


def goal_section(result: TargetResult, zone: Zone) -> Section:
    """Returns the table of what the company's goal rests on."""
    goal, unit = result.goals[0], result.unit
    title = _goal_of(result.per, days_between(result.start, result.end, zone))
    columns = (
        Column(say("What the goal rests on"), "message"),
        Column(say("Value"), "mark"),
        Column(say("Interval"), "mark"),
        Column(say("From"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (say("Goal"), money(goal.goal, unit), "", ""),
        (say("Goal per week"), money(goal.per_week, unit), "", ""),
    ]
    rows += [
        (each.title, _amount(each, each.value, unit), _between(each, unit), _source(each))
        for each in goal.inputs
    ]
    return Section(title, columns, rows)


def _amount(each: Input, given: float | None, unit: str) -> str:
    if given is None:
        return say("not known")
    match each.kind:
        case "ratio":
            return percent(given)
        case "time":
            return say("{days} d", days=number(given))
    return money(given, unit)


def _between(each: Input, unit: str) -> str:
    if each.low is None and each.high is None:
        return ""
    low, high = ("" if end is None else _amount(each, end, unit) for end in (each.low, each.high))
    return say("{low} to {high}", low=low, high=high).strip()


def _source(each: Input) -> str:
    if each.source == "what-if":
        return say("what-if")
    return plural(each.count, "deal")


def needs_section(result: TargetResult) -> Section:
    """Returns the table of the new opportunities that each goal needs a week, and of what is done
    for it."""
    columns = (
        Column(say("Who"), "name"),
        Column(_in(say("Goal"), result.unit), "mark"),
        Column(say("Needs a week"), "mark"),
        Column(say("Does"), "mark"),
        Column(say("Barometer"), "mark"),
        Column(_in(say("Brings a week"), result.unit), "mark"),
        Column(say("Of the goal"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (_who(goal), money(goal.goal, ""), *_need(goal.now)) for goal in result.goals
    ]
    unknown = any(goal.now.need is None for goal in result.goals)
    note = say("; ").join(
        [
            say(
                "Needs a week: the magic number of new opportunities. Barometer: what is done of "
                "it; the aim is 100 %. In brackets the 95 % interval"
            ),
            *([say("– where a ratio is 0 or not known, nothing can be worked out")] * unknown),
            *result.notes,
        ]
    )
    return Section(say("New opportunities"), columns, rows, "", note + ".")


def _who(goal: Goal) -> str:
    if goal.scope == "company":
        return say("Company ({n} rep)", "Company ({n} reps)", n=goal.reps)
    return member(goal.scope, goal.name)


def _in(head: str, unit: str) -> str:
    """Returns the head of amounts, which says their unit once for all of them."""
    return f"{head}, {unit}" if unit else head


def _sold(goal: Goal) -> Cell:
    """Returns what was sold in the goal's currency, and below it what in others."""
    apart = tuple(f"+ {money(each, currency)}" for currency, each in goal.sold_apart)
    own = money(goal.sold, "")
    return (own, *apart) if apart else own


def _need(need: Need) -> tuple[str, ...]:
    high = "" if need.high is None else number(need.high)
    between = "" if need.low is None else f" ({number(need.low)}–{high})"
    around = (
        ""
        if need.barometer_low is None or need.barometer_high is None
        else (f" ({need.barometer_low * 100:.0f}–{need.barometer_high * 100:.0f})")
    )
    return (
        number(need.need) + between,
        number(need.does),
        percent(need.barometer) + around,
        money(need.brings, ""),
        percent(need.reaches),
    )


def _changed(result: TargetResult) -> Section:
    columns = (
        Column(say("Who"), "name"),
        Column(say("Needs a week"), "mark"),
        Column(say("Does"), "mark"),
        Column(say("Barometer"), "mark"),
        Column(_in(say("Brings a week"), result.unit), "mark"),
        Column(say("Of the goal"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (_who(goal), *_need(goal.changed)) for goal in result.goals if goal.changed is not None
    ]
    return Section(say("What if {changes}", changes=", ".join(result.what_if)), columns, rows)


def barometer_tips(result: TargetResult) -> Section:
    """Returns the table of what helps, where somebody who is shown opens too few opportunities."""
    short = any(goal.now.barometer is not None and goal.now.barometer < 1 for goal in result.goals)
    rows = [(tip,) for tip in result.tips] if short else []
    return Section(say("Barometer under 100 %"), (Column(say("What helps"), "message"),), rows)


def plan_section(result: TargetResult) -> Section:
    """Returns the table of each rep's week: what is needed, done and left."""
    reps = [goal for goal in result.goals if goal.scope == "rep"]
    steps = reps[0].steps if reps else ()
    columns = (Column(say("Rep"), "name"), *(Column(step.title, "message") for step in steps))
    rows: list[tuple[Cell, ...]] = [
        (goal.name, *(_step(step) for step in goal.steps)) for goal in reps
    ]
    note = say("Needed per week; below it what is done so far this week, and what is left.")
    return Section(say("The week's plan"), columns, rows, "", note if rows else "")


def _step(step: PlanStep) -> Cell:
    need = number(step.need)
    if step.this_week is None:
        return need
    done = say("{number} done", number=count(step.this_week))
    if step.to_go is None:
        return need, done
    return need, f"{done}, {say('{number} to go', number=count(step.to_go))}"


def running_section(result: TargetResult, zone: Zone) -> Section:
    """Returns the table of what came of the goal so far."""
    columns = (
        Column(say("Who"), "name"),
        Column(say("Sold"), "mark"),
        Column(say("Of the goal"), "mark"),
        Column(say("Open ones may bring"), "mark"),
        Column(say("Last day to open"), "mark"),
        Column(say("To catch up"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            _who(goal),
            _sold(goal),
            percent(goal.sold / goal.goal if goal.goal else None),
            money(goal.expected, ""),
            day(goal.last_day, zone),
            _catch_up(goal, result),
        )
        for goal in result.goals
    ]
    note = say(
        "Open opportunities: each its amount, times the share sold of those as long in its stage. "
        "What is opened after the last day is, by the median cycle, sold in the next period. "
        "Out of reach: more a week than in any four weeks before."
    )
    return Section(_in(_so_far(result.per), result.unit), columns, rows, "", note)


def likely_section(result: TargetResult, zone: Zone) -> Section:
    """Returns the table of what is likely to be sold by the end of the goal's period; without rows
    where that is not foretold."""
    columns = (
        Column(say("Who"), "name"),
        Column(say("Goal"), "mark"),
        Column(say("Likely"), "mark"),
        Column(say("Between"), "mark"),
        Column(say("The goal is"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            _who(goal),
            money(goal.goal, ""),
            money(goal.likely.value, ""),
            f"{money(goal.likely.low, '')}–{money(goal.likely.high, '')}",
            _reach(goal.likely.reach),
        )
        for goal in result.goals
        if goal.likely is not None
    ]
    note = say(
        "Sold so far, and what the forecast of the rest of the period adds: open deals, and those "
        "to come. Between: so much in 19 of 20 such cases. Out of reach: more than that."
    )
    title = say("What is likely to come until {day}", day=day(result.end - 1, zone))
    return Section(_in(title, result.unit), columns, rows, "", note if rows else "")


def _reach(reach: Reach) -> str:
    match reach:
        case "reached":
            return say("reached")
        case "likely":
            return say("likely")
        case "in-reach":
            return say("in reach")
    return say("out of reach")


def _catch_up(goal: Goal, result: TargetResult) -> str:
    if goal.catch_up is None:
        is_late = goal.last_day is not None and (result.basis.as_of or 0) >= goal.last_day
        return say("too late") if is_late else "–"
    if not goal.catch_up:
        return say("on the way")
    pace = say("{number} a week", number=number(goal.catch_up))
    return f"{pace}, {say('out of reach')}" if goal.out_of_reach else pace


# Segments


def segment_sections(result: Segments) -> Iterator[Section]:
    """Yields tables of effort and value by segment, profile and product, and of what is not
    touched."""
    yield group_section(say("By segment"), result.segments, result.unit)
    yield from _by_rep(say("By rep and segment: share of effort, and of value"), result.segments)
    yield group_section(say("By profile"), result.profiles, result.unit)
    yield product_section(result.products, result.unit)
    yield used_section(result.products)
    sold = [product.business for product in result.products if product.business is not None]
    yield from _by_rep(say("By rep and product: share of effort, and of value"), sold)
    untouched = [
        (line.title, ", ".join(line.untouched))
        for line in (*result.segments, *result.profiles)
        if line.untouched
    ]
    columns = (
        Column(say("Group"), "name"),
        Column(say("Open deals without an activity"), "message"),
    )
    yield Section(say("Not touched in the period"), columns, untouched)
    if result.not_touched:
        names = ", ".join(result.not_touched)
        yield Section(say("Groups on which nothing was done"), (), (), "", names)


def group_section(title: str, lines: Sequence[SegmentLine], unit: str) -> Section:
    """Returns the table of effort and value of some groups."""
    columns = (
        Column(say("Group"), "name"),
        Column(say("Deals"), "number"),
        Column(say("Touched"), "number"),
        Column(say("Sold"), "number"),
        Column(say("Won of decided"), "mark"),
        Column(say("Effort"), "mark"),
        Column(say("Value"), "mark"),
        Column(say("Balance"), "mark"),
        Column(say("Still open"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            line.title,
            count(line.deals),
            count(line.touched),
            count(line.sold),
            share(line.closing),
            (percent(line.effort), count(line.activities)),
            (percent(line.worth), money(line.value, "")),
            "–" if line.balance is None else speaking().number(line.balance, 1),
            money(line.open_value, ""),
        )
        for line in lines
    ]
    note = say("Balance: share of effort over share of value; above 1 effort outweighs value.")
    if unit:
        note += " " + say("Values in {unit}.", unit=unit)
    return Section(title, columns, rows, "", note if rows else "")


def _by_rep(title: str, lines: Sequence[SegmentLine]) -> Iterator[Section]:
    """Yields each team's and rep's part in some groups, a few side by side."""
    for start in range(0, len(lines), _ACROSS):
        across = lines[start : start + _ACROSS]
        columns = Column(say("Rep"), "name"), *(Column(line.title, "message") for line in across)
        rows: list[tuple[Cell, ...]] = []
        for parts in list(zip(*(line.reps for line in across), strict=True))[:_ROWS]:
            first = parts[0]
            rows.append((member(first.scope, first.name), *map(_part, parts)))
        left = more(len(across[0].reps) - _ROWS)
        note = say("Shares of what is the rep's own in all of them; below, what was sold.")
        yield Section(title, columns, rows, left, note if rows else "")


def _part(part: PartLine) -> Cell:
    if not (part.activities or part.sold or part.closing.count):
        return "–"
    shares = f"{percent(part.effort)}, {percent(part.worth)}"
    if not part.closing.count:
        return shares, say("{number} sold", number=count(part.sold))
    won, of = count(part.sold), count(part.closing.count)
    return shares, say("{part} of {whole} won", part=won, whole=of)


def product_section(lines: Sequence[ProductLine], unit: str) -> Section:
    """Returns the table of what was sold of each product."""
    columns = (
        Column(say("Product"), "name"),
        Column(say("First"), "number"),
        Column(say("Sold"), "number"),
        Column(_in(say("Value"), unit), "mark"),
        Column(say("Worth"), "mark"),
        Column(say("What sets it apart"), "message"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            line.title,
            "" if line.priority is None else str(line.priority),
            *(
                ("–",) * 3
                if line.business is None
                else (
                    count(line.business.sold),
                    money(line.business.value, ""),
                    percent(line.business.worth),
                )
            ),
            line.differentiators or say("nothing yet"),
        )
        for line in lines
    ]
    return Section(say("By product, the most urgent first"), columns, rows)


def _goal_of(per: str, period: str) -> str:
    match per:
        case "week":
            return say("The goal of this week, {period}", period=period)
        case "month":
            return say("The goal of this month, {period}", period=period)
        case "quarter":
            return say("The goal of this quarter, {period}", period=period)
    return say("The goal of this year, {period}", period=period)


def _so_far(per: str) -> str:
    match per:
        case "week":
            return say("So far this week")
        case "month":
            return say("So far this month")
        case "quarter":
            return say("So far this quarter")
    return say("So far this year")
