"""The live gate's data-driven cases: every case under `cases/live`, through the command line.

A file holds `about`, a default `playbook`, `people` and `record` (who keeps it), and its `cases`. A
case has `steps`, one a line, and may have an `imported` history, one event a line, which an old
ledger holds of deal `d`, and under `given` histories by name, for `--facts NAME`, `import NAME`:

    [WHEN] [recorded WHEN] COMMAND … -> EXPECTATION[; EXPECTATION]
    [DEAL:] WHEN KIND NAME [= VALUE] [by ACTOR] [id ID] [attrs JSON]

WHEN (`03-05` or `03-05T09:30`, of 2026 in UTC, unless a year is said) is given as `--at`, and is
what the clock shows unless `recorded` names another instant. Commands without WHEN are given at
what the clock shows. `open` and `ask` need no `--playbook`; who does not say `--by` is `rep`.
Expected is one of

    recorded [TEXT]   allowed   refused RULE…   noted TEXT   wrong TEXT   shown TEXT…   found TEXT…

where `noted` is exit status 1, or 0 of what is known already, `found` is 1, `wrong` is 2 and TEXT
is a part of what is said (`wrong TEXT; code CODE` asks for the code, too); and of decisions
`reports RULE…`, `waives RULE…`, `says TEXT` (its note) and, in shadow, `would-refuse RULE…`. The
rules that refuse, that are only reported and that are waived must be exactly those. Of deals that
are not governed, `ungoverned` is said, too. What `set` says of who may set a field reads alike.
"""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from gate import Said, check_reproduced, say

from playgate.conditions.instants import read_instant, show_instant
from playgate.documents import yaml12
from playgate.documents.yaml12 import parse
from playgate.enforce.live import Live
from playgate.history.event import Event
from playgate.ledger.store import Ledger
from playgate.playbook.load import parse_playbook
from support.thorough import but_every

ON_BOTH = True

CASES = Path(__file__).parent.parent / "cases" / "live"
MINIMUM = 60
START = "03-01"
_WHEN = r"(?:\d{4}-)?\d\d-\d\d(?:T\d\d:\d\d)?"
_STEP = re.compile(
    rf"(?:(?P<at>{_WHEN}) +)?(?:recorded +(?P<now>{_WHEN}) +)?(?P<command>.+?) *-> *(?P<expect>.+)"
)
_EVENT = re.compile(
    r"(?:(?P<deal>\w+): +)?"
    rf"(?P<at>{_WHEN}) +(?P<kind>\w+) +(?P<name>\S+)(?: += +(?P<value>.*?))?(?: +by +(?P<by>\S+))?"
    r"(?: +id +(?P<id>\S+))?(?: +attrs +(?P<attrs>\{.*\}))?"
)
_DECIDES = ("open", "move", "check", "ask")
_PLAIN = ("people", "import", "publish")
"""Commands that have no answer as JSON, or none that is looked at."""


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
    year = "" if re.match(r"\d{4}-", when) else "2026-"
    return f"{year}{when}{'' if 'T' in when else 'T00:00'}:00Z"


def instant(when: str) -> int:
    found = read_instant(full(when), UTC)
    assert found is not None, when
    return found


class Runner:
    """Runs the steps of a case on a ledger of its own."""

    def __init__(self, folder: Path, playbook: str, people: str, record: str = "") -> None:
        self.folder = folder
        self.db = folder / "deals.db"
        self.playbook = folder / "playbook.yaml"
        self.playbook.write_text(playbook, encoding="utf-8")
        self.clock = instant(START)
        if record:
            assert say("ledger", "new", "--record", record, db=self.db).status == 0
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

    def given(self, name: str, history: str) -> None:
        """Write a history as the table that is imported, and as the facts of a question."""
        events = [read_event(line) for line in lines_of(history)]
        with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(told(event).values() for event in events)
        lines = [json.dumps({k: v for k, v in told(event).items() if v}) for event in events]
        (self.folder / name).write_text("\n".join(lines), encoding="utf-8")

    def words(self, command: str) -> list[str]:
        words = shlex.split(command)
        if words[0] == "import":
            words = ["import", str(self.folder / f"{words[1]}.csv"), "--db", str(self.db)]
            words += ["--playbook", str(self.playbook)]
        if "--facts" in words:
            place = words.index("--facts") + 1
            words[place] = str(self.folder / words[place])
        if words[0] in ("open", "ask") and "--playbook" not in words:
            words += ["--playbook", str(self.playbook)]
        return words if words[0] in _PLAIN else [*words, "--format", "json"]

    def step(self, line: str) -> None:
        found = _STEP.fullmatch(line)
        assert found, f"not a step: {line}"
        words = self.words(found["command"])
        if found["at"] or found["now"]:
            self.clock = instant(found["now"] or found["at"])
        if found["at"]:
            words += ["--at", full(found["at"])]
        said = say(*words, db=self.db, clock=self.clock)
        expected = dict((part.strip().partition(" ")[::2]) for part in found["expect"].split("; "))
        check(words[0], said, expected)


