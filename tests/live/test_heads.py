"""Heads that leave the machine: every answer has one, and a ledger is held to those that were
signed."""

from __future__ import annotations

import json
import os
import random
import stat
import sys
from pathlib import Path

import pytest
from gate import say
from sealed import busy, new_key, of_schema, rewritten, signed, written_again

from playgate.errors import InputError
from playgate.ledger.signed_head import check_signature, read_signed_head
from playgate.ledger.signing import is_signed, read_public_key
from playgate.ledger.store import Ledger

ON_BOTH = True
OF_A_FILE = ("test_an_older_backup_in_its_place_is_seen",)

pytest.importorskip("cryptography")


# Answers


def test_every_answer_has_the_head_that_it_left(db: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.yaml"
    with Ledger.open(db) as ledger:
        (row,) = ledger.playbooks.all()
        assert row.version == "1"
        content = ledger.playbooks.get(row.sha256).content.decode()
    second.write_text(content.replace("version: 1", "version: 2"))
    for words in (
        ("log", "d", "call"),
        ("set", "d", "note=x"),
        ("check", "d", "b"),
        ("move", "d", "b"),
        ("next", "d"),
        ("allowed", "d"),
        ("history", "d"),
        ("waiver", "request", "d", "b/entry/note", "--reason", "why"),
        ("waiver", "list"),
        ("deals",),
        ("reconcile",),
        ("publish", str(second)),
        ("migrate", "--to", "2", "--dry-run"),
        ("migrate", "--to", "2"),
    ):
        head = json.loads(say(*words, "--format", "json", db=db).out)["head"]
        with Ledger.open(db) as ledger:
            assert head == {"seq": ledger.log.head().seq, "hash": ledger.log.head().hash}, words


def test_each_answer_of_a_batch_has_the_head_of_its_own_request(db: Path) -> None:
    lines = [{"command": "set", "deal": "d", "fields": {"note": str(n)}} for n in range(3)]
    said = say("set", "--batch", db=db, stdin="\n".join(map(json.dumps, lines)).encode())
    heads = [each["head"]["seq"] for each in said.lines]
    assert heads == [heads[0], heads[0] + 1, heads[0] + 2]


def test_an_answer_within_another_has_no_head(db: Path) -> None:
    said = say("next", "d", "--format", "json", db=db).data
    assert said["head"]["seq"] > 0
    assert said["next"]["head"] is None


# Keys


def test_a_private_key_is_its_owners_alone(tmp_path: Path) -> None:
    key = new_key(tmp_path)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    public = Path(f"{key}.pub")
    assert b"PRIVATE" in key.read_bytes()
    assert b"PRIVATE" not in public.read_bytes()
    assert len(read_public_key(public)) == 64


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    key = new_key(tmp_path)
    before = key.read_bytes(), Path(f"{key}.pub").read_bytes()
    said = say("ledger", "key", "new", str(key), db=tmp_path / "none.db")
    assert (said.status, "there already" in said.err) == (2, True), said
    key.rename(tmp_path / "elsewhere")
    said = say("ledger", "key", "new", str(key), db=tmp_path / "none.db")
    assert (said.status, "there already" in said.err) == (2, True), said
    assert not key.exists(), "a key without its public one is not left behind"
    assert before == ((tmp_path / "elsewhere").read_bytes(), Path(f"{key}.pub").read_bytes())


def test_what_is_no_key_is_told(tmp_path: Path, db: Path) -> None:
    key = new_key(tmp_path)
    (tmp_path / "text").write_text("no key", encoding="utf-8")
    for wrong in (Path(f"{key}.pub"), tmp_path / "text"):
        said = say("ledger", "head", "--sign", str(wrong), "--format", "json", db=db)
        assert (said.status, said.data["error"]["code"]) == (2, "wrong-key")
    with pytest.raises(InputError, match="holds no public key"):
        read_public_key(key)


def test_without_the_extra_that_is_said(
    tmp_path: Path, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key(tmp_path)
    head = signed(db, key)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    for words in (
        ("key", "new", str(tmp_path / "other.key")),
        ("head", "--sign", str(key)),
        ("verify", "--head", str(head), "--key", f"{key}.pub"),
    ):
        said = say("ledger", *words, "--format", "json", db=db)
        assert (said.status, said.data["error"]["code"]) == (2, "not-installed"), words
        assert "playgate[sign]" in said.data["error"]["hint"]
    assert not (tmp_path / "other.key").exists()
    assert say("ledger", "head", db=db).status == 0


# Heads


def test_a_signed_head_reads_as_it_was_written(tmp_path: Path, db: Path) -> None:
    key = new_key(tmp_path)
    path = signed(db, key)
    content = path.read_bytes()
    data = of_schema("head", json.loads(content))
    head = read_signed_head(content, str(path))
    assert head.line().encode() == content
    assert data["key"] == read_public_key(Path(f"{key}.pub")) == head.key
    check_signature(head, key=head.key, key_file="audit.key.pub")
    text = f"playgate head, version 1\nseq {data['seq']}\nhash {data['hash']}\n"
    text += f"at {data['at']}\nkey {data['key']}\n"
    assert is_signed(text.encode(), key=data["key"], signature=data["signature"])


def test_a_head_that_differs_in_one_byte_is_refused(tmp_path: Path, db: Path) -> None:
    key = new_key(tmp_path)
    content = signed(db, key).read_bytes()
    public = read_public_key(Path(f"{key}.pub"))
    drawn = random.Random(7)
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= drawn.randrange(1, 256)
        with pytest.raises(InputError):
            check_signature(read_signed_head(bytes(changed), "x"), key=public, key_file="x")


def test_a_head_by_another_key_is_refused(tmp_path: Path, db: Path) -> None:
    path = signed(db, new_key(tmp_path))
    other = Path(f"{new_key(tmp_path, 'other')}.pub")
    said = say("ledger", "verify", "--head", str(path), "--key", str(other), db=db)
    assert (said.status, "another key" in said.err) == (2, True), said


def test_a_head_that_nobody_signed_holds_a_ledger_too(tmp_path: Path, db: Path) -> None:
    path = tmp_path / "plain.head"
    assert say("ledger", "head", "-o", str(path), db=db).status == 0
    assert json.loads(path.read_bytes())["signature"] is None
    assert say("ledger", "verify", "--head", str(path), db=db).status == 0
    public = f"{new_key(tmp_path)}.pub"
    said = say("ledger", "verify", "--head", str(path), "--key", public, db=db)
    assert (said.status, "not signed" in said.err) == (2, True), said


# What heads are for


def held(db: Path, head: Path, key: Path) -> str:
    """What is said of a ledger that a head does not fit; nothing where it does."""
    said = say("ledger", "verify", "--head", str(head), "--key", f"{key}.pub", db=db)
    assert said.status == (2 if said.err else 0), said
    return said.err


def test_a_ledger_that_went_on_fits_its_earlier_heads(tmp_path: Path, db: Path) -> None:
    key = new_key(tmp_path)
    heads = [signed(db, key, "first")]
    busy(db)
    heads.append(signed(db, key, "second"))
    assert say("log", "d", "call", db=db).status == 0
    assert [held(db, head, key) for head in heads] == ["", ""]


def test_a_rewritten_past_is_seen(tmp_path: Path, db: Path) -> None:
    """Though all hashes were computed again, so that the ledger itself verifies."""
    key = new_key(tmp_path)
    busy(db)
    head = signed(db, key)
    with Ledger.open(db) as ledger:
        seq = next(n for n, entry in ledger.log.entries() if "a first note" in entry.text)
    rewritten(db, seq, lambda said: "another note" if said == "a first note" else said)
    assert say("ledger", "verify", db=db).status == 0
    assert "is another than the one whose head this is" in held(db, head, key)


def test_a_cut_end_is_seen(tmp_path: Path, db: Path) -> None:
    key = new_key(tmp_path)
    busy(db)
    head = signed(db, key)
    with Ledger.open(db) as ledger:
        entries = [entry for _, entry in ledger.log.entries()]
    written_again(db, entries[:-3])  # the last move whole: without its decision it would show
    assert say("ledger", "verify", db=db).status == 0
    assert "ends at entry" in held(db, head, key)


def test_an_older_backup_in_its_place_is_seen(tmp_path: Path, db: Path) -> None:
    key = new_key(tmp_path)
    backup = tmp_path / "old.db"
    assert say("ledger", "backup", str(backup), db=db).status == 0
    busy(db)
    head = signed(db, key)
    assert say("ledger", "restore", str(backup), "--replace", db=db).status == 0
    assert "ends at entry" in held(db, head, key)
    busy(db)
    assert say("log", "d", "call", db=db).status == 0
    assert "is another than the one whose head this is" in held(db, head, key)


def test_heads_of_another_ledger_do_not_fit(tmp_path: Path, db: Path) -> None:
    key = new_key(tmp_path)
    head = signed(db, key)
    other = tmp_path / "other.db"
    assert say("ledger", "new", db=other).status == 0
    people = tmp_path / "people.csv"
    for team in range(9):
        people.write_text(f"actor,role,team\nann,rep,{team}\n", encoding="utf-8")
        assert say("people", str(people), db=other).status == 0
    assert "is another than the one whose head this is" in held(other, head, key)


@pytest.mark.skipif(os.name == "nt", reason="rights are not the same there")
def test_a_head_is_written_whole_or_not_at_all(tmp_path: Path, db: Path) -> None:
    said = say("ledger", "head", "-o", str(tmp_path / "no" / "folder.head"), db=db)
    assert (said.status, "cannot write" in said.err) == (2, True), said
