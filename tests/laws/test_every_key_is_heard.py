"""Every key of the language is heard by all that needs its meaning.

Each narrowing, test, way to join conditions, pattern, stage key and family of rules stands in a
small sample here; the schema says which there are. A key of the schema without one fails, and so
does one that the judge hears and somebody else does not: words, diff, proof, mutants, coverage,
remedies, the audit by an engine, the second judge of these tests, and the docs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from playgate.cases.coverage import cover
from playgate.cases.mutants import mutants
from playgate.cases.run import Bench
from playgate.documents.yaml12 import parse
from playgate.enforce.decide import decide
from playgate.enforce.remedy import Remedies
from playgate.findings import Finding
from playgate.history.event import Event
from playgate.model.playbook import Playbook
from playgate.proof.lint import lint_playbook
from playgate.report.playbook_text import render
from playgate.rules.asks import Ask
from playgate.rules.families import FAMILIES
from playgate.rules.list import Rule, list_rules
from playgate.versions.compare import compare
from support.parity import Example, differences, load

Json = Any
ROOT = Path(__file__).parents[2]
WHOLE = json.loads((ROOT / "schemas" / "playbook.schema.json").read_text(encoding="utf-8"))
SCHEMA = WHOLE["$defs"]
DOCS = "".join(
    (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("playbooks.md", "judging.md")
)
DAY = 86_400_000_000
MONDAY = 20_513 * DAY + 10 * DAY // 24  # 2026-03-02T10:00:00Z

TOLD = frozenset(("id", "title", "why", "ask", "tools", "level", "from"))
"""Keys that say how a rule is called and told, and how it weighs."""
OF_RULES = frozenset(("when", "may_waive"))
"""Keys of every rule, in place and under `rules`; their samples stand further down."""


class Sample(NamedTuple):
    """A condition that fails in the history below, and one close to it that holds."""

    plain: Json
    failing: Json
    kind: str = "tightened"
    """What the step from the one to the other is, for `diff`."""


def _narrowed(**narrowing: Json) -> Sample:
    return Sample({"activity": "call"}, {"activity": "call"} | narrowing)


def _tested(field: str, **test: Json) -> Sample:
    return Sample({"field": field, "is": "present"}, {"field": field} | test)


NARROWINGS: dict[str, Sample] = {
    "outcome": _narrowed(outcome="done"),
    "by": _narrowed(by="manager"),
    "with": _narrowed(**{"with": "decider"}),
    "where": _narrowed(where={"channel": "phone"}),
    "actor": _narrowed(actor="same"),
    "on": _narrowed(on=["tuesday", "friday"]),
    "hours": _narrowed(hours=["10:01", "24:00"]),
    "different": Sample(
        {"activity": "call", "different": "actor"},
        {"activity": "call", "different": "actor", "times": 2},
    ),
    "since": _narrowed(since="stage"),
    "in_last": _narrowed(in_last="2 days"),
    "times": _narrowed(times=2),
    "no_more_than": Sample(
        {"activity": "call", "no_more_than": 1}, {"activity": "call", "no_more_than": 0}
    ),
}
TESTS: dict[str, Sample] = {
    "is": Sample(
        {"field": "amount", "is": "present"}, {"field": "amount", "is": "absent"}, "changed"
    ),
    "equals": _tested("amount", equals=9),
    "not_equals": Sample(
        {"field": "amount", "not_equals": 9}, {"field": "amount", "not_equals": 5}, "changed"
    ),
    "one_of": _tested("amount", one_of=[8, 9]),
    "none_of": Sample({"field": "amount", "none_of": [9]}, {"field": "amount", "none_of": [5, 9]}),
    "more_than": _tested("amount", more_than=5),
    "at_least": _tested("amount", at_least=6),
    "less_than": _tested("amount", less_than=5),
    "at_most": _tested("amount", at_most=4),
    "between": _tested("amount", between=[6, 8]),
    "contains": _tested("note", contains="x"),
    "starts_with": _tested("note", starts_with="b"),
    "matches": _tested("note", matches="x+"),
    "includes": _tested("tags", includes="c"),
    "includes_any": _tested("tags", includes_any=["c", "d"]),
    "includes_all": _tested("tags", includes_all=["a", "c"]),
    "older_than": _tested("due", older_than="90 days"),
    "newer_than": _tested("due", newer_than="3 days"),
    "in_next": _tested("due", in_next="3 days"),
}
CALL, DEMO = {"activity": "call"}, {"activity": "demo"}
JOINED: dict[str, Sample] = {
    "field": TESTS["more_than"],
    "changes": Sample(
        {"changes": "amount", "to": "higher"}, {"changes": "due", "to": "later"}, "changed"
    ),
    "activity": Sample(CALL, DEMO | {"outcome": "done"}, "changed"),
    "stage": Sample({"stage": "a", "is": "entered"}, {"stage": "c", "is": "entered"}, "changed"),
    "signal": Sample({"signal": "called"}, {"signal": "shown"}, "changed"),
    "all": Sample(CALL, {"all": [CALL, DEMO]}),
    "any": Sample(
        {"any": [CALL, DEMO]}, {"any": [DEMO, {"field": "amount", "more_than": 7}]}, "changed"
    ),
    "not": Sample({"not": DEMO}, {"not": CALL | {"outcome": "failed"}}, "changed"),
}
SOME = [CALL, DEMO, {"activity": "mail"}]
CHANGED = {"changes": "amount"}
BESIDE: dict[str, Sample] = {
    "changes-to": Sample(CHANGED, CHANGED | {"to": "lower"}),
    "changes-by": Sample(CHANGED, CHANGED | {"by": "manager"}),
    "changes-since": Sample(CHANGED, CHANGED | {"since": "stage"}),
    "changes-in_last": Sample(CHANGED, CHANGED | {"in_last": "2 days"}),
    "changes-times": Sample(CHANGED, CHANGED | {"times": 2}),
    "changes-no_more_than": Sample(CHANGED | {"no_more_than": 1}, CHANGED | {"no_more_than": 0}),
    "any-at_least": Sample({"any": SOME}, {"any": SOME, "at_least": 2}),
    "operand-times": Sample(
        {"field": "amount", "at_most": {"field": "amount"}},
        {"field": "amount", "at_most": {"field": "amount", "times": 0.5}},
    ),
    "operand-plus": Sample(
        {"field": "amount", "at_least": {"field": "amount"}},
        {"field": "amount", "at_least": {"field": "amount", "plus": 1}},
    ),
    "operand-minus": Sample(
        {"field": "due", "at_most": {"field": "due"}},
        {"field": "due", "at_most": {"field": "due", "minus": "1 day"}},
    ),
    "stage-times": Sample(
        {"stage": "a", "is": "entered"}, {"stage": "a", "is": "entered", "times": 2}
    ),
    "stage-no_more_than": Sample(
        {"stage": "a", "is": "entered", "no_more_than": 1},
        {"stage": "a", "is": "entered", "no_more_than": 0},
    ),
}
"""Keys that stand beside the one that says what a condition is of."""
SINCE: dict[str, Sample] = {
    "stage": _narrowed(since={"stage": "b"}),
    "changes": _narrowed(since={"changes": "amount"}),
    "activity": _narrowed(since={"activity": "call"}),
}
CONDITIONS = {
    f"{group}-{key}": sample
    for group, samples in (
        ("narrowing", NARROWINGS),
        ("test", TESTS),
        ("joined", JOINED),
        ("beside", BESIDE),
        ("since", SINCE),
    )
    for key, sample in samples.items()
}
PATTERNS: dict[str, tuple[Json, Json]] = {
    "activity": (CALL, {"activity": "call", "outcome": "done"}),
    "field": ({"field": "amount", "is": "present"}, {"field": "amount", "more_than": 7}),
    "changes": ({"changes": "amount"}, {"changes": "amount", "to": "lower"}),
    "stage": ({"stage": "b"}, {"stage": "c"}),
}


def book(**parts: Json) -> dict[str, Json]:
    """A playbook with these parts in place of its own."""
    return {
        "playbook": "heard",
        "version": 1,
        "roles": ["rep", "manager"],
        "fields": {
            "amount": {"type": "number"},
            "note": {"type": "text"},
            "due": {"type": "date"},
            "tags": {"type": "choices", "options": ["a", "b", "c", "d"]},
            "industry": {"type": "text"},
        },
        "activities": {"call": {}, "demo": {}, "mail": {}},
        "signals": {"called": CALL, "shown": DEMO},
        "stages": stages(),
    } | parts


def stages(**of: Json) -> list[Json]:
    """The stages of the sample, with these keys for `a`, `b`, `c`, `won` and `lost`."""
    ends = {"won": {"ends": "won"}, "lost": {"ends": "lost"}}
    return [
        {"stage": name} | ends.get(name, {}) | of.get(name, {})
        for name in ("a", "b", "c", "won", "lost")
    ]


def event(day: float, kind: str, name: str, value: str = "", actor: str = "ann") -> Event:
    at = MONDAY + int(day * DAY)
    return Event("d", at, kind, name, value, actor, at, "", "", 0, int(day * 100))


HISTORY = [
    event(0, "stage", "a"),
    event(1, "activity", "call", "failed", "bob"),
    event(2, "field", "amount", "5"),
    event(2.1, "field", "note", "abc"),
    event(2.2, "field", "due", "2026-02-01"),
    event(2.3, "field", "tags", "b; a"),
    event(1.9, "field", "amount", "4"),
    event(20, "stage", "b"),
    event(60, "activity", "mail"),
]
PEOPLE = {"ann": {"rep"}, "bob": {"rep"}}


def example(data: dict[str, Json], events: list[Event] | None = None) -> Example:
    return Example(data, events or HISTORY, PEOPLE)


def rule_of(playbook: Playbook, rule_id: str) -> Rule:
    return next(rule for rule in list_rules(playbook) if rule.info.id == rule_id)


def asking(condition: Json) -> Playbook:
    return load(book(stages=stages(b={"entry": [condition | {"id": "it"}]})))


# What there is


def properties(name: str) -> set[str]:
    definition = SCHEMA[name]
    while "properties" not in definition:
        then = definition.get("then", {})
        definition = then if "properties" in then else definition["else"]
    return set(definition["properties"]) - TOLD - OF_RULES


def keys_of(section: str) -> set[str]:
    return {row.key for row in FAMILIES.values() if row.section == section}


def test_every_key_of_a_condition_has_a_sample() -> None:
    assert properties("activityCondition") - {"activity"} == set(NARROWINGS)
    assert properties("activity") - {"do"} - keys_of("activities") <= set(NARROWINGS)
    assert properties("fieldCondition") - {"field"} == set(TESTS)
    joined = {key for name in SCHEMA for key in [name.removesuffix("Condition")] if name != key}
    assert joined == set(JOINED)


def test_every_key_beside_another_has_a_sample() -> None:
    found = {
        f"{head}-{key}"
        for head in ("changes", "stage", "signal", "all", "any", "not")
        for key in properties(f"{head}Condition") - {head, "is"}
    }
    found |= {
        f"operand-{key}" for key in SCHEMA["operand"]["then"]["properties"].keys() - {"field"}
    }
    assert found == set(BESIDE)
    assert set(SINCE) == set(re.findall(r'"required": \["(\w+)"\]', json.dumps(SCHEMA["since"])))


def test_every_other_key_makes_rules_or_has_a_sample() -> None:
    for section, name in {"stages": "stage", "sequence": "sequence", "fields": "field"}.items():
        changed = {key for where, key, _, _ in CHANGES if where == section}
        assert properties(name) | {"title", "level", "when"} == keys_of(section) | changed
    assert set(FAMILIES) == {rule.row.name for rule in list_rules(load(FULL))}


# Conditions


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_is_heard_by_words_and_diff(name: str) -> None:
    plain, failing, kind = CONDITIONS[name]
    old, new = asking(plain), asking(failing)
    assert rule_of(old, "b/entry/it").info.title != rule_of(new, "b/entry/it").info.title
    told = [change.kind for change in compare(old, new).changes if change.part == "rule"]
    assert told == [kind]


@pytest.mark.parametrize(
    "name", [name for name, each in CONDITIONS.items() if each.kind == "tightened"]
)
def test_a_condition_is_heard_by_the_proof_of_idle_rules(name: str) -> None:
    plain, failing, _ = CONDITIONS[name]
    items = [plain | {"id": "wide"}, failing | {"id": "narrow"}]
    text = json.dumps(book(stages=stages(b={"entry": items})))
    idle = [
        each.message
        for each in lint_playbook(text.encode(), "p.yaml")
        if each.rule == "implied-rule"
    ]
    assert len(idle) == 1
    assert idle[0].startswith("b/entry/wide asks nothing beside b/entry/narrow")


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_is_heard_by_mutants(name: str) -> None:
    data = book(stages=stages(b={"entry": [CONDITIONS[name].failing | {"id": "it"}]}))
    assert any(ask != asks_of(data)["b/entry/it"] for ask in mutated(data, "b/entry/it")) or (
        name in ("joined-signal", "joined-stage", "test-is")  # these are changed as a whole, or not
    )


def asks_of(data: dict[str, Json]) -> dict[str, Ask]:
    return {rule.info.id: rule.ask for rule in list_rules(load(data))}


def mutated(data: dict[str, Json], rule_id: str) -> Iterator[Ask]:
    text = json.dumps(data).encode()
    document, _ = parse(text, "p.yaml")
    assert document is not None
    for mutant in mutants(load(data), document):
        if mutant.subject == rule_id:
            yield from (rule.ask for rule in mutant.rules if rule.info.id == rule_id)


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_is_heard_by_the_gate_and_its_remedy(name: str) -> None:
    failing = CONDITIONS[name].failing
    bench = Bench(asking(failing), example(book()).team)
    reader = bench.judge.reader()
    attempt = event(20, "stage", "b")
    ruling = decide(bench.judge, reader, HISTORY[:-2], attempt, since=None, now=attempt.happened_at)
    answers = [each for each in ruling.answers if each.rule.rule.info.id == "b/entry/it"]
    assert [each.refuses for each in answers] == [True]
    found = Remedies(bench.judge).of(answers[0].rule, ruling.deal, answers[0].verdict)
    assert found
    assert all(each.words for each in found)


@cache
def conditions_book() -> dict[str, Json]:
    """All samples, the wide and the failing ones, in one playbook."""
    items = [
        item | {"id": f"{name}-{end}"}
        for name, sample in CONDITIONS.items()
        for end, item in (("wide", sample.plain), ("fails", sample.failing))
    ]
    return book(stages=stages(b={"entry": items}))


def test_conditions_are_heard_by_both_judges() -> None:
    asked = example(conditions_book())
    assert differences(asked) == []
    unmet = {each.rule.id for each in asked.audit().findings if each.rule.id.startswith("b/entry/")}
    assert unmet == {f"b/entry/{name}-fails" for name in CONDITIONS}


# Patterns


def pattern_books(kind: str, name: str) -> list[dict[str, Json]]:
    need = {"activity": "demo"}
    return [
        book(sequence=[{"id": "it", kind: pattern, "need": need}]) for pattern in PATTERNS[name]
    ]


@pytest.mark.parametrize("kind", sorted({"before", "after", "if"}))
@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_is_heard(kind: str, name: str) -> None:
    one, other = pattern_books(kind, name)
    old, new = load(one), load(other)
    assert rule_of(old, "sequence/it").info.title != rule_of(new, "sequence/it").info.title
    kinds = [change.kind for change in compare(old, new).changes if change.part == "rule"]
    assert kinds in (["loosened"], ["changed"])
    assert {each.rule.id for each in example(one).audit().findings} >= (
        set() if kind == "after" else {"sequence/it"}
    )
    assert differences(example(one)) == differences(example(other)) == []


def test_every_pattern_has_a_sample() -> None:
    assert set(PATTERNS) <= set(JOINED)
    assert {"activity", "changes", "field", "stage"} == set(PATTERNS)


# Families, in one playbook, each unmet


FULL = book(
    fields=book()["fields"] | {"amount": {"type": "number", "by": "manager"}},
    stages=stages(
        a={
            "activities": [{"do": "demo", "within": "3 days", "every": "6 hours"}],
            "exit": [{"field": "industry", "is": "present", "id": "known"}],
            "time_limit": "10 days",
            "idle": "4 hours",
        },
        b={
            "entry": [{"field": "amount", "more_than": 7}],
            "by": "manager",
            "hold": [{"field": "amount", "more_than": 9, "id": "still"}],
        },
        c={"entry": [{"field": "amount", "more_than": 8}]},
    ),
    sequence=[
        {"id": "first", "before": {"stage": "b"}, "need": DEMO},
        {"id": "then", "after": CALL, "need": DEMO, "within": "2 days"},
        {"id": "also", "if": CALL, "need": DEMO, "later": True},
        {"id": "dated", "until": {"field": "due", "minus": "7 days"}, "need": DEMO},
    ],
    limits={"idle": "5 days", "age": "20 days"},
    profiles={"growing": {"fit": {"size": [{"field": "amount", "more_than": 6}]}}},
    rules={"order/*": {"level": "block"}},
)
FULL_HISTORY = [
    *HISTORY[:-1],
    event(2.5, "field", "due", "2026-03-20"),
    event(21, "stage", "won"),
    event(22, "stage", "b"),
    event(23, "field", "amount", "3"),
    event(60, "activity", "mail"),
]


@cache
def findings() -> dict[str, Finding]:
    found = example(FULL, FULL_HISTORY).audit().findings
    return {each.rule.family: each for each in found}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_heard_by_the_judge_and_its_words(name: str) -> None:
    finding = findings()[name]
    assert finding.message
    assert not set("{}") & set(finding.message)
    rule = next(rule for rule in list_rules(load(FULL)) if rule.row.name == name)
    assert isinstance(rule.due, rule.row.due)
    assert isinstance(rule.ask, rule.row.ask)
    assert rule.row.heading in "".join(render(load(FULL)))


def test_families_are_heard_by_both_judges() -> None:
    assert differences(example(FULL, FULL_HISTORY)) == []


@pytest.mark.parametrize("name", [name for name, row in FAMILIES.items() if row.key])
def test_a_family_is_heard_by_diff_and_mutants(name: str) -> None:
    row = FAMILIES[name]
    rule = next(rule for rule in list_rules(load(FULL)) if rule.row.name == name)
    gone = json.loads(json.dumps(FULL))
    _take_out(gone, row.section, row.key, rule)
    told = [(each.kind, each.part) for each in compare(load(FULL), load(gone)).changes]
    assert ("removed", "stage" if row.is_of_stage_itself else "rule") in told
    document, _ = parse(json.dumps(FULL).encode(), "p.yaml")
    assert document is not None
    assert {each.name for each in mutants(load(FULL), document)} >= {f"{rule.info.id}: dropped"}


def _take_out(data: dict[str, Json], section: str, key: str, rule: Rule) -> None:
    match section:
        case "":
            del data[key]
        case "limits":
            del data["limits"][key]
        case "sequence":
            data["sequence"] = [each for each in data["sequence"] if key not in each]
        case "fields":
            del data["fields"]["amount"][key]
        case "activities":
            del data["stages"][0]["activities"][0][key]
        case _ if key == "stage":
            data["stages"] = [each for each in data["stages"] if each["stage"] != rule.info.stage]
        case _:
            stage = next(each for each in data["stages"] if each["stage"] == rule.info.stage)
            del stage[key]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_heard_by_coverage(name: str) -> None:
    """A rule that refuses can refuse some move; one that only tells can refuse none."""
    row = FAMILIES[name]
    rule = next(rule for rule in list_rules(load(FULL)) if rule.row.name == name)
    level = {"*": {"level": "observe"}, rule.info.id: {"level": "block"}}
    playbook = load(FULL | {"rules": level})
    found = cover(playbook, [(Bench(playbook, None), ())])
    assert rule.info.id in {each.rule.id for each in found.rules}
    can_refuse = any(each.refused is not None for each in found.moves)
    assert can_refuse == (row.live != "reports")


@pytest.mark.parametrize("name", [row.name for row in FAMILIES.values() if row.takes_length])
def test_a_deadline_is_heard_by_diff_and_mutants(name: str) -> None:
    rule = next(rule for rule in list_rules(load(FULL)) if rule.row.name == name)
    document, _ = parse(json.dumps(FULL).encode(), "p.yaml")
    assert document is not None
    lengths = [
        mutant.rules
        for mutant in mutants(load(FULL), document)
        if mutant.subject == rule.info.id and mutant.playbook == load(FULL)
    ]
    assert len(lengths) == 2
    longer = json.loads(json.dumps(FULL).replace(f'"{_length(rule)}"', '"40 weeks"', 1))
    told = [each for each in compare(load(FULL), load(longer)).changes if each.id == rule.info.id]
    assert [each.kind for each in told] == ["loosened"]


def _length(rule: Rule) -> str:
    return str(rule.due.length)  # type: ignore[union-attr]


# Keys of every rule


NEVER, ALWAYS = ({"field": "amount", "is": each} for each in ("absent", "present"))
HERE = {
    "entry": ("b", "entry", {"id": "it", "field": "amount", "more_than": 7}),
    "exit": ("a", "exit", {"id": "it", "field": "amount", "more_than": 7}),
    "hold": ("b", "hold", {"id": "it", "field": "amount", "more_than": 7}),
    "activity": (
        "a",
        "activities",
        {"id": "it", "do": "demo", "within": "3 days", "every": "2 days"},
    ),
    "sequence": ("", "sequence", {"id": "it", "before": {"stage": "b"}, "need": DEMO}),
    "field": ("", "fields", {"type": "text", "by": "manager"}),
}
"""An item of each list whose items are rules, and a field that is somebody's."""


