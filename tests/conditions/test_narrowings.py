"""Every key that narrows what is counted says all that is asked of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from playgate.cases.changes import CHANGES
from playgate.conditions import tree
from playgate.conditions.narrowing import Follows, Narrowing, covers
from playgate.conditions.narrowings import NARROWINGS
from support.generate import random_playbook
from support.parity import load

ROOT = Path(__file__).parents[2]
NAMES = {"do", "activity"}
COUNTS = {"times", "no_more_than"}
OF_RULES = {"id", "within", "every", "why", "ask", "when", "level", "from", "may_waive", "tools"}
DRAWN = 60
EQUAL = Follows(test=lambda one, other: one == other, length=lambda one, other: one == other)


def _properties(node: Any) -> Iterator[set[str]]:
    """The keys of what counts activities in the schema."""
    if isinstance(node, dict):
        if "in_last" in node.get("properties", {}) and "changes" not in node["properties"]:
            yield set(node["properties"])
        for value in node.values():
            yield from _properties(value)


def _keys(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        yield from data
        for value in data.values():
            yield from _keys(value)
    elif isinstance(data, list):
        for value in data:
            yield from _keys(value)


@pytest.fixture(scope="module")
def books() -> list[Any]:
    return [random_playbook(Random(seed)) for seed in range(DRAWN)]


@pytest.fixture(scope="module")
def found(books: list[Any]) -> list[Narrowing]:
    """The narrowings of signals and of stages' activities in generated playbooks."""
    playbooks = [load(book) for book in books]
    signals = [each for playbook in playbooks for each in playbook.signals.values()]
    parts = [part for each in signals for part in tree.walk(each, {})]
    counts = [part for part in parts if isinstance(part, tree.ActivityCount)]
    stages = [stage for playbook in playbooks for stage in playbook.stages]
    counts += [activity.count for stage in stages for activity in stage.activities]
    return [each for count in counts for each in (*count.pattern.narrowings, *count.spans)]


def test_the_schema_knows_the_same_keys() -> None:
    schema = json.loads((ROOT / "schemas" / "playbook.schema.json").read_bytes())
    found = list(_properties(schema))
    assert len(found) == 2
    for keys in found:
        assert keys - NAMES - COUNTS - OF_RULES == set(NARROWINGS)


def test_generated_playbooks_use_every_key(books: list[Any]) -> None:
    assert set(NARROWINGS) <= set(_keys(books))


def test_the_cases_of_the_judge_use_every_key() -> None:
    text = "".join(path.read_text("utf-8") for path in (ROOT / "tests/cases/judge").glob("*.yaml"))
    assert [key for key in NARROWINGS if f" {key}: " not in text and f"{{{key}: " not in text] == []


def test_every_key_is_met(found: list[Narrowing]) -> None:
    assert {each.key for each in found} == set(NARROWINGS)


def test_the_normal_form_says_the_same(found: list[Narrowing]) -> None:
    for each in found:
        normal = each.normal()
        assert normal.normal() == normal
        assert covers([normal], [normal], EQUAL)


def test_without_it_is_among_the_ways_to_loosen_it(found: list[Narrowing]) -> None:
    for each in found:
        changed = [new for _, new in each.loosened(CHANGES)]
        assert changed.count(None) == 1
        assert each not in changed
