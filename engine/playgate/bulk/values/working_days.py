"""Working days as expressions, which say how many days it takes from a day to some working day.

What the days of the week say stands in a table of seven. Where holidays make it more, other tables
say how much: one for the days in whose reach dates lie, one for the days of every year.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import date, timedelta

import ibis

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.values.arithmetic import ORIGIN_DAYS, WEEKDAY_OF_ORIGIN, Keep, day_of_year, entry
from playgate.bulk.values.expressions import Expr
from playgate.conditions.calendar import Calendar

__all__ = ["DaysFrom", "days_to_work"]

DaysFrom = Callable[[Expr], Expr]
"""From a day, counted from the origin, to a number of days."""

_MOST_ENTRIES = 20_000
_YEARS = range(2001, 2029)
"""Years of every form: each begins on each day of the week, with a leap day and without."""
_DAYS = 366
_EPOCH = date(1970, 1, 1)
_MOST_DAYS = 199 * 365


def days_to_work(count: int, calendar: Calendar, sign: int, keep: Keep) -> DaysFrom:
    """Says how many days it is on (`sign` 1) or back to the `count`th working day after a day."""
    steps = _Steps(count, calendar, sign)
    if steps.reach > _MOST_DAYS:
        raise CannotExpressError(f"{count} working days: they lead further than 200 years")
    first, dated = steps.by_date()
    yearly = steps.by_day_of_year()

    def days_from(day: Expr) -> Expr:
        weekday = keep((day + WEEKDAY_OF_ORIGIN) % 7)
        more = 0
        if any(yearly):
            begun = keep(day - day_of_year(day))
            edge = begun + _DAYS - 1 if sign > 0 else begun - 1
            is_leap = ibis.ifelse(day_of_year(edge) == _DAYS - 1, 1, 0)
            more = entry(yearly, keep(((day - begun) * 2 + is_leap) * 7 + weekday))
        if any(dated):
            place = day - first
            listed = entry(dated, ibis.least(ibis.greatest(place, 0), len(dated) - 1))
            inside = (place > 0) & (place < len(dated) - 1)
            more = ibis.ifelse(inside, listed, more) if any(yearly) else listed
        return entry(steps.plain, weekday) + more

    return days_from


class _Steps:
    """So many working days from any day, by a calendar."""

    def __init__(self, count: int, calendar: Calendar, sign: int) -> None:
        self._count, self._calendar, self._sign = count, calendar, sign
        self.plain = [self._without_holidays(weekday) for weekday in range(7)]
        self.reach = max(self.plain) + 1

    def _without_holidays(self, weekday: int) -> int:
        workdays = self._calendar.workdays
        weeks, left = divmod(max(self._count - 1, 0), len(workdays))
        left += self._count > 0
        days = 0
        while left > 0:
            days += 1
            left -= (weekday + self._sign * days) % 7 in workdays
        return weeks * 7 + days

    def by_date(self) -> tuple[int, list[int]]:
        """Lists how many days more it takes from each day in whose reach a dated holiday lies.

        The first such day, counted from the origin, and the numbers; 0 stands at both ends.
        """
        workdays = self._calendar.workdays
        holidays = sorted(day for day in self._calendar.holidays if day.weekday() in workdays)
        if not holidays or not self._count:
            return 0, [0]
        reach = self.reach + 2 * len(self._calendar.yearly) * (self.reach // 300 + 1)
        # Far enough that no step from a listed day leaves the list of working days.
        margin = 2 * reach + 7 * len(holidays) + 14
        start, end = _ordinal(holidays[0]), _ordinal(holidays[-1])
        first, last = (start - reach, end) if self._sign > 0 else (start, end + reach)
        if last - first > _MOST_ENTRIES:
            raise CannotExpressError(
                f"{self._count} working days with holidays from {holidays[0]} to {holidays[-1]}: "
                "too many days to list"
            )
        more = self._more(range(start - margin, end + margin), range(first, last + 1))
        return first - 1, [0, *more, 0]

    def by_day_of_year(self) -> list[int]:
        """Lists how many days more it takes by the holidays of every year alone.

        The place is that of the day in its year, from 1 March; whether the leap day lies before
        that on the way; and the weekday.
        """
        if not self._calendar.yearly or not self._count:
            return [0]
        begin, end = _ordinal(date(_YEARS[0] - 3, 1, 1)), _ordinal(date(_YEARS[-1] + 4, 1, 1))
        days = range(_ordinal(date(_YEARS[0], 3, 1)), _ordinal(date(_YEARS[-1] + 1, 3, 1)))
        found = [0] * (_DAYS * 2 * 7)
        plain = Calendar(yearly=self._calendar.yearly, workdays=self._calendar.workdays)
        for day, more in zip(days, self._more(range(begin, end), days, plain), strict=True):
            weekday = (day + WEEKDAY_OF_ORIGIN) % 7
            if self.plain[weekday] + more >= _DAYS - 2:
                raise CannotExpressError(
                    f"{self._count} working days with holidays of every year: "
                    "they lead further than a year"
                )
            place = day_of_year(day)
            edge = day - place + _DAYS - 1 if self._sign > 0 else day - place - 1
            found[(place * 2 + (day_of_year(edge) == _DAYS - 1)) * 7 + weekday] = more
        return found

    def _more(self, known: range, days: range, calendar: Calendar | None = None) -> list[int]:
        is_business_day = (calendar or self._calendar).is_business_day
        business = [day for day in known if is_business_day(_date(day))]
        try:
            return [
                abs(self._landing(business, day) - day) - self.plain[(day + WEEKDAY_OF_ORIGIN) % 7]
                for day in days
            ]
        except IndexError:
            raise CannotExpressError(
                f"{self._count} working days with so many holidays: they lead too far"
            ) from None

    def _landing(self, business: list[int], day: int) -> int:
        if self._sign > 0:
            return business[bisect_right(business, day) + self._count - 1]
        place = bisect_left(business, day) - self._count
        if place < 0:
            raise IndexError
        return business[place]


def _ordinal(day: date) -> int:
    return (day - _EPOCH) // timedelta(days=1) + ORIGIN_DAYS


def _date(ordinal: int) -> date:
    return _EPOCH + timedelta(days=ordinal - ORIGIN_DAYS)
