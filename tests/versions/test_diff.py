"""The cases of `cases/versions/diff.yaml`, forwards and backwards, and what is printed of one."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from test_laws import law

from playgate.conditions.tree import Condition
from playgate.documents import yaml12
from playgate.history.event import Event
from playgate.history.order import settle
from playgate.judge.judge import Judge
from playgate.playbook.load import parse_playbook
from playgate.playbook.model import Playbook
from playgate.report import diff_json, diff_text
from playgate.versions.change import Change
from playgate.versions.compare import compare
from playgate.versions.implies import implies
from playgate.versions.meaning import normal
from support.generate import _Playbook, random_history
from support.versions import loaded

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "versions" / "diff.yaml"
MIRRORED = {"added": "removed", "removed": "added", "tightened": "loosened",
            "loosened": "tightened"}  # fmt: skip


@cache
def file() -> dict[str, Any]:
    document, mistakes = yaml12.parse(CASES.read_bytes(), CASES.name)
    assert document is not None, mistakes
    data: dict[str, Any] = document.data
    return data


def read(text: str, name: str) -> Playbook:
    playbook, mistakes = parse_playbook(text.encode(), name)
    assert playbook is not None, mistakes
    return playbook


def versions(case: dict[str, Any]) -> tuple[Playbook, Playbook]:
    old = new = file()["playbook"]
    for before, after in case["replace"].items():
        assert before in new, before
        new = new.replace(before, after, 1)
    return read(old, "old.yaml"), read(new, "new.yaml")


def told(change: Change) -> str:
    return f"{change.kind} {change.part} {change.id}" + (
        f", {change.aspect}" if change.aspect else ""
    )


@pytest.mark.parametrize("case", file()["cases"], ids=lambda case: case["case"])
def test_a_change_is_told_by_its_meaning(case: dict[str, Any]) -> None:
    old, new = versions(case)
    assert sorted(map(told, compare(old, new).changes)) == sorted(case["expect"])
    words = (line.partition(" ") for line in case["expect"])
    mirrored = [f"{MIRRORED.get(kind, kind)} {rest}" for kind, _, rest in words]
    backwards = case.get("backwards", mirrored)
    assert sorted(map(told, compare(new, old).changes)) == sorted(backwards)


def several() -> tuple[Playbook, Playbook]:
    wanted = ("more times", "a stage added", "the defaults", "names added", "words for people",
              "a stage moved", "a rule by another id")  # fmt: skip
    old = new = file()["playbook"]
    for case in file()["cases"]:
        for before, after in case["replace"].items() if case["case"] in wanted else ():
            new = new.replace(before, after, 1)
    return read(old, "old.yaml"), read(new, "new.yaml")


def test_what_is_printed(golden: Callable[[str, str], None]) -> None:
    diff = compare(*several())
    golden("diff.txt", "".join(diff_text.render(diff)))
    golden("diff.md", "".join(diff_text.render_markdown(diff)))
    text = "".join(diff_json.render(diff))
    golden("diff.json", text)
    schema = json.loads((ROOT / "schemas" / "diff.schema.json").read_bytes())
    Draft202012Validator(schema).validate(json.loads(text))


def test_nothing_that_is_foreign_is_printed_as_it_is() -> None:
    hostile = file()["playbook"].replace("First contact", '"\\x1b[31m|<b>`@you`\\n"')
    diff = compare(read(file()["playbook"], "old.yaml"), read(hostile, "new.yaml"))
    assert "\x1b" not in "".join(diff_text.render(diff))
    markdown = "".join(diff_text.render_markdown(diff))
    assert "\x1b" not in markdown
    assert "<b>" not in markdown
    assert "@you" not in markdown


# What is called tighter is tighter


def tweaked(condition: Any, rng: Random) -> Any:
    """The condition with a number, a list or a part of it changed."""
    text = json.dumps(condition)
    one, other = rng.choice([
        (": 1", ": 2"), (": 2", ": 3"), (": 3", ": 1"), ("at_least", "more_than"),
        ("less_than", "at_most"), ("not_equals", "equals"), ("1 day", "2 days"),
        ('"any"', '"all"'), ('"all"', '"any"'), ("one_of", "none_of"), ('["red", ', '["green", '),
        ('"abc"', '"ab"'), ("contains", "starts_with"), ("older_than", "newer_than"),
    ])  # fmt: skip
    return json.loads(text.replace(one, other, 1))


Pairs = list[tuple[Condition, Condition]]


def pairs(rng: Random) -> tuple[Playbook, Pairs, list[Event]] | None:
    """A playbook whose signals come in pairs, the second of each a little different; and a deal."""
    maker = _Playbook(rng)
    book = maker.build()
    found = [maker.condition(2, rule=False) for _ in range(6)]
    signals = dict(book.get("signals", {}))
    for number, condition in enumerate(found):
        signals[f"one{number}"] = condition
        signals[f"two{number}"] = tweaked(condition, rng)
    playbook = loaded({**book, "signals": signals})
    if playbook is None:
        return None
    known = playbook.signals
    names = [(f"one{number}", f"two{number}") for number in range(len(found))]
    rows, _ = random_history(rng, book, deals=1)
    return (
        playbook,
        [(normal(known[one], known), normal(known[other], known)) for one, other in names],
        settle(rows)[0],
    )


@law
@given(st.integers(0, 2**32))
def test_what_is_implied_holds(seed: int) -> None:
    rng = Random(seed)
    drawn = pairs(rng)
    if drawn is None or not drawn[2]:
        return
    playbook, conditions, events = drawn
    judge = Judge(playbook, has_people=False)
    deal = judge.reader().read("d", events, events[-1].happened_at)
    for one, other in [*conditions, *((other, one) for one, other in conditions)]:
        if not implies(one, other):
            continue
        holds, follows = judge.condition(one, ""), judge.condition(other, "")
        for at in deal.happened:
            moment = deal.instant_moment(at)
            assert not holds(deal, moment) or follows(deal, moment), (one, other)
