"""The live gate's data-driven cases: every case under `cases/live`, through the command line.

A file holds `about`, a default `playbook` and `people`, and its `cases`. A case has `steps`, one
a line, and may have an `imported` history, one event a line:

    [WHEN] [recorded WHEN] COMMAND … -> EXPECTATION[; EXPECTATION]
    WHEN KIND NAME [= VALUE] [by ACTOR]

WHEN (`03-05` or `03-05T09:30`, of 2026 in UTC) is given as `--at`, and is what the clock shows
unless `recorded` names another instant. Commands without WHEN are given at what the clock shows.
`open` needs no `--playbook`; who does not say `--by` is `rep`. Expected is one of

    recorded [TEXT]   allowed   refused RULE…   noted TEXT   wrong TEXT   shown TEXT…

where `noted` is exit status 1, or 0 of what is known already, `wrong` is 2 and TEXT is a part of
what is said (`wrong TEXT; code CODE` asks for the code, too); and of decisions `reports RULE…` and
`waives RULE…`. The rules that refuse, that are only reported and that are waived must be exactly
those.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from gate import Said, say

from playgate.conditions.instants import read_instant
from playgate.documents import yaml12
from playgate.documents.yaml12 import parse
from playgate.enforce.live import Live
from playgate.history.event import Event
from playgate.ledger.store import Ledger
from playgate.playbook.load import parse_playbook

CASES = Path(__file__).parent.parent / "cases" / "live"
MINIMUM = 60
START = "03-01"
_WHEN = r"\d\d-\d\d(?:T\d\d:\d\d)?"
_STEP = re.compile(
    rf"(?:(?P<at>{_WHEN}) +)?(?:recorded +(?P<now>{_WHEN}) +)?(?P<command>.+?) *-> *(?P<expect>.+)"
)
_EVENT = re.compile(
    rf"(?P<at>{_WHEN}) +(?P<kind>\w+) +(?P<name>\S+)(?: += +(?P<value>.*?))?(?: +by +(?P<by>\S+))?"
)
_DECIDES = ("open", "move", "check")


@cache
def load_file(path: Path) -> dict[str, Any]:
    document, mistakes = yaml12.parse(path.read_bytes(), path.name)
    assert document is not None, mistakes
    assert not mistakes, mistakes
    data: dict[str, Any] = document.data
    return data


def all_cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yaml")):
        for case in load_file(path)["cases"]:
            yield pytest.param(path, case, id=f"{path.stem}::{case['case']}")


def full(when: str) -> str:
    return f"2026-{when}{'' if 'T' in when else 'T00:00'}:00Z"


def instant(when: str) -> int:
    found = read_instant(full(when), UTC)
    assert found is not None, when
    return found


class Runner:
    """Runs the steps of a case on a ledger of its own."""

    def __init__(self, folder: Path, playbook: str, people: str) -> None:
        self.db = folder / "deals.db"
        self.playbook = folder / "playbook.yaml"
        self.playbook.write_text(playbook, encoding="utf-8")
        self.clock = instant(START)
        if people:
            (folder / "people.csv").write_text(people, encoding="utf-8")
            said = say("people", str(folder / "people.csv"), db=self.db, clock=self.clock)
            assert said.status == 0, said

    def imported(self, history: str) -> None:
        content = self.playbook.read_bytes()
        playbook, mistakes = parse_playbook(content, "playbook.yaml")
        document, _ = parse(content, "playbook.yaml")
        assert playbook is not None, mistakes
        assert document is not None
        with Ledger.open(self.db, create=True) as ledger, ledger.writing():
            Live(ledger, now=self.clock).keep(playbook, document, content)
            ledger.deals.begin("d", playbook.sha256)
            ledger.events.add([read_event(line) for line in lines_of(history)], live=False)

    def step(self, line: str) -> None:
        found = _STEP.fullmatch(line)
        assert found, f"not a step: {line}"
        words = shlex.split(found["command"])
        if found["at"] or found["now"]:
            self.clock = instant(found["now"] or found["at"])
        if found["at"]:
            words += ["--at", full(found["at"])]
        if words[0] == "open" and "--playbook" not in words:
            words += ["--playbook", str(self.playbook)]
        if words[0] != "people":
            words += ["--format", "json"]
        said = say(*words, db=self.db, clock=self.clock)
        expected = dict((part.strip().partition(" ")[::2]) for part in found["expect"].split("; "))
        check(words[0], said, expected)


def read_event(line: str) -> Event:
    found = _EVENT.fullmatch(line)
    assert found, f"not an event: {line}"
    at = instant(found["at"])
    value, actor = found["value"] or "", found["by"] or ""
    return Event("d", at, found["kind"], found["name"], value, actor, at, "", "", 0, 0)


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def check(command: str, said: Said, expected: dict[str, str]) -> None:
    if "wrong" in expected:
        assert (said.status, said.err) == (2, ""), said
        told = said.data["errors"]
        assert any(expected["wrong"] in f"{each['message']} {each['hint']}" for each in told), said
        assert expected.get("code", told[0]["code"]) == told[0]["code"], said
        return
    assert "Traceback" not in said.err
    assert not said.err, said
    if "shown" in expected:
        assert said.status == 0, said
        for text in expected["shown"].split(" … "):
            assert text in said.out, said
        return
    data = said.data
    if command not in _DECIDES:
        assert "recorded" in expected, said
        assert said.status == 0, said
        assert expected["recorded"] in (data["note"] or ""), said
        assert expected["recorded"] or not data["note"], said
        return
    check_decision(said, data, expected)


def check_decision(said: Said, data: dict[str, Any], expected: dict[str, str]) -> None:
    findings = data["findings"]
    given = {
        "refused": {each["rule"] for each in findings if each["refuses"]},
        "waives": {each["rule"] for each in findings if each["state"] == "waived"},
        "reports": {
            each["rule"] for each in findings if not each["refuses"] and each["state"] != "waived"
        },
    }
    wanted = {kind: set(expected.get(kind, "").split()) for kind in given}
    if "noted" in expected:
        assert expected["noted"] in (data["note"] or ""), data
        assert said.status == (0 if data["allowed"] else 1)
        return
    assert data["note"] is None, data
    assert given == wanted
    assert data["allowed"] is ("allowed" in expected)
    assert data["allowed"] is not ("refused" in expected)
    assert said.status == (0 if data["allowed"] else 1)


@pytest.mark.parametrize(("path", "case"), list(all_cases()))
def test_live_case(path: Path, case: dict[str, Any], tmp_path: Path) -> None:
    defaults = load_file(path)
    assert case.keys() <= {"case", "playbook", "people", "imported", "steps"}
    people = case.get("people", defaults.get("people", ""))
    runner = Runner(tmp_path, case.get("playbook") or defaults["playbook"], people)
    if "imported" in case:
        runner.imported(case["imported"])
    for line in lines_of(case["steps"]):
        try:
            runner.step(line)
        except AssertionError as error:
            raise AssertionError(f"{line}\n{error}") from error


def test_there_are_enough_live_cases() -> None:
    names = [(path, case["case"]) for path, case in (each.values for each in all_cases())]
    assert len(set(names)) == len(names) >= MINIMUM
