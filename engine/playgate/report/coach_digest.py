"""Alarms and coaching as the short tables that text and Markdown show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.conditions.instants import Zone
from playgate.numbers.peers import is_unlikely
from playgate.numbers.watch_result import Alarms, Coached, CoachPlan, Next, Skipped, Workload
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import percent, share
from playgate.report.numbers_words import day, number
from playgate.report.words import count, plural

__all__ = ["alarm_sections", "coach_sections"]

_DATES = 8
_STEPS = 3


def alarm_sections(result: Alarms) -> Iterator[Section]:
    """Yields tables of what is beyond its limits, and of how much was looked at."""
    within = sum(looked.reason == "within" for looked in result.looked)
    short = len(
        {(each.kpi, each.scope, each.id) for each in result.looked if each.reason == "too-short"}
    )
    looked = f"{plural(within, 'series', 'series')} looked at"
    if short:
        looked += f", {count(short)} too short to tell"
    if result.looks:
        looked += (
            f". Chances are those with {plural(result.looks, 'look')} in all: of alarms 1 in 100 "
            "may be chance, of all that is shown 1 in 10"
        )
    looked += "."
    has_tips = any(alarm.tips for alarm in result.alarms)
    columns = (
        Column("Level", "mark"),
        Column("What was seen", "message"),
        Column("Chance", "mark"),
        *([Column("What helps", "message")] if has_tips else []),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            alarm.level,
            alarm.message,
            _chance(alarm.raised),
            *([alarm.tips or ""] if has_tips else []),
        )
        for alarm in result.alarms
    ]
    title = "Beyond the limits" if rows else "Nothing beyond the limits"
    if not result.looks:
        title = "Too little is known to tell what is beyond the limits"
    yield Section(title, columns, rows, "", looked)


def _chance(chance: float) -> str:
    return f"1 in {1 / chance:,.0f}" if chance > 1e-6 else "< 1 in a million"


def coach_sections(result: CoachPlan, zone: Zone) -> Iterator[Section]:
    """Yields tables of who needs help and of the team's training, then a page for each rep."""
    yield _overview(result.reps, zone)
    yield _training(result.training)
    yield _workload(result.workload)
    for page in result.reps:
        yield from _page(page)


def _overview(pages: Sequence[Coached], zone: Zone) -> Section:
    columns = (
        Column("Rep", "name"),
        Column("Followed", "mark"),
        Column("The others", "mark"),
        Column("Train next", "message"),
        Column("Last met", "mark"),
        Column("Next", "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            page.name + _mark(page),
            share(page.adherence),
            percent(page.others.value),
            page.train.title if page.train else "–",
            day(page.last_seen, zone),
            page.sessions[0].day if page.sessions else "–",
        )
        for page in pages
    ]
    notes = (
        "* Clearly behind the others: an intensive plan." * any(page.struggles for page in pages),
        "(new): not ranked yet." * any(page.ramps_until is not None for page in pages),
    )
    note = " ".join(filter(None, notes)) if rows else "No rep is known in this history."
    return Section("Who needs it most first", columns, rows, "", note)


def _mark(page: Coached) -> str:
    if page.ramps_until is not None:
        return " (new)"
    return " *" if page.struggles else ""


def _training(steps: Sequence[Next]) -> Section:
    columns = (Column("Step", "message"), Column("Missed", "number"), Column("Of chances", "mark"))
    rows: list[tuple[Cell, ...]] = [
        ((step.title, step.rule), count(step.unmet), percent(step.share)) for step in steps
    ]
    return Section("What the team misses most", columns, rows)


def _workload(managers: Sequence[Workload]) -> Section:
    columns = (
        Column("Manager", "name"),
        Column("Reps", "number"),
        Column("Sessions", "number"),
        Column("Late", "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (each.name or "nobody named", count(each.reps), count(each.sessions), count(each.late))
        for each in managers
        if each.per_week is not None
    ]
    most = managers[0].per_week if managers else None
    note = f"In the coming year, at most {most} a week. Late: what is due in weeks that are full."
    return Section("Sessions to hold", columns, rows, "", note if rows else "")


def _page(page: Coached) -> Iterator[Section]:
    title = page.name + (f", {page.team}" if page.team else "")
    columns = (
        Column("Step skipped", "message"),
        Column("Own", "mark"),
        Column("Others", "mark"),
        Column("Skipped", "number"),
        Column("Too many", "mark"),
    )
    rows = [_skipped(step) for step in page.skipped[:_STEPS]]
    yield Section(title, columns, rows, "", _note(page))
    asked: list[tuple[Cell, ...]] = [(question,) for question in page.questions]
    yield Section(f"{page.name}: questions to ask", (Column("Question", "message"),), asked)
    dates = [session.day for session in page.sessions[:_DATES]]
    if dates:
        kind = "weekly at first" if page.struggles else ""
        note = "; ".join(filter(None, (", ".join(dates), kind, *page.reasons)))
        yield Section(f"{page.name}: when to meet", (), (), "", note)


def _note(page: Coached) -> str:
    if page.skipped:
        doubt = any(not is_unlikely(step.chance) for step in page.skipped[:_STEPS])
        return "Too many: beyond the share of the others." + " ? It may be chance." * doubt
    if not page.adherence.count:
        return "Nothing was judged in this period."
    return "No step is done less often than by the others, or there are too few deals to tell."


def _skipped(step: Skipped) -> tuple[Cell, ...]:
    return (
        (step.title, step.rule),
        percent(step.own.value),
        percent(step.others.value),
        count(step.unmet),
        number(step.surplus) + ("" if is_unlikely(step.chance) else " ?"),
    )
