"""Facts recorded to pass are found, mark by mark; who does as the others do is not called out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from random import Random
from statistics import fmean
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("scipy")

from scipy import stats

from playgate.conditions.instants import DAY
from playgate.history.event import Event
from playgate.history.people import People, Person
from playgate.history.spool import Spool
from playgate.model.playbook import Playbook
from playgate.numbers.expected import Expected
from playgate.numbers.marks import Chance
from playgate.numbers.quality import quality, quality_of
from playgate.numbers.quality_result import QualityResult
from playgate.numbers.survey import survey
from playgate.numbers.team import Member
from playgate.rules.list import list_rules
from support.counting import playbook_of
from support.numbers_oracle import wilson

MONDAY = 1_767_571_200_000_000
"""2026-01-05."""
SECOND = DAY // 86_400
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

BOOK = """
playbook: sales
version: 1
roles: [rep]
fields:
  summary: {type: text}
  score: {type: number}
  size: {type: choice, options: [a-choice-with-more-than-twenty-letters, small]}
  reason: {type: text}
activities: {call: {}, visit: {}}
stages:
  - stage: approach
    exit:
      - {field: summary, is: present}
      - {field: size, is: present}
    activities: [call]
  - stage: offer
    exit: [{field: score, at_least: 7}]
  - {stage: won, ends: won}
  - {stage: lost, ends: lost, entry: [{field: reason, is: present}]}
