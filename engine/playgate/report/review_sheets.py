"""A report as the tables of a workbook: those of the commands as CSV, and the deals, with typed
cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from playgate.conditions.instants import DAY, is_bare_date
from playgate.numbers.review import Review
from playgate.numbers.work_result import Dossier
from playgate.report.numbers_sheets import (
    CUSTOMERS,
    GOAL,
    forecast_sheets,
    numbers_sheet,
    practices_sheets,
)
from playgate.report.numbers_words import head_lines
from playgate.report.sheet import At, Book, Cell, Day, Money, Percent, Sheet

__all__ = ["book"]


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
    yield "Report", basis.title or basis.playbook
    yield "Playbook", f"{basis.playbook} version {basis.version} ({basis.file})"
    yield from (("Counted", line) for line in head_lines(basis, review.playbook.zone))
    yield "As of", None if basis.as_of is None else At(basis.as_of)
    if work.listed > len(work.dossiers):
        left = work.listed - len(work.dossiers)
        yield "Note", f"{left} deals left out: those that matter least."


def _sheets(review: Review) -> Iterator[Sheet]:
    yield Sheet("Deals", _DEAL, (_deal(each, review) for each in review.work.dossiers))
    yield Sheet("Findings", _FINDING, _findings(review))
    yield numbers_sheet("KPIs", review.kpis)
    if review.target is not None:
        yield numbers_sheet("Goal", review.target, amounts=GOAL, unit=review.target.unit)
    segments = review.segments
    if segments.segments or segments.profiles or segments.products:
        yield numbers_sheet("Segments", segments, amounts=CUSTOMERS, unit=segments.unit)
    if review.forecast is not None:
        yield from forecast_sheets(review.forecast)
    if review.practices is not None:
        yield from practices_sheets(review.practices)
    yield numbers_sheet("Alarms", review.alarms)
    yield numbers_sheet("Coaching", review.coaching)
    if review.quality is not None:
        yield numbers_sheet("Quality", review.quality)
    yield Sheet("Missed and expected", _MISSES, _misses(review))
    yield Sheet("Rules", _RULE, _rules(review))
    yield Sheet("Weeks", _WEEK, _weeks(review))
    yield Sheet("Learn from", _LESSON, _lessons(review))


# The deals

_DEAL = (
    *("Deal", "Owner", "Name", "Team", "State", "To act on", "Stage", "Amount", "Chance"),
    *("At stake", "Opened", "In its stage since", "To close on", "Age in days", "Findings"),
    *("Next step", "Who can do it", "Due next", "What is due"),
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


_FINDING = (
    *("Deal", "Rule", "Title", "Level", "State", "Charged to", "Name", "Due at", "Made good at"),
    *("Message", "Waived by", "Waiver reason"),
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

_MISSES = (
    *("Scope", "Id", "Name", "Team", "Deals", "Chances", "Misses", "Expected"),
    *("Chance keeps to", "And to", "By chance"),
)


def _misses(review: Review) -> Iterable[list[Cell]]:
    for each in review.kpis.misses:
        yield [
            *(each.scope, each.id, each.name, each.team, each.deals, each.chances, each.misses),
            *(each.expected, each.low, each.high),
            None if each.chance is None else Percent(each.chance),
        ]


_RULE = ("Rule", "Title", "Stage", "Level", "Scope", "Id", "Met", "Unmet", "Waived", "Followed")


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


_WEEK = ("KPI", "Title", "Week of", "Number", "Of", "Share", "At least", "At most", "Beyond")


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


_LESSON = ("Rule", "Title", "Level", "Deals", "Not won", "Why", "Latest deals")


def _lessons(review: Review) -> Iterator[list[Cell]]:
    for each in review.work.lessons:
        rule = each.rule
        yield [
            *(rule.id, rule.title, rule.level, each.deals, each.lost, rule.why),
            ", ".join(each.latest),
        ]
