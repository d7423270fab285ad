"""Proofs: one decision, and that it leads to a signed head, without the ledger."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from gate import say
from sealed import busy, decision_ids, new_key, of_schema, rewritten, signed
from whole_ledgers import older

from playgate.cli.ledger_proof import verify_proof
from playgate.errors import InputError
from playgate.ledger.proof import proof_of_entry, proved, read_proof
from playgate.ledger.signed_head import read_signed_head
from playgate.ledger.store import Ledger
from support.thorough import but_first

ON_BOTH = True
OF_A_FILE = ("test_a_decision_of_before_the_log_is_proved_and_not_judged_again",)

pytest.importorskip("cryptography")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A private key, with the public one beside it."""
    return new_key(tmp_path)


@pytest.fixture
def proof(db: Path, key: Path) -> Path:
    """The proof of a decision behind which there are others."""
    known_id = busy(db)[1]
    return proof_of(db, known_id, signed(db, key))


def proof_of(db: Path, known_id: str, head: Path) -> Path:
    path = db.parent / f"{known_id}.proof"
    said = say("ledger", "prove", known_id, "--head", str(head), "-o", str(path), db=db)
    assert said.status == 0, said
    return path


def refused(path: Path, key: Path) -> str:
    """Why a proof is refused."""
    with pytest.raises(InputError) as stopped:
        proved(verify_proof(str(path), f"{key}.pub"))
    return stopped.value.message


def test_an_auditor_needs_the_proof_and_the_public_key_alone(
    tmp_path: Path, proof: Path, key: Path
) -> None:
    elsewhere = tmp_path / "elsewhere" / "no.db"
    words = ("ledger", "verify", "--proof", str(proof), "--key", f"{key}.pub")
    said = say(*words, "--format", "json", db=elsewhere)
    assert said.status == 0, said
    data = of_schema("proved", json.loads(said.out))
    assert f"{data['decision']['decision_id']}.proof" == proof.name
    assert data["head"]["seq"] > data["entry"]
    assert [each["rule"] for each in data["decision"]["findings"]] == ["b/entry/note"]
    text = say(*words, db=elsewhere)
    assert (text.status, "d: a → b refused" in text.out) == (0, True), text
    of_schema("proof", json.loads(proof.read_bytes()))


def test_every_decision_can_be_proved_to_every_later_head(db: Path, key: Path) -> None:
    first = decision_ids(db)
    early = signed(db, key, "early")
    late_ids = busy(db)
    late = signed(db, key, "late")
    for known_id, head in [(first[0], early), *((each, late) for each in late_ids)]:
        path = proof_of(db, known_id, head)
        assert proved(verify_proof(str(path), f"{key}.pub")).decision_id == known_id


def test_of_a_decision_after_the_head_that_is_said(db: Path, key: Path) -> None:
    head = signed(db, key)
    known_id = busy(db)[-1]
    words = ("ledger", "prove", known_id, "--head", str(head), "-o", str(db.parent / "x"))
    said = say(*words, "--format", "json", db=db)
    assert (said.status, said.data["error"]["code"]) == (2, "wrong-proof")
    assert "was recorded after the head was signed" in said.data["error"]["message"]
    assert not (db.parent / "x").exists()


def test_a_head_of_another_ledger_proves_nothing(
    tmp_path: Path, db: Path, key: Path, playbook: Path
) -> None:
    known_id = decision_ids(db)[0]
    other = tmp_path / "other.db"
    assert say("publish", str(playbook), db=other).status == 0
    for deal in "abcdef":
        assert say("open", deal, "--playbook", str(playbook), db=other).status == 0
    head = signed(other, key)
    said = say("ledger", "prove", known_id, "--head", str(head), "-o", str(tmp_path / "x"), db=db)
    assert (said.status, "does not lead to the head" in said.err) == (2, True), said


@pytest.mark.parametrize("start", but_first(1, range(20)))
def test_a_proof_that_differs_in_one_byte_is_refused(start: int, proof: Path, key: Path) -> None:
    content = proof.read_bytes()
    drawn = random.Random(start)
    for place in range(start, len(content), 20):
        changed = bytearray(content)
        changed[place] ^= drawn.randrange(1, 256)
        proof.write_bytes(changed)
        assert refused(proof, key), place
    for cut in (content[:-1], content + b"\n", b"", content.replace(b", ", b",")):
        proof.write_bytes(cut)
        assert refused(proof, key)


