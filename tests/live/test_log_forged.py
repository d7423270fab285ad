"""What whoever can write the file adds to a ledger, or changes beside its log: all of it shows."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from gate import say
from sealed import of_schema
from whole_ledgers import LEFT, erased, whole_ledger

from playgate.ledger.chain import SALT, commitment, salts_of
from playgate.ledger.entries import Columns, Entry, encoded
from playgate.ledger.log import Log
from playgate.ledger.rebuild import rebuild
from playgate.ledger.verify import verify

PSEUDONYM = "erased-0123456789abcdef"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of before there was a log, then with all kinds of entries but that of erasing."""
    path = whole_ledger(tmp_path_factory.mktemp("ledger") / "deals.db")
    return in_one_file(path)


def in_one_file(path: Path) -> Path:
    changed(path, ["PRAGMA wal_checkpoint(TRUNCATE)"])
    return path


@pytest.fixture
def db(ledger: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(ledger, tmp_path / "deals.db"))


def changed(path: Path, statements: list[str]) -> None:
    """Statements by whoever can write the file."""
    connection = sqlite3.connect(path, isolation_level=None)
    for each in statements:
        connection.execute(each)
    connection.close()


def fault_after(db: Path, change: Callable[[sqlite3.Connection], None]) -> str:
    """What is wrong with a ledger that was changed, and whose tables were made anew then."""
    connection = sqlite3.connect(db, isolation_level=None)
    connection.execute("BEGIN")
    change(connection)
    rebuild(connection)
    found = verify(connection).fault
    connection.execute("ROLLBACK")
    connection.close()
    return str(found or "")


def adds(*entries: Entry) -> Callable[[sqlite3.Connection], None]:
    return lambda connection: Log(connection).append([*entries]) and None


FORGED = Entry("stage", 99, ("won", 1, 99, ""), (LEFT, "forged"), ("mia",))
AT_ONCE = Entry("setting", None, ("shadow", "off"))


def test_what_is_added_as_it_should_be_is_none(db: Path) -> None:
    assert fault_after(db, adds(AT_ONCE)) == ""
    assert "nothing allowed this move" in fault_after(db, adds(FORGED))


@pytest.mark.parametrize("rows", [0, 10, 1_000])
def test_a_seal_excuses_nothing_that_was_recorded(db: Path, rows: int) -> None:
    fault = fault_after(db, adds(FORGED, Entry("seal", None, (rows,))))
    assert "only the beginning of a log can be sealed" in fault


def test_rows_of_an_older_ledger_come_first(db: Path) -> None:
    row = Entry("older", None, ("settings", ["name", "value"], "imported_at", "5"))
    assert "(older): only the beginning" in fault_after(db, adds(row))


def test_a_seal_is_there_and_counts(tmp_path: Path) -> None:
    row = Entry("older", None, ("settings", ["name", "value"], "record", "ledger"))
    for entries, wanted in (
        ([row, Entry("seal", None, (1,))], ""),
        ([row], "the seal behind what an older ledger held is missing"),
        ([row, AT_ONCE], "only the beginning"),
        ([row, Entry("seal", None, (2,))], "only the beginning"),
        ([Entry("seal", None, (0,)), AT_ONCE], ""),
        ([Entry("seal", None, (1,))], "only the beginning"),
    ):
        db = tmp_path / "small.db"
        db.unlink(missing_ok=True)
        assert say("ledger", "new", db=db).status == 0

        def instead(connection: sqlite3.Connection, entries: list[Entry] = entries) -> None:
            connection.execute("DELETE FROM log")
            Log(connection).append(entries)

        fault = fault_after(db, instead)
        assert (wanted in fault) if wanted else fault == "", entries


def erases(
    kind: str,
    group: str,
    said: Columns,
    what: str = "actor",
    pseudonyms: tuple[str, ...] = (PSEUDONYM,),
) -> Callable[[sqlite3.Connection], None]:
    """Puts something else into a group of the last entry of a kind, as erasing does it."""

    def change(connection: sqlite3.Connection) -> None:
        row = connection.execute(
            "SELECT seq, deal, who, text, salts FROM log WHERE kind = ? ORDER BY seq DESC", [kind]
        ).fetchone()
        seq, *texts, stored = row
        salts = [
            each if text is not None else bytes(SALT)
            for each, text in zip(salts_of(stored), texts, strict=True)
        ]
        place = ("deal", "who", "text").index(group)
        kept = [bytes(32)] * 3
        kept[place] = commitment(salts[place], texts[place])
        texts[place] = encoded(said)
        connection.execute(
            "UPDATE log SET deal = ?, who = ?, text = ?, salts = ?, kept = ? WHERE seq = ?",
            [*texts, b"".join(salts), b"".join(kept), seq],
        )
        named = [(seq, group, commitment(salts[place], texts[place]).hex())]
        adds(Entry("erase", 90, (what, pseudonyms, named), (), ("mia",), ("",)))(connection)

    return change


FINDINGS = '[{"rule":"b/entry/x","level":"warn","state":"open","refuses":false,"message":""}]'


