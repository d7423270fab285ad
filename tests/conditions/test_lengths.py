"""Laws of durations, held against counting day by day and minute by minute, in many zones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playgate.conditions.calendar import Calendar
from playgate.conditions.durations import Duration, read_duration
from playgate.conditions.instants import DAY, SECOND, day_end, load_zone, read_instant
from playgate.model.playbook import Playbook
from support.parity import load
from support.slow_time import WEEKDAYS, earlier, is_work, later

Json = Any

HOUR = 3600 * SECOND
STAGES = [{"stage": "a"}, {"stage": "won", "ends": "won"}, {"stage": "lost", "ends": "lost"}]
CHANGES = {
    "UTC": ("2026-01-01",),
    "Europe/Paris": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/St_Johns": ("2010-03-14", "2010-11-07"),  # a minute after midnight
    "America/Nuuk": ("2026-03-28",),  # the last hour of a day is left out
    "Africa/Cairo": ("2026-04-24", "2026-10-30"),  # midnight is left out, or comes twice
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),  # half an hour
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),
    "Pacific/Apia": ("2011-12-30",),  # a Friday that never was
}
"""Zones, each with days on which its clocks change."""


@st.composite
def books(draw: st.DrawFn) -> dict[str, Json]:
    """A playbook's working calendar, and the instant of a clock change in its zone."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    day = draw(st.sampled_from(CHANGES[zone]))
    hours = st.sampled_from((("09:00", "17:00"), ("00:00", "24:00"), ("01:30", "02:15")))
    off = st.sampled_from((day, day[5:], f"{day}..{day}", "12-30..01-02", "02-29"))
    return {
        "playbook": "p",
        "version": 1,
        "timezone": zone,
        "stages": STAGES,
        "workdays": draw(st.lists(st.sampled_from(WEEKDAYS), min_size=2, unique=True)),
        "hours": list(draw(hours)),
        "holidays": draw(st.lists(off, max_size=2)),
    }


def near(book: dict[str, Json], hours: float) -> int:
    """An instant so many hours from the end of a day on which the clocks change."""
    zone = load_zone(book["timezone"])
    assert zone is not None
    at = day_end(CHANGES[book["timezone"]][0], zone)
    assert at is not None
    return at + int(hours * 4) * HOUR // 4


HOURS = st.floats(-100, 100)
LENGTHS = st.one_of(
    st.tuples(st.integers(0, 30), st.sampled_from(("business hour",))),
    st.tuples(st.integers(0, 6), st.sampled_from(("calendar day", "business day"))),
).map(lambda each: Duration(*each))
DURATIONS = st.tuples(books(), HOURS, LENGTHS)


def book_of(data: dict[str, Json]) -> Playbook:
    return load(data)


@settings(max_examples=60, deadline=None)
@given(DURATIONS)
def test_they_lead_where_counting_leads(drawn: tuple[dict[str, Json], float, Duration]) -> None:
    data, hours, length = drawn
    calendar, at = book_of(data).calendar, near(data, hours)
    assert length.after(calendar)(at) == later(data, str(length), at)
    assert length.before(calendar)(at) == earlier(data, str(length), at)


@settings(max_examples=60, deadline=None)
@given(DURATIONS, st.integers(0, DAY))
def test_they_keep_instants_in_order(
    drawn: tuple[dict[str, Json], float, Duration], more: int
) -> None:
    data, hours, length = drawn
    calendar, at = book_of(data).calendar, near(data, hours)
    after, before = length.after(calendar), length.before(calendar)
    if length.unit != "business day":  # it takes a Friday evening further than a Saturday morning
        assert after(at) <= after(at + more)
        assert before(at) <= before(at + more)
    if data["timezone"] != "Pacific/Apia":  # where the day after was left out
        assert before(at) <= at <= after(at)
    longer = Duration(length.amount + 1, length.unit)
    assert after(at) <= longer.after(calendar)(at)
    assert before(at) >= longer.before(calendar)(at)


@settings(max_examples=40, deadline=None)
@given(books(), HOURS, st.integers(0, 12), st.integers(0, 12))
def test_business_hours_add_up(data: dict[str, Json], hours: float, one: int, other: int) -> None:
    calendar, at = book_of(data).calendar, near(data, hours)
    steps = [Duration(amount, "business hour") for amount in (one, other, one + other)]
    first, second, both = (each.after(calendar) for each in steps)
    assert second(first(at)) == both(at)
    first, second, both = (each.before(calendar) for each in steps)
    assert second(first(at)) == both(at)


@settings(max_examples=40, deadline=None)
@given(books(), HOURS, st.integers(1, 12))
def test_business_hours_lead_back_to_where_work_goes_on(
    data: dict[str, Json], hours: float, amount: int
) -> None:
    """Forth and back is the next instant of work, or there where one starts at work."""
    calendar, at = book_of(data).calendar, near(data, hours)
    length = Duration(amount, "business hour")
    back = length.before(calendar)(length.after(calendar)(at))
    assert back >= at
    assert not any(is_work(data, each) for each in range(at, back, 15 * 60 * SECOND))
    assert back == at or not is_work(data, at)


@settings(max_examples=40, deadline=None)
@given(books(), HOURS, st.integers(0, 9), st.integers(0, 9))
def test_calendar_days_know_no_time_of_day(
    data: dict[str, Json], hours: float, amount: int, other: int
) -> None:
    calendar, at = book_of(data).calendar, near(data, hours)
    day = [
        Duration(0, "calendar day").before(calendar)(at),
        Duration(0, "calendar day").after(calendar)(at),
    ]
    days = Duration(amount, "calendar day")
    assert len({days.after(calendar)(each) for each in (*day, at)}) == 1
    assert len({days.before(calendar)(each) for each in (*day, at)}) == 1
    more = Duration(other, "calendar day").after(calendar)
    if data["timezone"] != "Pacific/Apia":
        assert more(days.after(calendar)(at)) == Duration(amount + other, "calendar day").after(
            calendar
        )(at)


@pytest.mark.parametrize("unit", ["business day", "business hour", "calendar day"])
def test_what_leads_out_of_the_calendar_leads_two_hundred_years(unit: str) -> None:
    zone = load_zone("Europe/Paris")
    assert zone is not None
    at = read_instant("9990-06-01", zone)
    assert at is not None
    calendar = Calendar(zone, hours=(9 * 60, 9 * 60 + 1))
    assert Duration(73_000, unit).after(calendar)(at) == at + 200 * 366 * DAY


def test_what_takes_more_than_two_hundred_years_of_work_leads_so_far() -> None:
    calendar = Calendar(workdays=frozenset((0,)), hours=(0, 1))
    length = read_duration("1000 business hours")
    assert length is not None
    assert length.after(calendar)(0) == 200 * 366 * DAY
    assert length.before(calendar)(0) == -200 * 366 * DAY
