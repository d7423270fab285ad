"""Each age that a date can really have is among the cells, and passes the tests that they say."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from random import Random

import pytest

from playgate.conditions import tree
from playgate.conditions.comparisons import compile_test
from playgate.conditions.durations import Calendar, Duration, read_duration
from playgate.conditions.facts import Moment
from playgate.conditions.instants import DAY, load_zone
from playgate.proof.ages import Ages

START = 15_200 * DAY  # in 2011
OPERATORS = ("older_than", "newer_than", "in_next")
LENGTHS = (
    *("90 minutes", "1 day", "2 days", "4 days", "1 week", "7 days", "12 days"),
    *("0 calendar days", "2 calendar days", "8 business hours", "20 business hours"),
    *("1 business day", "3 business days", "5 business days", "6 business days"),
)
DURATIONS = [each for each in map(read_duration, LENGTHS) if each is not None]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Apia"])
def test_each_real_age_has_a_cell(zone: str) -> None:
    rng = Random(zone)
    loaded = load_zone(zone)
    assert loaded is not None
    holidays = frozenset(date(2011, 12, 20) + timedelta(rng.randint(0, 14)) for _ in range(2))
    calendar = Calendar(loaded, holidays)
    ages = Ages(DURATIONS, calendar)
    passing, asked = {}, {}
    for operator, duration in product(OPERATORS, DURATIONS):
        cells = ages.passing(operator, duration)
        assert cells is not None
        passing[operator, duration] = cells
        asked[operator, duration] = compile_test(tree.Test(operator, duration=duration), calendar)
    for _ in range(1500):
        now = START + rng.randint(0, 200 * 4) * DAY // 4
        moment = Moment(now, now, 0, "")
        value = now + rng.choice([rng.randint(-60, 60) * DAY // 4, rng.randint(-15, 15) * DAY])
        left = ages.whole
        for key, cells in passing.items():
            left &= cells if asked[key](value, None, moment) else ~cells  # type: ignore[arg-type]
        assert left, (now, value)


def test_what_does_not_go_together_has_no_cell() -> None:
    week, days = (Duration(1, "week"), Duration(3, "business day"))
    ages = Ages([week, days], Calendar())
    older, newer = ages.passing("older_than", week), ages.passing("newer_than", days)
    assert older is not None
    assert newer is not None
    assert older & newer == 0
    assert ages.passing("in_next", Duration(7, "day")) == ages.passing("in_next", week)
    assert ages.passing("in_next", Duration(8, "day")) is None


def test_a_playbook_of_very_many_durations_has_not_very_many_cells() -> None:
    durations = [Duration(n, unit) for n in range(1, 2_000) for unit in ("hour", "business day")]
    ages = Ages(durations, Calendar())
    assert ages.whole.bit_length() < 5_000
    assert ages.passing("older_than", Duration(1, "hour")) is not None
    assert ages.passing("older_than", Duration(1_999, "hour")) is None
