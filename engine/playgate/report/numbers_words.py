"""Figures of the numbers as people read them."""

from __future__ import annotations

from collections.abc import Iterable

from playgate.conditions.instants import Zone
from playgate.history.money import NO_CURRENCY, NotAdded
from playgate.language import say, speaking
from playgate.numbers.result import Basis, Figure, KpiTable
from playgate.report.figures import day, percent
from playgate.report.words import count, plural

__all__ = [
    "alarm_word",
    "called",
    "days_between",
    "figure",
    "head_lines",
    "interval",
    "lasting",
    "member",
    "money",
    "number",
    "part_of",
    "several",
    "value",
]


def number(given: float | None, digits: int = 1) -> str:
    """Returns a number with its thousands apart, without decimals where it is large."""
    if given is None:
        return "–"
    if abs(given) >= 100 or given == int(given):
        return speaking().number(given)
    return speaking().number(given, digits)


def money(given: float | None, unit: str) -> str:
    """Returns an amount with its unit, without decimals where it is large."""
    if given is None:
        return "–"
    return speaking().amount(given, say("(no currency)") if unit == NO_CURRENCY else unit)


def several(own: float, unit: str, others: Iterable[tuple[str, float]]) -> list[str]:
    """Returns sums of several currencies, which are not added; that of the unit stands first."""
    apart = [money(each, currency) for currency, each in others]
    return [money(own, unit), *apart] if own or not apart else apart


def lasting(days: float) -> str:
    """Returns how long something took: in days, or in hours where it is less than two."""
    hours = days * 24
    if hours >= 48:
        return say("{days} d", days=number(days))
    return say("{hours} h", hours=number(round(hours))) if hours >= 1 else say("<1 h")


def value(given: float | None, table: KpiTable) -> str:
    """Returns a KPI's value: a share, days, an amount, or so many a week."""
    if given is None:
        return "–"
    match table.kind:
        case "ratio":
            return percent(given)
        case "time":
            return say("{days} d", days=number(given))
        case "count":
            return say("{number}/wk", number=number(given, 2))
    return money(given, table.unit)


def interval(found: Figure, table: KpiTable) -> str:
    """Returns a figure's interval, left open where an end is not seen yet."""
    low, high = found.low, found.high
    if low is None and high is None:
        return ""
    if table.kind == "ratio":
        return f"({_round(low)}–{_round(high)})"
    digits = 2 if table.kind == "count" else 1  # the digits are those of its value
    return f"({_end(low, digits)}–{_end(high, digits)})"


def _round(given: float | None) -> str:
    return "" if given is None else str(round(given * 100))


def _end(given: float | None, digits: int) -> str:
    return "" if given is None else number(given, digits)


def figure(found: Figure, table: KpiTable) -> str:
    """Returns a KPI's value with its interval."""
    return f"{value(found.value, table)} {interval(found, table)}".rstrip()


def called(period: str) -> str:
    """Returns a period as people call it."""
    match period.split():
        case ["last", number, "days"]:
            return say("last {number} days", number=number)
        case ["last", number, "weeks"]:
            return say("last {number} weeks", number=number)
    known = {
        "whole history": say("whole history"),
        "this week": say("this week"),
        "this month": say("this month"),
        "this quarter": say("this quarter"),
        "this year": say("this year"),
        "last week": say("last week"),
        "last month": say("last month"),
        "last quarter": say("last quarter"),
        "last year": say("last year"),
    }
    return known.get(period, period)


def alarm_word(level: str) -> str:
    """Returns how grave an alarm is."""
    return say("alarm") if level == "alarm" else say("watch")


def member(scope: str, name: str) -> str:
    """Returns how the company, a team or a rep is called."""
    match scope:
        case "company":
            return say("Company")
        case "team":
            return say("Team {name}", name=name)
    return name


def part_of(part: int, whole: int) -> str:
    """Returns `3 of 12`."""
    return say("{part} of {whole}", part=count(part), whole=count(whole))


def days_between(start: int, end: int, zone: Zone) -> str:
    """Returns the first day and the last one, which lies before `end`."""
    return say("{first} to {last}", first=day(start, zone), last=day(end - 1, zone))


def head_lines(basis: Basis, zone: Zone) -> list[str]:
    """Returns lines that say what was counted."""
    period = called(basis.period)
    if basis.start is not None and basis.end is not None:
        period += f", {days_between(basis.start, basis.end, zone)}"
    what = say(
        "{deals} with {events}, as of {day}",
        deals=plural(basis.deals, "deal"),
        events=plural(basis.events, "event"),
        day=day(basis.as_of, zone),
    )
    lines = [say("; ").join(filter(None, (what, period))) + "."]
    if basis.left_out:
        left = plural(basis.left_out, "deal")
        lines.append(say("{deals} left out: not for this playbook.", deals=left))
    if basis.problems:
        problems = plural(basis.problems, "problem")
        lines.append(say("{problems} with the data: playgate audit shows them.", problems=problems))
    return [*lines, *map(_not_added, basis.not_added)]


def _not_added(found: NotAdded) -> str:
    """Returns which amounts stand apart, why, and on which deal first."""
    if found.currency == NO_CURRENCY:
        why = say("nothing says which it is")
    elif found.file:
        why = say("{file} has no rate of {day} or before", file=found.file, day=found.day)
    else:
        why = say("--rates makes one of several currencies")
    return say(
        "{deals} with an amount {currency}, not added: {why} (deal {deal}).",
        deals=plural(found.deals, "deal"),
        currency=_in(found.currency),
        why=why,
        deal=found.deal,
    )


def _in(currency: str) -> str:
    return (
        say("of no known currency") if currency == NO_CURRENCY else say("in {unit}", unit=currency)
    )
