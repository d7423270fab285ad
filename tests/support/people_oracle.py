"""Goals, first weeks and differentiators once more, in plain Python over the rows of a history.

It shares no code with `playgate.numbers`: days are dates, and every definition is written out as
docs/people.md tells it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from support.numbers_oracle import History, Row

__all__ = ["Told", "aims", "share", "to_go"]

MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Told:
    """What a sample tells of its people up to the end of a day."""

    def __init__(self, history: History, day: date) -> None:
        self._history = history
        self._zone = ZoneInfo(history.playbook["timezone"])
        self.day = day
        self.deals = [
            rows
            for whole in history.governed().values()
            if (rows := [row for row in whole if self.of(row) <= day])
        ]

    def of(self, row: Row) -> date:
        """The day of an event."""
        at: date = row["at"].astimezone(self._zone).date()
        return at

    def counted(self, kpi: Row) -> Iterator[tuple[str, date]]:
        """Who did what a count counts, and when."""
        for rows in self.deals:
            places = self._history.matches(rows, kpi["count"])
            for place in places[:1] if kpi.get("which") == "first" else places:
                row = rows[place]
                if "when" in kpi and not self._history.holds(rows, kpi["when"], row["at"]):
                    continue
                is_done = row["kind"] == "activity" and row["actor"]
                yield row["actor"] if is_done else self._history.owner(rows, place), self.of(row)

    def goal(self, actor: str, kpi: str, per: str) -> tuple[int, int]:
        """How many in the running period, and in the one before."""
        days = [
            day for who, day in self.counted(self._history.playbook["kpis"][kpi]) if who == actor
        ]
        now = self._first(self.day, per)
        last = self._first(now - timedelta(days=1), per)
        return sum(day >= now for day in days), sum(last <= day < now for day in days)

    def _first(self, day: date, per: str) -> date:
        if per == "week":
            return day - timedelta(days=day.weekday())
        months = MONTHS[per]
        return date(day.year, (day.month - 1) // months * months + 1, 1)

    def step(self, actor: str, started: date, step: Row) -> tuple[int, str]:
        """How often something was done since the first week, and how that stands."""
        monday = started - timedelta(days=started.weekday())
        due = monday + timedelta(days=7 * step["week"] - 1)
        days = sorted(day for who, day in self.counted(step) if who == actor and day >= monday)
        times = step.get("times", 1)
        if len(days) < times:
            return len(days), "behind" if self.day > due else "ahead"
        return len(days), "done" if days[times - 1] <= due else "late"

    def used(self, product: Row, differentiator: Row) -> dict[str, Counter[str]]:
        """By rep, on how many deals it was used, was not, and may still be."""
        found: dict[str, Counter[str]] = {}
        for rows in self.deals:
            offered = self._history.matches(rows, product.get("offered", "opened"))
            if not offered:
                continue
            at = rows[offered[0]]["at"]
            if not self._history.holds(rows, product["when"], at):
                continue
            own = found.setdefault(self._history.owner(rows, offered[0]), Counter())
            uses = self._history.matches(rows, differentiator["used"])
            if any(each != offered[0] and rows[each]["at"] >= at for each in uses):
                own["used"] += 1
            else:
                own["not" if self._history.ended(rows) else "open"] += 1
        return found


def to_go(asked: float, done: int) -> int:
    """What is left of a count."""
    return max(0, ceil(asked - done - 1e-9))


def share(started: date, day: date, weeks: int) -> float:
    """Which share of a goal is asked of who is new."""
    first = started - timedelta(days=started.weekday())
    return min(1.0, max(0, (day - first).days // 7 + 1) / weeks)


def aims(playbook: Any) -> Iterator[tuple[str, str, Row]]:
    """The goals of a playbook that add up over time: role, KPI, and what is aimed at."""
    for role, said in playbook["roles"].items():
        for kpi, aim in said.get("kpis", {}).items():
            if "count" in playbook["kpis"][kpi]:
                yield role, kpi, aim
