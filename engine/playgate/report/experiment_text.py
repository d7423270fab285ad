"""What experiments need, how they go and what came of them, as the short tables that text and
Markdown show."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions.instants import Zone
from playgate.language import say, speaking
from playgate.numbers.experiment.result import (
    SHARES,
    ArmValue,
    Compared,
    Experiments,
    Planned,
    Tried,
)
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import day, percent
from playgate.report.numbers_words import number
from playgate.report.words import count, plural

__all__ = ["experiment_sections"]


def experiment_sections(result: Experiments, zone: Zone) -> Iterator[Section]:
    """Yields for each experiment the arms, what it needs while it is not over, and its KPIs."""
    for tried in result.experiments:
        yield _arms(tried, zone)
        if tried.plan is not None:
            yield _plan(tried, tried.plan, zone)
        compared = [each for each in (tried.measure, *tried.guards) if each is not None]
        if compared:
            yield _compared(tried, compared)
        if tried.kept:
            yield _kept(tried, zone)


def _arms(tried: Tried, zone: Zone) -> Section:
    columns = (
        Column(say("Arm"), "name"),
        Column(say("Version"), "mark"),
        Column(say("Deals"), "number"),
        Column(say("Ended"), "number"),
        Column(say("Reps"), "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            say("With the change") if arm.treated else say("As it was"),
            arm.version,
            count(arm.deals),
            count(arm.ended),
            count(arm.reps),
        )
        for arm in tried.arms
    ]
    spoken = {"planned": say("planned"), "running": say("running"), "over": say("over")}
    title = say(
        "{title}: {rule}, {change} ({start} to {until}, {phase})",
        title=tried.title,
        rule=tried.rule,
        change=tried.change,
        start=day(tried.start, zone),
        until=day(tried.until, zone),
        phase=spoken[tried.phase],
    )
    return Section(title, columns, rows, "", " ".join(map(_sentence, tried.notes)))


def _sentence(note: str) -> str:
    return note if note.endswith(".") else f"{note}."


def _plan(tried: Tried, plan: Planned, zone: Zone) -> Section:
    kind = plan.kind
    columns = (Column(say("What it needs"), "message"), Column("", "mark"))
    needed = say("no number of deals is enough") if plan.needed is None else count(plan.needed)
    rows: list[tuple[Cell, ...]] = [
        (
            say("The measure before, of {deals}", deals=plural(plan.known, "deal")),
            _value_words(plan.value, kind),
        ),
        (say("The difference to be found"), _points(plan.detect, kind)),
        (say("Deals that find it in 8 of 10 experiments"), needed),
        (
            say("Deals that will count until {day}", day=day(tried.until, zone)),
            say("{n} ({rate} a week)", n=round(plan.expected), rate=number(plan.per_week)),
        ),
        (say("Enough will have begun"), day(plan.enough_at, zone)),
        (
            say("Three quarters of deals have ended after"),
            "–" if plan.known_days is None else plural(round(plan.known_days), "day"),
        ),
        (say("What will be found as surely until then"), _points(plan.smallest, kind)),
    ]
    return Section(say("What {title} needs", title=tried.title), columns, rows)


def _compared(tried: Tried, compared: list[Compared]) -> Section:
    columns = (
        Column(say("KPI"), "name"),
        Column(say("As it was"), "mark"),
        Column(say("With the change"), "mark"),
        Column(say("Difference"), "mark"),
        Column("", "message"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            _named(each),
            _arm_words(each.control, each.kind),
            _arm_words(each.treated, each.kind),
            _span_words(each),
            _verdict(each, is_guard=each is not tried.measure),
        )
        for each in compared
    ]
    title = (
        say("Guards of {title}", title=tried.title)
        if tried.measure is None
        else say("What came of {title}", title=tried.title)
    )
    note = say("By what was assigned, whatever was done; reps as clusters.")
    return Section(title, columns, rows, "", note)


def _named(compared: Compared) -> str:
    if compared.within is None:
        return compared.title
    return say(
        "{kpi} within {days}", kpi=compared.title, days=plural(round(compared.within), "day")
    )


def _arm_words(value: ArmValue, kind: str) -> str:
    if value.value is None:
        return say("of {n}", n=value.deals)
    shown = say(
        "{value} of {deals}", value=_value_words(value.value, kind), deals=count(value.deals)
    )
    if value.before is None:
        return shown
    return say("{now}, before {then}", now=shown, then=_value_words(value.before, kind))


def _value_words(value: float | None, kind: str) -> str:
    """Returns a value of a KPI of this kind: a share of shares and times, else a number."""
    if value is None:
        return "–"
    return percent(value) if kind in SHARES else number(value)


def _points(value: float | None, kind: str) -> str:
    if value is None:
        return "–"
    if kind not in SHARES:
        return number(value)
    return say("{n} point", "{n} points", n=round(value * 100))


def _span_words(compared: Compared) -> str:
    """Returns a difference with its interval, in percentage points or in the KPI's unit."""
    values = (compared.difference, compared.low, compared.high)
    if any(value is None for value in values):
        return "–"
    scale = 100 if compared.kind in SHARES else 1
    shown, low, high = (_signed(value * scale) for value in values if value is not None)
    return say("{value} ({low} to {high})", value=shown, low=low, high=high)


def _signed(value: float) -> str:
    digits = 0 if abs(value) >= 10 or round(value, 1) == round(value) else 1
    return ("+" if round(value, digits) > 0 else "") + speaking().number(value, digits)


def _verdict(compared: Compared, *, is_guard: bool) -> str:
    """Returns in words what the difference says."""
    words = {
        "better": say("better"),
        "worse": say("worse"),
        "open": say("no worse as far as is seen") if is_guard else say("no difference seen"),
        "too-few": say("too few to tell"),
    }
    return words[compared.outcome]


def _kept(tried: Tried, zone: Zone) -> Section:
    columns = (
        Column(say("Version"), "mark"),
        Column(say("Kept", about="when"), "mark"),
        Column(say("Deals"), "mark"),
        Column(say("Difference"), "mark"),
    )
    told = tried.measure or tried.plan
    scale = 100 if told is None or told.kind in SHARES else 1
    rows: list[tuple[Cell, ...]] = [
        (
            each.version,
            day(each.kept_at, zone),
            f"{count(each.control)} + {count(each.treated)}",
            "–"
            if each.difference is None or each.low is None or each.high is None
            else say(
                "{value} ({low} to {high})",
                value=_signed(each.difference * scale),
                low=_signed(each.low * scale),
                high=_signed(each.high * scale),
            ),
        )
        for each in tried.kept
    ]
    return Section(say("What the ledger keeps of {title}", title=tried.title), columns, rows)
