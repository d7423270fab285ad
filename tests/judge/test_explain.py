"""What a finding rests on: the events that it shows, in order, and no more than can be read."""

from __future__ import annotations

from typing import Any

from playgate.findings import Finding
from playgate.history.event import Event
from support.parity import Example

DAY = 86_400_000_000
Json = Any
ENDS = [{"stage": "won", "ends": "won"}, {"stage": "lost", "ends": "lost"}]


def event(day: int, kind: str, name: str, value: str = "", actor: str = "ann") -> Event:
    at = day * DAY
    return Event("d", at, kind, name, value, actor, at, f"e{day}-{name}", "", 0, day + 1)


def findings(stages: list[Json], events: list[Event], **parts: Json) -> dict[str, Finding]:
    book: dict[str, Json] = {
        "playbook": "p",
        "version": 1,
        "fields": {"amount": {"type": "number"}},
        "activities": {"call": {}, "demo": {}},
        "stages": [*stages, *ENDS],
    }
    found = Example(book | parts, events, None, 40 * DAY).audit().findings
    return {each.rule.id: each for each in found}


def shown(finding: Finding) -> list[str]:
    return [witness.event_id for witness in finding.evidence]


def test_a_waiver_stands_last_among_what_is_shown() -> None:
    stages = [{"stage": "a", "activities": ["demo"]}, {"stage": "b"}]
    waiver = event(1, "waiver", "a/activity/demo", "known for years", "mia")
    found = findings(stages, [event(0, "stage", "a"), waiver, event(2, "stage", "b")])
    waived = found["a/activity/demo"]
    assert (waived.state, waived.cause) == ("waived", None)
    assert (waived.waived_by, waived.waiver_reason) == ("mia", "known for years")
    assert shown(waived) == ["e2-b", "e1-a/activity/demo"]


def test_what_was_judged_stands_first_then_what_was_read() -> None:
    entry = [{"all": [{"field": "amount", "more_than": 9}, {"activity": "call", "times": 9}]}]
    stages = [{"stage": "a"}, {"stage": "b", "entry": entry}]
    calls = [event(day, "activity", "call") for day in range(1, 6)]
    events = [event(0, "stage", "a"), *calls, event(6, "field", "amount", "5")]
    late = event(8, "field", "amount", "99")
    found = findings(stages, [*events, event(7, "stage", "b"), late])["b/entry/all"]
    assert shown(found) == ["e7-b", "e6-amount", "e1-call", "e2-call", "e3-call"]
    assert found.message == (
        'amount is more than 9 and 9 times call: amount was "5", 5 × call at the move a → b'
    )


def test_no_more_is_shown_than_can_be_read() -> None:
    names = [f"f{number}" for number in range(12)]
    fields = {name: {"type": "number"} for name in names}
    entry = [{"all": [{"field": name, "more_than": 9} for name in names]}]
    stages = [{"stage": "a"}, {"stage": "b", "entry": entry}]
    told = [event(1, "field", name, "1") for name in names]
    events = [event(0, "stage", "a"), *told, event(2, "stage", "b")]
    found = findings(stages, events, fields=fields)["b/entry/all"]
    assert len(shown(found)) == 8
    assert found.message.endswith('f0 was "1", f1 was "1", f2 was "1" and 9 more at the move a → b')


def test_of_a_deadline_what_started_it_is_shown() -> None:
    stages = [{"stage": "a", "time_limit": "1 day"}, {"stage": "b"}]
    found = findings(stages, [event(0, "stage", "a"), event(9, "stage", "b")])["a/time"]
    assert shown(found) == ["e0-a"]
    assert (found.from_stage, found.to_stage) == ("a", "")
    assert found.message == "Left within 1 day: still in a at 1970-01-02T00:00:00Z"


def test_what_came_at_the_same_instant_is_shown_too() -> None:
    stages = [{"stage": "a"}, {"stage": "b", "entry": [{"field": "amount", "more_than": 9}]}]
    events = [event(0, "stage", "a"), event(2, "stage", "b"), event(2, "field", "amount", "5")]
    found = findings(stages, events)["b/entry/amount"]
    assert shown(found) == ["e2-b", "e2-amount"]
    assert found.message == 'amount is more than 9: amount was "5" at the move a → b'
