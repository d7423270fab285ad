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
from test_versions_laws import law

from playgate.conditions import tree
from playgate.conditions.tree import Condition
from playgate.documents import yaml12
from playgate.history.event import Event
from playgate.history.order import settle
from playgate.judge.judge import Judge
from playgate.playbook.load import parse_playbook
from playgate.playbook.model import Playbook
from playgate.report import diff_json, diff_text, playbook_text
from playgate.versions.change import Change
from playgate.versions.compare import compare
from playgate.versions.implies import implies
from playgate.versions.meaning import normal
from support.generate import _Playbook, random_history
from support.versions import loaded

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "versions" / "diff.yaml"
MIRRORED = {
    "added": "removed",
    "removed": "added",
    "tightened": "loosened",
    "loosened": "tightened",
}


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
    wanted = (
        "more times",
        "a stage added",
        "the defaults",
        "names added",
        "words for people",
        "a stage moved",
        "a rule by another id",
    )
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


def test_show_tells_what_becomes_of_deals_in_flight() -> None:
    line = "Deals in flight under earlier versions: grandfather-until 2026-03-31; old → first"
    told = "migration: {policy: grandfather-until 2026-03-31, stage_map: {old: first}}\n"
    text = file()["playbook"]
    assert line in "".join(playbook_text.render(read(text + told, "new.yaml")))
    assert "Deals in flight" not in "".join(playbook_text.render(read(text, "old.yaml")))


def test_tests_of_a_number_imply_what_they_should() -> None:
    """Every pair of tests on a few numbers: implied is exactly what holds for each value."""
    pairs = [
        *((name, (float(n),)) for name in NUMERIC for n in (1, 2, 3)),
        *(("between", (float(low), float(high))) for low in (1, 2) for high in (2, 3)),
        *((name, values) for name in ("one_of", "none_of") for values in ((1.0, 2.0), (2.0, 3.0))),
        ("is", ("present",)),
    ]
    tests = [tree.Test(name, values) for name, values in pairs]
    values = [None, *(step / 2 for step in range(9))]
    passing = {test: [value for value in values if passes(test, value)] for test in tests}
    for one in tests:
        for other in tests:
            said = implies(tree.FieldTest("f", one), tree.FieldTest("f", other))
            holds = set(passing[one]) <= set(passing[other])
            assert not said or holds, (one, other)
            if one.operator in SURE and other.operator in SURE:
                assert said == holds, (one, other)


NUMERIC = {
    "equals": float.__eq__,
    "not_equals": float.__ne__,
    "more_than": float.__gt__,
    "at_least": float.__ge__,
    "less_than": float.__lt__,
    "at_most": float.__le__,
}
SURE = frozenset(("equals", "one_of", "at_least", "at_most", "between", "is"))
"""Of these it is always told, so far as the few values show."""


def passes(test: tree.Test, value: float | None) -> bool:
    """What the design says, without the engine."""
    operands: tuple[Any, ...] = test.operands
    if value is None:
        return test.operator in ("not_equals", "none_of")
    match test.operator:
        case "is":
            return True
        case "one_of":
            return value in operands
        case "none_of":
            return value not in operands
        case "between":
            return bool(operands[0] <= value <= operands[1])
    return bool(NUMERIC[test.operator](value, operands[0]))


# What is called tighter is tighter


def tweaked(condition: Any, rng: Random) -> Any:
    """The condition with a number, a list or a part of it changed."""
    text = json.dumps(condition)
    one, other = rng.choice(
        [
            (": 1", ": 2"),
            (": 2", ": 3"),
            (": 3", ": 1"),
            ("at_least", "more_than"),
            ("less_than", "at_most"),
            ("not_equals", "equals"),
            ("1 day", "2 days"),
            ('"any"', '"all"'),
            ('"all"', '"any"'),
            ("one_of", "none_of"),
            ('["red", ', '["green", '),
            ('"abc"', '"ab"'),
            ("contains", "starts_with"),
            ("older_than", "newer_than"),
        ]
    )
    return json.loads(text.replace(one, other, 1))


Pairs = list[tuple[Condition, Condition]]


def pairs(rng: Random) -> tuple[Playbook, Pairs, list[Event]] | None:
    """A playbook whose signals come in pairs, the second of each a little different; and a deal."""
    maker = _Playbook(rng, small=False)
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
