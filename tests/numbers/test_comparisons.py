"""Who misses more than is to be expected: where the truth is planted, and by a second count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import cache
from random import Random
from statistics import fmean

import pytest

from playgate.history.event import Event
from playgate.history.people import People, Person, read_people
from playgate.history.read import read_history
from playgate.history.spool import Spool
from playgate.history.walk import walk
from playgate.judge.after_verdict import charged_to
from playgate.judge.judge import Judge
from playgate.model.numbers import Numbers
from playgate.numbers.coach import coach
from playgate.numbers.gather import ADHERENCE
from playgate.numbers.kpi import kpis
from playgate.numbers.misses import misses
from playgate.numbers.peers import changes, is_unlikely, share_figure
from playgate.numbers.result import Figure, Misses
from playgate.numbers.samples import Gathered
from playgate.numbers.statistics import counted_against, shrunken
from playgate.numbers.survey import Survey
from playgate.numbers.team import Team
from playgate.playbook.load import load_playbook
from support.counting import SHIPPED, of_events, playbook_of, sample

REPS = [f"rep-{number:02d}" for number in range(12)]
RATES = (0.02, 0.05, 0.05, 0.1, 0.1, 0.15, 0.2, 0.2, 0.3, 0.4)
NAMES = [f"a{number}" for number in range(len(RATES))]
PLAYBOOK = playbook_of(
    f"""
playbook: sales
version: 1
activities: {{{", ".join(f"{name}: {{}}" for name in NAMES)}}}
stages:
  - stage: one
    activities: [{", ".join(NAMES)}]
  - {{stage: won, ends: won}}
  - {{stage: lost, ends: lost}}