def placed(family: str, **settings: Json) -> dict[str, Json]:
    stage, key, item = HERE[family]
    items: dict[str, Json] = {key: [item | settings]}
    if family == "field":
        items = {key: book()[key] | {"it": item | settings}}
    known = [{"field": "amount", "is": "present"}]  # from the deal's start on
    first = {"entry": known}
    if not stage:
        return book(stages=stages(a=first), **items)
    return book(stages=stages(**({"a": first} | {stage: items})))


def of_it(data: dict[str, Json]) -> list[str]:
    found = example(data, KNOWN_FIRST).audit().findings
    return [each.rule.family for each in found if is_it(each.rule.id)]


def is_it(rule_id: str) -> bool:
    return rule_id.endswith(("/it", "/it/by"))


KNOWN_FIRST = [event(0, "field", "amount", "1"), *HISTORY, event(3, "field", "it", "x")]


def test_every_rule_takes_the_keys_of_every_rule() -> None:
    with_dates = [each for each in _parts_of(SCHEMA) if "from" in each and "level" in each]
    assert len(with_dates) == 12
    assert all(set(each) >= OF_RULES for each in with_dates)


def _parts_of(part: Json) -> Iterator[dict[str, Json]]:
    if isinstance(part, dict):
        if isinstance(part.get("properties"), dict):
            yield part["properties"]
        for each in part.values():
            yield from _parts_of(each)


