"""Deadlines that hang on a date of the deal: so long before it a condition must hold."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from playgate.conditions.arithmetic import reckoned
from playgate.conditions.durations import Calendar
from playgate.conditions.facts import HoldsAt
from playgate.conditions.instants import day_end, is_bare_date
from playgate.conditions.value_tests import FieldRef
from playgate.history.deal import Deal
from playgate.judge.deadlines import Begun, Fulfilled, Starts, Until

__all__ = ["at_dates", "before_date", "holds_there"]


def at_dates(field: str) -> Starts:
    """Returns a function that starts a deadline at each event that gives the field a date."""

    def starts(deal: Deal) -> Iterator[Begun]:
        track = deal.fields.get(field)
        if track is None:
            return
        for at, value, position in zip(*track, strict=True):
            if value is not None:
                yield Begun(at, position)

    return starts


def before_date(reference: FieldRef, calendar: Calendar) -> Until:
    """Returns a function that gives the instant before the date; of a bare date, before its end.

    There is none where it lies before the date was given, or the field has another value by then.
    """
    moved = reckoned(reference, calendar)

    def deadline_of(deal: Deal, begun: Begun) -> int | None:
        track = deal.fields[reference.field]
        place = track.positions.index(begun.position)
        text = deal.events[begun.position].value.strip()
        date = day_end(text, calendar.zone) if is_bare_date(text) else track.values[place]
        at = None if date is None else moved(date)
        if not isinstance(at, int) or at < begun.at:
            return None
        for later in range(place + 1, len(track.instants)):
            stands = track.instants[later] >= at and track.instants[later] != begun.at
            if not stands and track.values[later] != track.values[place]:
                return None
        return at

    return deadline_of


def holds_there(deadline_of: Until, holds: HoldsAt) -> Fulfilled:
    """Returns a function that tells whether the condition holds at the deadline, by its clock and
    with the facts by an instant."""

    def fulfilled(deal: Deal, begun: Begun, by: int) -> int | None:
        at = deadline_of(deal, begun)
        if at is None or at > by:
            return None
        moment = deal.instant_moment(at)
        seen = moment._replace(facts=by, stages=bisect_right(deal.move_at, by))
        return by if holds(deal, seen) else None

    return fulfilled
