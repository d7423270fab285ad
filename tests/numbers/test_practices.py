"""What winners do otherwise: found where it was planted, and nothing where it was not."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from io import StringIO
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from playgate.cli.group import playgate
from playgate.conditions.instants import DAY, show_instant
from playgate.documents.schema import load_schema
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.spool import Spool
from playgate.model.numbers import Practising
from playgate.numbers.practices.learn import learn, practices
from playgate.numbers.practices.result import Practices
from playgate.numbers.practices.stratified import stratified
from playgate.playbook.load import load_playbook, load_whole, parse_playbook
from playgate.report import numbers_csv, numbers_json, numbers_text
from playgate.report.practices_text import written
from support.thorough import but_first

TEXT = """
playbook: sales
version: 1
activities:
  visit: {}
  demo: {}
  call: {outcomes: [reached, missed]}
fields:
  owner: {type: text}
  amount: {type: number}
stages:
  - {stage: approach, activities: [visit]}
  - stage: proposal
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
REPS = 12
START = 1_750_000_000_000_000


def world(seed: int, *, effect: float, deals: int = 900) -> Spool:
    """Deals of reps of whom the better ones make more demos, which change nothing; a visit raises
    the chance to win by `effect`."""
    rng = Random(seed)
    spool = Spool()
    for number in range(deals):
        events = sorted(lived(rng, START + number * DAY // 4, effect=effect))
        rep = events[0][-1]
        for at, kind, name, value, _ in events:
            spool.add(Event(f"D{number}", at, kind, name, value, rep, at, "", "", 0, number, ""))
    return spool


def lived(rng: Random, at: int, *, effect: float) -> Iterator[tuple[int, str, str, str, str]]:
    """The events of a deal."""
    skill = rng.randrange(REPS) / REPS
    rep = f"rep-{skill:.2f}"
    yield at, "stage", "approach", "", rep
    yield at + 1, "field", "amount", str(rng.randrange(1, 9) * 1000), rep
    visits = rng.random() < 0.5
    if visits:
        yield at + DAY, "activity", "visit", "", rep
    if rng.random() < 0.2 + 0.6 * skill:
        yield at + 2 * DAY, "activity", "demo", "", rep
    if rng.random() < 0.7:
        yield at + 3 * DAY, "activity", "call", rng.choice(("reached", "missed")), rep
    yield at + 10 * DAY, "stage", "proposal", "", rep
    wins = rng.random() < 0.15 + 0.4 * skill + effect * visits
    if wins:  # what follows from winning is no practice
        yield at + 12 * DAY, "activity", "demo", "", rep
    yield at + 15 * DAY, "stage", "won" if wins else "lost", "", rep


def found_in(spool: Spool, text: str = TEXT, **wanted: object) -> Practices:
    playbook, document = load_whole(text.encode(), "sales.yaml")
    with spool:
        assert spool.latest is not None
        return practices(playbook, document, spool, wanted=Practising(**wanted), as_of=spool.latest)


def test_what_was_planted_is_found() -> None:
    result = found_in(world(1, effect=0.25))
    (found,) = result.found
    assert found.rule["need"] == {"activity": "visit"}
    effect = found.confirmed
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low < 0.25 < effect.high
    assert (found.reps, result.landmark, result.outcome) == (2, "proposal", "won")
    assert result.reached == result.decided == 900
    assert result.tried > 5
    assert 0 < result.promising < result.tried


def test_what_is_found_is_a_rule_of_the_playbook() -> None:
    result = found_in(world(1, effect=0.25))
    text = TEXT + "".join(written(result))
    playbook, _ = load_whole(text.encode(), "sales.yaml")
    assert [each.id for each in playbook.sequence] == [each.rule["id"] for each in result.found]
    assert [each.level for each in playbook.sequence] == ["observe"] * len(result.found)
    again = found_in(world(1, effect=0.25), text)
    assert again.found[0].rule["id"] not in {each.id for each in playbook.sequence}


@pytest.mark.thorough
def test_a_rule_that_changes_nothing_is_told() -> None:
    result = found_in(world(3, effect=0.0, deals=6000))
    (alike,) = result.alike
    assert alike.rule == "approach/activity/visit"
    assert result.found == ()


def test_deals_that_may_still_come_to_it_are_left_out() -> None:
    spool = world(1, effect=0.25)
    with spool:
        at = START + 100 * DAY
        playbook, document = load_whole(TEXT.encode(), "sales.yaml")
        result = practices(playbook, document, spool, wanted=Practising(), as_of=at)
        entered = {
            deal: [event.name for event in events if event.happened_at <= at]
            for deal, events in spool.deals()
        }
    proposed = [names for names in entered.values() if "proposal" in names]
    ended = [names for names in proposed if {"won", "lost"} & {*names}]
    assert result.reached == len(proposed)
    assert result.decided == len(ended)
    assert result.undecided == len(proposed) - len(ended) > 0
    assert result.well == sum("won" in names for names in ended)


@pytest.mark.parametrize("worlds", but_first(1, (2, 100)))
def test_where_nothing_is_planted_nothing_is_found(worlds: int) -> None:
    found = [found_in(world(each + 1000, effect=0.0, deals=600)).found for each in range(worlds)]
    # One in twenty may err: of two none does, of a hundred fewer than twelve (p < 0.01).
    assert sum(map(bool, found)) <= (0 if worlds < 20 else 11)


def alike(rng: Random, effect: float) -> Counter[tuple[object, bool, bool]]:
    """Deals in strata of all sizes, in each of which one more in `effect` comes to the outcome."""
    found: Counter[tuple[object, bool, bool]] = Counter()
    for stratum in range(40):
        usual, often = rng.uniform(0.1, 0.6), rng.uniform(0.2, 0.8)
        for _ in range(rng.randint(2, 30)):
            done = rng.random() < often
            found[stratum, done, rng.random() < usual + effect * done] += 1
    return found


@pytest.mark.parametrize("effect", [0.0, 0.2])
def test_its_interval_holds_the_truth(effect: float) -> None:
    rng, worlds = Random(7), 1000
    effects = [stratified(alike(rng, effect)) for _ in range(worlds)]
    held = sum(each.low <= effect <= each.high for each in effects)  # type: ignore[operator]
    assert 0.93 <= held / worlds <= 0.97
    if not effect:
        assert 0.03 <= sum(each.chance <= 0.05 for each in effects) / worlds <= 0.07


counts = st.dictionaries(
    st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), st.integers(1, 9), max_size=16
)


@given(counts)
def test_it_is_what_was_published(found: dict[tuple[object, bool, bool], int]) -> None:
    """The sums as they stand in the papers, in exact fractions."""
    effect = stratified(found)
    tables = [
        [found.get((each, done, well), 0) for done in (True, False) for well in (True, False)]
        for each in range(4)
    ]
    numbers = [(Fraction(a), Fraction(b), Fraction(c), Fraction(d)) for a, b, c, d in tables]
    numbers = [each for each in numbers if sum(each)]
    weight = sum((a + b) * (c + d) / (a + b + c + d) for a, b, c, d in numbers)
    assert effect.done == sum(a + b for a, b, _, _ in numbers)
    assert effect.left_well == sum(c for _, _, c, _ in numbers)
    if not weight:
        assert effect.value is None
        return
    pooled = sum((a * (c + d) - c * (a + b)) / (a + b + c + d) for a, b, c, d in numbers)
    difference = pooled / weight
    assert effect.value == pytest.approx(float(difference))
    first = second = Fraction(0)
    for a, b, c, d in numbers:
        n1, n0, n = a + b, c + d, a + b + c + d
        first += (n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2
        second += (a * (n0 - c) + c * (n1 - a)) / (2 * n)
    reach = 1.959963984540054 * max(0.0, float(difference * first + second)) ** 0.5 / float(weight)
    assert effect.low == pytest.approx(max(-1.0, float(difference) - reach), abs=1e-9)
    assert effect.high == pytest.approx(min(1.0, float(difference) + reach), abs=1e-9)


def early(seed: int) -> Spool:
    """Deals with a call after 1 to 20 days; it raises the chance to win where it comes within 5."""
    rng, spool = Random(seed), Spool()
    for number in range(900):
        at, rep = START + number * DAY // 4, f"rep-{number % 9}"
        called = rng.randint(1, 20)
        wins = rng.random() < (0.6 if called <= 5 else 0.25)
        lived = [
            (at, "stage", "approach", ""),
            (at + called * DAY - 1, "activity", "call", "reached"),
            (at + 21 * DAY, "stage", "proposal", ""),
            (at + 22 * DAY, "stage", "won" if wins else "lost", ""),
        ]
        for then, kind, name, value in lived:
            spool.add(Event(f"D{number}", then, kind, name, value, rep, then, "", "", 0, 0, ""))
    return spool


def test_a_threshold_stands_with_the_evidence_for_it_and_for_the_others() -> None:
    result = found_in(early(5), look=("gaps",))
    found = next(each for each in result.found if "within" in each.rule)
    assert found.rule["within"] == "5 days"
    tried = [each.at for each in found.thresholds]
    assert tried == sorted(tried, key=lambda each: int(each.split()[0]))
    assert {"3 days", "5 days", "10 days"} <= {*tried}
    best = min(found.thresholds, key=lambda each: each.learnt.chance)
    assert (best.at, best.learnt) == ("5 days", found.learnt)
    (line,) = [
        each for each in "".join(written(result)).splitlines() if "tried in the other half" in each
    ]
    assert all(f"{each} +" in line for each in ("3 days", "5 days"))
    text = "".join(numbers_text.render(result))
    assert "<0.0001" in text
    assert " 0.0001" not in text


def test_the_deals_behind_are_those_that_did_it_and_those_that_did_not() -> None:
    playbook, document = load_whole(TEXT.encode(), "sales.yaml")
    with world(1, effect=0.25) as spool:
        visited = {
            deal for deal, events in spool.deals() if any(each.name == "visit" for each in events)
        }
        named = {f"D{number}" for number in range(0, 900, 7)}
        given = {"wanted": Practising(), "as_of": spool.latest or 0}
        found = learn(playbook, document, spool, named=named, **given)
        part = learn(playbook, document, spool, share=0.5, **given).result
    assert found.result == found_in(world(1, effect=0.25))
    assert found.did == {deal: {"visit": deal in visited} for deal in named}
    assert 350 < part.reached < 550


def test_it_is_shown_in_all_forms() -> None:
    result = found_in(world(1, effect=0.25))
    data = json.loads("".join(numbers_json.render(result)), parse_constant=pytest.fail)
    Draft202012Validator(load_schema("numbers")).validate(data)
    (row,) = csv.DictReader(StringIO("".join(numbers_csv.render(result))))
    assert json.loads(row["rule"]) == data["found"][0]["rule"]
    assert float(row["confirmed_value"]) == data["found"][0]["confirmed"]["value"]
    text = "".join(numbers_text.render(result))
    assert "- id: visit\n      before: {stage: proposal}\n" in text
    assert "Before the first move into proposal: visit" in text


def run(*arguments: object) -> Result:
    return CliRunner().invoke(playgate, list(map(str, arguments)), standalone_mode=False)


def test_a_playbook_is_started_from_a_history(tmp_path: Path) -> None:
    history, target = tmp_path / "history.csv", tmp_path / "new.playbook.yaml"
    with world(1, effect=0.25) as spool, history.open("w") as file:
        file.write("deal,happened_at,kind,name,value,actor\n")
        for deal, events in spool.deals():
            for event in events:
                at = show_instant(event.happened_at)
                file.write(f"{deal},{at},{event.kind},{event.name},{event.value},{event.actor}\n")
    found = run("practices", history, "--landmark", "proposal", "--write", target)
    assert found.exception is None
    playbook = load_playbook(target)
    assert [stage.id for stage in playbook.stages] == ["approach", "proposal", "won", "lost"]
    assert [each.id for each in playbook.sequence] == ["visit"]
    again = run("practices", history, "--write", target)
    assert isinstance(again.exception, InputError)
    assert again.exception.code == "cannot-write"


WRONG = {
    "no history": (["sales.yaml"], "usage"),
    "no such landmark": (["sales.yaml", "h.csv", "--landmark", "propsal"], "unknown-name"),
    "an end": (["sales.yaml", "h.csv", "--landmark", "won"], "unknown-name"),
    "no such outcome": (["sales.yaml", "h.csv", "--outcome", "cycle"], "unknown-name"),
    "no events": (["sales.yaml", "h.csv"], "nothing-to-judge"),
}


@pytest.mark.parametrize(("arguments", "code"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sales.yaml").write_text(TEXT)
    Path("h.csv").write_text("deal,happened_at,kind,name\n")
    found = run("practices", *arguments).exception
    assert isinstance(found, InputError)
    assert found.code == code


DECLARED = {
    "{landmark: won}": "unknown-stage",
    "{landmark: approach}": "unknown-stage",
    "{outcome: cycle}": "unknown-kpi",
    "{look: [moon]}": "unknown-value",
}


@pytest.mark.parametrize(("practices", "rule"), DECLARED.items())
def test_what_cannot_be_declared(practices: str, rule: str) -> None:
    playbook, mistakes = parse_playbook(f"{TEXT}practices: {practices}\n".encode(), "p.yaml")
    assert playbook is None
    assert [each.rule for each in mistakes] == [rule]
