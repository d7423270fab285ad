"""The interval of a share whose chances hang together, deal by deal."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playgate.audit.chances import Chances, all_chances, chances_of
from playgate.audit.share import share, share_over_deals

DEALS = st.lists(
    st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1
)


def histories(deals: int, rate: float, alike: float, draws: int, most: int) -> list[Chances]:
    """Histories whose deals have 1 to `most` chances; those of one deal correlate as `alike`."""
    draw = np.random.default_rng(18)
    n = draw.integers(1, most + 1, (draws, deals))
    own = (1 - alike) / alike
    m = draw.binomial(n, draw.beta(rate * own, (1 - rate) * own, n.shape))
    return [
        Chances(deals, *(int(each.sum()) for each in (n, m, n * n, n * m, m * m)))
        for n, m in zip(n, m, strict=True)
    ]


def held(drawn: list[Chances], rate: float) -> float:
    """How often the interval holds the rate."""
    found = [share_over_deals(each) for each in drawn]
    return sum(
        each.low is not None and each.high is not None and each.low <= rate <= each.high
        for each in found
    ) / len(found)


@pytest.mark.parametrize("alike", [0.05, 0.2, 0.4])
@pytest.mark.parametrize(("deals", "rate"), [(40, 0.6), (40, 0.85), (200, 0.85), (400, 0.95)])
def test_nineteen_of_twenty_intervals_hold_the_rate(deals: int, rate: float, alike: float) -> None:
    assert 0.93 <= held(histories(deals, rate, alike, 2000, 15), rate) <= 0.97


@pytest.mark.parametrize("deals", [2, 3, 6, 12, 25, 60])
@pytest.mark.parametrize("rate", [0.5, 0.9, 0.98])
def test_few_deals_and_rates_near_the_ends_make_it_rather_wider(deals: int, rate: float) -> None:
    assert held(histories(deals, rate, 0.2, 1000, 15), rate) >= 0.93


def test_wilsons_interval_of_that_many_chances_would_hold_it_far_less_often() -> None:
    found = [
        share(each.met, each.chances - each.met) for each in histories(200, 0.85, 0.4, 500, 15)
    ]
    assert sum((each.low or 0) <= 0.85 <= (each.high or 0) for each in found) < 0.8 * len(found)


@given(DEALS)
def test_it_holds_the_interval_of_as_many_chances_that_do_not_hang_together(
    deals: list[tuple[int, int]],
) -> None:
    found = share_over_deals(chances_of(Counter(deals)))
    n, met = sum(n for n, _ in deals), sum(m for _, m in deals)
    alone = share(met, n - met)
    assert found.value == alone.value == met / n
    ends = (0, found.low, alone.low, alone.high, found.high, 1)
    assert all(one <= other + 1e-12 for one, other in pairwise(ends))


@given(st.integers(1, 50), st.integers(1, 12))
def test_of_deals_where_all_was_met_each_counts_once(deals: int, chances: int) -> None:
    found = share_over_deals(chances_of({(chances, chances): deals}))
    assert (found.low, found.high) == pytest.approx((share(deals, 0).low, 1.0))


@given(st.integers(0, 30), st.integers(0, 30))
def test_of_one_chance_each_it_is_wilsons(met: int, unmet: int) -> None:
    found = share_over_deals(chances_of({(1, 1): met, (1, 0): unmet}))
    alone = share(met, unmet)
    assert (found.value, found.low, found.high) == pytest.approx(
        (alone.value, alone.low, alone.high)
    )


@given(st.lists(DEALS, max_size=4))
def test_parts_add_up(parts: list[list[tuple[int, int]]]) -> None:
    whole = chances_of(Counter(each for part in parts for each in part))
    assert all_chances(chances_of(Counter(part)) for part in parts) == whole