@pytest.mark.parametrize("family", HERE)
def test_when_is_heard_in_place(family: str) -> None:
    plain, off, on = placed(family), placed(family, when=NEVER), placed(family, when=ALWAYS)
    assert of_it(plain) == of_it(on) != []
    assert of_it(off) == []
    assert differences(example(off, KNOWN_FIRST)) == differences(example(on, KNOWN_FIRST)) == []
    told = [each for each in compare(load(plain), load(on)).changes if each.part == "rule"]
    assert {(each.kind, each.aspect, each.new) for each in told} == {
        ("loosened", "when", "amount is present")
    }
    assert "where amount is present" in "".join(render(load(on)))
    document, _ = parse(json.dumps(on).encode(), "p.yaml")
    assert document is not None
    found = {each.name for each in mutants(load(on), document)}
    rule_id = next(each.info.id for each in list_rules(load(on)) if is_it(each.info.id))
    assert {f"{rule_id}: without when", f"{rule_id}: when negated"} <= found
    impossible = json.dumps(placed(family, when=[NEVER, ALWAYS])).encode()
    assert [each.rule for each in lint_playbook(impossible, "p.yaml")].count("never-holds") == 1


@pytest.mark.parametrize("family", HERE)
def test_may_waive_is_heard_in_place(family: str) -> None:
    waiver = event(1, "waiver", "*/it*", "agreed", actor="cyd")
    people = {"ann": {"rep"}, "bob": {"rep"}, "cyd": {"manager"}}
    plain = placed(family) | {"may_waive": ["manager"]}
    other = placed(family, may_waive=["rep"]) | {"may_waive": ["manager"]}
    states = []
    for data in (plain, other):
        asked = Example(data, [*KNOWN_FIRST, waiver], people)
        assert differences(asked) == []
        found = asked.audit().findings
        states.append({each.state for each in found if is_it(each.rule.id)})
    assert states[0] == {"waived"}
    assert "waived" not in states[1]
    told = [each for each in compare(load(plain), load(other)).changes if each.part == "rule"]
    assert {(each.kind, each.aspect, each.new) for each in told} == {
        ("changed", "may_waive", "rep")
    }
    assert "rep may waive" in "".join(render(load(other)))
    document, _ = parse(json.dumps(other).encode(), "p.yaml")
    assert document is not None
    without = {each.subject for each in mutants(load(other), document) if "may_waive" in each.name}
    assert any(map(is_it, without))


