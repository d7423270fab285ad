"""Alarms and coaching as the short tables that text and Markdown show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.conditions.instants import Zone
from playgate.language import say, speaking
from playgate.numbers.peers import is_unlikely
from playgate.numbers.watch_result import Alarms, Coached, CoachPlan, Next, Skipped, Workload
from playgate.records import replace
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import day, percent, share
from playgate.report.numbers_words import alarm_word, number
from playgate.report.people_digest import goals_section, hire_sections, trainings_section
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
    looked = say("{n} series looked at", "{n} series looked at", n=within)
    if short:
        looked += ", " + say("{number} too short to tell", number=count(short))
    looked += "."
    if result.looks:
        looked += " " + say(
            "Chances are those with {looks} in all: of alarms 1 in 100 may be chance, of all that "
            "is shown 1 in 10.",
            looks=plural(result.looks, "look"),
        )
    has_tips = any(alarm.tips for alarm in result.alarms)
    columns = (
        Column(say("Level"), "mark"),
        Column(say("What was seen"), "message"),
        Column(say("Chance"), "mark"),
        *([Column(say("What helps"), "message")] if has_tips else []),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            alarm_word(alarm.level),
            alarm.message,
            _chance(alarm.raised),
            *([alarm.tips or ""] if has_tips else []),
        )
        for alarm in result.alarms
    ]
    title = say("Beyond the limits") if rows else say("Nothing beyond the limits")
    if not result.looks:
        title = say("Too little is known to tell what is beyond the limits")
    yield Section(title, columns, rows, "", looked)


def _chance(chance: float) -> str:
    if chance <= 1e-6:
        return say("< 1 in a million")
    return say("1 in {number}", number=speaking().number(1 / chance))


def coach_sections(result: CoachPlan, zone: Zone) -> Iterator[Section]:
    """Yields tables of who needs help and of the team's training, then a page for each rep."""
    yield _overview(result.reps, zone)
    yield _training(result.training)
    yield trainings_section(result.planned)
    yield from hire_sections(result.hires)
    yield _workload(result.workload)
    for page in result.reps:
        yield from _page(page)


def _overview(pages: Sequence[Coached], zone: Zone) -> Section:
    columns = (
        Column(say("Rep"), "name"),
        Column(say("Followed"), "mark"),
        Column(say("The others"), "mark"),
        Column(say("Train next"), "message"),
        Column(say("Last met"), "mark"),
        Column(say("Next"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            page.name + _mark(page),
            share(page.adherence),
            percent(page.others.value),
            page.train.title if page.train else "–",
            day(page.last_seen, zone),
            speaking().day(page.sessions[0].day) if page.sessions else "–",
        )
        for page in pages
    ]
    behind = say("* Clearly behind the others: an intensive plan.")
    new = say("(new): not ranked yet.")
    notes = (
        behind * any(page.struggles for page in pages),
        new * any(page.ramps_until is not None for page in pages),
    )
    note = " ".join(filter(None, notes)) if rows else say("No rep is known in this history.")
    return Section(say("Who needs it most first"), columns, rows, "", note)


def _mark(page: Coached) -> str:
    if page.ramps_until is not None:
        return f" {say('(new)')}"
    return " *" if page.struggles else ""


def _training(steps: Sequence[Next]) -> Section:
    columns = (
        Column(say("Step"), "message"),
        Column(say("Missed"), "number"),
        Column(say("Of chances"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        ((step.title, step.rule), count(step.unmet), percent(step.share)) for step in steps
    ]
    return Section(say("What the team misses most"), columns, rows)


def _workload(managers: Sequence[Workload]) -> Section:
    columns = (
        Column(say("Manager"), "name"),
        Column(say("Reps"), "number"),
        Column(say("Sessions"), "number"),
        Column(say("Late"), "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (each.name or say("nobody named"), count(each.reps), count(each.sessions), count(each.late))
        for each in managers
        if each.per_week is not None
    ]
    most = managers[0].per_week if managers else None
    note = say(
        "In the coming year, at most {most} a week. Late: what is due in weeks that are full.",
        most=most,
    )
    return Section(say("Sessions to hold"), columns, rows, "", note if rows else "")


def _page(page: Coached) -> Iterator[Section]:
    title = page.name + (f", {page.team}" if page.team else "")
    columns = (
        Column(say("Step skipped"), "message"),
        Column(say("Own"), "mark"),
        Column(say("Others"), "mark"),
        Column(say("Skipped"), "number"),
        Column(say("Too many"), "mark"),
    )
    rows = [_skipped(step) for step in page.skipped[:_STEPS]]
    yield Section(title, columns, rows, "", _note(page))
    asked: list[tuple[Cell, ...]] = [(question,) for question in page.questions]
    questions = say("{name}: questions to ask", name=page.name)
    yield Section(questions, (Column(say("Question"), "message"),), asked)
    yield replace(goals_section(page.work), title=say("{name}: goals", name=page.name))
    dates = [speaking().day(session.day) for session in page.sessions[:_DATES]]
    if dates:
        kind = say("weekly at first") if page.struggles else ""
        note = say("; ").join(filter(None, (", ".join(dates), kind, *page.reasons)))
        yield Section(say("{name}: when to meet", name=page.name), (), (), "", note)


def _note(page: Coached) -> str:
    if page.skipped:
        doubt = any(not is_unlikely(step.chance) for step in page.skipped[:_STEPS])
        note = say("Too many: beyond the share of the others.")
        return f"{note} {say('? It may be chance.')}" if doubt else note
    if not page.adherence.count:
        return say("Nothing was judged in this period.")
    return say("No step is done less often than by the others, or there are too few deals to tell.")


def _skipped(step: Skipped) -> tuple[Cell, ...]:
    return (
        (step.title, step.rule),
        percent(step.own.value),
        percent(step.others.value),
        count(step.unmet),
        number(step.surplus) + ("" if is_unlikely(step.chance) else " ?"),
    )
