"""Which of two durations is longer, held against the real calendars of many zones."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from random import Random

import pytest

from playgate.conditions.durations import Calendar, Duration, read_duration
from playgate.conditions.instants import DAY, load_zone
from playgate.proof.durations import compare_durations, is_no_longer

ZONES = ("UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
START = 15_200 * DAY
"""In 2011, the year in which Apia left out a Friday."""
LENGTHS = (
    *(f"{count} business days" for count in (1, 2, 3, 4, 5, 6, 7, 10, 11)),
    *(f"{count} days" for count in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 17, 18, 20)),
    *(f"{count} calendar days" for count in (0, 1, 2, 3, 5, 7, 8)),
    *(f"{count} business hours" for count in (1, 4, 8, 9, 16, 23, 40)),
    *("30 minutes", "23 hours", "24 hours", "25 hours", "71 hours", "1 week", "3 weeks"),
)
DURATIONS = [each for each in map(read_duration, LENGTHS) if each is not None]


def calendar(zone: str, holidays: int, rng: Random) -> Calendar:
    loaded = load_zone(zone)
    assert loaded is not None
    days = rng.sample(range(250), holidays)
    dates = frozenset(date(2011, 8, 14) + timedelta(each) for each in days)
    if holidays != 1:
        return Calendar(loaded, dates)
    yearly = frozenset(((10, 3), (12, 25)))
    return Calendar(loaded, dates, yearly, frozenset((6, 0, 1, 2)), (7 * 60, 24 * 60))


def stretches(duration: Duration, known: Calendar, instants: list[int]) -> list[int]:
    """How long it is from each instant on, and back from it."""
    after, before = duration.after(known), duration.before(known)
    return [*(after(at) - at for at in instants), *(at - before(at) for at in instants)]


@pytest.mark.parametrize("zone", ZONES)
def test_what_is_longer_is_never_shorter(zone: str) -> None:
    rng = Random(zone)
    instants = [START + rng.randint(0, 240 * 24) * DAY // 24 for _ in range(150)]
    instants += [START + days * DAY + DAY // 3 for days in range(14)]
    for holidays in (0, 1, 3):
        known = calendar(zone, holidays, rng)
        lengths = {each: stretches(each, known, instants) for each in DURATIONS}
        for one, other in product(DURATIONS, DURATIONS):
            order = compare_durations(one, other, known)
            pairs = list(zip(lengths[one], lengths[other], strict=True))
            match order:
                case "longer":
                    assert all(left >= right for left, right in pairs), (one, other)
                case "shorter":
                    assert all(left <= right for left, right in pairs), (one, other)
                case "same":
                    assert all(left == right for left, right in pairs), (one, other)
                case None:
                    assert one.unit != other.unit, (one, other)


@pytest.mark.parametrize(
    ("one", "other", "order"),
    [
        ("5 days", "4 days", "longer"),
        ("7 days", "1 week", "same"),
        ("3 business days", "5 business days", "shorter"),
        ("1 week", "3 business days", "longer"),
        ("1 week", "5 business days", "longer"),
        ("6 days", "5 business days", None),
        ("5 days", "5 business days", "shorter"),
        ("1 hour", "2 business days", "shorter"),
        ("1 hour", "1 business day", "shorter"),
        ("4 days", "6 business days", "shorter"),
        ("2 weeks", "6 business days", "longer"),
    ],
)
def test_it_is_told_as_far_as_it_can_be(one: str, other: str, order: str | None) -> None:
    left, right = read_duration(one), read_duration(other)
    assert left is not None
    assert right is not None
    assert compare_durations(left, right, Calendar()) == order
    mirrored = {"longer": "shorter", "shorter": "longer"}
    assert compare_durations(right, left, Calendar()) == mirrored.get(str(order), order)
    assert is_no_longer(left, right, Calendar()) == (order in ("shorter", "same"))


def test_holidays_make_business_days_longer() -> None:
    week, days = read_duration("1 week"), read_duration("3 business days")
    assert week is not None
    assert days is not None
    easter = frozenset((date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 6)))
    assert compare_durations(week, days, Calendar()) == "longer"
    assert compare_durations(week, days, Calendar(holidays=easter)) is None
    weekend = frozenset((date(2026, 4, 4), date(2026, 4, 5)))
    assert compare_durations(week, days, Calendar(holidays=weekend)) == "longer"