@pytest.mark.parametrize("name", FAMILIES)
def test_when_under_rules_is_heard_of_every_family(name: str) -> None:
    rule_id = findings()[name].rule.id
    off, on = (
        example(FULL | {"rules": FULL["rules"] | {rule_id: {"when": when}}}, FULL_HISTORY)
        for when in ({"field": "industry", "is": "present"}, {"field": "industry", "is": "absent"})
    )
    assert rule_id not in {each.rule.id for each in off.audit().findings}
    assert rule_id in {each.rule.id for each in on.audit().findings}
    assert differences(off) == differences(on) == []
    told = compare(load(FULL), on.playbook).changes
    assert [(each.id, each.kind, each.aspect) for each in told] == [(rule_id, "loosened", "when")]
    document, _ = parse(json.dumps(on.book).encode(), "p.yaml")
    assert document is not None
    found = {each.name for each in mutants(on.playbook, document)}
    assert {f"rules {rule_id}: without when", f"rules {rule_id}: when negated"} <= found


# Units of durations, in every place that takes one


UNITS = re.findall(r"[a-z ]+", SCHEMA["duration"]["pattern"].partition("(")[2].partition(")")[0])


def timed(unit: str, amount: int = 2, **parts: Json) -> dict[str, Json]:
    """A playbook with a duration of this unit wherever one may stand."""
    length = f"{amount} {unit}s"
    dated = [
        {"id": test, "field": "due", test: length}
        for test in TESTS
        if test in ("older_than", *NEAR)
    ]
    entry = [*dated, {"id": "lately", "activity": "call", "in_last": length}]
    return (
        book(
            stages=stages(
                a={
                    "activities": [{"do": "demo", "within": length, "every": length}],
                    "time_limit": length,
                    "idle": length,
                },
                b={"entry": entry},
            ),
            sequence=[
                {"id": "then", "after": CALL, "need": DEMO, "within": length},
                {"id": "dated", "until": {"field": "due", "minus": length}, "need": DEMO},
            ],
            limits={"idle": length, "age": length},
            grace=length,
            late_after=length,
            workdays=["monday", "tuesday", "thursday"],
            hours=["08:00", "12:30"],
            holidays=["2026-03-03", "03-05..03-06"],
        )
        | parts
    )