def read_event(line: str) -> Event:
    found = _EVENT.fullmatch(line)
    assert found, f"not an event: {line}"
    at = instant(found["at"])
    deal, value, actor = found["deal"] or "d", found["value"] or "", found["by"] or ""
    known_id, attrs = found["id"] or "", found["attrs"] or ""
    return Event(deal, at, found["kind"], found["name"], value, actor, at, known_id, attrs, 0, 0)


COLUMNS = ("deal", "happened_at", "kind", "name", "value", "actor", "event_id", "attrs")


def told(event: Event) -> dict[str, str]:
    """An event as a row of the history table."""
    row = event._replace(happened_at=0)._asdict()
    return {**{column: row[column] for column in COLUMNS}, "happened_at": show_instant(event[1])}


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
    assert command in _PLAIN or not said.err, said
    for status, word in enumerate(("shown", "found")):
        if word in expected:
            assert said.status == status, said
            for text in expected[word].split(" … "):
                assert text in said.out + said.err, said
            return
    data = said.data
    if command not in _DECIDES and data["kind"] != "decision":
        assert findings_of(data) == findings_wanted(expected), said
        assert data.get("would_refuse", False) is ("would-refuse" in expected), said
        assert "recorded" in expected, said
        assert said.status == 0, said
        assert expected["recorded"] in (data["note"] or ""), said
        assert expected["recorded"] or not data["note"], said
        return
    check_decision(said, data, expected)


def findings_of(data: dict[str, Any]) -> dict[str, set[str]]:
    """The rules that refuse, that are waived and that are only reported."""
    findings = data.get("findings", [])
    return {
        "refused": {each["rule"] for each in findings if each["refuses"]},
        "waives": {each["rule"] for each in findings if each["state"] == "waived"},
        "reports": {
            each["rule"] for each in findings if not each["refuses"] and each["state"] != "waived"
        },
    }


def findings_wanted(expected: dict[str, str]) -> dict[str, set[str]]:
    wanted = {
        kind: set(expected.get(kind, "").split()) for kind in ("refused", "waives", "reports")
    }
    wanted["refused"] |= set(expected.get("would-refuse", "").split())
    return wanted


def check_decision(said: Said, data: dict[str, Any], expected: dict[str, str]) -> None:
    given, wanted = findings_of(data), findings_wanted(expected)
    if "noted" in expected:
        assert expected["noted"] in (data["note"] or ""), data
        assert said.status == (0 if data["allowed"] else 1)
        return
    assert expected.get("says", "") in (data["note"] or ""), data
    assert ("says" in expected) is (data["note"] is not None), data
    assert data["governed"] is not ("ungoverned" in expected), data
    assert data["would_refuse"] is ("would-refuse" in expected), data
    assert given == wanted
    assert data["allowed"] is ("allowed" in expected)
    assert data["allowed"] is not ("refused" in expected)
    assert said.status == (0 if data["allowed"] else 1)


def played(path: Path, case: dict[str, Any], folder: Path) -> Path:
    """Play a case, and return its ledger."""
    defaults = load_file(path)
    assert case.keys() <= {"case", "playbook", "people", "record", "imported", "given", "steps"}
    people, record = (case.get(key, defaults.get(key, "")) for key in ("people", "record"))
    runner = Runner(folder, case.get("playbook") or defaults["playbook"], people, record)
    for name, history in case.get("given", {}).items():
        runner.given(name, history)
    if "imported" in case:
        runner.imported(case["imported"])
    for line in lines_of(case["steps"]):
        try:
            runner.step(line)
        except AssertionError as error:
            raise AssertionError(f"{line}\n{error}") from error
    return runner.db


@pytest.mark.parametrize(("path", "case"), list(all_cases()))
def test_live_case(path: Path, case: dict[str, Any], tmp_path: Path) -> None:
    db = played(path, case, tmp_path)
    if db.exists():
        with Ledger.open(db) as ledger:
            assert ledger.verify().fault is None


@pytest.mark.parametrize("each", but_every(12, range(len(list(all_cases())))))
def test_every_decision_of_a_case_is_the_same_judged_again(each: int, tmp_path: Path) -> None:
    path, case = list(all_cases())[each].values
    check_reproduced(played(path, case, tmp_path))


def test_there_are_enough_live_cases() -> None:
    names = [(path, case["case"]) for path, case in (each.values for each in all_cases())]
    assert len(set(names)) == len(names) >= MINIMUM
