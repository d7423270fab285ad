"""CloudEvents of our own types: what the schema lets pass is read, and what ships fits it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from playgate.documents.shipped import shipped
from support.in_process import Run

EXPORT = shipped("playbooks", "crm", "events", "export")
SCHEMA = json.loads(shipped("schemas", "cloudevent.schema.json").read_bytes())
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/crm",
    "type": "playgate.stage",
    "subject": "D-1",
    "time": "2026-03-02T09:00:00Z",
    "data": {"name": "lead"},
}
FIELD = {"type": "playgate.field", "data": {"name": "amount", "value": 12.5}}
WAIVER = {
    "type": "playgate.waiver",
    "data": {"name": "lead/exit/*", "value": "an old client", "actor": "eve"},
}


def _mistakes(event: object) -> list[str]:
    return [each.message for each in Draft202012Validator(SCHEMA).iter_errors(event)]


def test_the_events_that_ship_fit_the_schema() -> None:
    lines = (EXPORT / "events.ndjson").read_text(encoding="utf-8").splitlines()
    batch = json.loads((EXPORT / "events-batch.json").read_bytes())
    events = [*map(json.loads, lines), *batch]
    assert {each["type"] for each in events} == set(SCHEMA["properties"]["type"]["enum"])
    assert [_mistakes(each) for each in events] == [[]] * len(events)


@pytest.mark.parametrize(
    ("change", "event"),
    [
        ({}, "D-1,2026-03-02T09:00:00Z,stage,lead,,,,e-1,"),
        (
            {"time": "2026-03-02T10:00:00.5+01:00"},
            "D-1,2026-03-02T09:00:00.500Z,stage,lead,,,,e-1,",
        ),
        (
            {"traceparent": "00-4b", "dataschema": None, "datacontenttype": "application/json"},
            ",e-1,",
        ),
        (FIELD, "D-1,2026-03-02T09:00:00Z,field,amount,12.5,,,e-1,"),
        (FIELD | {"data": {"name": "amount", "value": None}}, ",field,amount,,,,e-1,"),
        (FIELD | {"data": {"name": "is_new", "value": True}}, ",field,is_new,true,,,e-1,"),
        (WAIVER, ",waiver,lead/exit/*,an old client,eve,,e-1,"),
        (
            {"type": "playgate.activity", "data": {"name": "call", "value": "reached", "actor": 7}},
            ",activity,call,reached,7,,e-1,",
        ),
        (
            {"data": {"name": "lead", "recorded_at": "2026-03-03", "attrs": {"origin": "api"}}},
            ',stage,lead,,,2026-03-03T00:00:00Z,e-1,"{""origin"":""api""}"',
        ),
        (
            {"data": {"name": "lead", "attrs": {"with": ["user", "decider"]}}},
            '[""user"",""decider""]',
        ),
        ({"data": {"name": "lead", "attrs": {"with": "user"}}}, '[""user""]'),
    ],
)
@pytest.mark.parametrize("form", ["line", "batch", "one"])
def test_what_fits_the_schema_is_read(
    change: dict[str, Any], event: str, form: str, run: Run, tmp_path: Path
) -> None:
    found = EVENT | change
    assert _mistakes(found) == []
    file = tmp_path / ("events.ndjson" if form == "line" else "events.json")
    file.write_text(json.dumps([found] if form == "batch" else found), encoding="utf-8")
    status, out, _ = run("import", file, "--map", "events")
    assert status == 0
    assert event in out


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"},
        {"type": "playgate.move"},
        {"subject": ""},
        {"time": "2026-03-02"},
        {"data": {}},
        {"data": {"name": " "}},
        {"data_base64": "bGVhZA=="},
        {"datacontenttype": "text/plain"},
        {"data": {"name": "lead", "value": "a stage has none"}},
        {"type": "playgate.field", "data": {"name": "amount"}},
        WAIVER | {"data": {"name": "lead/exit/*", "value": "why", "actor": None}} | {"subject": 7},
        WAIVER | {"data": {"name": "lead/exit/*", "actor": "eve"}},
    ],
)
def test_what_the_schema_refuses(change: dict[str, Any]) -> None:
    assert _mistakes(EVENT | change) != []


@pytest.mark.parametrize("key", ["id", "source", "type", "subject", "time", "data"])
def test_what_an_event_must_have(key: str) -> None:
    assert _mistakes({name: value for name, value in EVENT.items() if name != key}) != []


def test_other_events_of_a_bus_are_left_out(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    other = EVENT | {"id": "e-2", "type": "com.example.invoice.paid", "data": {"sum": 3}}
    again = EVENT | {"id": "e-1"}
    kinds = [FIELD | {"id": "e-3"}, WAIVER | {"id": "e-4"}]
    kinds.append({"id": "e-5", "type": "playgate.activity", "data": {"name": "call"}})
    events = [EVENT, other, again, *(EVENT | each for each in kinds)]
    file.write_text("".join(json.dumps(each) + "\n" for each in events), encoding="utf-8")
    status, out, err = run("import", file, "--map", "events")
    assert status == 0
    assert "invoice" not in out
    assert err == "4 events of 1 deal written; 1 repeated row counted once, 0 problems\n"
