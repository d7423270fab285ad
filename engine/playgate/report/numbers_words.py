"""Figures of the numbers as people read them."""

from __future__ import annotations

from playgate.conditions.instants import Zone, show_instant
from playgate.numbers.result import Basis, Figure, KpiTable
from playgate.report.figures import percent
from playgate.report.words import plural

__all__ = ["day", "days_between", "figure", "head_lines", "interval", "money", "number", "value"]


def number(given: float | None, digits: int = 1) -> str:
    """Returns a number with its thousands apart, without decimals where it is large."""
    if given is None:
        return "–"
    if abs(given) >= 100 or given == int(given):
        return f"{given:,.0f}"
    return f"{given:,.{digits}f}"


def money(given: float | None, unit: str) -> str:
    """Returns an amount with its unit, without decimals where it is large."""
    if given is None:
        return "–"
    return f"{given:,.0f} {unit}".rstrip()


def value(given: float | None, table: KpiTable) -> str:
    """Returns a KPI's value: a share, days, an amount, or so many a week."""
    if given is None:
        return "–"
    match table.kind:
        case "ratio":
            return percent(given)
        case "time":
            return f"{number(given)} d"
        case "count":
            return f"{number(given, 2)}/wk"
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


def day(at: int | None, zone: Zone) -> str:
    """Returns the day on which an instant lies."""
    return "–" if at is None else show_instant(at, zone)[:10]


def days_between(start: int, end: int, zone: Zone) -> str:
    """Returns the first day and the last one, which lies before `end`."""
    return f"{day(start, zone)} to {day(end - 1, zone)}"


def head_lines(basis: Basis, zone: Zone) -> list[str]:
    """Returns lines that say what was counted."""
    period = basis.period
    if basis.start is not None and basis.end is not None:
        period += f", {days_between(basis.start, basis.end, zone)}"
    lines = [
        f"{plural(basis.deals, 'deal')} with {plural(basis.events, 'event')}, as of "
        f"{day(basis.as_of, zone)}{period and f'; {period}'}."
    ]
    if basis.left_out:
        lines.append(f"{plural(basis.left_out, 'deal')} left out: not for this playbook.")
    if basis.problems:
        problems = plural(basis.problems, "problem")
        lines.append(f"{problems} with the data: playgate audit shows them.")
    return lines
