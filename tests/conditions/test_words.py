"""How conditions are said: what people read in titles and messages."""

from __future__ import annotations

from typing import Any

import pytest

from playgate.rules.list import list_rules
from support.parity import load

Json = Any

SAID: list[tuple[Json, str]] = [
    ({"activity": "call"}, "call"),
    ({"activity": ["call", "demo"], "times": 3}, "3 times call or demo"),
    ({"activity": "call", "no_more_than": 0}, "no call"),
    ({"activity": "call", "no_more_than": 2}, "at most 2 call"),
    ({"activity": "call", "outcome": ["done", "missed"]}, "call done or missed"),
    ({"activity": "call", "by": ["rep", "manager"]}, "call by a rep or manager"),
    ({"activity": "call", "with": "decider"}, "call with the decider"),
    ({"activity": "call", "where": {"minutes": {"at_least": 5}}}, "call, minutes is at least 5"),
    ({"activity": "call", "on": ["tuesday", "friday"]}, "call on a Tuesday or Friday"),
    ({"activity": "call", "hours": ["09:00", "12:00"]}, "call, from 09:00 to 12:00"),
    ({"activity": "call", "different": "contact"}, "call, different contact"),
    ({"activity": "call", "times": 3, "different": "actor"}, "3 times call, different actors"),
    ({"activity": "call", "actor": "same"}, "call, by the same person"),
    ({"activity": "call", "actor": "other"}, "call, by another person"),
    ({"activity": "call", "since": "stage"}, "call, since the stage was entered"),
    ({"activity": "call", "since": {"stage": "a"}}, "call, since a was entered"),
    (
        {"activity": "call", "since": {"activity": "demo", "outcome": "done"}},
        "call, since the last demo done",
    ),
    (
        {"activity": "call", "since": {"changes": "amount", "to": "higher"}},
        "call, since the last time amount was raised",
    ),
    ({"activity": "call", "in_last": "2 days"}, "call, in the last 2 days"),
    (
        {"activity": "call", "outcome": "done", "by": "rep", "since": "stage", "in_last": "1 day"},
        "call done by a rep, since the stage was entered, in the last 1 day",
    ),
    ({"field": "amount", "between": [1, 2.5]}, "amount is between 1 and 2.5"),
    ({"field": "amount", "one_of": [1, 2]}, "amount is one of 1, 2"),
    ({"field": "amount", "more_than": {"field": "other"}}, "amount is more than other"),
    (
        {"field": "amount", "at_least": {"field": "other", "times": 0.85, "minus": 10}},
        "amount is at least 0.85 × other minus 10",
    ),
    (
        {"field": "due", "at_most": {"field": "signed", "plus": "60 days"}},
        "due is at most signed plus 60 days",
    ),
    ({"field": "tags", "includes": "a"}, "tags includes a"),
    ({"field": "tags", "includes_any": ["a", "b"]}, "tags includes any of a, b"),
    ({"field": "tags", "includes_all": ["a", "b"]}, "tags includes all of a, b"),
    ({"changes": "amount"}, "amount changed"),
    ({"changes": "due", "to": "later", "no_more_than": 2}, "due moved later at most 2 times"),
    ({"changes": "amount", "to": "lower", "no_more_than": 0}, "amount never lowered"),
    (
        {"changes": "amount", "to": "higher", "times": 2, "by": "rep", "in_last": "2 days"},
        "amount raised 2 times by a rep, in the last 2 days",
    ),
    ({"field": "amount", "is": "absent"}, "amount is absent"),
    ({"not": {"activity": "call"}}, "not (call)"),
    (
        {
            "all": [
                {"activity": "call"},
                {"any": [{"activity": "demo"}, {"field": "amount", "is": "present"}]},
            ]
        },
        "call and (demo or amount is present)",
    ),
    (
        {"any": [{"activity": "call"}, {"activity": "demo"}], "at_least": 2},
        "at least 2 of (call, demo)",
    ),
    ({"stage": "a", "is": "entered"}, "stage a entered"),
    ({"stage": "a", "is": "entered", "times": 2}, "stage a entered 2 times"),
    ({"stage": "a", "is": "entered", "no_more_than": 2}, "stage a entered at most 2 times"),
    ({"stage": "a", "is": "entered", "no_more_than": 1}, "stage a entered at most 1 time"),
    ({"stage": "a", "is": "entered", "no_more_than": 0}, "stage a never entered"),
]


@pytest.mark.parametrize(("condition", "said"), SAID, ids=[said for _, said in SAID])
def test_a_condition_is_said(condition: Json, said: str) -> None:
    book = {
        "playbook": "p",
        "version": 1,
        "roles": ["rep", "manager"],
        "fields": {
            "amount": {"type": "number"},
            "other": {"type": "number"},
            "due": {"type": "date"},
            "signed": {"type": "datetime"},
            "tags": {"type": "choices", "options": ["a", "b"]},
        },
        "activities": {"call": {}, "demo": {}},
        "stages": [
            {"stage": "a"},
            {"stage": "b", "entry": [condition | {"id": "it"}]},
            {"stage": "won", "ends": "won"},
            {"stage": "lost", "ends": "lost"},
        ],
    }
    (rule,) = (each for each in list_rules(load(book)) if each.info.id == "b/entry/it")
    assert rule.info.title == said
