"""Erasing: nothing of what names a deal or somebody is left, and everything else still works."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path

import pytest
from gate import say
from sealed import of_schema
from whole_ledgers import ACTOR, DEAL, LEFT, NAME, OTHER, SECRETS, erased, whole_ledger

from playgate.errors import InputError
from playgate.ledger.erasing import Asked
from playgate.ledger.pseudonyms import PersonNames
from playgate.ledger.store import Ledger, LedgerError

ASKED = Asked(70, "mia", "")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return whole_ledger(tmp_path / "deals.db")


def bytes_of(db: Path) -> bytes:
    """All that lies in the folder of a ledger: its file, and what SQLite keeps beside it."""
    return b"".join(each.read_bytes() for each in sorted(db.parent.iterdir()))


def rows(db: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(db)
    found = connection.execute(query).fetchall()
    connection.close()
    return found


def test_nothing_is_left_in_any_byte(db: Path) -> None:
    before = bytes_of(db)
    assert all(secret.encode() in before for secret in SECRETS)
    erased(db)
    after = bytes_of(db)
    assert [secret for secret in SECRETS if secret.encode() in after] == []
    derived = [name for (name,) in rows(db, "SELECT event_id FROM events") if "e-" in str(name)]
    assert len(derived) < len(rows(db, "SELECT 1 FROM events"))
    with Ledger.open(db) as ledger:
        assert ledger.verify().fault is None


def test_nothing_is_left_while_it_stays_open(db: Path) -> None:
    """Nor in the write-ahead log of a connection that goes on."""
    with Ledger.open(db) as ledger:
        ledger.erase(deal=DEAL, asked=ASKED)
        assert DEAL.encode() not in bytes_of(db)
        assert OTHER.encode() not in bytes_of(db)


def test_what_somebody_reads_is_said_to_be_left(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playgate.ledger.sqlite_database._PATIENCE", 0.05)
    reader = sqlite3.connect(db, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM log").fetchone()
    with Ledger.open(db) as ledger, pytest.raises(LedgerError) as raised:
        ledger.erase(deal=DEAL, asked=ASKED)
    assert "still holds what was deleted" in raised.value.message
    reader.close()
    assert say("ledger", "rebuild", db=db).status == 0
    assert DEAL.encode() not in bytes_of(db)


def test_a_full_disk_is_said_to_keep_what_was_erased(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bool:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("playgate.ledger.sqlite_database._Sqlite.wipe", fails)
        with Ledger.open(db) as ledger, pytest.raises(LedgerError) as raised:
            ledger.erase(deal=DEAL, asked=ASKED)
    assert raised.value.code == "ledger-full"
    assert raised.value.message.startswith("it was erased, but ")
    assert "nothing was recorded" not in f"{raised.value.message} {raised.value.hint}"
    assert say("ledger", "rebuild", db=db).status == 0
    assert DEAL.encode() not in bytes_of(db)


COUNTED = (
    "SELECT count(*), sum(live), sum(stands) FROM events",
    "SELECT count(*), sum(allowed) FROM decisions",
    "SELECT kind, name, count(*), min(happened_at) FROM events GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT count(*), min(first_decision_at), max(migrated_at) FROM deals",
    "SELECT count(*), max(answered_at) FROM waiver_requests",
    "SELECT count(*), max(at) FROM retractions",
    "SELECT count(*) FROM merges",
    "SELECT count(*), min(starts), max(ends), max(kept_at) FROM statements",
    "SELECT kind, part, amount, count(*) FROM statement_lines GROUP BY 1, 2, 3 ORDER BY 1, 2",
    "SELECT role, count(*), max(since), max(until) FROM people GROUP BY 1 ORDER BY 1",
)


def test_counts_stay(db: Path) -> None:
    before = [rows(db, query) for query in COUNTED]
    hashes = rows(db, "SELECT seq, hash FROM log")
    erased(db)
    assert [rows(db, query) for query in COUNTED] == before
    assert rows(db, "SELECT seq, hash FROM log")[: len(hashes)] == hashes


def test_a_deal_that_was_erased_is_judged_no_more(db: Path) -> None:
    with Ledger.open(db) as ledger:
        found = ledger.erase(deal=DEAL, asked=ASKED)
    assert say("next", found.pseudonym, db=db).status == 2
    assert "was erased" in say("move", found.pseudonym, "b", db=db).err
    audited = json.loads(say("audit", "--db", str(db), "--format", "json", db=db).out)
    assert audited["history"]["deals"] == 2
    listed = json.loads(say("deals", "--all", "--format", "json", db=db).out)
    assert {each["deal"] for each in listed["deals"]} == {LEFT, "old"}
    shown = json.loads(say("ledger", "show", "--format", "json", db=db).out)
    assert (shown["deals"], shown["erased"]) == (3, 1)
    assert say("waiver", "list", "--all", db=db).status == 0
    assert say("reconcile", db=db).status in (0, 1)
    # Who acted stays: it is no name of the deal.
    actors = rows(db, "SELECT DISTINCT actor FROM events WHERE deal LIKE 'erased-%'")
    assert actors == [(ACTOR,)]


def test_an_actor_that_was_erased_has_one_pseudonym(db: Path) -> None:
    with Ledger.open(db) as ledger:
        token = ledger.erase(actor=ACTOR, asked=Asked(80, ACTOR, f"{NAME} left")).pseudonym
        persons = {person.actor: person for person in ledger.people.persons()}
        events = ledger.events.of(LEFT)
        (decision,) = ledger.decisions.of(LEFT)
        (retraction,) = ledger.taken_back.retractions(LEFT)
    assert persons[token].name == token
    assert persons["mia"].manager == token
    assert {event.actor for event in events} == {token}
    assert [event.value for event in events if event.name == "owner"] == [token]
    assert [event.value for event in events if event.name == "note"] == [
        f"of {token}, with a garden"
    ]
    (finding,) = json.loads(decision.findings)
    assert (finding["rule"], finding["message"]) == ("b/entry/x", f"{token} set it")
    assert retraction.reason == f"{token} said so"
    (last,) = rows(db, "SELECT who, text FROM log ORDER BY seq DESC LIMIT 1")
    assert last == (f'"{token}"', f'"{token} left"')
    assert say("audit", "--db", str(db), db=db).status in (0, 1)
    assert say("history", LEFT, db=db).status == 0


def test_ids_that_were_made_of_a_name_are_new_ones(db: Path) -> None:
    """Who knows the rest of an event could try out names on it."""
    before = {str(each) for (each,) in rows(db, "SELECT event_id FROM events")}
    with Ledger.open(db) as ledger:
        ledger.erase(actor=ACTOR, asked=ASKED)
    after = {str(each) for (each,) in rows(db, "SELECT event_id FROM events")}
    assert not {each for each in before & after if each.rpartition("/")[2].startswith("e-")}
    assert {"same", "m-2"} <= before & after


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ann", "X"),
        ("by ann.", "by X."),
        ("Ann Lee's", "X's"),
        ("annex, ann.b, ann@b, hi-ann", "annex, ann.b, ann@b, hi-ann"),
        ('{"by":"ann","n":1}', '{"by":"X","n":1}'),
        ('[{"rule": "ann/x", "name": "ann"}]', '[{"rule":"ann/x","name":"X"}]'),
        ('{"a": 1}', '{"a": 1}'),
        ("[ann", "[X"),
    ],
)
def test_words(text: str, wanted: str) -> None:
    names = PersonNames("ann", ["Ann Lee", ""], "X")
    assert names.reworded((text,)) == (wanted,)


def test_somebody_else_of_the_same_name_keeps_it() -> None:
    names = PersonNames("ann", ["Ann Lee"], "X")
    assert names.renamed(("ann", "Ann Lee", "", "ann")) == ("X", "X", "", "X")
    assert names.renamed(("al", "Ann Lee", "ann", "")) == ("al", "Ann Lee", "X", "")


def test_what_nothing_names(db: Path) -> None:
    before = rows(db, "SELECT count(*) FROM log")
    with Ledger.open(db) as ledger, pytest.raises(InputError):
        ledger.erase(actor="nobody", asked=ASKED)
    for words in (("--deal", "none"), ("--deal", "d-9", "--actor", "bo"), ()):
        assert say("erase", *words, db=db).status == 2
    assert rows(db, "SELECT count(*) FROM log") == before


def test_the_command(db: Path) -> None:
    said = say("erase", "--deal", OTHER, "--reason", "asked", "--format", "json", db=db)
    told = json.loads(said.out)
    of_schema("verified", told)
    assert told["pseudonym"].startswith("erased-")
    for words in (
        ("ledger", "verify"),
        ("ledger", "rebuild"),
        ("ledger", "verify", "--since", "{seq}:{hash}".format(**told["head"])),
    ):
        answer = json.loads(say(*words, "--format", "json", db=db).out)
        of_schema("verified", answer)
        assert answer["head"] == told["head"]
    assert "erased from" in say("ledger", "verify", db=db).out
    assert say("ledger", "verify", "--since", "nonsense", db=db).status == 2


def test_names_are_drawn_from_the_source_that_is_given(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        with Ledger.open(
            whole_ledger(folder / "deals.db"), salts=random.Random(3).randbytes
        ) as ledger:
            found.append((ledger.erase(deal=LEFT, asked=ASKED), ledger.log.head()))
    assert found[0] == found[1]
