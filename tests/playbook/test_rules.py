"""Rule ids, globs, and which setting holds where several are given."""

from __future__ import annotations

import pytest

from playgate.conditions.instants import read_instant, show_instant
from playgate.model.playbook import Playbook
from playgate.playbook.load import parse_playbook
from playgate.playbook.naming import name_all, own_name
from playgate.rules.list import Rule, glob_matches, list_rules

DECLARED = """\
playbook: p
version: 1
roles: [rep]
fields: {amount: {type: number}, budget: {type: number}}
activities: {call: {}, demo: {}}
signals: {known: {field: amount, is: present}}
"""
ENDS = "  - {stage: won, ends: won}\n  - {stage: lost, ends: lost}\n"


def load(text: str) -> Playbook:
    playbook, mistakes = parse_playbook(text.encode(), "p.yaml")
    assert playbook is not None, "\n".join(map(str, mistakes))
    return playbook


def ids(text: str) -> list[str]:
    return [rule.info.id for rule in list_rules(load(text))]


# Names


@pytest.mark.parametrize(
    ("given", "own", "names"),
    [
        ([], [], []),
        ([None, None], ["a", "b"], ["a", "b"]),
        ([None, None, None], ["a", "a", "a"], ["a", "a-2", "a-3"]),
        ([None, "a"], ["a", "b"], ["a-2", "a"]),
        (["a-2", None, None], ["x", "a", "a"], ["a-2", "a", "a-3"]),
        ([None, None, None], ["a", "a-2", "a"], ["a", "a-2", "a-3"]),
        ([None, None, None], ["a", "a", "a-2"], ["a", "a-2", "a-2-2"]),
        ([5, None], ["a", "a"], ["a", "a-2"]),
    ],
)
def test_given_names_come_first_and_numbers_follow(
    given: list[object], own: list[str], names: list[str]
) -> None:
    assert name_all(given, own) == names


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("known", "known"),
        ({"signal": "known"}, "known"),
        ({"field": "amount", "is": "present"}, "amount"),
        ({"activity": "call"}, "call"),
        ({"activity": ["demo", "call"]}, "demo"),
        ({"do": ["call", "demo"]}, "call"),
        ({"stage": "open", "is": "entered"}, "open"),
        ({"all": ["known"]}, "all"),
        ({"any": ["known"]}, "any"),
        ({"not": "known"}, "not"),
        (["known"], "all"),
        ({"field": 5}, "broken"),
        ({"activity": []}, "broken"),
        ({"colour": "red"}, "broken"),
        (None, "broken"),
    ],
)
def test_a_demand_is_named_after_what_it_asks(item: object, name: str) -> None:
    assert own_name(item) == name


def test_every_part_has_its_id() -> None:
    text = f"""{DECLARED}stages:
  - stage: open
    by: rep
    time_limit: 2 days
    entry: [known, {{field: amount, is: present}}]
    activities: [call, {{do: demo, within: 3 days}}]
    exit: [{{not: known}}, {{any: [known]}}, [known], {{all: [known], id: both}}]
    hold: [{{stage: open, is: entered}}]
{ENDS}sequence:
  - {{id: first-call, before: {{activity: demo}}, need: {{activity: call}}}}
limits: {{idle: 2 days, age: 9 days}}
profiles: {{firm: {{fit: {{size: known}}}}}}
"""
    assert ids(text) == [
        "open/entered",
        "open/entry/known",
        "open/entry/amount",
        "open/by",
        "open/activity/call",
        "open/activity/demo",
        "open/within/demo",
        "open/exit/not",
        "open/exit/any",
        "open/exit/all",
        "open/exit/both",
        "open/hold/open",
        "open/time",
        "order/back",
        "order/reopened",
        "sequence/first-call",
        "limit/idle",
        "limit/age",
        "profile/fit",
    ]


def test_each_list_counts_for_itself() -> None:
    text = f"{DECLARED}stages:\n  - {{stage: open, entry: [known], exit: [known]}}\n{ENDS}"
    assert ids(text)[:3] == ["open/entered", "open/entry/known", "open/exit/known"]


# Globs


@pytest.mark.parametrize(
    ("glob", "rule_id", "matches"),
    [
        ("open/entered", "open/entered", True),
        ("open/entered", "open/entered2", False),
        ("open/entered", "Open/entered", False),
        ("*", "open/exit/a", True),
        ("*/entered", "open/entered", True),
        ("*/entered", "open/exit/entered", True),
        ("open/*", "open/exit/a", True),
        ("open/*", "opening/exit/a", False),
        ("*/exit/*", "open/exit/a", True),
        ("*/exit/*", "open/exit", False),
        ("o*n/*t*", "open/exit/a", True),
        ("ab*ba", "aba", False),
        ("ab*ba", "abba", True),
        ("open/?ntered", "open/entered", False),
        ("open/[e]ntered", "open/entered", False),
        ("open/.*", "open/exit/a", False),
        ("", "open/entered", False),
    ],
)
def test_a_glob_knows_only_the_star(glob: str, rule_id: str, matches: bool) -> None:
    assert glob_matches(glob, rule_id) is matches