NEAR = ("newer_than", "in_next")


def test_every_unit_is_known() -> None:
    assert len(UNITS) == 8
    assert {"calendar day", "business day", "business hour"} < set(UNITS)


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_heard_by_both_judges(unit: str) -> None:
    for zone in ("UTC", "America/New_York"):
        for amount in (1, 2, 17):
            asked = example(timed(unit, amount, timezone=zone), FULL_HISTORY)
            assert differences(asked) == []
            assert asked.audit().findings


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_heard_by_words_diff_and_mutants(unit: str) -> None:
    old, new = load(timed(unit)), load(timed(unit, 3))
    told = {each.id: each for each in compare(old, new).changes}
    document, _ = parse(json.dumps(timed(unit)).encode(), "p.yaml")
    assert document is not None
    found = [mutant.name for mutant in mutants(old, document)]
    timed_rules = ("a/time", "a/idle", "a/within/demo", "a/every/demo", "limit/idle")
    assert told["sequence/dated"].kind == "changed"
    for rule_id in (*timed_rules, "b/entry/in_next", "b/entry/lately"):
        assert told[rule_id].kind in ("loosened", "tightened")
        assert f"3 {unit}s" in rule_of(new, rule_id).info.title
        assert len([name for name in found if name.startswith(rule_id)]) >= 4
    assert told["grace"].new == told["late_after"].new == f"3 {unit}s"
    assert {f"grace: 1 {unit} instead of 2 {unit}s"} <= set(found)


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_heard_by_proof_and_docs(unit: str) -> None:
    items = [
        {"id": name, "field": "due", "newer_than": f"{amount} {unit}s"}
        for name, amount in (("wide", 3), ("narrow", 2))
    ]
    text = json.dumps(book(stages=stages(b={"entry": items})))
    idle = [each for each in lint_playbook(text.encode(), "p.yaml") if each.rule == "implied-rule"]
    assert [each.message.partition(" asks")[0] for each in idle] == ["b/entry/wide"]
    assert re.search(rf"[`0-9] ?{unit}", DOCS)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("workdays", ["saturday", "sunday"]),
        ("hours", ["13:00", "24:00"]),
        ("holidays", ["03-02..03-20"]),
    ],
)
def test_the_working_calendar_is_heard(key: str, value: Json) -> None:
    usual, other = (example(timed("business hour", **of)) for of in ({}, {key: value}))
    assert differences(other) == []
    due = [[each.due_at for each in asked.audit().findings] for asked in (usual, other)]
    assert due[0] != due[1]
    told = {each.id: each.kind for each in compare(usual.playbook, other.playbook).changes}
    assert {
        key: "changed",
        "a/time": "changed",
        "b/entry/lately": "changed",
    }.items() <= told.items()


