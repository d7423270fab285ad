"""Deals by the month in which they began: how many got how far, so many months later."""

from __future__ import annotations

from collections import Counter, defaultdict

from playgate.history.deal import Deal
from playgate.judge.judge import Judge
from playgate.model.numbers import Occurrence
from playgate.numbers.occurrences import Ending, Reader
from playgate.numbers.period import month_name, month_reader
from playgate.records import Record

__all__ = ["SOLD", "Cohort", "Cohorts"]

SOLD = ""
"""What stands for the sale, among the stages."""


class Cohort(Record):
    """The deals that began in a month. By stage (and `SOLD`): how many had come into or past it by
    the end of that month, of the next one, and so on, as far as months are over; and how many have
    by now."""

    month: str
    deals: int
    by_month: dict[str, tuple[int, ...]]
    by_now: dict[str, int]


class Cohorts:
    """Counts deals as of an instant, by the month of their first event."""

    def __init__(self, judge: Judge, reader: Reader, as_of: int) -> None:
        self._month = month_reader(judge.playbook.zone)
        self._reached = {
            stage: reader.positions(Occurrence(reached=(stage,))) for stage in judge.track.open
        }
        self._running = self._month(as_of + 1)
        self._deals: Counter[int] = Counter()
        self._came: dict[tuple[int, str], Counter[int]] = defaultdict(Counter)

    def add(self, deal: Deal, outcome: Ending) -> None:
        """Counts a deal."""
        month = self._month
        begun = month(deal.happened[0])
        self._deals[begun] += 1
        for stage, positions in self._reached.items():
            for position in positions(deal):
                self._came[begun, stage][month(deal.happened[position])] += 1
        if outcome.sold is not None:
            self._came[begun, SOLD][month(outcome.sold)] += 1

    def last(self, number: int) -> tuple[Cohort, ...]:
        """Returns the last months in which deals began, the earliest of them first."""
        return tuple(self._cohort(begun) for begun in sorted(self._deals)[-number:])

    def _cohort(self, begun: int) -> Cohort:
        stages = (*self._reached, SOLD)
        over = range(begun, self._running)
        return Cohort(
            month_name(begun),
            self._deals[begun],
            {stage: tuple(self._by(begun, stage, month) for month in over) for stage in stages},
            {stage: self._came[begun, stage].total() for stage in stages},
        )

    def _by(self, begun: int, stage: str, month: int) -> int:
        return sum(times for at, times in self._came[begun, stage].items() if at <= month)
