"""What an experiment's arms differ by: against textbook tests, a second reckoning, and truths that
were planted."""

from __future__ import annotations

from math import sqrt
from random import Random
from statistics import NormalDist, mean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from playgate.numbers.experiment.estimate import FEWEST_REPS, Unit, difference
from playgate.numbers.experiment.power import power_of, spread_of
from support.thorough import but_first
from support.trials import Truth, drawn_units, naive_difference, naive_jackknife

DRAWN = Truth(drawn=True, reps=12, per_rep=16, effect=0.1)
NAMED = Truth(drawn=False, reps=14, per_rep=16, effect=0.1, treated_reps=6, wander=0.04)
TRUTHS = {
    "drawn": DRAWN,
    "named": NAMED,
    "many reps": DRAWN._replace(reps=30, per_rep=10),
    "few reps": DRAWN._replace(reps=6, per_rep=30),
    "one small team": NAMED._replace(treated_reps=4, reps=16),
    "teams of fifteen": NAMED._replace(treated_reps=15, reps=30, per_rep=10),
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("truth", [DRAWN, NAMED], ids=["drawn", "named"])
def test_a_difference_is_what_it_is_in_words(truth: Truth, seed: int) -> None:
    units = drawn_units(Random(seed), truth)
    found = difference(units, drawn=truth.drawn)
    variance, freedom = naive_jackknife(units, drawn=truth.drawn)
    assert found.value == pytest.approx(naive_difference(units, drawn=truth.drawn))
    assert found.low is not None
    assert found.high is not None
    reach = float(stats.t.ppf(0.975, freedom)) * sqrt(variance)
    assert found.high - found.low == pytest.approx(2 * reach, rel=0.01)
    assert found.high + found.low == pytest.approx(2 * (found.value or 0.0))


@pytest.mark.parametrize("seed", range(3))
def test_reps_with_as_many_deals_make_a_paired_test(seed: int) -> None:
    units = drawn_units(Random(seed), DRAWN, equal=True)
    arms = [
        [mean(u.top for u in units if (u.rep, u.treated) == (f"r{n}", arm)) for n in range(12)]
        for arm in (True, False)
    ]
    usual = stats.ttest_rel(*arms).confidence_interval()
    found = difference(units, drawn=True)
    assert (found.low, found.high) == pytest.approx((usual.low, usual.high), abs=0.002)


@pytest.mark.parametrize("seed", range(3))
def test_teams_with_as_many_deals_make_a_test_by_welch_of_how_far_reps_changed(seed: int) -> None:
    units = drawn_units(Random(seed), NAMED, equal=True)

    def change(number: int) -> float:
        own = [u for u in units if u.rep == f"r{number}"]
        now, then = ([u.top for u in own if u.during == during] for during in (True, False))
        return mean(now) - mean(then)

    arms = [[change(n) for n in range(6)], [change(n) for n in range(6, 14)]]
    usual = stats.ttest_ind(*arms, equal_var=False).confidence_interval()
    found = difference(units, drawn=False)
    assert (found.low, found.high) == pytest.approx((usual.low, usual.high), abs=0.004)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 6), st.booleans(), st.booleans(), st.floats(0, 9), st.integers(0, 3)
        ),
        max_size=40,
    ),
    st.booleans(),
)
def test_whatever_deals_there_are_it_is_told_wholly_or_not(
    rows: list[tuple[int, bool, bool, float, int]], drawn: bool
) -> None:
    units = [Unit(f"r{rep}", *arm, top, bottom) for rep, *arm, top, bottom in rows]
    found = difference(units, drawn=drawn)
    told = [found.value, found.low, found.high]
    assert all(each is None for each in told) or all(each is not None for each in told)
    if found.low is not None and found.high is not None and found.value is not None:
        assert found.low <= found.value <= found.high
        assert found.reps >= FEWEST_REPS
    shuffled = sorted(units, reverse=True)
    again = difference(shuffled, drawn=drawn)
    assert (again.value, again.reps) == (pytest.approx(found.value), found.reps)


def test_of_few_reps_nothing_is_told() -> None:
    few = drawn_units(Random(1), DRAWN._replace(reps=3, per_rep=90))
    assert difference(few, drawn=True).value is None
    one_team = drawn_units(Random(1), NAMED._replace(treated_reps=3))
    assert difference(one_team, drawn=False).value is None


