"""Intervals, Kaplan–Meier, control limits and tests; the one door to scipy and numpy.

Every interval is at 95 %. Where chance is drawn (bootstrap, simulation) the seed is fixed, so the
same history gives the same numbers.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import Any, NamedTuple

from playgate.errors import InputError

try:
    import numpy as np
    from scipy import special, stats
except ImportError:
    raise InputError(
        "the numbers need scipy", hint="pip install 'playgate[numbers]'", code="not-installed"
    ) from None

__all__ = [
    "ACTION",
    "WATCH",
    "Bet",
    "Draws",
    "Funnel",
    "Limits",
    "Span",
    "Survival",
    "count_limits",
    "counted_against",
    "fewer_than",
    "fisher",
    "lasting_difference",
    "likely_sum",
    "mean_difference",
    "mean_interval",
    "rate_difference",
    "rate_interval",
    "ratio_limits",
    "shrunken",
    "sieved",
    "simulate",
    "span_of",
    "span_over",
    "survival",
]

_TAIL = 0.025
_SEED = 20260101
_RESAMPLES = 999
_FEW, _MANY = 10, 1000
_DRAWS = 4000
_CLOSE = 1e-9

WATCH, ACTION = 0.02275, 0.00135
"""The chances beyond two and beyond three standard deviations of a normal distribution, on one
side."""


class Span(NamedTuple):
    """An interval; an end is `None` where there is none or it cannot be told."""

    low: float | None
    high: float | None


class Survival(NamedTuple):
    """When a quarter, half and three quarters had come; `None` where that is not yet seen."""

    lower: float | None
    median: float | None
    upper: float | None
    span: Span
    """The interval of the median."""


class Limits(NamedTuple):
    """What was usual, and the limits beyond which chance is a poor explanation."""

    centre: float
    watch_low: float
    watch_high: float
    low: float
    high: float
    below: float
    """How likely so few or fewer are, if all is as usual."""
    above: float


def survival(ended: array[float], censored: array[float]) -> Survival:
    """Estimates how long something takes, by Kaplan and Meier (1958).

    `censored` are the durations so far of what had not come yet. A quartile is the first time at
    which so much had come. The interval of the median is Brookmeyer and Crowley's (1982), on the
    log-log scale.
    """
    if not len(ended):
        return Survival(None, None, None, Span(None, None))
    data = stats.CensoredData(uncensored=np.asarray(ended), right=np.asarray(censored))
    curve = stats.ecdf(data).sf
    times, left = curve.quantiles, curve.probabilities
    with np.errstate(all="ignore"):
        band = _quiet(lambda: curve.confidence_interval(method="log-log"))
    low = np.where(np.isnan(band.low.probabilities), left, band.low.probabilities)
    high = np.where(np.isnan(band.high.probabilities), 1.0, band.high.probabilities)
    return Survival(
        _first(times, left, 0.75),
        _first(times, left, 0.5),
        _first(times, left, 0.25),
        Span(_first(times, low, 0.5), _first(times, high, 0.5)),
    )


def _quiet(make: Callable[[], Any]) -> Any:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make()


def _first(times: np.ndarray, left: np.ndarray, wanted: float) -> float | None:
    """Returns the first time at which no more than `wanted` are left."""
    reached = np.flatnonzero(left <= wanted + _CLOSE)
    return float(times[reached[0]]) if len(reached) else None


def mean_interval(values: Sequence[float]) -> Span:
    """Returns the interval of a mean by the bootstrap, bias-corrected and accelerated (Efron 1987);
    by Student's t for many values, and for few, whose resamples know too little of the spread. It
    does not go below 0 where no value does."""
    if len(values) < 2:
        return Span(None, None)
    data = np.asarray(values, dtype=float)
    mean = float(data.mean())
    if float(np.ptp(data)) == 0:
        return Span(mean, mean)
    if not _FEW <= len(data) <= _MANY:
        spread = float(stats.t.ppf(1 - _TAIL, len(data) - 1) * stats.sem(data))
        low = max(mean - spread, 0.0) if float(data.min()) >= 0 else mean - spread
        return Span(low, mean + spread)
    found = _quiet(
        lambda: stats.bootstrap(
            (np.sort(data),), np.mean, n_resamples=_RESAMPLES, rng=np.random.default_rng(_SEED)
        )
    ).confidence_interval
    low, high = float(found.low), float(found.high)
    return Span(low, high) if low == low and high == high else Span(None, None)


def rate_interval(events: int, exposure: float) -> Span:
    """Returns the interval of events per unit of exposure, exact for a Poisson count (Garwood
    1936)."""
    if exposure <= 0:
        return Span(None, None)
    low = float(stats.chi2.ppf(_TAIL, 2 * events)) / 2 if events else 0.0
    return Span(low / exposure, float(stats.chi2.ppf(1 - _TAIL, 2 * events + 2)) / 2 / exposure)


def count_limits(usual: Sequence[int], seen: int, weeks: int) -> Limits:
    """Predicts the limits of a count over `weeks` weeks from the weekly counts in `usual`.

    The count is taken as negative binomial: as wide as Poisson's law or, where `usual` scatters
    more, wider, and wider again as `usual` is only a sample. Weeks without anything count.
    """
    mean = (sum(usual) + 0.5) / len(usual)
    spread = float(np.var(np.asarray(usual), ddof=1)) if len(usual) > 1 else 0.0
    dispersion = max(1.0, spread / mean)
    centre = mean * weeks
    variance = centre * dispersion * (1 + weeks / len(usual))
    return _limits(stats.nbinom(centre**2 / (variance - centre), centre / variance), seen)


def ratio_limits(part: int, whole: int, seen: int, of: int) -> Limits:
    """Predicts the limits of `seen` of `of` from `part` of `whole` (beta-binomial, with
    Jeffreys' prior)."""
    return _limits(stats.betabinom(of, part + 0.5, whole - part + 0.5), seen)


def fewer_than(wanted: float, seen: int) -> Limits:
    """Returns the limits of a Poisson count where `wanted` are asked for."""
    return _limits(stats.poisson(wanted), seen)


def _limits(law: stats.distributions.rv_frozen, seen: int) -> Limits:
    watch_low, watch_high, low, high = (
        float(law.ppf(point)) for point in (WATCH, 1 - WATCH, ACTION, 1 - ACTION)
    )
    return Limits(
        float(law.mean()),
        watch_low,
        watch_high,
        low,
        high,
        float(law.cdf(seen)),
        float(law.sf(seen - 1)),
    )


@cache
def fisher(met: int, unmet: int, other_met: int, other_unmet: int) -> float:
    """Returns how likely so large a difference of two shares is by chance, by Fisher's exact test
    (two-sided)."""
    return float(stats.fisher_exact([[met, unmet], [other_met, other_unmet]]).pvalue)


def mean_difference(here: Sequence[float], there: Sequence[float]) -> float:
    """Returns how likely so large a difference of two means is by chance, by Welch's test (1947);
    1 where one of them has fewer than two values."""
    if min(len(here), len(there)) < 2:
        return 1.0
    found = float(
        _quiet(lambda: stats.ttest_ind(sorted(here), sorted(there), equal_var=False)).pvalue
    )
    return found if found == found else 1.0


_Lasted = tuple["array[float]", "array[float]"]


def lasting_difference(here: _Lasted, there: _Lasted) -> float:
    """Returns how likely so large a difference of two groups' durations is by chance, by the
    log-rank test (Peto and Peto 1972); each has those that ended and those that did not yet."""
    if not len(here[0]) + len(there[0]) or not all(len(a) + len(b) for a, b in (here, there)):
        return 1.0
    data = [
        stats.CensoredData(uncensored=np.asarray(ended), right=np.asarray(waiting))
        for ended, waiting in (here, there)
    ]
    found = float(_quiet(lambda: stats.logrank(*data)).pvalue)
    return found if found == found else 1.0


class Funnel(NamedTuple):
    """A count against what is to be expected: two-sided chance, and the limits of a funnel plot at
    95 and at 99.8 %."""

    chance: float
    low: float
    high: float
    far_low: float
    far_high: float


def counted_against(seen: float, expected: float, variance: float) -> Funnel:
    """Compares a count with its expectation, where its variance is known.

    It is taken as Poisson's law at a scale at which mean and variance are these (quasi-Poisson,
    Wedderburn 1974), with half of what is exactly at the border (Lancaster 1961); the limits are
    those of Spiegelhalter's funnel plots (2005).
    """
    scale = variance / expected

    def above(count: float) -> float:
        return float(special.gammainc(count / scale + 0.5, expected / scale))

    def limit(chance: float) -> float:
        low: float = 0.0
        high: float = expected + 10 * variance**0.5 + 10 * scale
        if above(low) <= chance:
            return low
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if above(middle) > chance else (low, middle)
        return high

    chance = above(seen)
    return Funnel(
        min(1.0, 2 * min(chance, 1 - chance)),
        limit(0.975),
        limit(0.025),
        limit(0.999),
        limit(0.001),
    )


def shrunken(values: Sequence[float], errors: Sequence[float]) -> tuple[list[float], float]:
    """Draws values towards their mean as far as chance explains how they differ (empirical Bayes,
    Morris 1983, with the variance between them by Paule and Mandel 1982); returns them, and which
    share of their spread is more than chance.
    """
    found, squares = np.asarray(values, dtype=float), np.asarray(errors, dtype=float) ** 2
    free = len(found) - 1
    if free < 1 or not squares.all():
        return [float(each) for each in found], 1.0

    def surplus(between: float) -> float:
        weights = 1 / (squares + between)
        centre = float((weights * found).sum() / weights.sum())
        return float((weights * (found - centre) ** 2).sum()) - free

    low, high = 0.0, float(((found - found.mean()) ** 2).sum()) + 1e-300
    between = 0.0
    if surplus(0.0) > 0:
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if surplus(middle) > 0 else (low, middle)
        between = high
    weights = 1 / (squares + between)
    centre = float((weights * found).sum() / weights.sum())
    kept = between / (between + squares)
    drawn = centre + kept * (found - centre)
    return [float(each) for each in drawn], float(kept.mean())


def rate_difference(here: Sequence[tuple[int, float]], there: Sequence[tuple[int, float]]) -> float:
    """Returns how likely so large a difference of two groups' rates is by chance, by the exact test
    given their sum (Przyborowski and Wilenski 1940).

    Each member has events and exposure. Where members of one group differ by more than Poisson's
    law explains, the counts weigh so much less (quasi-Poisson, Wedderburn 1974).
    """
    (events, exposure), (others, other_exposure) = _pooled(here), _pooled(there)
    if exposure <= 0 or other_exposure <= 0 or not events + others:
        return 1.0
    spread = max(1.0, _dispersion((here, there)))
    seen, both = round(events / spread), round((events + others) / spread)
    share = exposure / (exposure + other_exposure)
    return float(stats.binomtest(min(seen, both), both, share).pvalue) if both else 1.0


def _pooled(members: Sequence[tuple[int, float]]) -> tuple[int, float]:
    return sum(events for events, _ in members), sum(exposure for _, exposure in members)


def _dispersion(groups: Sequence[Sequence[tuple[int, float]]]) -> float:
    """Returns Pearson's chi-square of the members about their group's rate, divided by its degrees
    of freedom."""
    surplus, free = 0.0, 0
    for members in groups:
        events, exposure = _pooled(members)
        expected = [events * weeks / exposure for _, weeks in members if weeks > 0]
        seen = [times for times, weeks in members if weeks > 0]
        if events and len(seen) > 1:
            surplus += sum((s - e) ** 2 / e for s, e in zip(seen, expected, strict=True))
            free += len(seen) - 1
    return surplus / free if free else 1.0


def sieved(chances: Sequence[float]) -> list[float]:
    """Returns the p-values of many tests, raised for their number so that they bound the false
    discovery rate (Benjamini and Hochberg 1995)."""
    return [float(each) for each in stats.false_discovery_control(chances)] if chances else []


def simulate(
    ratios: Sequence[tuple[int, int]],
    means: Sequence[Sequence[float]],
    rates: Sequence[tuple[int, float]] = (),
) -> Draws:
    """Draws what may lie behind samples, for the interval of something that is computed
    from them.

    Ratios (`part`, `whole`) and rates (events, exposure) are drawn from their posterior (Jeffreys),
    means of values from the bootstrap (from Student's t where they are few or many; of a single
    value nothing can be told).
    """
    draw = np.random.default_rng(_SEED)
    return Draws(
        [draw.beta(part + 0.5, whole - part + 0.5, _DRAWS) for part, whole in ratios],
        [_averages(draw, np.sort(np.asarray(values, dtype=float))) for values in means],
        [draw.gamma(events + 0.5, 1 / exposure, _DRAWS) for events, exposure in rates],
    )


class Draws(NamedTuple):
    """What `simulate` drew."""

    ratios: list[Any]
    means: list[Any]
    rates: list[Any]


def span_of(drawn: Any) -> Span:
    """Returns the interval that holds the middle 95 % of what was drawn."""
    low, high = np.quantile(drawn, [_TAIL, 1 - _TAIL])
    return Span(None, None) if np.isnan(low) or np.isnan(high) else Span(float(low), float(high))


def span_over(wanted: float, drawn: Any) -> Span:
    """Returns the interval of `wanted` over what was drawn, which is never below 0."""
    low, high = span_of(drawn)
    return Span(wanted / high if high else None, wanted / low if low else None)


class Bet(NamedTuple):
    """Something that is worth so much if it comes; those of a group come more or less often
    together, as its chance rests on few."""

    worth: float
    chance: float
    group: Hashable
    of_group: float
    rests_on: float


def likely_sum(bets: Sequence[Bet], others: Sequence[float]) -> Span:
    """Returns the interval of what bets bring together, and of a sum that was so much in earlier
    spans of time (by Student's t, and never below 0)."""
    draw = np.random.default_rng(_SEED)
    total = np.zeros(_DRAWS)
    groups: dict[Hashable, list[Bet]] = {}
    for bet in bets:
        groups.setdefault(bet.group, []).append(bet)
    for own in groups.values():
        share, number = own[0].of_group, own[0].rests_on
        drawn = draw.beta(share * number, (1 - share) * number, _DRAWS)
        shift = drawn * (1 - share) / np.maximum((1 - drawn) * share, 1e-12)
        for bet in own:
            odds = bet.chance / (1 - bet.chance) * shift
            total += bet.worth * (draw.random(_DRAWS) < odds / (1 + odds))
    if len(others) > 1:
        known = np.asarray(others, dtype=float)
        spread = float(known.std(ddof=1)) * (1 + 1 / len(known)) ** 0.5
        total += np.maximum(known.mean() + spread * draw.standard_t(len(known) - 1, _DRAWS), 0.0)
    return span_of(total)


def _averages(draw: np.random.Generator, values: np.ndarray) -> np.ndarray:
    if len(values) < 2:
        return np.full(_DRAWS, np.nan)
    if not _FEW <= len(values) <= _MANY:
        error = float(values.std(ddof=1)) / len(values) ** 0.5
        drawn: np.ndarray = values.mean() + error * draw.standard_t(len(values) - 1, _DRAWS)
        return np.maximum(drawn, 0.0) if values.min() >= 0 else drawn
    averages: np.ndarray = draw.choice(values, (_DRAWS, len(values))).mean(axis=1)
    return averages
