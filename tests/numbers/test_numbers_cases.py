"""Worked examples as data: every file under `cases/numbers`, one test a case.

A history has one event a line: `DEAL WHEN KIND NAME [= VALUE] [by ACTOR]`. `expect` names a KPI,
or `KPI@REP`, and the parts of its figure (the company's without a rep).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from playgate.conditions.instants import day_end, load_zone, read_instant
from playgate.history.event import Event
from playgate.history.people import People, Person
from playgate.numbers.kpi import kpis
from playgate.numbers.result import Flow, Kpis
from support.counting import of_events, playbook_of

CASES = Path(__file__).parents[1] / "cases" / "numbers"
_LINE = re.compile(
    r"(?P<deal>\S+) (?P<at>\S+) (?P<kind>\S+) (?P<name>\S+)(?: = (?P<value>\S+))?"
    r"(?: by (?P<actor>\S+))?"
)


def _cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yaml")):
        file = yaml.safe_load(path.read_text(encoding="utf-8"))
        for case in file["cases"]:
            yield pytest.param({**file, **case}, id=f"{path.stem}: {case['case']}")


def events_of(text: str, zone_name: str) -> Iterator[Event]:
    """The events in a case's history."""
    zone = load_zone(zone_name)
    assert zone is not None
    for line, row in enumerate(text.splitlines(), 1):
        found = _LINE.fullmatch(row)
        assert found, row
        at = read_instant(found["at"], zone)
        assert at is not None, row
        value, actor = found["value"] or "", found["actor"] or ""
        yield Event(
            found["deal"], at, found["kind"], found["name"], value, actor, at, "", "", 0, line
        )


def _result(case: dict[str, Any]) -> Kpis:
    playbook = playbook_of(case["playbook"])
    started = {rep: str(day) for rep, day in case.get("started", {}).items()}
    people = People(
        Person(actor, role=role, started=started.get(actor, ""))
        for actor, role in case["people"].items()
    )
    as_of = day_end(str(case["as_of"]), playbook.zone) if "as_of" in case else None
    events = events_of(case["history"], playbook.zone_name)
    return kpis(
        of_events(playbook, events, people=people, as_of=as_of, period=case.get("period", ""))
    )


@pytest.mark.parametrize("case", list(_cases()))
def test_case(case: dict[str, Any]) -> None:
    result = _result(case)
    tables = {table.id: table for table in result.kpis}
    assert "expect" in case or "expect_flow" in case
    for name, wanted in case.get("expect", {}).items():
        kpi, _, rep = name.partition("@")
        line = next(
            each
            for each in tables[kpi].lines
            if (each.scope == "rep") == bool(rep) and each.id == rep
        )
        found = {part: getattr(line.figure, part) for part in wanted}
        assert found == {part: pytest.approx(value) for part, value in wanted.items()}, name
    flows = {flow.stage: flow for flow in result.flows if flow.scope == "company"}
    for stage, wanted in case.get("expect_flow", {}).items():
        assert _flow(flows[stage]) == {**wanted, "share": pytest.approx(wanted["share"])}


def _flow(flow: Flow) -> dict[str, Any]:
    went = {f"{each.stage} {each.kind}": each.deals for each in flow.went}
    return {"deals": flow.deals, "open": flow.open, "share": flow.on.value, "went": went}
