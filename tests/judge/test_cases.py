"""The judge's data-driven cases: every list under `cases/judge`, one test a case.

A file holds `about`, a default `playbook` and its `cases`. A history has one event a line:

    [DEAL:] WHEN KIND NAME [= VALUE] [by ACTOR] [recorded WHEN] [id ID] [attrs {json}]

A value in double quotes is read as JSON text, so that blanks and words like `by` can stand in it.
With `since` only verdicts on what was done then or later are counted; the others are not
applicable. Rules that `expect` does not name are not checked; an empty `expect_problems`,
`expect_unknown` or `expect_blind_spots` says that there is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from playgate.audit.result import AuditResult
from playgate.audit.run import audit
from playgate.audit.selection import Selection
from playgate.conditions.instants import day_end, load_zone, read_instant, show_instant
from playgate.documents import yaml12
from playgate.history.event import Event
from playgate.history.people import People, Person
from playgate.playbook.load import parse_playbook

CASES = Path(__file__).parent.parent / "cases" / "judge"
FILE_KEYS = {"about", "playbook", "cases"}
EXPECTATIONS = {
    "expect",
    "expect_deals",
    "expect_problems",
    "expect_unknown",
    "expect_blind_spots",
    "left_out",
    "judged",
}
CASE_KEYS = {"case", "playbook", "people", "as_of", "since", "history"} | EXPECTATIONS
VERDICTS = ("met", "unmet", "waived", "not_applicable")
TEXT_DETAILS = {
    "message",
    "state",
    "cause",
    "actor",
    "from_stage",
    "to_stage",
    "waived_by",
    "waiver_reason",
}
INSTANT_DETAILS = {"due_at", "made_good_at"}
MINIMUM = 150

_NAMES = re.compile(r"^  - case: (.+)$", re.MULTILINE)
_TAIL = r" +by +(?P<actor>\S+)| +recorded +(?P<recorded>\S+)| +id +(?P<id>\S+)"
_LINE = re.compile(
    r"(?:(?P<deal>\S+): +)?(?P<when>\S+) +(?P<kind>stage|activity|field|waiver) +(?P<name>\S+)"
    r'(?: +=(?: +(?P<value>"(?:[^"\\]|\\.)*"|(?!(?:by|recorded|id|attrs) )\S.*?))?)?'
    rf"(?:{_TAIL})*(?: +attrs +(?P<attrs>\{{.*\}}))?"
)


@cache
def load_file(path: Path) -> dict[str, Any]:
    document, mistakes = yaml12.parse(path.read_bytes(), path.name)
    assert document is not None, mistakes
    assert not mistakes, mistakes
    data: dict[str, Any] = document.data
    return data


def names_of(path: Path) -> list[str]:
    """The names of a file's cases, found without reading it as YAML, which would take long."""
    return _NAMES.findall(path.read_text(encoding="utf-8"))


def all_cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yaml")):
        for number, name in enumerate(names_of(path)):
            yield pytest.param(path, number, id=f"{path.stem}::{name}")


@cache
def load_playbook(text: str) -> Any:
    playbook, mistakes = parse_playbook(text.encode(), "playbook.yaml")
    errors = [str(mistake) for mistake in mistakes if mistake.level == "error"]
    assert not errors, "\n".join(errors)
    assert playbook is not None
    return playbook


def read_when(text: str) -> int:
    instant = read_instant(text, UTC)
    assert instant is not None, f"not RFC 3339: {text}"
    return instant


def read_event(text: str, line: int) -> Event:
    found = _LINE.fullmatch(text.strip())
    assert found, f"not an event: {text}"
    value = found["value"] or ""
    attrs = found["attrs"]
    happened_at = read_when(found["when"])
    return Event(
        deal=found["deal"] or "d",
        happened_at=happened_at,
        kind=found["kind"],
        name=found["name"],
        value=json.loads(value) if value.startswith('"') else value,
        actor=found["actor"] or "",
        recorded_at=read_when(found["recorded"]) if found["recorded"] else happened_at,
        event_id=found["id"] or "",
        attrs=canonical(json.loads(attrs)) if attrs else "",
        source=0,
        line=line,
    )


