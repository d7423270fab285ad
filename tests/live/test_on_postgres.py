"""A ledger on a server of PostgreSQL, where that is another thing than a file: what shows of
tampering, a server that goes, what is left of what was erased, and copies either way."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from gate import events_of, say
from sealed import busy, of_schema
from test_log_verified import other
from whole_ledgers import SECRETS, erased, whole_ledger

from bulk import servers
from live.on_server import given_name, raw
from playgate import open_ledger
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.ledger import postgres_database, postgres_tables
from playgate.ledger.carried import carry
from playgate.ledger.connection import Connection
from playgate.ledger.hooks import HookIn
from playgate.ledger.log import Log
from playgate.ledger.postgres_connection import DriverError, PostgresConnection
from playgate.ledger.store import Ledger, LedgerError
from playgate.ledger.tables import STAYING, VERSION
from playgate.ledger.verify import verify

pytestmark = pytest.mark.postgres


@pytest.fixture
def place(server: str) -> Iterator[str]:
    """The address of a schema in which there is nothing."""
    from psycopg import connect

    schema = f"own_{random.Random().randrange(10**9)}"
    yield f"{server}?schema={schema}"
    with connect(server, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())


def carried(path: Path | str, target: Path | str) -> None:
    with Ledger.open(path) as ledger:
        carry(ledger, target, watching=lambda _: nullcontext())


def connected(place: str) -> Any:
    """A connection of anybody to a ledger."""
    from playgate.ledger.postgres_opening import _connected

    return closing(_connected(place))


@pytest.fixture(scope="module")
def whole(server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A ledger with an entry of every kind."""
    path = erased(whole_ledger(tmp_path_factory.mktemp("ledger") / "deals.db"))
    carried(path, f"{server}?schema=whole")
    return f"{server}?schema=whole"


