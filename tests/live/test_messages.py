"""What a finding says is one thing: `next`, the audit's reports and its verdicts say the same."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from gate import say

from judge.test_cases import CASES, load_file, load_playbook, make_people, read_as_of, read_history
from playgate.audit.run import audit
from playgate.conditions.instants import show_instant

FILE = CASES / "messages.yaml"


@pytest.mark.parametrize("number", range(len(load_file(FILE)["cases"])))
def test_the_gate_and_the_reports_say_the_same(tmp_path: Path, number: int) -> None:
    file = load_file(FILE)
    case: dict[str, Any] = file["cases"][number]
    events = read_history(case["history"])
    roles = case.get("people", {})
    text = case.get("playbook") or file["playbook"]
    as_of = read_as_of(case.get("as_of"), text)
    at = events[-1].happened_at if as_of is None else as_of
    (tmp_path / "p.yaml").write_text(text)
    (tmp_path / "people.csv").write_text(
        "actor,role\n" + "".join(f"{actor},{role}\n" for actor, role in roles.items())
    )
    rows = [["deal", "happened_at", "kind", "name", "value", "actor", "attrs"]]
    lines = [line.split() for line in case["history"].splitlines()]
    for line, each in zip(lines, events, strict=True):
        rows.append([each.deal, line[0], each.kind, each.name, each.value, each.actor, each.attrs])
    table = io.StringIO()
    csv.writer(table).writerows(rows)
    (tmp_path / "h.csv").write_text(table.getvalue())
    book, history, people = (str(tmp_path / name) for name in ("p.yaml", "h.csv", "people.csv"))

    team = make_people(roles) if roles else None
    found = audit(load_playbook(text), events, people=team, as_of=at).findings
    wanted = {each.rule.id: each.message for each in found if each.state == "open"}
    assert wanted

    with_people = ["--people", people] if roles else []
    common = [book, history, *with_people, "--fail-on", "never", "--as-of", show_instant(at)]
    db = tmp_path / "deals.db"
    report = json.loads(say("audit", *common, "--format", "json", db=db).out)
    told = {each["rule"]: each["message"] for each in report["findings"] if each["state"] == "open"}
    assert told == wanted
    listed = csv.DictReader(io.StringIO(say("audit", *common, "--format", "csv", db=db).out))
    told = {each["rule"]: each["message"] for each in listed if each["state"] == "open"}
    assert told == wanted

    if roles:
        assert say("people", people, db=db).status == 0
    assert say("import", history, "--db", str(db), "--playbook", book, db=db).status == 0
    standing = say("next", "d", "--format", "json", db=db, clock=at).data
    told = {each["rule"]: each["message"] for each in standing["open"]}
    assert told == wanted