rules: {"*/entered": {level: observe}}
coaching: {roles: [rep], minimum: 5}
automation: [robot]
"""

Told = tuple[int, str, str, str, str, int]
"""When, what kind, the name, the value, who, and when it was recorded."""


def looked(
    text: str, deals: dict[str, list[Told]], reps: tuple[str, ...] = ("ann",)
) -> QualityResult:
    playbook = playbook_of(text)
    people = People([Person(rep, role="rep") for rep in reps])
    with Spool() as spool:
        for deal, told in deals.items():
            spool.extend(
                Event(deal, at, kind, name, value, actor, recorded, "", "", 0, line)
                for line, (at, kind, name, value, actor, recorded) in enumerate(told)
            )
        found = survey(playbook, spool, people=people)
        return quality(found, spool, people)


def marks_of(found: QualityResult, deal_rule: str = "") -> dict[str, set[str]]:
    """By rule, the marks that there are."""
    company = found.lines[0]
    return {
        rule.rule: {name for name, times in rule.marks.__dict__.items() if times}
        for rule in company.rules
        if deal_rule in rule.rule
    }


def _event(
    at: int, kind: str, name: str, value: str = "", actor: str = "ann", late: int = 0
) -> Told:
    return at, kind, name, value, actor, at + late


def calm(
    start: int = MONDAY, *, summary: str = "a text that stands only here", score: str = "9"
) -> list[Told]:
    """A deal in which everything was recorded as it came."""
    return [
        _event(start, "stage", "approach"),
        _event(start + 3 * HOUR, "activity", "call"),
        _event(start + 5 * HOUR, "field", "summary", summary),
        _event(start + 6 * HOUR, "field", "size", "small"),
        _event(start + DAY, "stage", "offer"),
        _event(start + DAY + 2 * HOUR, "field", "score", score),
        _event(start + 2 * DAY, "stage", "won"),
    ]


RULES = {
    "approach/exit/summary",
    "approach/exit/size",
    "approach/activity/call",
    "offer/exit/score",
}


def test_what_was_recorded_as_it_came_has_no_mark() -> None:
    found = marks_of(looked(BOOK, {"D": calm()}))
    assert found == {rule: set() for rule in RULES}


@pytest.mark.parametrize(
    ("seconds", "setting", "is_marked"),
    [
        (0, "", True),
        (60, "", True),
        (61, "", False),
        (61, "quality: {just_before: 5 minutes}", True),
        (0, "quality: {just_before: false}", False),
        (0, "quality: {same_text: false}", True),
    ],
)
def test_a_field_filled_just_before_the_move(seconds: int, setting: str, is_marked: bool) -> None:
    deal = calm()
    deal[2] = _event(MONDAY + DAY - seconds * SECOND, "field", "summary", "words")
    deal.sort(key=lambda each: each[0])
    found = marks_of(looked(BOOK + setting, {"D": deal}))
    assert found["approach/exit/summary"] == ({"just_before"} if is_marked else set())
    assert found["approach/exit/size"] == set()


def test_a_value_that_is_only_said_again_was_not_filled_just_then() -> None:
    deal = calm()
    deal.insert(4, _event(MONDAY + DAY - SECOND, "field", "size", "small"))
    assert marks_of(looked(BOOK, {"D": deal}))["approach/exit/size"] == set()
    deal[4] = _event(
        MONDAY + DAY - SECOND, "field", "size", "a-choice-with-more-than-twenty-letters"
    )
    assert marks_of(looked(BOOK, {"D": deal}))["approach/exit/size"] == {"just_before"}


def test_why_a_deal_is_lost_is_known_when_it_is() -> None:
    deal = [
        *calm()[:5],
        _event(MONDAY + 2 * DAY, "field", "reason", "too dear"),
        _event(MONDAY + 2 * DAY, "stage", "lost"),
    ]
    assert marks_of(looked(BOOK, {"D": deal}))["lost/entry/reason"] == set()


@pytest.mark.parametrize(
    ("deals", "setting", "is_marked"),
    [
        (5, "", True),
        (4, "", False),
        (4, "quality: {same_text: {deals: 3}}", True),
        (4, "quality: {same_text: {share: 40 %}}", True),
        (4, "quality: {same_text: {share: 41 %}}", False),
        (5, "quality: {same_text: {letters: 60}}", False),
        (5, "quality: {same_text: false}", False),
    ],
)
def test_the_same_text_in_many_deals(deals: int, setting: str, is_marked: bool) -> None:
    """Ten deals; so many have one text, whatever its case and spaces."""
    told = {
        f"D-{number}": calm(
            MONDAY + number * DAY,
            summary="needs a second hall soon" + " " * number
            if number < deals
            else f"text number {number} of its own",
        )
        for number in range(10)
    }
    found = looked(BOOK + setting, told)
    (rule,) = [each for each in found.lines[0].rules if each.rule == "approach/exit/summary"]
    assert rule.marks.same_text == (deals if is_marked else 0)
    # The choice stands in all deals, and is none.
    assert marks_of(found)["approach/exit/size"] == set()


FRIDAY = MONDAY + 4 * DAY


@pytest.mark.parametrize(
    ("at", "apart", "setting", "is_marked"),
    [
        (FRIDAY + 16 * HOUR, 2 * MINUTE, "", True),
        (FRIDAY + 16 * HOUR, 3 * MINUTE, "", False),
        (FRIDAY - DAY, 2 * MINUTE, "", False),
        (FRIDAY + DAY, MINUTE, "", True),
        (FRIDAY + 16 * HOUR, 3 * MINUTE, "quality: {batch: {activities: 4}}", True),
        (FRIDAY + 16 * HOUR, 3 * MINUTE, "quality: {batch: {within: 12 minutes}}", True),
        (FRIDAY + 16 * HOUR, MINUTE, "quality: {batch: false}", False),
    ],
)
def test_activities_logged_in_a_batch(at: int, apart: int, setting: str, is_marked: bool) -> None:
    """Five calls, each made at its time and logged one after the other."""
    told = {}
    for number in range(5):
        start = MONDAY + number * HOUR
        deal = calm(start)
        logged = at + number * apart
        deal[1] = (start + 3 * HOUR, "activity", "call", "", "ann", logged)
        told[f"D-{number}"] = deal
    found = marks_of(looked(BOOK + setting, told))
    assert found["approach/activity/call"] == ({"batch"} if is_marked else set())


def test_a_batch_just_before_the_move() -> None:
    deal = calm()
    calls = [_event(MONDAY + DAY - (5 - n) * MINUTE, "activity", "call") for n in range(5)]
    deal[1:2] = []
    deal[3:3] = calls
    assert marks_of(looked(BOOK, {"D": deal}))["approach/activity/call"] == {"batch"}
    # Two people who log at the same time log no batch.
    by_two = [(*each[:4], "bob" if n % 2 else "ann", each[5]) for n, each in enumerate(calls)]
    deal[3:8] = by_two
    assert marks_of(looked(BOOK, {"D": deal}))["approach/activity/call"] == set()


@pytest.mark.parametrize(
    ("score", "setting", "is_marked"),
    [
        ("7", "", True),
        ("7.0", "", True),
        ("7.1", "", False),
        ("7", "quality: {at_threshold: false}", False),
    ],
)
def test_a_value_that_is_just_enough(score: str, setting: str, is_marked: bool) -> None:
    found = marks_of(looked(BOOK + setting, {"D": calm(score=score)}))
    assert found["offer/exit/score"] == ({"at_threshold"} if is_marked else set())


@pytest.mark.parametrize(
    ("condition", "marks"),
    [
        ("{any: [{field: score, at_least: 7}, {field: size, is: present}]}", {"at_threshold"}),
        ("{any: [{field: score, at_least: 8}, {field: size, is: present}]}", set()),
        ("{field: score, more_than: 6}", set()),
        ("{field: score, between: [7, 9]}", {"at_threshold"}),
        ("{all: [{field: score, at_most: 7}, {field: size, is: present}]}", {"at_threshold"}),
        ("{not: {field: score, at_most: 6}}", None),
    ],
)
def test_only_what_holds_is_evidence(condition: str, marks: set[str] | None) -> None:
    text = BOOK.replace("{field: score, at_least: 7}", condition.replace("{", "{id: c, ", 1))
    found = marks_of(looked(text, {"D": calm(score="7")}))
    assert found.get("offer/exit/c") == marks


def test_what_a_program_records_is_no_ones_mark() -> None:
    deal = calm()
    deal[2] = _event(MONDAY + DAY, "field", "summary", "words", "robot")
    deal.sort(key=lambda each: each[0])
    assert "approach/exit/summary" not in marks_of(looked(BOOK, {"D": deal}))


# All of it once more, from the rows


def _drawn(rng: Random, reps: list[str]) -> dict[str, list[Told]]:
    deals = {}
    for number in range(60):
        rep = rng.choice(reps)
        start = MONDAY + rng.randrange(21) * DAY + 9 * HOUR + rng.randrange(8) * HOUR
        summary = rng.choice(
            ("needs a second hall soon", "wants to sell to his son", f"{number} is alone in this")
        )
        wrote = start + DAY - rng.choice((0, 30, 60, 90, 4000)) * SECOND
        called = start + rng.randrange(20) * HOUR
        logged = called + rng.choice((0, 0, HOUR, DAY))
        friday = MONDAY + (start - MONDAY) // (7 * DAY) * 7 * DAY + 4 * DAY + 16 * HOUR
        if rng.random() < 0.2:
            logged = friday + rng.randrange(30) * MINUTE
        told = [
            (start, "stage", "approach", "", rep, start),
            (called, "activity", "call", "", rep, max(called, logged)),
            (wrote, "field", "summary", summary, rep, wrote),
            (start + HOUR, "field", "size", "small", rep, start + HOUR),
            (start + DAY, "stage", "offer", "", rep, start + DAY),
            (start + DAY + HOUR, "field", "score", rng.choice(("7", "8")), rep, start + DAY + HOUR),
            (start + 2 * DAY, "stage", "won", "", rep, start + 2 * DAY),
        ]
        deals[f"D-{number:02}"] = sorted(told, key=lambda each: each[0])
    return deals


def _naive(deals: dict[str, list[Told]], least: int, k: int) -> Counter[tuple[str, str, str]]:
    """By rep, rule and mark (empty: any), read row by row."""
    found: Counter[tuple[str, str, str]] = Counter()
    calls = [
        (told[4], told[5]) for deal in deals.values() for told in deal if told[1] == "activity"
    ]
    for deal in deals.values():
        rep = deal[0][4]
        offered = next(at for at, _, name, *_ in deal if name == "offer")
        own: dict[str, set[str]] = defaultdict(set)
        for at, kind, name, value, actor, recorded in deal:
            if name == "summary":
                rule = "approach/exit/summary"
                own[rule] |= {"just_before"} if offered - at <= MINUTE else set()
                alike = sum(any(each[3] == value for each in other) for other in deals.values())
                own[rule] |= {"same_text"} if alike >= least else set()
            if name == "score":
                own["offer/exit/score"] |= {"at_threshold"} if value == "7" else set()
            if kind == "activity":
                rule = "approach/activity/call"
                times = sorted(each for who, each in calls if who == actor)
                batch = any(
                    first <= recorded <= first + 10 * MINUTE
                    and sum(first <= each <= first + 10 * MINUTE for each in times) >= k
                    for first in times
                )
                weekday = (recorded - MONDAY) // DAY % 7
                if batch and (weekday >= 4 or 0 <= offered - recorded <= 10 * MINUTE):
                    own[rule].add("batch")
        for rule, marks in own.items():
            found.update((rep, rule, mark) for mark in (*marks, *([""] if marks else [])))
    return +found


@pytest.mark.parametrize("seed", range(4))
def test_marks_are_those_of_the_rows(seed: int) -> None:
    rng, reps = Random(seed), ["ann", "bob"]
    deals = _drawn(rng, reps)
    setting = "quality: {same_text: {deals: 15}, batch: {activities: 2}}"
    found = looked(BOOK + setting, deals, ("ann", "bob"))
    told: Counter[tuple[str, str, str]] = Counter()
    for line in found.lines:
        for rule in line.rules if line.scope == "rep" else ():
            for name, times in rule.marks.__dict__.items():
                told[line.id, rule.rule, name] = times
            told[line.id, rule.rule, ""] = rule.share.part
    wanted = _naive(deals, 15, 2)
    assert +told == wanted
    assert {mark for _, _, mark in wanted} == {
        "",
        "just_before",
        "same_text",
        "at_threshold",
        "batch",
    }


# What is inferred


def test_moments_are_those_of_the_hypergeometric_law() -> None:
    rng = Random(5)
    counts = {
        rep: {rule: (n := rng.randrange(1, 40), rng.randrange(n + 1)) for rule in range(5)}
        for rep in "abcdef"
    }
    expected = Expected(counts, "abcde")  # f is not compared
    for rep in "abc":
        laws = [
            stats.hypergeom(
                sum(counts[each][rule][0] for each in "abcde"),
                sum(counts[each][rule][1] for each in "abcde"),
                counts[rep][rule][0],
            )
            for rule in range(5)
        ]
        mean, variance = expected.moments(rep)
        assert mean == pytest.approx(sum(law.mean() for law in laws))
        assert variance == pytest.approx(sum(law.var() for law in laws))
        assert expected.moments(rep, 3)[0] == pytest.approx(laws[3].mean())


PLAIN: Playbook = playbook_of(BOOK)
REPS = tuple(f"rep-{number:02}" for number in range(12))


class _Team:
    reps = ranked = REPS

    def members(self) -> list[Member]:
        return [Member("rep", rep, rep, "", (rep,)) for rep in REPS]

    def actors(self, member: Member) -> tuple[str, ...]:
        return member.reps


def _survey() -> Any:
    numbers = PLAIN.numbers
    return SimpleNamespace(
        playbook=PLAIN, numbers=numbers, team=_Team(), basis=SimpleNamespace(minimum=10)
    )


def _team(rng: Random, rushed: dict[str, float]) -> list[Chance]:
    """Deals of six rules over some weeks. Some deals are rushed, and in some weeks all of a rep's
    activities are logged at once: marks go together in both."""
    rules = [place for place, each in enumerate(list_rules(PLAIN)) if each.info.id in RULES]
    found = []
    for rep in REPS:
        share = rushed.get(rep, 0.1)
        batches = {week for week in range(14) if rng.random() < share}
        for number in range(rng.randrange(25, 45)):
            start, is_rushed = rng.randrange(12), rng.random() < share
            for step in range(6):
                rule, week = rng.choice(rules), start + step // 3
                is_marked = (
                    (is_rushed and rng.random() < 0.6)
                    or (week in batches and rng.random() < 0.5)
                    or rng.random() < 0.03
                )
                marks = frozenset(("batch",)) if is_marked else frozenset()
                found.append(Chance(rule, rep, f"{rep}-{number}", week, marks))  # type: ignore[arg-type]
    return found


def _judged(chances: list[Chance]) -> QualityResult:
    return quality_of(_survey(), SimpleNamespace(chances=lambda: iter(chances)))  # type: ignore[arg-type]


def _called(found: QualityResult) -> Iterator[str]:
    for line in found.lines:
        if (
            line.chance is not None
            and line.chance <= 0.05
            and line.share.part > (line.expected or 0)
        ):
            yield line.id


@pytest.mark.thorough
def test_twelve_equal_reps_are_seldom_called_out() -> None:
    rng, teams = Random(41), 150
    called = [bool(list(_called(_judged(_team(rng, {}))))) for _ in range(teams)]
    assert fmean(called) <= 0.08


@pytest.mark.parametrize("seed", range(3))
def test_the_planted_rep_is_found(seed: int) -> None:
    found = _judged(_team(Random(seed), {"rep-03": 0.6}))
    assert list(_called(found)) == ["rep-03"]
    own = next(line for line in found.lines if line.id == "rep-03")
    assert any(rule.chance is not None and rule.chance <= 0.05 for rule in own.rules)


@pytest.mark.thorough
def test_intervals_hold_the_share() -> None:
    """The true share of marks, from many reps alike, lies in about 95 of 100 intervals."""
    rng = Random(43)
    teams = [_judged(_team(rng, {})) for _ in range(40)]
    lines = [line for found in teams for line in found.lines]
    true = sum(line.share.part for line in lines) / sum(line.share.count for line in lines)
    held = [
        line.share.low <= true <= line.share.high
        for line in lines
        if line.share.low is not None and line.share.high is not None
    ]
    assert 0.93 <= fmean(held) <= 0.98


def test_of_independent_marks_the_interval_is_wilsons() -> None:
    rng = Random(44)
    rules = [place for place, each in enumerate(list_rules(PLAIN)) if each.info.id in RULES]
    chances = [
        Chance(
            rng.choice(rules),
            rep,
            f"{rep}-{n}",
            n,
            frozenset({"batch"} if rng.random() < 0.3 else ()),
        )  # type: ignore[arg-type]
        for rep in REPS
        for n in range(60)
    ]
    for line in _judged(chances).lines:
        low, high = wilson(line.share.part, line.share.count)
        assert (line.share.low, line.share.high) == pytest.approx((low, high))


def _naive_alike(chances: list[Chance], key: str) -> float:
    """How far two marks of one cluster go together, pair by pair."""
    counts = Counter((each.rep, each.rule) for each in chances)
    rates = {
        rule: fmean(bool(each.marks) for each in chances if each.rule == rule)
        for rule in {each.rule for each in chances}
    }
    level = {
        each: sum(bool(other.marks) for other in chances if other.rep == each)
        / sum(n * rates[rule] for (rep, rule), n in counts.items() if rep == each)
        for each in {each.rep for each in chances}
    }
    rests = [bool(each.marks) - min(1.0, rates[each.rule] * level[each.rep]) for each in chances]
    clusters: dict[object, list[float]] = defaultdict(list)
    for each, rest in zip(chances, rests, strict=True):
        clusters[each.rep, getattr(each, key)].append(rest)
    products = [
        one * other
        for rest in clusters.values()
        for place, one in enumerate(rest)
        for again, other in enumerate(rest)
        if place != again
    ]
    found = max(0.0, fmean(products) / fmean(rest * rest for rest in rests))
    marked = sum(bool(each.marks) for each in chances)
    pairs = marked * (marked - 1) / 2
    return (found * pairs + 2) / (pairs + 2)


def test_intervals_are_those_of_pairs_counted_one_by_one() -> None:
    chances = _team(Random(45), {"rep-05": 0.4})
    alike = {key: _naive_alike(chances, key) for key in ("deal", "week")}
    for line in _judged(chances).lines[:4]:
        own = [each for each in chances if each.rep == line.id]
        effect = 1.0
        for key, together in alike.items():
            sizes = Counter(getattr(each, key) for each in own)
            effect += (fmean(sizes[getattr(each, key)] for each in own) - 1) * together
        size, share = len(own) / effect, line.share.part / len(own)
        z2 = 1.959963984540054**2
        spread = (z2 * share * (1 - share) / size + z2 * z2 / 4 / size**2) ** 0.5
        centre = share + z2 / 2 / size
        ends = [(centre + sign * spread) / (1 + z2 / size) for sign in (-1, 1)]
        assert [line.share.low, line.share.high] == pytest.approx(ends)
