"""The keys that narrow by the weekday and the hour at which an activity happened.

Both are those of its own `happened_at` in the playbook's zone, whenever it was logged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from playgate.conditions.facts import DealFacts
from playgate.conditions.instants import Zone, to_datetime
from playgate.conditions.listed import Listed
from playgate.conditions.narrowing import (
    ActivityTerms,
    Changes,
    Fits,
    Follows,
    Narrowing,
    Reader,
    Terms,
    Trait,
)
from playgate.conditions.phrases import any_of
from playgate.documents.document import Route
from playgate.language import message, say

__all__ = ["Hours", "On"]

_WEEKDAYS = {
    "monday": message("Monday"),
    "tuesday": message("Tuesday"),
    "wednesday": message("Wednesday"),
    "thursday": message("Thursday"),
    "friday": message("Friday"),
    "saturday": message("Saturday"),
    "sunday": message("Sunday"),
}
_IN_ORDER = tuple(_WEEKDAYS)


class On(Listed):
    """The key `on`: weekdays, one or a list."""

    key = "on"
    holds = "values"
    values: tuple[str, ...]

    @property
    def words(self) -> str:
        return say(" on a {weekday}", weekday=any_of(say(_WEEKDAYS[each]) for each in self.values))

    def _days(self) -> set[int]:
        return {_IN_ORDER.index(each) for each in self.values}

    def fits(self, terms: Terms) -> Fits:
        days, zone = self._days(), terms.reading.zone
        return lambda deal, position: to_datetime(deal.happened[position], zone).weekday() in days

    def shown(self, deal: DealFacts, position: int, zone: Zone) -> str:
        day = _IN_ORDER[to_datetime(deal.happened[position], zone).weekday()]
        return say("was on a {weekday}", weekday=say(_WEEKDAYS[day]))

    def expression(self, done: ActivityTerms) -> Any:
        return done.is_in(done.weekday, self._days())


class Hours(Trait):
    """The key `hours`: from one time of the wall clock up to another, which is left out."""

    key = "hours"
    holds = "values"
    low: str
    high: str

    @classmethod
    def read(cls, reader: Reader, route: Route, data: Any) -> tuple[Self, ...] | None:
        low, high = data
        if low < high:
            return (cls(low, high),)
        hint = "write the earlier time first; hours do not run over midnight"
        reader.mistake(route, f"hours from {low} to {high} hold no time", "hours", hint)
        return None

    @property
    def words(self) -> str:
        return say(", from {low} to {high}", low=self.low, high=self.high)

    def is_within(self, other: Narrowing, order: Follows) -> bool:
        return isinstance(other, Hours) and other.low <= self.low and self.high <= other.high

    def loosened(self, changes: Changes) -> Iterator[tuple[str, Self | None]]:
        yield f"without hours: {self.low} to {self.high}", None

    def fits(self, terms: Terms) -> Fits:
        low, high, zone = self.low, self.high, terms.reading.zone

        def fits(deal: Any, position: int) -> bool:
            return low <= f"{to_datetime(deal.happened[position], zone):%H:%M}" < high

        return fits

    def shown(self, deal: DealFacts, position: int, zone: Zone) -> str:
        return say("was at {time}", time=f"{to_datetime(deal.happened[position], zone):%H:%M}")

    def expression(self, done: ActivityTerms) -> Any:
        second = done.second_of_day
        return (second >= _seconds(self.low)) & (second < _seconds(self.high))


def _seconds(time: str) -> int:
    hour, minute = time.split(":")
    return int(hour) * 3600 + int(minute) * 60