def test_a_ledger_that_is_made_between_two_looks(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who opens it sees no mark yet, then tables: it is a ledger, and nobody is told otherwise."""
    looks = postgres_tables.found_in

    def made_meanwhile(connection: PostgresConnection) -> list[str]:
        monkeypatch.undo()
        Ledger.new(place, record="ledger").__exit__()
        return looks(connection)

    monkeypatch.setattr(postgres_tables, "found_in", made_meanwhile)
    with Ledger.open(place) as ledger:
        assert ledger.size() > 0
    assert postgres_tables.found_in is looks


def test_hooks_are_kept_and_stay(place: str) -> None:
    """What came is there after the tables were made anew, and what is erased is forgotten."""
    said = ("events", "", "", "w.ndjson", "about", "", "", "", "")
    with Ledger.new(place, record="ledger") as ledger:
        with ledger.writing():
            ledger.hooks.add_source(HookIn("s", 1, "path", "x" * 20, *said))
            assert ledger.hooks.receive("s", "m1", "r", b"{}", at=5)
            assert not ledger.hooks.receive("s", "m1", "r", b"{}", at=5)
            assert ledger.hooks.receive("s", "", "", b'{"of": "d"}', at=6)
        ledger.rebuild()
        first, other = ledger.hooks.due_in(now=6, most=9)
        assert (bytes(first.body), ledger.hooks.burden()) == (b"{}", (2, 13))
        with ledger.writing():
            ledger.hooks.taken_in(first, at=7)
            ledger.hooks.failed_in(other, "why", next_at=None)
            ledger.hooks.forget(["d"])
        assert [each.id for each in ledger.hooks.deliveries(state=None, most=9)] == [1]
        assert ledger.hooks.source("s") is not None


def test_pay_knows_what_was_erased(whole: str, tmp_path: Path) -> None:
    """Statements of pay ask a server what they ask a file."""
    found = []
    for name in (whole, tmp_path / "copy.db"):
        if isinstance(name, Path):
            carried(whole, name)
        with Ledger.open(name) as ledger:
            found.append((ledger.statements.erased(), ledger.statements.last_erased()))
    assert found[0] == found[1]
    assert all(found[0])


# What was tampered with


def tables() -> dict[str, str]:
    """The tables but those beside the log, each with the column by which its rows are told
    apart."""
    from playgate.ledger.postgres_tables import ORDER

    beside = {"replies", "token_uses", *STAYING}
    return {name: key for name, key in ORDER.items() if name not in beside}


def columns_of(connection: Connection, table: str) -> list[str]:
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0"
        " ORDER BY attnum",
        (table,),
    )
    return [name for (name,) in rows]


def places(connection: Connection, chance: random.Random) -> Iterator[tuple[str, str, Any, str]]:
    """A row of each table for each column; of the log, one of each kind."""
    for table, key in tables().items():
        kind = "kind" if table == "log" else "''"
        rows: dict[str, list[Any]] = {}
        for row, group in connection.execute(f"SELECT {key}, {kind} FROM {table}"):  # noqa: S608
            rows.setdefault(group, []).append(row)
        for column in columns_of(connection, table):
            for group in rows.values():
                yield table, key, chance.choice(group), column


def is_found(connection: Connection, statement: str, values: tuple[Any, ...]) -> bool:
    """Whether a change is found, or is none that can be made; it is taken back."""
    from playgate.ledger.postgres_connection import DriverError

    connection.execute("BEGIN")
    try:
        connection.execute(statement, values)
        return verify(connection).fault is not None
    except DriverError:
        return True
    finally:
        connection.execute("ROLLBACK")


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(n, marks=pytest.mark.thorough) for n in (2, 3))]
)
def test_an_edited_column_is_found(whole: str, seed: int) -> None:
    with connected(whole) as connection:
        tried = 0
        for table, key, row, column in list(places(connection, random.Random(seed))):
            where = f"FROM {table} WHERE {key} = ?"
            (value,) = connection.execute(f"SELECT {column} {where}", (row,)).fetchone()
            update = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"  # noqa: S608
            assert is_found(connection, update, (other(value), row)), (table, row, column, value)
            tried += 1
        assert tried > 150
        connection.execute("BEGIN")
        assert verify(connection).fault is None


def test_a_deleted_row_is_found(whole: str) -> None:
    with connected(whole) as connection:
        for table, key in tables().items():
            rows = [row for (row,) in connection.execute(f"SELECT {key} FROM {table}")]  # noqa: S608
            for row in {rows[0], rows[-1], rows[len(rows) // 2]}:
                delete = f"DELETE FROM {table} WHERE {key} = ?"  # noqa: S608
                assert is_found(connection, delete, (row,)), (table, row)


_NOT_ITS_OWN = (
    "CREATE FUNCTION lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    "CREATE VIEW seen AS SELECT * FROM events",
    "CREATE TABLE mine (x int)",
    "CREATE INDEX faster ON events (name)",
    "CREATE RULE quiet AS ON INSERT TO decisions DO INSTEAD NOTHING",
    "DROP INDEX decisions_of_deal",
    "ALTER TABLE log ADD COLUMN more text",
    "ALTER TABLE events ALTER COLUMN name DROP NOT NULL",
    'ALTER TABLE events ALTER COLUMN name TYPE text COLLATE "POSIX"',
    "ALTER TABLE events ALTER COLUMN stands SET DEFAULT 1",
    "ALTER TABLE events ADD CONSTRAINT small CHECK (seq < 1000000)",
    "ALTER TABLE decisions ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE events SET UNLOGGED",
    "CREATE TABLE public.more () INHERITS (events)",
    "DROP TABLE people",
)


@pytest.mark.parametrize("statement", _NOT_ITS_OWN)
def test_what_is_not_its_own_is_found_when_it_is_opened(
    whole: str, place: str, statement: str
) -> None:
    carried(whole, place)
    with connected(place) as connection:
        connection.run(statement)
    for words in (("history", "d-9"), ("ledger", "verify"), ("log", "d-9", "call")):
        said = say(*words, db=Path("none"), env={"PLAYGATE_DB": place})
        assert said.status == 2, (words, said)
        assert "other tables, indexes, views or triggers" in said.err
    said = say("ledger", "rebuild", db=Path("none"), env={"PLAYGATE_DB": place})
    verified = say("ledger", "verify", db=Path("none"), env={"PLAYGATE_DB": place})
    if "FUNCTION" in statement or " log " in statement:
        assert (said.status, "has something else in it" in said.err) == (2, True), said
        return
    assert (said.status, verified.status) == (0, 0), (said, verified)


def test_a_trigger_that_does_something_by_itself_is_found(whole: str, place: str) -> None:
    carried(whole, place)
    with connected(place) as connection:
        connection.run(
            "CREATE FUNCTION public.quiet() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RETURN NULL; END';"
            "CREATE TRIGGER quiet BEFORE INSERT ON log EXECUTE FUNCTION public.quiet()"
        )
    try:
        with pytest.raises(LedgerError, match="other tables, indexes, views or triggers"):
            Ledger.open(place)
        with Ledger.open(place, unchecked=True) as ledger:
            assert ledger.verify().fault is not None
            ledger.rebuild()
            assert ledger.verify().fault is None
    finally:
        with connected(place) as connection:
            connection.run("DROP FUNCTION public.quiet() CASCADE")


# Copies


def test_a_ledger_is_carried_either_way(tmp_path: Path, whole: str, place: str) -> None:
    """And says the same everywhere: its head, its log and each of its rows."""
    file, back = tmp_path / "deals.db", tmp_path / "back.db"
    for source, target in ((whole, str(file)), (str(file), place), (place, str(back))):
        said = say("ledger", "copy", source, target, "--format", "json", db=tmp_path / "none")
        assert said.status == 0, said
        data = of_schema("copies", json.loads(said.out))
        assert data["kind"] == "copy"
        again = say("ledger", "copy", source, target, "--format", "json", db=tmp_path / "none")
        assert again.data["error"]["code"] == "ledger-exists"
    rows = []
    for name in (whole, file, place, back):
        with Ledger.open(name) as ledger:
            found = ledger.verify()
            assert found.fault is None
            assert found.erased > 10
            held = {
                table: list(ledger.connection.execute(f"SELECT * FROM {table} ORDER BY {key}"))  # noqa: S608
                for table, key in tables().items()
            }
            rows.append((found, held))
    assert all(each == rows[0] for each in rows)
    assert {path.name for path in tmp_path.iterdir()} == {"deals.db", "back.db"}


def test_a_ledger_that_does_not_verify_is_not_carried(
    tmp_path: Path, whole: str, place: str
) -> None:
    file = tmp_path / "deals.db"
    carried(whole, file)
    with raw(file) as connection:
        connection.execute("UPDATE log SET open = replace(open, '0', '1') WHERE seq = 20")
    for target in (place, str(tmp_path / "copy.db")):
        said = say("ledger", "copy", str(file), target, db=tmp_path / "none")
        assert (said.status, "does not verify: entry 20" in said.err) == (2, True), said
        said = say("ledger", "show", "--db", target, db=tmp_path / "none")
        assert "there is no ledger" in said.err
    assert {path.name for path in tmp_path.iterdir()} == {"deals.db"}


def test_a_long_ledger_is_carried_some_rows_at_a_time(tmp_path: Path, place: str, db: Path) -> None:
    with Ledger.open(db) as ledger:
        with ledger.writing():
            many = [
                Event("d", at, "activity", "call", "", "ann", at, f"e{at}", "", 0, 0)
                for at in range(3_500)
            ]
            assert ledger.events.add(many, live=True) == 3_500
        carry(ledger, place, watching=lambda _: nullcontext())
        head = ledger.log.head()
        sha256 = ledger.playbooks.all()[0].sha256
    with Ledger.open(place) as ledger, ledger.reading():
        assert ledger.log.head() == head
        assert sum(1 for _ in ledger.log.rows()) == head.seq
        assert sum(1 for _ in ledger.events.of_playbook(sha256)) > 3_500
        first = next(ledger.log.rows())  # the others are never asked for
        assert first[0] == 1


def test_backup_and_restore_are_copies(tmp_path: Path, whole: str, place: str) -> None:
    env = {"PLAYGATE_DB": whole}
    file = tmp_path / "b.db"
    said = say("ledger", "backup", str(file), "--format", "json", db=file, env=env)
    assert (said.status, of_schema("copies", json.loads(said.out))["kind"]) == (0, "backup")
    env = {"PLAYGATE_DB": place}
    said = say("ledger", "restore", str(file), db=file, env=env)
    assert (said.status, "verified" in said.out) == (0, True), said
    assert say("ledger", "restore", str(file), db=file, env=env).status == 2
    said = say("ledger", "restore", str(file), "--replace", db=file, env=env)
    assert (said.status, "--replace is for a ledger that is a file" in said.err) == (2, True)


# Erasing


def files_of(connection: Any) -> bytes:
    """All that the server's files of a ledger hold."""
    connection.run("CHECKPOINT")
    (folder,) = connection.execute("SHOW data_directory").fetchone()
    rows = connection.execute(
        "SELECT pg_relation_filepath(c.oid), pg_relation_filepath(nullif(reltoastrelid, 0))"
        " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname = ?",
        (connection.schema,),
    ).fetchall()
    paths = [Path(folder) / name for row in rows for name in row if name]
    return b"".join(path.read_bytes() for path in paths if path.exists())


def test_nothing_is_left_of_what_was_erased(tmp_path: Path, place: str) -> None:
    carried(whole_ledger(tmp_path / "deals.db"), place)
    with connected(place) as connection:
        try:
            held = files_of(connection)
        except PermissionError:
            pytest.skip("the server's files cannot be read")
        assert all(each.encode() in held for each in SECRETS)
    erased(place)  # type: ignore[arg-type]
    with connected(place) as connection:
        held = files_of(connection)
        assert [each for each in SECRETS if each.encode() in held] == []
    with Ledger.open(place) as ledger:
        assert ledger.verify().fault is None


def test_who_still_sees_it_keeps_it_there(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried(whole_ledger(tmp_path / "deals.db"), place)
    env = {"PLAYGATE_DB": place}
    with Ledger.open(place) as reader:
        with reader.reading():
            assert reader.deals.count() > 1
            with monkeypatch.context() as impatient:
                impatient.setattr("playgate.ledger.postgres_connection._PATIENCE", 0.2)
                said = say("erase", "--actor", "a.lind", db=tmp_path, env=env)
            assert (said.status, "it was erased, but" in said.err) == (2, True), said
            assert reader.people.persons()[0].name == "Anna Lind"
        assert say("ledger", "rebuild", db=tmp_path, env=env).status == 0
        with reader.reading():
            assert "Anna Lind" not in str(reader.people.persons())
    said = say("erase", "--deal", "d-9", db=tmp_path, env=env)
    assert (said.status, said.err) == (
        0,
        "note: not erased from the server's write-ahead log, its standbys and its backups\n",
    )


def test_who_reads_while_tables_are_made_anew_sees_them_full(whole: str, place: str) -> None:
    carried(whole, place)
    with Ledger.open(place) as reader, Ledger.open(place, unchecked=True) as writer:
        with reader.reading():
            count = reader.deals.count()
            with writer.writing():
                writer._database.empty(writer.connection)
                Log(writer.connection).replay()
            assert reader.events.counts() != (0, 0)
            assert reader.deals.count() == count > 0
        assert writer.verify().fault is None


# A server that goes


def ended(place: str, ledger: Ledger) -> None:
    """Lets the server end the connection of a ledger."""
    pid = ledger.connection._inner.info.backend_pid  # type: ignore[attr-defined]
    with connected(place) as connection:
        assert connection.execute("SELECT pg_terminate_backend(?, 120000)", (pid,)).fetchone()[0]


def shadows(ledger: Ledger, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Records something twice, in one transaction."""
    with ledger.writing():
        ledger.settings.set_shadow(True)
        meanwhile()
        ledger.settings.set_shadow(False)


def test_a_server_that_goes_in_a_transaction_leaves_nothing_half(whole: str, place: str) -> None:
    carried(whole, place)
    ledger = Ledger.open(place)
    head = ledger.log.head()
    with pytest.raises(LedgerError) as raised:
        shadows(ledger, lambda: ended(place, ledger))
    said = (raised.value.code, "nothing was recorded" in raised.value.message)
    assert said == ("ledger-lost", True)
    with pytest.raises(LedgerError, match="has gone"), ledger:
        ledger.deals.count()
    with Ledger.open(place) as ledger:
        assert ledger.log.head() == head
        assert ledger.verify().fault is None


def test_a_commit_that_nobody_answered_is_not_said_to_be_lost(
    whole: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it was recorded is not known, and so said; a batch does not try again by itself."""
    carried(whole, place)
    with Ledger.open(place) as ledger:
        run = ledger.connection.run  # type: ignore[attr-defined]

        def commits_unheard(statements: str) -> str:
            if statements != "COMMIT":
                return str(run(statements))
            run("COMMIT")
            ended(place, ledger)
            return str(run("SELECT 1"))

        monkeypatch.setattr(ledger.connection, "run", commits_unheard)
        with pytest.raises(LedgerError) as raised, ledger.writing():
            ledger.settings.set_shadow(True)
    assert raised.value.code == "ledger-lost"
    assert "whether it was recorded is not known" in raised.value.message
    with Ledger.open(place) as ledger:
        assert ledger.settings.shadow()


def test_the_command_line_says_so(
    place: str, whole: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    carried(whole, place)
    writing = Ledger.writing

    def cut(self: Ledger) -> Any:
        ended(place, self)
        return writing(self)

    monkeypatch.setattr(Ledger, "writing", cut)
    env = {"PLAYGATE_DB": place}
    said = say("log", "d-9", "call", "--format", "json", db=tmp_path, env=env)
    assert (said.status, said.data["error"]["code"], said.err) == (2, "ledger-lost", "")
    lines = b'{"deal": "d-9", "activity": "call"}\n' * 3
    said = say("log", "--batch", db=tmp_path, stdin=lines, env=env)
    assert [each["error"]["code"] for each in said.lines] == ["ledger-lost"] * 3


@pytest.mark.thorough
def test_a_server_that_is_stopped_is_told(db: Path) -> None:
    stopping = ExitStack()
    with stopping:
        address = stopping.enter_context(servers.postgres())
        carried(db, address)
        env = {"PLAYGATE_DB": address}
        assert say("log", "d", "call", db=db, env=env).status == 0
        session, ledger = open_ledger(address, by="ann"), Ledger.open(address)
        with pytest.raises(LedgerError, match="has gone: nothing was recorded"):
            shadows(ledger, stopping.close)
        for result in (each for told in session.do_all([LOGS, LOGS]) for each in told):
            assert isinstance(result, LedgerError)
            assert result.code == "ledger-lost"
        said = say("log", "d", "call", "--format", "json", db=db, env=env)
        assert (said.status, said.data["error"]["code"]) == (2, "cannot-read")


LOGS = {"command": "log", "deal": "d", "activity": "call"}


def test_a_transaction_that_the_server_took_back_is_not_acknowledged(place: str, db: Path) -> None:
    """Where something in it failed and was passed over, nothing of it is there."""
    carried(db, place)
    with Ledger.open(place) as ledger:
        head = ledger.log.head()

        def fails() -> None:
            with suppress(ledger._database.errors):
                ledger.connection.execute("SELECT 1 / 0")

        with pytest.raises(LedgerError, match="took the transaction back"), ledger.writing():
            fails()
        assert ledger.log.head() == head


def test_who_waits_too_long_is_told(place: str, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    carried(db, place)
    with ExitStack() as stack:
        one = stack.enter_context(Ledger.open(place))
        with monkeypatch.context() as impatient:
            impatient.setattr("playgate.ledger.postgres_connection._PATIENCE", 0.2)
            two = stack.enter_context(Ledger.open(place))
        stack.enter_context(one.writing())
        with pytest.raises(LedgerError) as raised, two.writing():
            pass
        assert raised.value.code == "ledger-busy"
        assert not two.connection.in_transaction
        with two.reading():
            assert two.deals.count() == 1


def test_who_writes_without_the_lock_breaks_no_chain(
    place: str, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No two entries have one number; and who has taken one is seen, as soon as it is there."""
    carried(db, place)
    monkeypatch.setattr("playgate.ledger.postgres_connection._PATIENCE", 0.2)
    with Ledger.open(place) as ledger, connected(place) as stranger:
        stranger.execute("BEGIN")
        stranger.execute(
            "INSERT INTO log (seq, kind, salts, hash) VALUES (?, 'seal', ?, ?)",
            (ledger.size() + 1, b"", bytes(32)),
        )
        with pytest.raises(LedgerError) as raised:
            shadows(ledger)
        assert raised.value.code == "ledger-busy"
        stranger.execute("COMMIT")
    with pytest.raises(LedgerError, match="is damaged"):
        Ledger.open(place)


# What PostgreSQL does not keep, and who may do what


def test_a_text_that_cannot_be_kept_is_told(place: str, db: Path) -> None:
    carried(db, place)
    with Ledger.open(place) as ledger:
        for text, code in (("a\0b", "wrong-value"), ("\ud800", "wrong-value")):
            event = Event("d", 5, "activity", "call", text, "ann", 5, "x", "", 0, 0)
            with pytest.raises(InputError) as raised, ledger.writing():
                ledger.events.add([event], live=True)
            assert raised.value.code == code
        assert ledger.verify().fault is None


@contextmanager
def role_with(place: str, rights: str, *, without: str = "") -> Iterator[dict[str, str]]:
    """The environment of somebody who has rights on the tables of a ledger, but on some none."""
    schema = place.partition("schema=")[2]
    role = f"somebody_{schema}"
    with connected(place) as connection:
        connection.run(
            f"CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA {schema} TO {role};"
            f" GRANT {rights} ON ALL TABLES IN SCHEMA {schema} TO {role}"
        )
        if without:
            connection.run(f"REVOKE {rights} ON {without} FROM {role}")
    try:
        yield {"PLAYGATE_DB": place.replace("playgate@", f"{role}@")}
    finally:
        with connected(place) as connection:
            connection.run(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_who_may_only_read_reads(place: str, db: Path, tmp_path: Path) -> None:
    carried(db, place)
    with role_with(place, "SELECT", without="hooks_in, hooks_out, inbox, outbox") as env:
        assert say("ledger", "verify", db=tmp_path, env=env).status == 0
        assert say("check", "d", "c", db=tmp_path, env=env).status == 0
        said = say("log", "d", "call", "--format", "json", db=tmp_path, env=env)
        assert (said.status, said.data["error"]["code"]) == (2, "ledger-read-only")
        env = {"PLAYGATE_DB": env["PLAYGATE_DB"] + "_2"}
        said = say("ledger", "new", "--format", "json", db=tmp_path, env=env)
        assert (said.status, said.data["error"]["code"]) == (2, "ledger-read-only")


def test_whose_tables_are_another_s_cannot_leave_nothing(place: str, db: Path) -> None:
    carried(db, place)
    with role_with(place, "ALL") as env:
        assert say("log", "d", "call", db=db, env=env).status == 0
        said = say("erase", "--deal", "d", db=db, env=env)
        assert (said.status, "they are not yours" in said.err) == (2, True), said
        assert say("ledger", "rebuild", db=db, env={"PLAYGATE_DB": place}).status == 0
        assert say("ledger", "verify", db=db, env=env).status == 0


def test_a_schema_of_somebody_else_is_left_alone(place: str, tmp_path: Path) -> None:
    env = {"PLAYGATE_DB": place}
    schema = place.partition("schema=")[2]
    with connected(place) as connection:
        connection.run(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.mine (x int)")
        said = say("ledger", "new", "--format", "json", db=tmp_path, env=env)
        assert (said.status, said.data["error"]["code"]) == (2, "wrong-ledger")
        connection.run(f"DROP TABLE {schema}.mine")
    assert say("ledger", "new", db=tmp_path, env=env).status == 0  # it is empty, and ours now
    with connected(place) as connection:
        connection.run(f"COMMENT ON SCHEMA {schema} IS 'playgate ledger, version 99'")
    said = say("ledger", "show", db=tmp_path, env=env)
    assert (said.status, "was written by a newer playgate" in said.err) == (2, True)


def test_an_older_ledger_is_brought_up_to_date_once(whole: str, place: str) -> None:
    """Its tables are made anew from its log, by one of those that open it at once."""
    carried(whole, place)
    with connected(place) as connection:
        connection.run(
            "DROP TABLE waiver_requests; ALTER TABLE deals DROP COLUMN erased;"
            f" COMMENT ON SCHEMA {connection.schema} IS 'playgate ledger, version 1'"
        )
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: head_of(place), range(4)):
            assert found == head_of(whole)
    with Ledger.open(place) as ledger:
        assert ledger.verify().fault is None


def test_requests_of_before_origins_were_kept_are_there_still(whole: str, place: str) -> None:
    """A ledger of version 9: its requests come from nowhere that is told, new ones may."""
    carried(whole, place)
    asked = "SELECT id, deal, rule, answer, answered_by, origin FROM waiver_requests ORDER BY id"
    with connected(place) as connection:
        before = connection.execute(asked).fetchall()
        connection.run(
            "ALTER TABLE waiver_requests DROP COLUMN origin;"
            f" COMMENT ON SCHEMA {connection.schema} IS 'playgate ledger, version 9'"
        )
    with Ledger.open(place) as ledger:
        assert ledger.connection.execute(asked).fetchall() == before
        deal = before[-1][1]
        new = {"deal": deal, "rule": "a/by", "reason": "why", "expires": "", "at": 5}
        with ledger.writing():
            ledger.waiver_requests.add(**new, actor="bot", origin="agent")
        assert ledger.waiver_requests.of(deal)[-1].origin == "agent"
        assert ledger.verify().fault is None
    with connected(place) as connection:
        (version,) = connection.execute(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = ?",
            (connection.schema,),
        ).fetchone()
        assert version == f"playgate ledger, version {VERSION}"


def head_of(place: str) -> str:
    with Ledger.open(place) as ledger:
        return str(ledger.log.head())


def test_a_ledger_there_is_audited_and_counted_as_in_a_file(
    db: Path, place: str, tmp_path: Path
) -> None:
    busy(db)
    carried(db, place)
    assert given_name(db) == str(db)
    for words in (
        ("audit", "--fail-on", "never", "--format", "json"),
        ("kpi", "--format", "json"),
        ("deals", "--format", "json"),
        ("coach",),
        ("next", "d", "--format", "json"),
    ):
        told = []
        for name in (str(db), place):
            said = say(*words, "--db", name, db=db, clock=1_900_000_000_000_000)
            shown = said.out.replace(name.replace("playgate@", ""), "LEDGER")
            told.append((said.status, shown, said.err.replace(name, "LEDGER")))
        assert told[0] == told[1], words
    assert events_of(place, "d") == events_of(db, "d")  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [1, 2, 300])
def test_a_writer_that_says_nothing_has_gone(
    db: Path, place: str, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Whatever it said last, its lock goes to others, and what it wrote is taken back."""
    carried(db, place)
    monkeypatch.setattr(postgres_database, "_IDLE", 4_000)
    rows = [(f"n{number}", "1") for number in range(count)]
    with connected(place) as one, connected(place) as other:
        postgres_database.begin_alone(one)
        one.executemany("INSERT INTO settings (name, value) VALUES (?, ?)", rows)
        postgres_database.begin_alone(other)
        assert other.execute("SELECT 1 FROM settings WHERE name = 'n0'").fetchone() is None
        with pytest.raises(DriverError):
            one.execute("SELECT 1")
