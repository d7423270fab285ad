"""Somebody's day as the short tables that text, Markdown and e-mails show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.conditions.instants import Zone
from playgate.language import say, speaking
from playgate.numbers.result import PlanStep
from playgate.numbers.today_result import Calls, Today, TodayDeal
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import day
from playgate.report.numbers_words import money, number
from playgate.report.people_digest import aim, amount, hire_lines
from playgate.report.words import count, more

__all__ = ["day_heading", "today_sections"]


def day_heading(found: Today) -> str:
    """Returns whose day it is."""
    shown = speaking().day(found.day)
    return say("{name}, {day}", name=found.name, day=shown)


def today_sections(found: Today, zone: Zone) -> Iterator[Section]:
    """Yields the deals of the day, whom to call, the week, and a question."""
    yield _deals(found, zone)
    if found.calls is not None:
        yield _calls(found.calls)
    yield _week(found)
    if found.hire is not None:
        lines = [(each,) for each in hire_lines(found.hire)]
        yield Section(say("First weeks"), (Column(say("To do"), "message"),), lines)
    if found.question:
        yield Section(say("To think about"), (), (), "", found.question)
    if found.meets:
        meets = speaking().day(found.meets)
        yield Section(say("The next talk with the manager"), (), (), "", f"{meets}.")


def _deals(found: Today, zone: Zone) -> Section:
    columns = (
        Column(say("Deal"), "name"),
        Column(say("Level"), "level"),
        Column(say("Next step"), "message"),
        Column(say("By", about="when"), "mark"),
        Column(say("Worth", about="deal"), "number"),
    )
    rows = [_deal(each, zone) for each in found.deals]
    left = more(found.left_out, "deal")
    note = "" if rows else say("Nothing is missed, and nothing falls due within a week.")
    return Section(say("Deals with a next step"), columns, rows, left, note)


def _deal(each: TodayDeal, zone: Zone) -> tuple[Cell, ...]:
    who = say("by {names}", names=f" {say('or')} ".join(each.who)) if each.who else ""
    rest = say("{n} more step", "{n} more steps", n=each.more) if each.more else ""
    told = ", ".join(filter(None, (each.title, who, rest)))
    level = say("due") if each.level == "due" else each.level
    # What was missed is to be made good now; only what is ahead has a day.
    due = day(each.due_at, zone) if each.level == "due" else say("now")
    worth = "" if each.worth is None else money(each.worth, each.unit)
    return each.deal, level, (each.what, told), due, worth


def _calls(calls: Calls) -> Section:
    asked = say(
        "{kpi}: {done} of {asked}, {left} to go",
        kpi=calls.title,
        done=count(calls.done),
        asked=count(calls.at_least),
        left=count(calls.left),
    )
    columns = (Column(say("To call"), "message"),)
    rows: Sequence[tuple[Cell, ...]] = [(each,) for each in calls.first]
    return Section(say("Leads to call"), columns, rows, "", asked + ".")


def _week(found: Today) -> Section:
    columns = (
        Column(say("Plan"), "message"),
        Column(say("Done"), "number"),
        Column(say("Asked"), "number"),
        Column(say("To go"), "number"),
    )
    rows: list[tuple[Cell, ...]] = [_step(each) for each in found.week]
    rows += [
        (
            (goal.title, aim(goal)),
            *(amount(each, goal) for each in (goal.done, goal.asked, goal.to_go)),
        )
        for work in found.work
        for goal in work.goals
        if goal.done is not None
    ]
    return Section(say("The week's plan"), columns, rows)


def _step(step: PlanStep) -> tuple[Cell, ...]:
    to_go = "–" if step.to_go is None else count(step.to_go)
    return step.title, count(step.this_week or 0), number(step.need), to_go