"""
)
DEALS = 22


def _world(rng: Random, *, weak: float = 1.0, begins: Callable[[str], int] = lambda _: 0) -> Survey:
    """Deals that come to some of the rules, each with a carelessness of its own, so that its
    chances go together. The first rep misses `weak` times as often."""
    empty = _empty()
    found = Gathered(empty.gathered.measures, empty.gathered.period, empty.basis.minimum)
    for rep in REPS:
        found.owners.add(rep)
        for _ in range(DEALS):
            careless = rng.choice((0.3, 0.6, 1.0, 2.1)) * (weak if rep == REPS[0] else 1.0)
            met = n = 0
            for place in range(begins(rep), rng.randint(begins(rep) + 2, len(RATES))):
                is_met = rng.random() >= min(0.95, RATES[place] * careless)
                found.rules[place, rep][not is_met] += 1
                n, met = n + 1, met + is_met
            found.samples[ADHERENCE][rep].chances[n, met] += 1
    team = Team(PLAYBOOK, found, None, 0)
    return Survey(PLAYBOOK, Numbers(), empty.basis, found, team, as_of=0, earliest=0)


@cache
def _empty() -> Survey:
    return of_events(PLAYBOOK, [Event("D", 0, "stage", "one", "", "x", 0, "", "", 0, 0)])


def _of_reps(found: Survey) -> list[Misses]:
    return [each for each in misses(found) if each.scope == "rep"]


def _raw(each: Misses) -> float:
    """The chance before it is raised, from the limits: within 95 % or not."""
    assert each.low is not None
    assert each.high is not None
    return 1.0 if each.low <= each.misses <= each.high else 0.0


@pytest.mark.parametrize("histories", [40, pytest.param(600, marks=pytest.mark.thorough)])
def test_equal_reps_are_rarely_flagged(histories: int) -> None:
    rng = Random(20)
    found = [_of_reps(_world(rng)) for _ in range(histories)]
    outside = 1 - fmean(_raw(each) for reps in found for each in reps)
    named = fmean(any(is_unlikely(each.chance) for each in reps) for reps in found)
    assert 0.03 <= outside <= 0.07
    assert named <= (0.07 if histories > 100 else 0.15)


@pytest.mark.parametrize("histories", [20, pytest.param(200, marks=pytest.mark.thorough)])
def test_a_weak_rep_is_found(histories: int) -> None:
    rng = Random(21)
    found = [_of_reps(_world(rng, weak=3.0)) for _ in range(histories)]
    assert fmean(is_unlikely(reps[0].chance) for reps in found) >= 0.8
    assert fmean(reps[0].misses > reps[0].expected for reps in found) >= 0.98


def test_who_has_the_harder_work_is_not_behind() -> None:
    """A rep who meets the rules alone that all miss often has the lowest share, and misses no more
    than is to be expected."""
    rng = Random(22)
    found = [
        _of_reps(_world(rng, begins=lambda rep: 7 if rep == REPS[0] else 0)) for _ in range(20)
    ]
    shares = [[1 - each.misses / each.chances for each in reps] for reps in found]
    assert all(min(each) == each[0] for each in shares)
    assert fmean(is_unlikely(reps[0].chance) for reps in found) <= 0.15


def test_the_misses_of_all_are_those_to_be_expected_of_all() -> None:
    for each in (_of_reps(_world(Random(23))), _of_reps(sample("bank-sales"))):
        assert sum(rep.misses for rep in each) == pytest.approx(sum(rep.expected for rep in each))


def test_misses_of_the_sample_agree_with_a_second_count() -> None:
    """Each verdict is counted by itself, and the chance is that of exchanging reps."""
    folder = SHIPPED / "bank-sales"
    people = read_people(str(folder / "people.csv"), pytest.fail)
    judge = Judge(load_playbook(folder / "bank-sales.yaml"), has_people=True)
    found = sample("bank-sales")
    chances: list[tuple[str, int, str, bool]] = []
    with Spool() as spool:
        spool.extend(read_history([str(folder / "history.csv")], report=lambda _: None))
        reader = judge.reader(people.roles)
        for walked in walk(spool.deals(), reader, judge.ever_governs, as_of=found.as_of):
            if not walked.governed:
                continue
            for place, verdict in enumerate(judge.judge(walked.deal)):
                if verdict is None or verdict.verdict == "waived":
                    continue
                rep = charged_to(walked.deal, verdict.due)
                if rep in found.team.reps and judge.rules[place].rule.info.level != "observe":
                    chances.append((walked.deal.id, place, rep, verdict.verdict == "unmet"))
    rate = {
        place: fmean(missed for _, each, _, missed in chances if each == place)
        for place in {place for _, place, _, _ in chances}
    }
    for each in _of_reps(found):
        own = [(place, missed) for _, place, rep, missed in chances if rep == each.id]
        assert (each.chances, each.misses) == (len(own), sum(missed for _, missed in own))
        assert each.expected == pytest.approx(sum(rate[place] for place, _ in own))
    surplus: dict[tuple[str, str], float] = defaultdict(float)
    for deal, place, rep, missed in chances:
        surplus[deal, rep] += missed - rate[place]
    _compare_with_exchanges(_of_reps(found), surplus)


def _compare_with_exchanges(
    reps: list[Misses], surplus: dict[tuple[str, str], float], draws: int = 2000
) -> None:
    """Deals change hands at random: how often does a rep with as many miss so much more or less?"""
    rng, values = Random(24), list(surplus.values())
    for each in reps:
        own = [value for (_, rep), value in surplus.items() if rep == each.id]
        seen = abs(sum(own))
        beyond = sum(abs(sum(rng.sample(values, len(own)))) >= seen for _ in range(draws))
        assert each.low is not None
        assert each.high is not None
        inside = each.low <= each.misses <= each.high
        chance = beyond / draws
        # The limits allow for the rep's own chances, so that near the border both may be right.
        assert inside == (chance > 0.05) or 0.01 <= chance <= 0.15, each.name


def test_the_weak_reps_of_the_bank_are_found() -> None:
    """The generator made two reps new and two hasty: at least one of each is clearly behind."""
    behind = {
        each.id
        for each in _of_reps(sample("bank-sales"))
        if is_unlikely(each.chance) and each.misses > each.expected
    }
    assert {"d.okafor", "j.vasseur"} <= behind <= {"d.okafor", "j.vasseur", "b.haddad", "m.roussel"}
    struggle = {page.id for page in coach(sample("bank-sales")).reps if page.struggles}
    assert behind <= struggle


def test_deals_without_a_miss() -> None:
    found = kpis(sample("bank-sales")).clean
    assert (found.deals, found.of) == (101, 270)
    rules: dict[int, Counter[bool]] = defaultdict(Counter)
    for (place, _), (met, unmet, _) in sample("bank-sales").gathered.rules.items():
        rules[place].update({True: met, False: unmet})
    infos = [each.rule.info for each in Judge(sample("bank-sales").playbook, has_people=True).rules]
    often = {
        infos[place].id
        for place, each in rules.items()
        if infos[place].level != "observe"
        and each.total() >= 30
        and each[False] < 0.01 * each.total()
    }
    assert set(found.never_missed) == often
    rest = [
        each
        for place, each in rules.items()
        if infos[place].level != "observe" and infos[place].id not in often
    ]
    met = sum(each[True] for each in rest)
    assert found.share == pytest.approx(met / sum(each.total() for each in rest))


@pytest.mark.parametrize("text", ["", "automation: [robot]"])
def test_programs_are_no_reps(text: str) -> None:
    playbook = playbook_of(
        f"""
