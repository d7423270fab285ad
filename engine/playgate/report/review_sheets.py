"""A report as the tables of a workbook: those of the commands as CSV, and the deals, with typed
cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from playgate.conditions.instants import DAY, is_bare_date
from playgate.language import say
from playgate.numbers.experiment.result import Experiments
from playgate.numbers.forecast.result import Forecast
from playgate.numbers.practices.result import Practices
from playgate.numbers.quality_result import QualityResult
from playgate.numbers.result import Kpis, Segments, TargetResult
from playgate.numbers.review import Review
from playgate.numbers.watch_result import Alarms, CoachPlan
from playgate.numbers.work_result import Dossier
from playgate.report.numbers_json import NumbersResult
from playgate.report.numbers_sheets import (
    CUSTOMERS,
    GOAL,
    forecast_sheets,
    numbers_sheet,
    practices_sheets,
)
from playgate.report.numbers_words import head_lines
from playgate.report.sheet import At, Book, Cell, Day, Money, Percent, Sheet

__all__ = ["RESULTS", "book"]

RESULTS: tuple[type[NumbersResult], ...] = (
    *(Kpis, TargetResult, Segments, Alarms),
    *(CoachPlan, QualityResult, Experiments, Forecast, Practices),
)
"""The results of commands that are tables of it."""


def book(review: Review) -> Book:
    """Returns the tables of a report."""
    basis = review.kpis.basis
    return Book(
        about=list(_about(review)),
        sheets=_sheets(review),
        zone=review.playbook.zone,
        zone_name=basis.timezone,
        as_of=basis.as_of,
    )


def _about(review: Review) -> Iterator[tuple[str, Cell]]:
    basis, work = review.kpis.basis, review.work
    named = say("{playbook} version {version}", playbook=basis.playbook, version=basis.version)
    yield say("Report"), basis.title or basis.playbook
    yield say("Playbook"), f"{named} ({basis.file})"
    yield from ((say("Counted"), line) for line in head_lines(basis, review.playbook.zone))
    yield say("As of"), None if basis.as_of is None else At(basis.as_of)
    if work.listed > len(work.dossiers):
        left = work.listed - len(work.dossiers)
        yield say("Note"), say("{number} deals left out: those that matter least.", number=left)


def _sheets(review: Review) -> Iterator[Sheet]:
    yield Sheet(say("Deals"), _deal_heads(), (_deal(each, review) for each in review.work.dossiers))
    yield Sheet(say("Findings"), _finding_heads(), _findings(review))
    yield numbers_sheet(say("KPIs"), review.kpis)
    if review.target is not None:
        yield numbers_sheet(say("Goal"), review.target, amounts=GOAL, unit=review.target.unit)
    segments = review.segments
    if segments.segments or segments.profiles or segments.products:
        yield numbers_sheet(say("Segments"), segments, amounts=CUSTOMERS, unit=segments.unit)
    if review.forecast is not None:
        yield from forecast_sheets(review.forecast)
    if review.practices is not None:
        yield from practices_sheets(review.practices)
    yield numbers_sheet(say("Alarms"), review.alarms)
    yield numbers_sheet(say("Coaching"), review.coaching)
    if review.quality is not None:
        yield numbers_sheet(say("Quality"), review.quality)
    if review.experiments is not None:
        yield numbers_sheet(say("Experiments"), review.experiments)
    yield Sheet(say("Missed and expected"), _misses_heads(), _misses(review))
    yield Sheet(say("Rules"), _rule_heads(), _rules(review))
    yield Sheet(say("Weeks"), _week_heads(), _weeks(review))
    yield Sheet(say("Learn from"), _lesson_heads(), _lessons(review))


# The deals


def _deal_heads() -> tuple[str, ...]:
    return (
        say("Deal"),
        say("Owner"),
        say("Name"),
        say("Team"),
        say("State"),
        say("To act on"),
        say("Stage"),
        say("Amount"),
        say("Chance"),
        say("At stake"),
        say("Opened"),
        say("In its stage since"),
        say("To close on"),
        say("Age in days"),
        say("Findings"),
        say("Next step"),
        say("Who can do it"),
        say("Due next"),
        say("What is due"),
    )


def _deal(each: Dossier, review: Review) -> list[Cell]:
    worth, at_stake = each.stake.worth, each.stake.at_stake
    chance, unit = each.stake.chance, review.work.unit
    step = each.steps[0] if each.steps else None
    ahead = each.ahead[0] if each.ahead else None
    return [
        each.deal,
        each.owner,
        review.names.get(each.owner, ""),
        review.teams.get(each.owner, ""),
        each.state,
        each.has_work,
        each.stage,
        Money(worth.value, worth.currency or unit) if worth else None,
        None if chance is None or not each.is_open else Percent(chance),
        Money(at_stake.value, worth.currency or unit)
        if worth and at_stake and each.is_open
        else None,
        At(each.opened),
        None if each.since is None else At(each.since),
        Day(each.closes) if is_bare_date(each.closes) else each.closes,
        max(0, (review.kpis.basis.as_of or 0) - each.opened) // DAY,
        len(each.findings),
        step.remedy.words if step else "",
        ", ".join(review.names.get(who, who) for who in step.who) if step else "",
        At(ahead.due_at) if ahead else None,
        ahead.title if ahead else "",
    ]


def _finding_heads() -> tuple[str, ...]:
    return (
        say("Deal"),
        say("Rule"),
        say("Title"),
        say("Level"),
        say("State"),
        say("Charged to"),
        say("Name"),
        say("Due at"),
        say("Made good at"),
        say("Message"),
        say("Waived by"),
        say("Waiver reason"),
    )


def _findings(review: Review) -> Iterator[list[Cell]]:
    for dossier in review.work.dossiers:
        for found in (told.finding for told in dossier.findings):
            yield [
                found.deal,
                found.rule.id,
                found.rule.title,
                found.rule.level,
                found.state,
                found.actor,
                review.names.get(found.actor, ""),
                At(found.due_at),
                None if found.made_good_at is None else At(found.made_good_at),
                found.message,
                found.waived_by,
                found.waiver_reason,
            ]


# What everyone missed


def _misses_heads() -> tuple[str, ...]:
    return (
        say("Scope"),
        say("Id"),
        say("Name"),
        say("Team"),
        say("Deals"),
        say("Chances"),
        say("Misses"),
        say("Expected"),
        say("Chance keeps to"),
        say("And to"),
        say("By chance"),
    )


def _misses(review: Review) -> Iterable[list[Cell]]:
    for each in review.kpis.misses:
        yield [
            *(each.scope, each.id, each.name, each.team, each.deals, each.chances, each.misses),
            *(each.expected, each.low, each.high),
            None if each.chance is None else Percent(each.chance),
        ]


def _rule_heads() -> tuple[str, ...]:
    return (
        say("Rule"),
        say("Title"),
        say("Stage"),
        say("Level"),
        say("Scope"),
        say("Id"),
        say("Met"),
        say("Unmet"),
        say("Waived"),
        say("Followed"),
    )


def _rules(review: Review) -> Iterator[list[Cell]]:
    for each in review.rules:
        members = {("company", ""): each.counts, **each.own}
        for (scope, name), (met, unmet, waived) in members.items():
            followed = Percent(met / (met + unmet)) if met + unmet else None
            rule = each.rule
            yield [
                *(rule.id, rule.title, rule.stage, rule.level, scope, name),
                *(met, unmet, waived, followed),
            ]


def _week_heads() -> tuple[str, ...]:
    return (
        say("KPI"),
        say("Title"),
        say("Week of"),
        say("Number"),
        say("Of"),
        say("Share"),
        say("At least"),
        say("At most"),
        say("Beyond"),
    )


def _weeks(review: Review) -> Iterator[list[Cell]]:
    for trend in review.trends:
        is_share = trend.kind == "ratio"
        for week in trend.weeks:
            low, high = (
                Percent(each) if is_share and each is not None else each
                for each in (week.low, week.high)
            )
            share = Percent(week.value) if is_share and week.value is not None else None
            yield [
                *(trend.id, trend.title, Day(week.monday), week.part),
                *(week.whole if is_share else None, share, low, high, week.is_beyond),
            ]


def _lesson_heads() -> tuple[str, ...]:
    return (
        say("Rule"),
        say("Title"),
        say("Level"),
        say("Deals"),
        say("Not won"),
        say("Why"),
        say("Latest deals"),
    )


def _lessons(review: Review) -> Iterator[list[Cell]]:
    for each in review.work.lessons:
        rule = each.rule
        yield [
            *(rule.id, rule.title, rule.level, each.deals, each.lost, rule.why),
            ", ".join(each.latest),
        ]
