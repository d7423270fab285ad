"""The cases of `cases/versions/diff.yaml`, forwards and backwards, and what is printed of one."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from playgate.documents import yaml12
from playgate.model.playbook import Playbook
from playgate.playbook.load import parse_playbook
from playgate.report import diff_json, diff_text, playbook_text
from playgate.versions.change import Change
from playgate.versions.compare import compare

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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "not: {field: amount, less_than: 10}",
            "any: [{field: amount, is: absent}, {field: amount, at_least: 10}]",
        ),
        ("field: seats, more_than: 4", "field: seats, at_least: 5"),
        (
            "field: kind, one_of: [a, b]",
            "all: [{field: kind, is: present}, {not: {field: kind, equals: c}}]",
        ),
        (
            "activity: demo, where: {n: {at_most: 1}}",
            "not: {activity: demo, no_more_than: 0, where: {n: {at_most: 1}}}",
        ),
    ],
)
def test_one_condition_written_in_two_ways_is_no_change(one: str, other: str) -> None:
    text = file()["playbook"].replace(
        "amount: {type: number}", "amount: {type: number}\n  seats: {type: integer}"
    )
    old, new = (
        read(text.replace("hold: [", f"hold: [{{id: x, {each}}}, "), "book.yaml")
        for each in (one, other)
    )
    assert compare(old, new).changes == compare(new, old).changes == ()


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