WRONG = (None, True, -1, 0, 1.5, 10**30, "", "x", "0" * 64, "\ud800", [], {}, [[]], {"salt": 1})


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every object and list in data, with each of its keys."""
    for key, value in [*data.items()] if isinstance(data, dict) else [*enumerate(data)]:
        yield data, key
        if isinstance(value, dict | list):
            yield from places(value)


def test_whatever_stands_in_a_proof_it_is_only_refused(proof: Path, key: Path) -> None:
    data = json.loads(proof.read_bytes())
    for holder, name in places(data):
        kept = holder[name]
        for wrong in WRONG:
            holder[name] = wrong
            if wrong != kept or type(wrong) is not type(kept):
                proof.write_text(json.dumps(data) + "\n", encoding="utf-8")
                assert refused(proof, key), (name, wrong)
        holder[name] = kept
    for text in ("[]", "1", "null", "[" * 100_000, "{", '{"head": []}'):
        proof.write_text(text, encoding="utf-8")
        assert refused(proof, key), text[:20]


def test_a_proof_is_as_good_as_who_signed_its_head(
    tmp_path: Path, db: Path, proof: Path, key: Path
) -> None:
    other = new_key(tmp_path, "other")
    assert "by another key" in refused(proof, other)
    forged = proof_of(db, decision_ids(db)[1], signed(db, other, "forged"))
    assert "by another key" in refused(forged, key)
    words = ("ledger", "verify", "--proof", str(forged))
    said = say(*words, db=db)
    assert (said.status, "--key" in said.err) == (2, True), said


def test_a_decision_of_another_proof_does_not_fit(db: Path, key: Path) -> None:
    one, other = (
        json.loads(proof_of(db, each, signed(db, key)).read_bytes()) for each in busy(db)[:2]
    )
    for name in ("entry", "before", "after"):
        mixed = db.parent / "mixed.proof"
        mixed.write_text(json.dumps({**one, name: other[name]}) + "\n", encoding="utf-8")
        assert "does not lead to its head" in refused(mixed, key), name


def test_an_entry_that_is_no_decision_proves_none(db: Path, key: Path, proof: Path) -> None:
    """Of any entry a proof can be written, by hand; it is of no decision."""
    head = signed(db, key, "again")
    with Ledger.open(db) as ledger:
        kinds = {entry.kind: number for number, entry in ledger.log.entries()}
        for kind, number in kinds.items():
            found = proof_of_entry(ledger.log, number, read_signed_head(head.read_bytes(), "x"))
            proof.write_text(found.line(), encoding="utf-8")
            again = read_proof(proof.read_bytes(), "x")
            if kind == "decision":
                assert proved(again).deal == "d"
            else:
                assert refused(proof, key) == "the proof is of no decision", kind


@pytest.mark.parametrize(
    "findings", ["no JSON", "{}", "[1]", '[{"rule": 1}]', "[" * 100_000, '[{"rule": "r"}]']
)
def test_who_signs_a_forged_ledger_proves_no_decision(db: Path, key: Path, findings: str) -> None:
    """Nor does it stop who verifies: a ledger may say anything."""
    known_id = busy(db)[-1]
    with Ledger.open(db) as ledger:
        seq = max(number for number, entry in ledger.log.entries() if entry.kind == "decision")
    rewritten(db, seq, lambda said: findings if str(said).startswith("[") else said)
    head = signed(db, key)
    with Ledger.open(db) as ledger:
        found = proof_of_entry(ledger.log, seq, read_signed_head(head.read_bytes(), "x"))
    assert found is not None
    path = db.parent / f"{known_id}.proof"
    path.write_text(found.line(), encoding="utf-8")
    assert refused(path, key) == "the proof is of no decision"


def test_nothing_else_of_the_ledger_is_in_a_proof(db: Path, proof: Path) -> None:
    content = proof.read_text(encoding="utf-8")
    assert "b/entry/note" in content
    for other in ("a first note", "said with the move", "amount", "ann", "call"):
        assert other not in content, other


def test_what_was_erased_cannot_be_proved(db: Path, key: Path) -> None:
    known_id = busy(db)[-1]  # ann's
    early = proof_of(db, known_id, signed(db, key, "early"))
    assert say("erase", "--actor", "ann", db=db).status == 0
    words = ("--head", str(signed(db, key, "late")), "-o", str(db.parent / "x"))
    said = say("ledger", "prove", known_id, *words, db=db)
    assert (said.status, "was erased" in said.err) == (2, True), said
    assert proved(verify_proof(str(early), f"{key}.pub")).actor == "ann"


def test_a_decision_of_before_the_log_is_proved_and_not_judged_again(
    tmp_path: Path, key: Path
) -> None:
    db = tmp_path / "old.db"
    older(db)
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("UPDATE decisions SET decision_id = 'd-old'")
        connection.commit()
    path = proof_of(db, "d-old", signed(db, key))
    found = proved(verify_proof(str(path), f"{key}.pub"))
    assert (found.deal, found.decision_id, found.to_stage) == ("old", "d-old", "a")
    said = say("reproduce", "d-old", "--format", "json", db=db).data["error"]
    assert (said["code"], "before the ledger had a log" in said["message"]) == ("no-decision", True)


def test_an_unsigned_head_proves_nothing(db: Path) -> None:
    head = db.parent / "plain.head"
    assert say("ledger", "head", "-o", str(head), db=db).status == 0
    words = (
        "ledger",
        "prove",
        decision_ids(db)[0],
        "--head",
        str(head),
        "-o",
        str(db.parent / "x"),
    )
    said = say(*words, db=db)
    assert (said.status, "is not signed" in said.err) == (2, True), said
