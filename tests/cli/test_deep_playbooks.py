"""The deepest conditions that lint allows can be judged by everything that judges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from running import Run

Data = dict[str, Any]

DEEPEST = 100
IN_PLACE = 15
"""So many more where a rule stands; YAML itself is nested 40 deep at most."""

CASES = """\
playbook: deep
cases:
  - case: Known
    given: [{move: a}, {do: call}, {set: {known: true}}]
    when: b
    then: {warned: []}
  - case: Not known
    given: [{move: a}, {do: call}]
    when: b
    then: {refused: [a/exit/deepest, b/entry/deep]}
"""
HISTORY = """\
deal,happened_at,kind,name,value,actor
D,2026-03-01T09:00:00Z,stage,a,,ann
D,2026-03-01T10:00:00Z,activity,call,,ann
D,2026-03-02T09:00:00Z,field,known,true,ann
D,2026-03-03T09:00:00Z,stage,b,,ann
E,2026-03-01T09:00:00Z,stage,a,,ann
E,2026-03-03T09:00:00Z,stage,b,,ann
"""


def nested(condition: Data, by: int) -> Data:
    """The same condition, said with so many more inside each other."""
    known: Data = {"field": "known", "is": "present"}
    for _ in range(by // 2 - 1):
        condition = {"any": [{"all": [condition, known]}, {"field": "never", "is": "present"}]}
    return {"not": {"not": condition}} if by % 2 == 0 else {"not": {"not": {"any": [condition]}}}


def write(most: int, *, everywhere: bool = True) -> None:
    """A playbook whose deepest signal has `most` conditions inside each other.

    It is read wherever a condition may stand, or else at a stage's door alone.
    """
    signals: Data = {"s0": nested({"activity": "call", "in_last": "30 days"}, 18)}
    deep = 19
    while deep < most:
        more = min(18, most - deep - 1)
        name = f"s{len(signals)}"
        if more < 3:
            signals[name] = [{"signal": f"s{len(signals) - 1}"}]
            deep += 1
        else:
            signals[name] = nested({"signal": f"s{len(signals) - 1}"}, more)
            deep += 1 + more
    last: Data = {"signal": name}
    inside = nested(last, IN_PLACE)
    door: Data = {**inside, "id": "deep"}
    ends = [{"stage": "won", "ends": "won"}, {"stage": "lost", "ends": "lost"}]
    data: Data = {
        "playbook": "deep",
        "version": 1,
        "fields": {"known": {"type": "boolean"}, "never": {"type": "text"}},
        "activities": {"call": {"title": "Call"}},
        "signals": signals,
        "profiles": {"one": {"story": "Deep.", "fit": {"demographic": [inside]}}},
        "stages": [
            {"stage": "a", "activities": ["call"], "exit": [{**last, "id": "deepest"}]},
            {"stage": "b", "entry": [door], "hold": [door]},
            {"stage": "c", "when": inside},
            *ends,
        ],
        "sequence": [{"id": "first", "before": {"stage": "b"}, "when": inside, "need": inside}],
        "rules": {"profile/fit": {"level": "observe"}, "c/entered": {"level": "warn"}},
    }
    if not everywhere:
        data["stages"] = [{"stage": "a"}, {"stage": "b", "entry": [door]}, *ends]
        del data["profiles"], data["sequence"], data["rules"]
    Path("deep.yaml").write_text(json.dumps(data), encoding="utf-8")
    Path("next.yaml").write_text(json.dumps({**data, "version": 2}), encoding="utf-8")
    Path("deep.cases.yaml").write_text(CASES, encoding="utf-8")
    Path("history.csv").write_text(HISTORY, encoding="utf-8")


@pytest.mark.thorough
def test_the_deepest_is_judged(run: Run) -> None:
    write(DEEPEST)
    assert run("lint", "deep.yaml").status == 0
    assert run("show", "deep.yaml").status == 0
    assert run("test", "deep.yaml", "--coverage").status == 0
    assert run("plan", "deep.yaml", "next.yaml", "history.csv").status == 0
    assert run("diff", "deep.yaml", "next.yaml").status == 0
    for words in (("open", "D", "--playbook", "deep.yaml"), ("log", "D", "call"), ("next", "D")):
        assert run(*words, "--by", "ann").status == 0
    assert run("check", "D", "b").status == 1
    assert run("move", "D", "b", "--by", "ann").status == 1
    run("set", "D", "known=yes", "--by", "ann")
    assert run("move", "D", "b", "--by", "ann").status == 0


def findings(run: Run, *more: str) -> list[tuple[str, str, str]]:
    done = run("audit", "deep.yaml", "history.csv", "--format", "json", *more)
    assert done.status == 1, done.err
    found = json.loads(done.out)["findings"]
    return sorted((each["deal"], each["rule"], each["message"]) for each in found)


@pytest.mark.thorough
def test_both_engines_judge_the_deepest_alike(run: Run) -> None:
    pytest.importorskip("ibis")
    write(DEEPEST, everywhere=False)  # DuckDB takes seconds over each
    found = findings(run)
    assert ("E", "b/entry/deep") in {(deal, rule) for deal, rule, _ in found}
    assert "D" not in {deal for deal, _, _ in found}
    assert found == findings(run, "--engine", "duckdb")
    assert run("compile", "deep.yaml", "--dialect", "snowflake").status == 0


def test_deeper_is_a_mistake_with_its_place(run: Run) -> None:
    write(DEEPEST + 1)
    done = run("lint", "deep.yaml")
    assert done.status == 2
    assert done.out.count("[too-deep]") == 1
    assert "nested more than 100 deep" in done.out
    assert run("audit", "deep.yaml", "history.csv").status == 2