def canonical(attrs: Any) -> str:
    return json.dumps(attrs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_history(text: str) -> list[Event]:
    lines = [line for line in text.splitlines() if line.strip()]
    return [read_event(line, number) for number, line in enumerate(lines, 1)]


def make_people(roles: Mapping[str, str | list[str]]) -> People:
    """The people of a case, which names for each actor a role or several."""
    several = {actor: [held] if isinstance(held, str) else held for actor, held in roles.items()}
    return People(Person(actor, role=role) for actor, held in several.items() for role in held)


def read_as_of(text: str | None, playbook_text: str) -> int | None:
    """The case's as-of; a bare date is the end of that day in the playbook's zone."""
    if text is None:
        return None
    document, _ = yaml12.parse(playbook_text.encode(), "playbook.yaml")
    zone = load_zone(document.get(("timezone",)) or "UTC") if document else None
    instant = day_end(text, zone or UTC)
    assert instant is not None, f"not RFC 3339: {text}"
    return instant


def verdict_of(result: AuditResult, rule: str) -> str:
    tally = next((tally for tally in result.rules if tally.rule.id == rule), None)
    known = ", ".join(tally.rule.id for tally in result.rules)
    assert tally is not None, f"no rule {rule}; there are {known}"
    given = [verdict for verdict in VERDICTS if getattr(tally, verdict)]
    assert len(given) == 1, f"{rule}: not one verdict, but {given}"
    assert getattr(tally, given[0]) == 1
    return given[0]


def detail(finding: Any, key: str) -> Any:
    if key == "level":
        return finding.rule.level
    value = getattr(finding, key)
    return show_instant(value) if key in INSTANT_DETAILS and value is not None else value


def check_rule(result: AuditResult, rule: str, expected: str | Mapping[str, Any]) -> None:
    wanted: dict[str, Any] = {"verdict": expected} if isinstance(expected, str) else dict(expected)
    verdict = wanted.pop("verdict").replace(" ", "_")
    assert verdict in VERDICTS
    assert wanted.keys() <= TEXT_DETAILS | INSTANT_DETAILS | {"level"}
    findings = [finding for finding in result.findings if finding.rule.id == rule]
    assert verdict_of(result, rule) == verdict, f"{rule}: {findings}"
    assert len(findings) == (verdict in ("unmet", "waived"))
    if not wanted:
        return
    assert findings, f"{rule} is {verdict}: there is no finding to describe"
    for key in INSTANT_DETAILS & wanted.keys():
        wanted[key] = show_instant(read_when(wanted[key])) if wanted[key] else None
    assert {key: detail(findings[0], key) for key in wanted} == wanted, rule


def check_rest(case: Mapping[str, Any], result: AuditResult) -> None:
    """What is expected of the history as a whole."""
    told = {
        "expect_problems": [problem.reason for problem in result.problems],
        "expect_unknown": [unknown.name for unknown in result.unknown_names],
        "expect_blind_spots": [
            blind.name for blind in result.blind_spots if blind.kind not in ("rule", "end")
        ],
    }
    for key in told.keys() & case.keys():
        wanted, found = case[key], told[key]
        if not wanted:
            assert found == [], key
        for text in wanted:
            hit = any(text in each for each in found) if key == "expect_problems" else text in found
            assert hit, f"{key}: {text!r} is not in {found}"
    if "left_out" in case:
        assert result.history.left_out == case["left_out"]
    if "judged" in case:
        assert result.playbooks[0].deals == result.history.deals == case["judged"]


@pytest.mark.parametrize(("path", "number"), list(all_cases()))
def test_case(path: Path, number: int) -> None:
    case: dict[str, Any] = load_file(path)["cases"][number]
    assert case.keys() <= CASE_KEYS, f"unknown keys: {case.keys() - CASE_KEYS}"
    assert case.keys() & EXPECTATIONS, "nothing is expected"
    text = case.get("playbook") or load_file(path)["playbook"]
    playbook = load_playbook(text)
    events = read_history(case["history"])
    people = make_people(case["people"]) if "people" in case else None
    as_of = read_as_of(case.get("as_of"), text)
    selection = Selection(since=read_when(case["since"]) if "since" in case else None)
    check_rest(case, audit(playbook, events, people=people, as_of=as_of, selection=selection))
    expected = case.get("expect_deals", {"d": case["expect"]} if "expect" in case else {})
    if "expect_deals" in case and as_of is None:
        as_of = max(event.happened_at for event in events)
    for deal, rules in expected.items():
        assert rules, "nothing is expected"
        own = [event for event in events if event.deal == deal]
        assert own, f"the history has no deal {deal}"
        result = audit(playbook, own, people=people, as_of=as_of, selection=selection)
        for rule, verdict in rules.items():
            check_rule(result, rule, verdict)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_file(path: Path) -> None:
    data = load_file(path)
    assert data.keys() <= FILE_KEYS, f"unknown keys: {data.keys() - FILE_KEYS}"
    names = [case["case"] for case in data["cases"]]
    assert sorted(set(names)) == sorted(names), "two cases have one name"
    assert names == names_of(path), "a case begins with its name, indented by two"


def test_there_are_enough_cases() -> None:
    assert len(list(all_cases())) >= MINIMUM
