"""Calendar days and working time in bulk are those of the judge, or are refused by name."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

pytest.importorskip("ibis")

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.values.durations import after, before
from playgate.conditions.calendar import Calendar
from playgate.conditions.durations import Duration
from playgate.conditions.instants import DAY, SECOND, Zone, load_zone, read_instant
from support.engines import DIALECTS, ask, sql_of

HOUR = 3600 * SECOND
HOLIDAYS = frozenset(date(2026, 3, 27) + timedelta(7 * week) for week in range(4))
YEARLY = frozenset(((1, 1), (2, 28), (2, 29), (3, 1), (12, 25), (12, 26), (12, 31)))
DURATIONS = (
    *(Duration(amount, "calendar day") for amount in (0, 3)),
    *(Duration(amount, "business day") for amount in (1, 7)),
    *(Duration(amount, "business hour") for amount in (0, 1, 8, 19)),
)


def zone_of(name: str) -> Zone:
    zone = load_zone(name)
    assert zone is not None
    return zone


def calendars(zone: Zone) -> list[Calendar]:
    return [
        Calendar(zone, HOLIDAYS),
        Calendar(zone, frozenset(), YEARLY, frozenset((0, 3)), (7 * 60 + 30, 22 * 60)),
        Calendar(zone, HOLIDAYS, YEARLY, frozenset((6, 0, 1, 2, 3)), (10 * 60, 22 * 60)),
    ]


def instants() -> list[int]:
    """Instants around a clock change, the ends of years with and without leap days, and any."""
    rng = Random(7)
    days = ["1904-02-28", "1999-12-30", "2000-02-27", "2026-03-25", "2027-12-24", "2028-02-26"]
    starts = [read_instant(day, zone_of("UTC")) or 0 for day in days]
    around = [start + HOUR // 2 * step for start in starts for step in range(0, 240, 5)]
    return [
        *around,
        *(rng.randint(-60 * 365, 200 * 365) * DAY + rng.randrange(DAY) for _ in "." * 99),
    ]


@pytest.mark.parametrize("name", ["Europe/Paris", pytest.param("UTC", marks=pytest.mark.thorough)])
def test_they_lead_where_they_lead_the_judge(name: str) -> None:
    zone, given = zone_of(name), instants()
    cases = [(each, length) for each in calendars(zone) for length in DURATIONS]
    if name != "UTC":
        cases = cases[2::5]
    for calendar, length in cases:
        found = ask(
            {"at": ("int64", given)},
            lambda table, keep, length=length, calendar=calendar: {
                "after": after(length, calendar, keep)(table["at"]),
                "before": before(length, calendar, keep)(table["at"]),
            },
            layered=True,
        )
        assert found["after"] == list(map(length.after(calendar), given)), (calendar, length)
        assert found["before"] == list(map(length.before(calendar), given)), (calendar, length)


@pytest.mark.parametrize(
    ("length", "calendar", "why"),
    [
        (
            Duration(1, "business hour"),
            Calendar(zone_of("America/New_York"), workdays=frozenset((6,)), hours=(0, 24 * 60)),
            "1 business hour in America/New_York: its clocks change on 2[0-9-]+ in working hours",
        ),
        (
            Duration(1, "business hour"),
            Calendar(zone_of("Pacific/Apia")),
            "its clocks change on 2011-12-30",
        ),
        (Duration(300, "business day"), Calendar(yearly=YEARLY), "further than a year"),
        (Duration(60_000, "business hour"), Calendar(hours=(0, 30)), "further than 200 years"),
        (
            Duration(1, "business day"),
            Calendar(holidays=frozenset((date(1900, 1, 1), date(2100, 1, 1)))),
            "too many days to list",
        ),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(
    length: Duration, calendar: Calendar, why: str
) -> None:
    for way in (after, before):
        with pytest.raises(CannotExpressError, match=why):
            way(length, calendar)


@pytest.mark.thorough
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_compiles_all_of_it(dialect: str) -> None:
    calendar = calendars(zone_of("America/New_York"))[2]
    assert sql_of(
        {"at": "int64"},
        lambda table, keep: {
            f"{way.__name__}_{place}": way(length, calendar, keep)(table["at"])
            for place, length in enumerate((DURATIONS[1], DURATIONS[3], DURATIONS[-1]))
            for way in (after, before)
        },
        dialect,
    )