# Keys that make no rule of their own


CHANGES: list[tuple[str, str, Json, Json]] = [
    ("fields", "title", None, "Amount"),
    ("fields", "type", "number", "integer"),
    ("fields", "unit", None, "EUR"),
    ("fields", "currency", None, "note"),
    ("fields", "options", ["red"], ["red", "blue"]),
    ("fields", "when", None, {"field": "note", "is": "present"}),
    ("fields", "level", None, "warn"),
    ("stages", "title", None, "First"),
    ("stages", "ends", "won", "lost"),
    ("stages", "counts_as", None, "won"),
    ("stages", "when", None, {"field": "amount", "more_than": 7}),
    ("stages", "optional", None, True),
    ("stages", "inputs", None, "a list"),
    ("stages", "story", None, "a story"),
    ("stages", "level", None, "warn"),
    ("sequence", "title", None, "First a demo"),
    ("sequence", "which", None, "first"),
    ("sequence", "later", None, True),
    ("sequence", "need", DEMO, CALL),
    ("sequence", "within", None, "2 days"),
    ("sequence", "when", None, {"field": "amount", "more_than": 7}),
    ("sequence", "level", None, "warn"),
]


@pytest.mark.parametrize(("section", "key", "old", "new"), CHANGES)
def test_a_change_of_any_other_key_is_heard_by_diff(
    section: str, key: str, old: Json, new: Json
) -> None:
    books = []
    for value in (old, new):
        of = {} if value is None else {key: value}
        if section == "stages":
            extra = {"activities": ["call"]} if key != "ends" else {}
            place = {"d": of} if key == "ends" else {}
            data = book(stages=[*stages(b=({} if place else of) | extra)[:3], *_ends(place)])
        elif section == "fields":
            field = {"type": "choice" if key == "options" else "number", "by": "manager"} | of
            field |= {"unit": "EUR"} if key == "currency" else {}
            data = book(fields=book()["fields"] | {"it": field})
        else:
            kind = "if" if key == "later" else "after"
            sequence = {"id": "it", kind: CALL, "need": DEMO} | of
            data = book(sequence=[sequence])
        books.append(load(data))
    assert compare(*books).changes