playbook: sales
version: 1
stages: [{{stage: one}}, {{stage: won, ends: won}}, {{stage: lost, ends: lost}}]
{text}
"""
    )
    history = [
        Event(f"D-{actor}", 0, "stage", "one", "", actor, 0, "", "", 0, 0)
        for actor in ("ann", "robot", "sync")
    ]
    people = People([Person("sync", role="system"), Person("ann", role="rep")])
    found = of_events(playbook, history, people=people)
    assert found.team.reps == (("ann",) if text else ("ann", "robot"))


# Alone


@pytest.mark.parametrize("seen", [0, 3, 10, 40])
@pytest.mark.parametrize(("expected", "variance"), [(10.0, 10.0), (10.0, 25.0), (4.0, 3.0)])
def test_limits_are_where_the_chance_is(seen: int, expected: float, variance: float) -> None:
    found = counted_against(seen, expected, variance)
    for limit, chance in (
        (found.low, 0.05),
        (found.high, 0.05),
        (found.far_low, 0.002),
        (found.far_high, 0.002),
    ):
        if limit:
            assert counted_against(limit, expected, variance).chance == pytest.approx(chance)
    assert found.far_low <= found.low < expected < found.high < found.far_high


def test_values_that_chance_explains_are_drawn_together() -> None:
    rng = Random(25)
    real, better = [], []
    for _ in range(200):
        truth = [rng.gauss(0.5, 0.05) for _ in REPS]
        errors = [rng.choice((0.05, 0.1)) for _ in REPS]
        seen = [rng.gauss(each, error) for each, error in zip(truth, errors, strict=True)]
        drawn, share = shrunken(seen, errors)
        real.append(share)
        better.append(_far(drawn, truth) / _far(seen, truth))
    # Of half of the reps the half, of the others a fifth is more than chance.
    assert fmean(real) == pytest.approx(0.35, abs=0.1)
    assert fmean(better) < 0.7


def _far(found: list[float], truth: list[float]) -> float:
    return sum((one - other) ** 2 for one, other in zip(found, truth, strict=True))


def test_equal_values_and_single_ones_stay() -> None:
    assert shrunken([0.4], [0.1]) == ([0.4], 1.0)
    assert shrunken([0.4, 0.4, 0.4], [0.1, 0.1, 0.1])[0] == pytest.approx([0.4, 0.4, 0.4])


def _rate(rng: Random, deals: int, rate: float) -> Figure:
    part = sum(rng.random() < rate for _ in range(deals))
    return share_figure(part, deals - part)


@pytest.mark.parametrize(("one", "other"), [((80, 0.5), (60, 0.5)), ((150, 0.85), (90, 0.85))])
def test_two_equal_figures_differ_in_one_of_twenty(
    one: tuple[int, float], other: tuple[int, float]
) -> None:
    rng = Random(26)
    found = [_differ(_rate(rng, *one), _rate(rng, *other)) for _ in range(2000)]
    assert 0.03 <= fmean(found) <= 0.07


def test_figures_whose_intervals_overlap_may_differ() -> None:
    one, other = share_figure(70, 30), share_figure(55, 45)
    assert one.low is not None
    assert other.high is not None
    assert one.low < other.high
    assert _differ(one, other)
    assert _differ(other, one)
    assert not _differ(one, Figure(None, None, None, 0))


def _differ(one: Figure, other: Figure) -> bool:
    return is_unlikely(changes([(one, other)])[0])


def test_many_changes_are_taken_together() -> None:
    """Of eight KPIs that stay as they are, one is called changed in 1 of 20 looks at all."""
    rng = Random(27)
    found = [
        any(
            map(
                is_unlikely, changes([(_rate(rng, 80, 0.5), _rate(rng, 60, 0.5)) for _ in range(8)])
            )
        )
        for _ in range(400)
    ]
    assert fmean(found) <= 0.08
    # What has no interval is no look.
    even, apart = (
        (share_figure(50, 50), share_figure(50, 50)),
        (share_figure(90, 10), share_figure(50, 50)),
    )
    none = (Figure(None, None, None, 0), share_figure(5, 5))
    chances = changes([even, none, apart])
    assert chances[1] is None
    assert is_unlikely(chances[2])
    assert not is_unlikely(chances[0])
