"""Durations and day's ends in bulk are those of the judge, around every change of clocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest

pytest.importorskip("ibis")

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.values.durations import after, before
from playgate.bulk.values.instants import day_end, instant
from playgate.conditions import instants
from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.instants import DAY, from_datetime, load_zone, to_datetime
from support.engines import DIALECTS, ask, sql_of

pytestmark = pytest.mark.thorough

ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
ODD_ZONES = (
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Asia/Tehran",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Africa/Cairo",
)
HOLIDAYS = frozenset(
    date(year, month, day)
    for year in range(2025, 2028)
    for month, day in ((1, 1), (3, 30), (4, 3), (4, 6), (5, 1), (10, 26), (12, 25), (12, 26))
)
YEARS = (1, 1850, 1911, 1940, 1945, 1968, 1976, 1995, 2006, 2007, 2025, 2026, 2027, 2087, 2400)
CHANGES = (
    (1974, 1, 6),
    (1987, 4, 5),
    (2026, 3, 8),
    (2026, 3, 29),
    (2026, 4, 5),
    (2026, 10, 4),
    (2026, 10, 25),
    (2026, 11, 1),
    (2100, 3, 28),
    (2024, 3, 3),
    (2010, 8, 11),
    (2011, 12, 30),
)


def _instants(zone: instants.Zone) -> list[int]:
    """Some of all times, and all half hours of the days on which clocks are changed somewhere."""
    random = Random(1)
    some = [
        datetime(random.choice(YEARS), random.randint(1, 12), random.randint(1, 28), tzinfo=zone)
        + timedelta(microseconds=random.randrange(DAY))
        for _ in range(400)
    ]
    around = [
        datetime(*day, hour, minute, 59, 999_999, tzinfo=zone, fold=fold) + timedelta(days=days)
        for day, hour, minute, fold, days in product(
            CHANGES, (0, 1, 2, 3, 23), (29, 59), (0, 1), (-3, -1, 0, 1)
        )
    ]
    return sorted({from_datetime(each) + late for each in (*some, *around) for late in (0, 1)})


def _engines_and_zones() -> Iterator[Any]:
    """In the ordinary run DuckDB is asked in two zones, which takes it seconds in each."""
    for name in ZONES:
        often = name in ("Europe/Paris", "Australia/Lord_Howe")
        yield pytest.param("duckdb", name, marks=() if often else pytest.mark.thorough)
        yield "sqlite", name


DURATIONS = [Duration(amount, "business day") for amount in (0, 1, 2, 5, 23, 261)]
ELAPSED = [Duration(0, "day"), Duration(90, "second"), Duration(3, "week")]


@pytest.mark.parametrize(("engine", "name"), list(_engines_and_zones()))
def test_durations_lead_where_they_lead_the_judge(engine, name):
    zone = load_zone(name)
    given = _instants(zone) if engine == "duckdb" else _instants(zone)[::40]
    calendars = [Calendar(zone), Calendar(zone, HOLIDAYS)]
    for duration in (*DURATIONS, *ELAPSED) if engine == "duckdb" else DURATIONS[3:4]:
        found = ask(
            {"at": ("int64", [*given, None])},
            lambda table, keep, duration=duration: {
                f"{way.__name__}{place}": way(duration, calendar, keep)(table["at"])
                for place, calendar in enumerate(calendars)
                for way in (after, before)
            },
            layered=True,
            engine=engine,
        )
        for place, calendar in enumerate(calendars):
            for way in ("after", "before"):
                step = getattr(duration, way)(calendar)
                wanted = [*map(step, given), None]
                assert _apart(given, found[f"{way}{place}"], wanted) == [], (way, duration)


def _apart(given: list[int], found: list[int | None], wanted: list[int | None]) -> list[object]:
    return [
        (str(to_datetime(at)), one, other)
        for at, one, other in zip([*given, 0], found, wanted, strict=True)
        if one != other
    ]


@pytest.mark.parametrize("name", ["America/New_York"])
def test_written_out_in_one_expression_it_is_the_same(name):
    zone = load_zone(name)
    given, calendar = _instants(zone), Calendar(zone, HOLIDAYS)
    found = ask(
        {"at": ("int64", given)},
        lambda table, keep: {"then": after(DURATIONS[3], calendar)(table["at"])},
    )["then"]
    assert found == list(map(DURATIONS[3].after(calendar), given))


@pytest.mark.parametrize("name", [*ZONES, *ODD_ZONES])
def test_clocks_are_read_as_the_judge_reads_them(name):
    zone = load_zone(name)
    walls = {
        to_datetime(at, zone).replace(tzinfo=None).isoformat(sep=" ")
        for at in _instants(zone)
        if at > instants.read_instant("0001-01-03", zone)
    }
    walls |= {wall[:10] for wall in walls}
    given = [
        *sorted(walls),
        "9999-12-31",
        "9999-12-30",
        "0001-01-01",
        "2026-02-29",
        "",
        None,
        "2026-03-29\n",
        "2026-3-29",
        "2026-03-29T10:00:00+05:30",
    ]
    found = ask(
        {"text": ("string", given)},
        lambda table, keep: {
            "instant": instant(table.text, zone, keep),
            "end": day_end(table.text, zone, keep),
        },
        layered=True,
    )
    for read, name in ((instants.read_instant, "instant"), (instants.day_end, "end")):
        wanted = [None if text is None else read(text, zone) for text in given]
        assert dict(zip(given, found[name], strict=True)) == dict(zip(given, wanted, strict=True))


def test_holidays_over_too_long_a_time_are_refused():
    calendar = Calendar(load_zone("UTC"), frozenset((date(1900, 1, 1), date(2100, 1, 1))))
    with pytest.raises(CannotExpressError, match="too many days to list"):
        after(Duration(1, "business day"), calendar)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_compiles_all_of_it(dialect):
    zone = load_zone("America/New_York")
    calendar = Calendar(zone, HOLIDAYS)
    assert sql_of(
        {"at": "int64", "text": "string"},
        lambda table, keep: {
            "after": after(DURATIONS[3], calendar, keep)(table["at"]),
            "before": before(DURATIONS[3], calendar, keep)(table["at"]),
            "elapsed": before(ELAPSED[2], calendar, keep)(table["at"]),
            "end": day_end(table.text, zone, keep),
        },
        dialect,
    )