def _many(name: str, effect: float, times: int) -> tuple[float, float]:
    """How often the interval held the truth, and how often a change was called better."""
    rng = Random(f"{name} {effect}")
    truth = TRUTHS[name]._replace(effect=effect)
    held = better = 0
    for _ in range(times):
        found = difference(drawn_units(rng, truth), drawn=truth.drawn)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= effect <= found.high
        better += found.low > 0
    return held / times, better / times


@pytest.mark.parametrize("name", ["drawn", "named"])
def test_the_interval_holds_the_truth_and_nothing_is_found_where_nothing_is(name: str) -> None:
    held, better = _many(name, 0.0, 250)
    assert held >= 0.91
    assert better <= 0.06


@pytest.mark.thorough
@pytest.mark.parametrize("effect", [0.0, 0.1])
@pytest.mark.parametrize("name", TRUTHS)
def test_the_interval_holds_the_truth_in_93_to_97_of_100(name: str, effect: float) -> None:
    held, better = _many(name, effect, 3000)
    assert 0.93 <= held <= 0.97
    if not effect:
        assert 0.01 <= better <= 0.04


# How many deals it needs


def _before(truth: Truth, rng: Random, per_rep: int = 300) -> list[Unit]:
    """A long time before, in two halves, in which nothing was tried."""
    quiet = truth._replace(drawn=False, effect=0.0, trend=0.0, per_rep=per_rep)
    units = drawn_units(rng, quiet)
    if not truth.drawn:
        return units
    return [unit._replace(treated=rng.random() < 0.5) for unit in units]


def test_drawn_deals_need_what_the_textbook_says() -> None:
    """Two means, half of the deals each, for a two-sided test at 5 % with a power of 80 %."""
    units = [
        Unit(f"r{n % 400}", n % 2 == 0, n % 4 < 2, float(n % 5 < 2), 1.0) for n in range(40_000)
    ]
    spread = spread_of(units)
    assert spread is not None
    assert spread.value == pytest.approx(0.4)
    assert spread.deals == pytest.approx(0.24, rel=1e-3)
    normal = NormalDist()
    reach = normal.inv_cdf(0.975) + normal.inv_cdf(0.8)
    was, then = 0.4 * 0.6, 0.5 * 0.5
    usual = reach**2 * (was + then) / 0.1**2 * 2
    power = power_of(spread, drawn=True, wanted=0.1, expected=2 * usual, is_share=True)
    assert power.needed == pytest.approx(usual, rel=0.02)
    assert power.smallest == pytest.approx(0.1 / sqrt(2), rel=0.02)


def test_how_far_reps_wander_is_seen_and_no_number_of_deals_mends_it() -> None:
    truth = NAMED._replace(reps=60, treated_reps=30, wander=0.06, between=0.05)
    spread = spread_of(_before(truth, Random(2), per_rep=200))
    assert spread is not None
    assert sqrt(spread.wander) == pytest.approx(0.06, abs=0.015)
    few = spread._replace(reps=(4, 4))
    assert power_of(few, drawn=False, wanted=0.03, expected=1e6, is_share=True).needed is None
    smallest = power_of(few, drawn=False, wanted=0.03, expected=1e9, is_share=True).smallest
    assert smallest is not None
    assert smallest > 0.06
    assert power_of(few, drawn=True, wanted=0.03, expected=1e6, is_share=True).needed is not None


@pytest.mark.parametrize("name", but_first(1, ["drawn", "many reps", "teams of fifteen", "named"]))
def test_so_many_deals_find_it_in_about_8_of_10(name: str) -> None:
    rng, times = Random(name), 150 if name == "drawn" else 500
    truth = TRUTHS[name]._replace(effect=0.2, between=0.06, wander=0.02)
    spread = spread_of(_before(truth, rng))
    assert spread is not None
    needed = power_of(spread, drawn=truth.drawn, wanted=0.2, expected=100, is_share=True).needed
    assert needed is not None
    tried = truth._replace(per_rep=round(needed / truth.reps))
    found = [difference(drawn_units(rng, tried), drawn=truth.drawn).low for _ in range(times)]
    assert 0.68 <= sum((low or 0.0) > 0 for low in found) / times <= 0.9
