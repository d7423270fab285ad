"""`reproduce`: a decision is the same, judged again from what was known then, whatever came
later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest import mock

from gate import check_reproduced, opened, say
from sealed import busy, decision_ids, of_schema, rewritten

import playgate
from playgate.judge.wording import Wording
from playgate.ledger.store import Ledger

ON_BOTH = True


def reproduced(db: Path, known_id: str, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit status and answer of a decision that is judged again."""
    said = say("reproduce", known_id, *words, "--format", "json", db=db)
    return said.status, of_schema("reproduced", json.loads(said.out))


def test_whatever_is_recorded_later_changes_no_earlier_decision(
    tmp_path: Path, db: Path, playbook: Path
) -> None:
    asked = busy(db)
    opened(db, playbook, "e")
    people = tmp_path / "others.csv"
    people.write_text("actor,role\nrep,manager\nzoe,rep\n", encoding="utf-8")
    newer = tmp_path / "newer.yaml"
    text = playbook.read_text(encoding="utf-8")
    newer.write_text(text.replace("version: 1", "version: 2"), encoding="utf-8")
    events = json.loads(say("history", "d", "--format", "json", db=db).out)["entries"]
    note = next(each["event_id"] for each in events if each["name"] == "note")
    for words in (
        ("log", "d", "meeting", "--at", "2026-01-05"),
        ("retract", "d", note, "--reason", "never"),
        ("people", str(people)),
        ("waive", "d", "b/entry/note", "--reason", "late"),
        ("ledger", "set", "shadow", "on"),
        ("move", "d", "a"),
        ("merge", "d", "e", "--reason", "one"),
        ("publish", str(newer)),
        ("migrate", "--to", "2"),
        ("move", "e", "lost"),
    ):
        said = say(*words, db=db)
        assert said.status in (0, 1), (words, said)
    assert check_reproduced(db) > len(asked)
    for known_id in asked:
        status, data = reproduced(db, known_id)
        assert (status, data["same"], data["recorded"]["deal"]) == (0, True, "d")
        assert data["recorded"] == data["again"]


def test_values_that_came_with_a_move_that_was_refused_are_known_again(db: Path) -> None:
    assert say("move", "d", "b", "note=said", "--by", "nobody", db=db).status == 1
    status, data = reproduced(db, decision_ids(db)[-1])
    assert (status, [each["rule"] for each in data["again"]["findings"]]) == (0, ["b/by"])
    assert say("move", "d", "b", "note=said now", db=db).status == 0
    assert reproduced(db, decision_ids(db)[-1])[0] == 0


def test_what_is_worded_otherwise_is_told(db: Path) -> None:
    assert say("move", "d", "b", db=db).status == 1
    known_id = decision_ids(db)[-1]
    with mock.patch.object(Wording, "message", return_value="something else"):
        status, data = reproduced(db, known_id)
        text = say("reproduce", known_id, db=db)
    recorded = data["recorded"]["findings"][0]["message"]
    assert (status, data["same"], text.status) == (1, False, 1)
    assert data["differences"] == [
        {"what": "b/entry/note message", "recorded": recorded, "again": "something else"}
    ]
    assert f"b/entry/note message: {recorded} → something else" in text.out


def test_a_refusal_that_was_made_an_approval_is_told(db: Path) -> None:
    """Though everything was written again, so that the ledger itself verifies."""
    assert say("move", "d", "b", db=db).status == 1
    known_id = decision_ids(db)[-1]
    with Ledger.open(db) as ledger:
        seq = max(number for number, entry in ledger.log.entries() if entry.kind == "decision")
    rewritten(db, seq, _allowing)
    status, data = reproduced(db, known_id)
    assert (status, [each["what"] for each in data["differences"]]) == (1, ["b/entry/note refuses"])


def _allowing(said: Any) -> Any:
    return said.replace('"refuses": true', '"refuses": false') if isinstance(said, str) else said


def test_a_decision_that_cannot_be_made_again_is_told(db: Path) -> None:
    assert say("move", "d", "b", db=db).status == 1
    known_id = decision_ids(db)[-1]
    with Ledger.open(db) as ledger:
        seq = max(number for number, entry in ledger.log.entries() if entry.kind == "decision")
    rewritten(db, seq, lambda said: "a" if said == "b" else said)
    status, data = reproduced(db, known_id)
    assert (status, data["again"], data["differences"]) == (1, None, [])
    assert "in a already" in data["problem"]


def test_what_was_erased_since_is_told(db: Path) -> None:
    assert say("log", "d", "call", "--by", "ann", db=db).status == 0
    assert say("move", "d", "b", "note=x", "--by", "ann", db=db).status == 0
    assert say("move", "d", "won", db=db).status == 0
    asked = decision_ids(db)
    assert say("erase", "--actor", "ann", db=db).status == 0
    found = say("reproduce", asked[1], "--format", "json", db=db).data["error"]
    assert (found["code"], "was erased" in found["message"]) == ("no-decision", True)
    status, data = reproduced(db, asked[2])
    assert (status, data["erased"] > 2) == (0, True)


def test_questions_of_a_crm_are_judged_with_the_facts_that_came_with_them(
    tmp_path: Path, playbook: Path
) -> None:
    db, facts = tmp_path / "crm.db", tmp_path / "facts.ndjson"
    assert say("ledger", "new", "--record", "crm", db=db).status == 0
    facts.write_text(
        '{"happened_at": "2026-03-01T09:00:00Z", "kind": "field", "name": "note", "value": "n"}\n'
    )
    for deal in ("d", "e"):
        words = ("ask", deal, "b", "--playbook", str(playbook), "--id", "q-1")
        assert say(*words, db=db).status == 1
        words = ("ask", deal, "b", "amount=3", "--facts", str(facts), "--id", "q-2")
        assert say(*words, db=db).status == 1
    assert check_reproduced(db) == 4
    said = say("reproduce", "q-2", "--format", "json", db=db).data["error"]
    assert (said["code"], said["hint"]) == ("no-decision", "say --deal: d, e")
    status, data = reproduced(db, "q-2", "--deal", "e")
    assert (status, data["recorded"]["deal"]) == (0, "e")


def test_there_is_no_such_decision(db: Path) -> None:
    for known_id in ("d-0", ""):
        said = say("reproduce", known_id, "--format", "json", db=db)
        assert (said.status, said.data["error"]["code"]) == (2, "no-decision")


def test_a_session_judges_again_too(db: Path) -> None:
    with playgate.open_ledger(db, by="rep") as gate:
        decision = gate.move("d", "b")
        assert decision.head is not None
        found = gate.reproduce(decision.decision_id)
        assert (found.same, found.then.seq) == (True, decision.head.seq)