@pytest.mark.parametrize(
    ("group", "said", "what"),
    [
        ("who", ("bo",), "actor"),
        ("who", (PSEUDONYM,), "deal"),
        ("text", (FINDINGS, "", "", ""), "actor"),
        ("text", (FINDINGS, "", "", ""), "deal"),
        ("text", ("[]", "she said so", "", ""), "deal"),
        ("deal", ("d-8", "m-2", "q-m-2"), "deal"),
        ("deal", (PSEUDONYM, "m-2", f"{PSEUDONYM}:1"), "deal"),
        ("deal", ("d-8", "m-2", "q-m-2"), "actor"),
    ],
)
def test_erasing_puts_nothing_but_pseudonyms(
    db: Path, group: str, said: Columns, what: str
) -> None:
    fault = fault_after(db, erases("decision", group, said, what))
    assert "(decision): what stands there is not what erasing leaves" in fault


@pytest.mark.parametrize(
    ("what", "pseudonyms"),
    [
        ("actor", ("bo",)),
        ("deal", (LEFT,)),
        ("deal", (PSEUDONYM, LEFT)),
        ("all", (PSEUDONYM,)),
        ("actor", (f"{PSEUDONYM}x",)),
    ],
)
def test_who_erases_names_what_playgate_made_up(
    db: Path, what: str, pseudonyms: tuple[str, ...]
) -> None:
    erasing = Entry("erase", 90, (what, pseudonyms, []), (), ("mia",), ("",))
    assert "it erases as playgate does not" in fault_after(db, adds(erasing))


def test_what_erasing_leaves_is_right(db: Path) -> None:
    assert fault_after(db, erases("decision", "who", (PSEUDONYM,))) == ""
    assert fault_after(erased(db), adds(AT_ONCE)) == ""


@pytest.mark.parametrize("number", [0, -7])
def test_an_entry_before_the_first(db: Path, number: int) -> None:
    columns = "kind, at, open, deal, who, text, salts, kept, hash"
    added = f"INSERT INTO log SELECT {number}, {columns} FROM log WHERE seq = 12"  # noqa: S608
    changed(db, [added])
    said = say("ledger", "verify", db=db)
    assert said.status == 2
    assert f"an entry has the number {number}, before the first" in said.err
    assert say("ledger", "rebuild", db=db).status == 2


@pytest.mark.parametrize("opened", ["5", "'1,2,3'", "NULL", f"'{'[' * 100_000}'"])
def test_an_entry_that_cannot_be_read_is_damage(db: Path, opened: str) -> None:
    erased(db)
    changed(db, [f"UPDATE log SET open = {opened} WHERE kind = 'erase'"])  # noqa: S608
    for words in (("ledger", "verify"), ("history", LEFT)):
        said = say(*words, db=db)
        assert said.status == 2, words
        assert "cannot be read" in said.err or "damaged" in said.err


def test_an_index_that_says_other_than_its_table(db: Path) -> None:
    """Decisions are found by their index: one that lacks a row hides it."""
    named = "name = 'decisions_of_deal'"
    connection = sqlite3.connect(db)
    kept = connection.execute(
        f"SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master WHERE {named}"  # noqa: S608
    ).fetchone()
    connection.close()
    changed(db, [f"UPDATE decisions SET deal = 'old' WHERE deal = '{LEFT}'"])  # noqa: S608
    changed(db, ["PRAGMA writable_schema = ON", f"DELETE FROM sqlite_master WHERE {named}"])  # noqa: S608
    changed(db, [f"UPDATE decisions SET deal = '{LEFT}' WHERE actor <> '' AND event_id = 'm-2'"])  # noqa: S608
    connection = sqlite3.connect(db, isolation_level=None)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", kept)
    connection.close()
    said = say("ledger", "verify", db=db)
    assert said.status == 2
    assert "index decisions_of_deal" in said.err
    assert "playgate ledger rebuild" in said.err
    assert say("ledger", "rebuild", db=db).status == 0
    assert say("ledger", "verify", db=db).status == 0


@pytest.mark.parametrize("version", [-1, 0, 1, 3, 5])
def test_a_version_that_was_set_back_is_damage(db: Path, version: int) -> None:
    changed(db, [f"PRAGMA user_version = {version}"])
    for words in (("ledger", "verify"), ("history", LEFT)):
        said = say(*words, db=db)
        assert said.status == 2
        assert "[ledger-damaged]" in said.err or "is damaged" in said.err


def test_a_ledger_that_is_sealed_anew_shows_against_a_head(db: Path) -> None:
    """Without its log it passes for an older one: then it says so, and a head is lost."""
    head = db.parent / "before.head"
    assert say("ledger", "head", "-o", str(head), db=db).status == 0
    assert "sealed from entry 11 on" in say("ledger", "verify", db=db).out
    changed(db, ["UPDATE decisions SET allowed = 0", "DROP TABLE log", "PRAGMA user_version = 5"])
    found = say("ledger", "verify", db=db).out
    assert "sealed from entry 54 on, later than 1970-01-01T00:00:00.000033Z" in found
    told = json.loads(say("ledger", "verify", "--format", "json", db=db).out)
    of_schema("verified", told)
    assert (told["sealed"], told["sealed_after"]) == (54, "1970-01-01T00:00:00.000033Z")
    said = say("ledger", "verify", "--head", str(head), db=db)
    assert said.status == 2
    assert "when the head was taken" in said.err or "is another" in said.err
