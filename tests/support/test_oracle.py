"""The naive judge by examples worked out by hand, and the generators by what they draw."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC
from random import Random
from typing import Any

import pytest

from playgate.conditions.instants import read_instant
from playgate.history.event import Event
from support.generate import random_as_of, random_history, random_playbook
from support.oracle import Answer, judge, names_of, rules_of

Json = Any

GOING = [{"stage": "a"}, {"stage": "b"}]
ENDS = [{"stage": "won", "ends": "won"}, {"stage": "lost", "ends": "lost"}]


def at(text: str) -> int:
    """`05` is that day of June 2026 (a Friday), `05T12` its noon."""
    day, _, hour = text.partition("T")
    instant = read_instant(f"2026-06-{day}T{hour or '00'}:00:00", UTC)
    assert instant is not None
    return instant


def history(*lines: str) -> list[Event]:
    """Events as `when kind name [value] [by:X] [at:RECORDED] [{attrs}]`."""
    return [event(number, line) for number, line in enumerate(lines, start=1)]


def event(number: int, line: str) -> Event:
    when, kind, name, *rest = line.split(" ")
    more = dict(word.split(":", 1) for word in rest if word.startswith(("by:", "at:")))
    attrs = next((word for word in rest if word.startswith("{")), "")
    value = next((word for word in rest if not word.startswith(("by:", "at:", "{"))), "")
    recorded = at(more.get("at", when))
    return Event(
        "d", at(when), kind, name, value, more.get("by", ""), recorded, "", attrs, 0, number
    )


def book(**keys: Json) -> dict[str, Json]:
    base: dict[str, Json] = {
        "playbook": "p",
        "version": 1,
        "fields": {"amount": {"type": "number"}, "next": {"type": "date"}},
        "activities": {"call": {}, "mail": {}},
        "stages": [*GOING, *ENDS],
    }
    return base | keys


def stages(a: dict[str, Json] | None = None, **others: dict[str, Json]) -> list[dict[str, Json]]:
    given = {"a": a or {}} | others
    return [stage | given.get(stage["stage"], {}) for stage in [*GOING, *ENDS]]


def ask(rule: str, playbook: dict[str, Json], *lines: str, **more: Json) -> Answer:
    if "as_of" in more:
        more["as_of"] = at(more["as_of"])
    return judge(playbook, history(*lines), **more)["d"][rule]


def verdict(rule: str, playbook: dict[str, Json], *lines: str, **more: Json) -> str:
    found = ask(rule, playbook, *lines, **more)
    return found.verdict if found.state in (None, "waived") else f"{found.verdict} {found.state}"


def test_a_skipped_stage_is_found_where_it_was_passed() -> None:
    lines = ("01 stage a", "02 stage won by:ann", "03 stage b")
    found = ask("b/entered", book(), *lines)
    assert found == Answer("unmet", "block", at("02"), "made-good", None, "ann", "a", "won")
    assert ask("a/entered", book(), *lines).verdict == "met"
    assert ask("order/back", book(), *lines).due_at == at("03")
    assert ask("order/back", book(), *lines).level == "observe"
    assert ask("order/reopened", book(), *lines).from_stage == "won"


def test_an_optional_stage_asks_nothing_of_deals_that_pass_it() -> None:
    playbook = book(stages=stages(b={"optional": True, "entry": [{"activity": "call"}]}))
    assert verdict("b/entered", playbook, "01 stage a", "02 stage won") == "not applicable"
    late = ("01 stage a", "02 stage won", "03 stage b")
    assert verdict("b/entry/call", playbook, *late) == "not applicable"
    assert verdict("b/entry/call", playbook, "01 stage a", "02 stage b") == "unmet open"


def test_facts_of_the_same_instant_count_but_later_stage_events_do_not() -> None:
    entry = [{"activity": "call"}, {"stage": "lost", "is": "entered"}]
    playbook = book(stages=stages(b={"entry": entry}))
    lines = ("01 stage a", "02 stage b", "02 activity call", "02 stage lost")
    assert verdict("b/entry/call", playbook, *lines) == "met"
    assert verdict("b/entry/lost", playbook, *lines) == "unmet made-good"
    assert verdict("b/entry/lost", playbook | {"grace": "1 second"}, *lines) == "met"


def test_causes_of_missing_work() -> None:
    playbook = book(stages=stages(a={"activities": ["call"]}), late_after="1 day")
    moves = ("01 stage a", "03 stage b")
    assert ask("a/activity/call", playbook, *moves).cause == "missing"
    late = ask("a/activity/call", playbook, *moves, "04 activity call")
    assert (late.cause, late.state) == ("late", "made-good")
    logged = ask("a/activity/call", playbook, *moves, "02 activity call at:04", as_of="05")
    assert (logged.cause, logged.state) == ("logged-late", "made-good")
    assert verdict("a/activity/call", playbook, *moves, "02 activity call at:03") == "met"


def test_each_outcome_of_within() -> None:
    playbook = book(stages=stages(a={"activities": [{"do": "call", "within": "2 days"}]}))
    rule = "a/within/call"
    assert verdict(rule, playbook, "01 stage a", "03 activity call") == "met"
    assert verdict(rule, playbook, "01 stage a", as_of="02") == "not applicable"
    assert verdict(rule, playbook, "01 stage a", as_of="03") == "unmet open"
    assert verdict(rule, playbook, "01 stage a", "02 stage b", as_of="09") == "not applicable"
    assert verdict(rule, playbook, "01 stage a", "03 stage b", as_of="09") == "unmet open"
    assert verdict(rule, playbook, "01 stage a", "02 stage lost", as_of="09") == "not applicable"
    early = ask(rule, playbook, "01 activity call", "02 stage a")
    assert (early.verdict, early.due_at) == ("met", at("02"))


def test_business_days_leave_out_the_weekend_and_holidays() -> None:
    playbook = book(stages=stages(a={"time_limit": "1 business day"}), holidays=["2026-06-08"])
    assert ask("a/time", playbook, "05 stage a", as_of="30").due_at == at("09")
    assert verdict("a/time", playbook, "05 stage a", "09 stage b") == "met"


def test_hold_is_asked_at_later_moves_and_as_of() -> None:
    playbook = book(stages=stages(a={"hold": [{"field": "amount", "at_least": 1}]}))
    rule = "a/hold/amount"
    assert verdict(rule, playbook, "01 stage a", "02 stage lost") == "not applicable"
    assert verdict(rule, playbook, "01 stage a", "02 field amount 1") == "met"
    found = ask(rule, playbook, "01 stage a", "02 stage b", "03 field amount 2")
    assert (found.verdict, found.due_at, found.state) == ("unmet", at("02"), "made-good")


def test_after_has_a_deadline_or_the_end_of_the_deal() -> None:
    rule = {"id": "q", "after": {"activity": "mail"}, "need": {"activity": "call"}}
    limited = book(sequence=[rule | {"within": "1 day"}])
    mail = ("01 stage a", "02 activity mail")
    assert verdict("sequence/q", limited, *mail, "03 activity call") == "met"
    assert verdict("sequence/q", limited, *mail, "04 activity call") == "unmet made-good"
    assert verdict("sequence/q", limited, *mail, "02 stage lost", as_of="09") == "not applicable"
    ended = book(sequence=[rule])
    assert verdict("sequence/q", ended, *mail, "03 activity call") == "not applicable"
    assert verdict("sequence/q", ended, *mail, "03 activity call", "04 stage won") == "met"
    assert verdict("sequence/q", ended, *mail, "04 stage won") == "unmet open"


def test_before_and_if() -> None:
    call = {"activity": "call"}
    same = book(sequence=[{"id": "q", "before": {"stage": "b"}, "need": call | {"actor": "same"}}])
    moves = ("01 activity call by:ann", "01 stage a", "02 stage b by:")
    assert verdict("sequence/q", same, *moves[:2], "02 stage b by:ann") == "met"
    assert verdict("sequence/q", same, *moves[:2], "02 stage b by:bob") == "unmet open"
    assert verdict("sequence/q", same, *moves) == "unmet open"
    anywhere = book(sequence=[{"id": "q", "if": {"stage": "b"}, "need": call}])
    assert verdict("sequence/q", anywhere, "02 stage b", "01 activity call") == "met"
    assert verdict("sequence/q", anywhere, "02 stage a") == "not applicable"


def test_limits() -> None:
    playbook = book(limits={"idle": "2 days", "age": "5 days"})
    assert verdict("limit/idle", playbook, "01 stage a", "03 activity call") == "met"
    assert verdict("limit/idle", playbook, "01 stage a", "04 activity call") == "unmet made-good"
    assert verdict("limit/age", playbook, "01 stage a", "06 stage lost") == "met"
    assert verdict("limit/age", playbook, "01 stage a", as_of="05") == "not applicable"
    assert ask("limit/age", playbook, "01 stage a", as_of="06").due_at == at("06")


@pytest.mark.parametrize(
    ("waiver", "expected"),
    [
        ("01 waiver b/* ok by:max", "waived"),
        ("01 waiver * ok by:max", "waived"),
        ("01 waiver b/* by:max", "unmet open"),
        ("01 waiver b/* TBD by:max", "unmet open"),
        ("01 waiver b/* ok by:ann", "unmet open"),
        ("01 waiver b/* ok by:mia", "unmet open"),
        ("01 waiver b/* ok by:max at:03", "unmet open"),
        ('01 waiver b/* ok by:max {"expires":"2026-06-02"}', "waived"),
        ('01 waiver b/* ok by:max {"expires":"2026-06-01"}', "unmet open"),
    ],
)
def test_waivers(waiver: str, expected: str) -> None:
    playbook = book(
        stages=stages(b={"entry": [{"activity": "call"}]}),
        may_waive=["manager"],
        placeholders=["tbd"],
    )
    people = {"max": {"manager"}, "mia": {"manager"}, "ann": {"rep"}}
    lines = ("01 stage a", "02 stage b by:mia", waiver)
    assert verdict("b/entry/call", playbook, *lines, people=people, as_of="09") == expected


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        ({"equals": 1}, "1.0", True),
        ({"equals": 1}, "01", False),
        ({"not_equals": 1}, "01", True),
        ({"none_of": [1, 2]}, "", True),
        ({"is": "absent"}, "n/a", True),
        ({"between": [1, 2]}, "2", True),
        ({"more_than": 2}, "2", False),
        ({"one_of": [{"field": "other"}, 2]}, "2", True),
        ({"equals": {"field": "other"}}, "2", False),
    ],
)
def test_values(test: dict[str, Json], value: str, expected: bool) -> None:
    fields = {"amount": {"type": "number"}, "other": {"type": "number"}}
    entry = [{"field": "amount", **test}]
    playbook = book(stages=stages(a={"entry": entry}), fields=fields, placeholders=["N/A"])
    found = ask("a/entry/amount", playbook, f"01 field amount {value}", "01 stage a")
    assert (found.verdict == "met") == expected


def test_windows_are_closed_at_both_ends_and_keep_their_start() -> None:
    entry = [{"activity": "call", "in_last": "1 day"}, {"field": "next", "in_next": "1 day"}]
    playbook = book(stages=stages(b={"entry": entry}))
    moves = ("01 stage a", "03 stage b")
    assert verdict("b/entry/call", playbook, *moves, "02 activity call") == "met"
    assert verdict("b/entry/call", playbook, *moves, "01 activity call") == "unmet open"
    assert verdict("b/entry/call", playbook, *moves, "09 activity call") == "unmet made-good"
    assert verdict("b/entry/next", playbook, *moves, "01 field next 2026-06-04") == "met"
    assert verdict("b/entry/next", playbook, *moves, "09 field next 2026-06-05") == "unmet open"


def test_who_is_charged() -> None:
    playbook = book(stages=stages(a={"time_limit": "1 day"}))
    owned = ("01 stage a by:ann", "01 field owner bob", "05 field owner cyd")
    assert ask("a/time", playbook, *owned).actor == "bob"
    nobodys = ("01 stage a by:ann", "01 activity call")
    assert ask("a/time", playbook, *nobodys, as_of="09").actor == "ann"


def test_levels_and_starts_setting_by_setting() -> None:
    playbook = book(
        stages=stages(a={"level": "warn", "activities": [{"do": "call", "level": "observe"}]}),
        rules={"a/*": {"from": "2026-06-03"}, "*/call": {"level": "block"}},
    )
    lines = ("01 stage a", "02 stage b")
    assert ask("a/activity/call", playbook, *lines) == Answer("not applicable", "block")
    assert ask("a/entered", playbook, *lines).level == "warn"
    assert ask("a/activity/call", playbook, "01 stage a", "03 stage b").verdict == "unmet"


def test_names_are_numbered_where_taken() -> None:
    items = ["x", {"field": "x", "is": "present"}, {"all": []}, {"any": [], "id": "x-2"}]
    assert names_of([*items, {"activity": ["x", "y"]}]) == ["x", "x-3", "all", "x-2", "x-4"]


def test_rows_that_come_twice_names_unknown_and_moves_that_are_none() -> None:
    lines = history("01 stage a", "02 stage z", "03 stage a", "04 activity golf", "01 stage a")
    playbook = book(limits={"idle": "1 day"}, applies_to={"stage": "a", "is": "entered"})
    found = judge(playbook, lines)["d"]
    assert found["order/back"].verdict == "not applicable"
    assert found["limit/idle"].due_at == at("02")
    assert judge(playbook, history("01 stage b")) == {}


@pytest.mark.thorough
def test_the_generators_draw_every_kind_of_rule_with_every_verdict() -> None:
    drawn: dict[str, Counter[str]] = {}
    for seed in range(100):
        rng = Random(seed)
        playbook = random_playbook(rng)
        assert json.loads(json.dumps(playbook)) == playbook
        events, people = random_history(rng, playbook, deals=4)
        as_of = random_as_of(rng, playbook, events)
        families = {rule.id: rule.family for rule in rules_of(playbook)}
        for answers in judge(playbook, events, people=people, as_of=as_of).values():
            for rule, answer in answers.items():
                drawn.setdefault(families[rule], Counter())[answer.verdict] += 1
    assert len(drawn) == 18
    for family, verdicts in drawn.items():
        assert set(verdicts) == {"met", "unmet", "waived", "not applicable"}, family