# Which setting holds


def rule(rule_id: str, *, top: str = "", stage: str = "", place: str = "", rules: str = "") -> Rule:
    """The rule with these settings: of the playbook, of the stage, in place, under `rules`."""
    text = f"""{DECLARED}{top}
stages:
  - stage: open
    exit: [{{field: amount, is: present{place}}}]
    {stage}
{ENDS}sequence:
  - {{id: s, before: {{activity: demo}}, need: {{activity: call}}{place}}}
rules: {{{rules}}}
"""
    return next(each for each in list_rules(load(text)) if each.info.id == rule_id)


EXIT = "open/exit/amount"


@pytest.mark.parametrize(
    ("rule_id", "given", "level"),
    [
        (EXIT, {}, "block"),
        (EXIT, {"top": "level: warn"}, "warn"),
        (EXIT, {"top": "level: warn", "stage": "level: observe"}, "observe"),
        (EXIT, {"stage": "level: observe", "place": ", level: warn"}, "warn"),
        (EXIT, {"place": ", level: warn", "rules": '"*": {level: observe}'}, "observe"),
        (EXIT, {"rules": f'{EXIT}: {{level: warn}}, "*": {{level: observe}}'}, "observe"),
        (EXIT, {"rules": f'"*": {{level: observe}}, {EXIT}: {{level: warn}}'}, "warn"),
        (EXIT, {"rules": '"*/exit/*": {level: warn}, "order/*": {level: block}'}, "warn"),
        (EXIT, {"rules": f'"*": {{level: warn}}, {EXIT}: {{from: 2026-01-01}}'}, "warn"),
        ("open/entered", {"stage": "level: warn"}, "warn"),
        ("open/entered", {"place": ", level: warn"}, "block"),
        ("sequence/s", {"stage": "level: warn"}, "block"),
        ("sequence/s", {"top": "level: warn"}, "warn"),
        ("sequence/s", {"top": "level: warn", "place": ", level: observe"}, "observe"),
        ("order/back", {}, "observe"),
        ("order/back", {"top": "level: block"}, "observe"),
        ("order/back", {"rules": '"*": {level: warn}'}, "warn"),
        ("order/back", {"rules": '"order/*": {from: 2026-01-01}'}, "observe"),
    ],
)
def test_which_level_holds(rule_id: str, given: dict[str, str], level: str) -> None:
    assert rule(rule_id, **given).info.level == level


@pytest.mark.parametrize(
    ("rule_id", "given", "starts"),
    [
        (EXIT, {}, None),
        (EXIT, {"top": "from: 2026-01-01"}, "2026-01-01T00:00:00Z"),
        (EXIT, {"top": "from: 2026-01-01\ntimezone: Europe/Paris"}, "2025-12-31T23:00:00Z"),
        (EXIT, {"top": "from: 2026-02-01", "place": ", from: 2026-01-01"}, "2026-01-01T00:00:00Z"),
        (
            EXIT,
            {"place": ", from: 2026-01-01", "rules": '"*": {from: 2026-03-01}'},
            "2026-03-01T00:00:00Z",
        ),
        (
            EXIT,
            {"rules": f'"*": {{from: 2026-03-01}}, {EXIT}: {{level: warn}}'},
            "2026-03-01T00:00:00Z",
        ),
        (
            EXIT,
            {"rules": '"*": {from: 1970-01-01}', "top": "from: 2026-01-01"},
            "1970-01-01T00:00:00Z",
        ),
        ("open/entered", {"place": ", from: 2026-01-01"}, None),
        ("sequence/s", {"place": ", from: 2026-01-01"}, "2026-01-01T00:00:00Z"),
        ("order/back", {"top": "from: 2026-01-01"}, "2026-01-01T00:00:00Z"),
    ],
)
def test_which_start_holds(rule_id: str, given: dict[str, str], starts: str | None) -> None:
    found = rule(rule_id, **given).starts
    assert (None if found is None else show_instant(found)) == starts


def test_the_start_is_read_in_the_playbooks_zone() -> None:
    zone = "timezone: Asia/Tokyo\nfrom: 2026-01-01\n"
    playbook = load(f"{DECLARED}{zone}stages:\n  - {{stage: a}}\n{ENDS}")
    assert playbook.starts == read_instant("2026-01-01", playbook.zone)
