"""Times until something comes, where it may also never come: by a second way, and where the truth
is planted."""

from __future__ import annotations

from array import array
from math import log
from random import Random
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playgate.numbers.incidence import Incidence, incidence
from playgate.numbers.statistics import survival
from support.numbers_oracle import aj_quartile, weights

_DAYS = st.lists(st.integers(0, 60).map(float), max_size=20)
RATE, COMES = 0.05, 0.4
MEDIAN = log(2) / RATE


@settings(max_examples=200)
@given(_DAYS.filter(bool), _DAYS, _DAYS)
def test_it_agrees_with_handing_on_what_waits(
    came: list[float], ended: list[float], waiting: list[float]
) -> None:
    found = incidence(array("d", came), array("d", ended), array("d", waiting))
    told = weights(came, ended, waiting)
    assert found.share == pytest.approx(sum(told.values()))
    quartiles = [aj_quartile(told, each) for each in (0.25, 0.5, 0.75)]
    assert [found.lower, found.median, found.upper] == quartiles
    if found.low is not None and found.median is not None:
        assert found.low <= found.median
    if found.high is not None and found.median is not None:
        assert found.median <= found.high


@settings(max_examples=100)
@given(_DAYS.filter(bool))
def test_where_all_come_it_is_kaplan_and_meiers(came: list[float]) -> None:
    found = incidence(array("d", came), array("d"), array("d"))
    other = survival(array("d", came), array("d"))
    assert (found.lower, found.median, found.upper) == (other.lower, other.median, other.upper)
    assert found.share == pytest.approx(1)


def test_nothing_came() -> None:
    none = array("d")
    assert incidence(none, none, array("d", [3])).share is None
    assert incidence(none, array("d", [3]), none).share == 0.0


def test_what_ended_is_not_what_waits() -> None:
    """Of four deals one was sold on day 10 and three were lost on day 5: a quarter comes, where
    Kaplan and Meier see all sold by then."""
    found = incidence(array("d", [10]), array("d", [5, 5, 5]), array("d"))
    assert (found.share, found.median) == (0.25, 10)


def _drawn(rng: Random, deals: int, seen: float) -> Incidence:
    """Deals of which four in ten come, all at one rate; of some only a part of the time is seen."""
    came, ended, waiting = array("d"), array("d"), array("d")
    for _ in range(deals):
        days, until = rng.expovariate(RATE), rng.uniform(0, seen)
        if until < days:
            waiting.append(until)
        else:
            (came if rng.random() < COMES else ended).append(days)
    return incidence(came, ended, waiting)


@pytest.mark.parametrize(
    ("deals", "draws"),
    [
        (80, 300),
        *(
            pytest.param(deals, 2000, marks=pytest.mark.thorough)
            for deals in (25, 40, 80, 160, 320)
        ),
    ],
)
def test_nineteen_of_twenty_intervals_hold_the_truth(deals: int, draws: int) -> None:
    rng = Random(27)
    found = [_drawn(rng, deals, 250.0) for _ in range(draws)]
    told = [each for each in found if each.low is not None]
    held = fmean(
        (each.low or 0) <= MEDIAN and (each.high is None or each.high >= MEDIAN) for each in told
    )
    shares = fmean((each.share_low or 0) <= COMES <= (each.share_high or 1) for each in found)
    assert 0.93 <= held <= 0.97
    assert 0.93 <= shares <= 0.97
