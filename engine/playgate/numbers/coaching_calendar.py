"""When each rep is met in the coming year: as many a week as a manager can hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from playgate.conditions.calendar import Calendar
from playgate.conditions.durations import Duration
from playgate.conditions.instants import DAY
from playgate.numbers.watch_result import Session, Workload
from playgate.records import Record

__all__ = ["Due", "Year", "days_of"]

_WEEKS = 52


class Due(Record):
    """A rep who is to be met: by when at the latest, and how many weekly sessions are planned."""

    rep: str
    by: date
    weekly: int = 0


class Year:
    """The coming year of one manager's sessions, from a day on.

    Each rep is met again `every` so many days. Sessions are spread over the weeks: what would be
    more than a manager can hold when it falls due is held earlier. What is left of a week goes to
    the weekly plans, in the order in which the reps are given: those who need it most first. Where
    all that falls due is more than the weeks can take, it is held late, in that order, too.
    """

    def __init__(
        self, dues: Sequence[Due], *, first: date, every: int, most: int | None, calendar: Calendar
    ) -> None:
        self._order = [each.rep for each in dues]
        self._weekly = {each.rep: each.weekly for each in dues}
        self._every = timedelta(days=every)
        self._most = len(dues) if most is None else most
        self._first = first
        self._calendar = calendar
        monday = first - timedelta(days=first.weekday())
        self._mondays = [monday + timedelta(weeks=number) for number in range(_WEEKS)]
        self._days = [self._working_days(monday) for monday in self._mondays]
        earliest = next((days[0] for days in self._days if days), first)
        self._by = {each.rep: max(earliest, each.by) for each in dues}
        self._earliest = earliest
        self.sessions: dict[str, list[Session]] = {each.rep: [] for each in dues}
        self.late = 0
        """How many are held later than they are due."""
        for week in range(_WEEKS):
            if self._days[week]:
                self._hold(week)

    def _working_days(self, monday: date) -> list[date]:
        """Returns the working days of a week that lie ahead."""
        days = (monday + timedelta(days=number) for number in range(7))
        return [day for day in days if day >= self._first and self._calendar.is_business_day(day)]

    def _hold(self, week: int) -> None:
        chosen = self._pressing(week)
        for rep in self._order if self._mondays[week] >= self._first else ():
            if len(chosen) < self._most and self._weekly[rep] and rep not in chosen:
                chosen.append(rep)
        for rep in chosen:
            self._meet(rep, week)

    def _pressing(self, week: int) -> list[str]:
        """Returns who has to be met in a week: those for whom no later one has room in time."""
        due_in = {rep: self._week_of(self._by[rep]) for rep in self._order}
        waiting = sorted(self._order, key=due_in.__getitem__)
        room = needed = due = 0
        for later in range(week, _WEEKS):
            while due < len(waiting) and due_in[waiting[due]] <= later:
                due += 1
            room += self._most if later > week and self._days[later] else 0
            needed = max(needed, due - room)
        return waiting[: min(needed, self._most)]

    def _week_of(self, due: date) -> int:
        """Returns the week in which a session is due: that of the last working day until then."""
        day = due
        while day > self._earliest and not self._calendar.is_business_day(day):
            day -= timedelta(days=1)
        return (day - self._mondays[0]).days // 7

    def _meet(self, rep: str, week: int) -> None:
        days, due, weekly = self._days[week], self._by[rep], self._weekly[rep] > 0
        if weekly:
            day, self._weekly[rep] = days[0], self._weekly[rep] - 1
        else:
            # On the weekday on which it is due, or before.
            wanted = min(due, self._mondays[week] + timedelta(days=due.weekday()))
            day = max((each for each in days if each <= wanted), default=days[0])
        self.late += day > due
        self.sessions[rep].append(Session(day.isoformat(), "intensive" if weekly else "regular"))
        self._by[rep] = day + self._every

    def workload(self, manager: str, name: str, most: int | None) -> Workload:
        """Returns how much that is for the manager."""
        held = sum(map(len, self.sessions.values()))
        return Workload(manager, name, len(self._order), most, held, self.late)


def days_of(duration: Duration, calendar: Calendar) -> int:
    """Returns about how many days a duration is."""
    match duration.unit:
        case "calendar day":
            days = duration.amount
        case "business day":
            days = duration.amount * 7 // len(calendar.workdays)
        case _:
            days = (duration.elapsed or 0) // DAY
    return max(1, days)