def _ends(place: Json) -> list[Json]:
    more = [{"stage": "d"} | place["d"]] if place else []
    return [*stages()[3:], *more]


# The top


TOP: dict[str, tuple[Json, Json]] = {
    "playbook": ("heard", "other"),
    "title": (None, "Heard"),
    "timezone": (None, "Europe/Paris"),
    "level": (None, "warn"),
    "from": (None, "2026-01-01"),
    "grace": (None, "1 minute"),
    "late_after": (None, "2 days"),
    "placeholders": (None, ["n/a"]),
    "holidays": (None, ["2026-05-01"]),
    "applies_to": (None, CALL),
    "may_waive": (None, ["manager"]),
    "parts": (None, ["decider"]),
    "roles": (["rep", "manager"], ["rep", "manager", "desk"]),
    "migration": (None, {"policy": "pin"}),
}
"""Keys at the top that are heard by `diff` as they are."""
SECTIONS = {"fields", "activities", "signals", "profiles", "stages", "sequence", "limits", "rules"}
"""Those whose rules and names are heard, above and below."""
NUMBERS = {
    "kpis",
    "targets",
    "segments",
    "products",
    "coaching",
    "quality",
    "automation",
    "practices",
    "forecast",
    "experiments",
    "arm",
    "onboarding",
}
"""Those that make no rule; see `tests/numbers`."""
TOLD_ELSEWHERE = {"version", "use", "workdays", "hours"}
"""`version` names a playbook; what `use` brings is as if it stood there (`cli/test_use.py`)."""


def test_every_key_at_the_top_has_a_sample() -> None:
    known = {*TOP, *SECTIONS, *NUMBERS, *TOLD_ELSEWHERE}
    assert set(WHOLE["properties"]) == known


@pytest.mark.parametrize("key", TOP)
def test_a_key_at_the_top_is_heard_by_diff(key: str) -> None:
    old, new = TOP[key]
    books = [book() | ({} if value is None else {key: value}) for value in (old, new)]
    changes = compare(*map(load, books)).changes
    found = [each.id for each in changes if each.part in ("setting", "role")]
    assert found[:1] == ["desk" if key == "roles" else key]


# Words that are declared


WORDS: dict[str, Json] = {
    "title": "Call",
    "tools": ["script"],
    "outcomes": ["done"],
    "attributes": {"channel": "text"},
}
"""What an activity may declare; the history's call is `failed`."""


def declaring(**words: Json) -> dict[str, Json]:
    return book(activities={"call": words, "demo": {}, "mail": {}})


def test_every_key_of_an_activity_has_a_sample() -> None:
    assert set(SCHEMA["activityKind"]["properties"]) == set(WORDS)


@pytest.mark.parametrize("key", WORDS)
def test_a_declared_word_is_heard_by_diff(key: str) -> None:
    old, new = load(declaring()), load(declaring(**{key: WORDS[key]}))
    assert [(each.part, each.id) for each in compare(old, new).changes] == [("activity", "call")]


@pytest.mark.parametrize("key", ["outcomes", "attributes", "parts"])
def test_a_declared_word_is_heard_by_lint_and_histories(key: str) -> None:
    """Where it is declared, another word is a mistake and a problem; else neither."""
    strange = HISTORY[1]._replace(attrs='{"note":"x","with":["boss"]}')
    asked = {"activity": "call", "outcome": "won", "with": "boss", "where": {"note": "x"}}
    words = {"parts": ["decider"]} if key == "parts" else {}
    kind = {} if key == "parts" else {key: WORDS[key]}
    data = declaring(**kind) | words
    problems = example(data, [HISTORY[0], strange]).audit().problems
    assert [each.reason.split()[0] for each in problems] == [key.removesuffix("s")]
    assert example(declaring(), [HISTORY[0], strange]).audit().problems == ()
    rules = [each.rule for each in lint_playbook(_text(data, asked), "p.yaml")]
    assert f"unknown-{key.removesuffix('s')}" in rules
    assert not [rule for rule in rules if rule.startswith("unknown") and rule.count(key[:4]) == 0]


def _text(data: dict[str, Json], asked: Json) -> bytes:
    return json.dumps(data | {"stages": stages(b={"entry": [asked]})}).encode()


def test_parts_are_heard_by_diff_and_words() -> None:
    with_parts = book(parts=["decider", "user"])
    changes = compare(load(book()), load(with_parts)).changes
    assert [(each.part, each.id, each.new) for each in changes] == [
        ("setting", "parts", "decider, user")
    ]
    shown = "".join(render(load(with_parts | {"activities": {"call": WORDS}, "signals": {}})))
    assert "decider, user" in shown
    (call,) = (line for line in shown.splitlines() if line.startswith("      call "))
    assert "; outcomes: done" in call
    assert "channel (text)" in call


# The engine and the docs


@pytest.mark.thorough
def test_all_of_it_is_heard_by_the_audit_of_an_engine() -> None:
    pytest.importorskip("ibis")
    pytest.importorskip("duckdb")
    import ibis

    from support.bulk import both
    from support.bulk import differences as engine_differences

    connection = ibis.duckdb.connect()
    patterns = [
        {"id": f"{kind}-{name}-{place}", kind: pattern, "need": DEMO}
        for kind in ("before", "after", "if")
        for name, pair in PATTERNS.items()
        for place, pattern in enumerate(pair)
    ]
    for data, events in (
        (conditions_book() | {"sequence": patterns}, HISTORY),
        (FULL, FULL_HISTORY),
        *((placed(family, when=ALWAYS), KNOWN_FIRST) for family in HERE),
        (FULL | {"rules": {"*": {"when": {"field": "amount", "is": "present"}}}}, FULL_HISTORY),
        *((timed(unit), FULL_HISTORY) for unit in UNITS if " " in unit),
    ):
        asked = example(data, events)
        judged, found = both(connection, asked.playbook, asked.events, people=asked.team)
        assert judged.findings
        assert list(engine_differences(judged, found)) == []


def test_all_of_it_is_heard_by_the_docs() -> None:
    keys = {*NARROWINGS, *TESTS, *JOINED, *(key for _, key, _, _ in CHANGES)}
    keys |= {row.key for row in FAMILIES.values() if row.key}
    keys |= {"workdays", "hours", "holidays", *OF_RULES}
    missing = [key for key in sorted(keys) if not re.search(rf"[`{{]{key}[`:]", DOCS)]
    assert missing == []
