"""Addresses become connections; what goes wrong is one clear line without secrets."""

from __future__ import annotations

import builtins
import sqlite3

import pytest

pytest.importorskip("ibis")

from playgate.bulk.engine.connect import backend_of, connect
from playgate.errors import InputError


def test_an_engine_in_the_process():
    connection = connect("duckdb")
    assert backend_of(connection) == "duckdb"
    assert connection.raw_sql("SELECT 1").fetchone() == (1,)


def test_databases_in_files(tmp_path, monkeypatch):
    import duckdb

    with duckdb.connect(str(tmp_path / "a.db")) as made:
        made.execute("CREATE TABLE t AS SELECT 1 AS x")
    sqlite3.connect(tmp_path / "b.db").execute("CREATE TABLE t AS SELECT 1 AS x")
    monkeypatch.chdir(tmp_path)
    for address in (f"duckdb://{tmp_path}/a.db", "duckdb:///a.db", "sqlite:///b.db"):
        connection = connect(address)
        assert connection.table("t").columns == ("x",)
        connection.disconnect()


def test_a_database_is_only_read(tmp_path):
    import duckdb

    duckdb.connect(str(tmp_path / "a.db")).close()
    connection = connect(f"duckdb://{tmp_path}/a.db")
    connection.raw_sql("CREATE TEMPORARY TABLE t AS SELECT 1 AS x")
    with pytest.raises(duckdb.Error):
        connection.raw_sql("CREATE TABLE u AS SELECT 1 AS x")


REFUSED = [
    ("postgre://h/db", 'there is no engine "postgre"', 'did you mean "postgres"?'),
    ("mysql://bob:secret@h/db", 'there is no engine "mysql"', "known: "),
    ("", 'there is no engine ""', "known: "),
    ("postgres", "postgres needs an address", "write it as postgres://HOST/DATABASE"),
    ("duckdb:///none.db", "/none.db does not exist", "write duckdb:///FILE"),
    ("sqlite:///none.db", "/none.db does not exist", "write sqlite:///FILE"),
]


@pytest.mark.parametrize(("address", "message", "hint"), REFUSED)
def test_what_cannot_be(address, message, hint):
    with pytest.raises(InputError) as error:
        connect(address)
    assert error.value.message.startswith(message)
    assert error.value.hint.startswith(hint)
    assert "s3cret" not in error.value.message
    assert "\n" not in error.value.message


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["h:port/db", "[::1/db"])
def test_an_address_that_leads_nowhere(place):
    with pytest.raises(InputError) as error:
        connect(f"postgres://bob:s3cret@{place}")
    assert error.value.message.startswith(f"cannot connect to postgres://{place}: ")
    assert "s3cret" not in error.value.message
    assert "\n" not in error.value.message


@pytest.mark.parametrize("scheme", ["bigquery", "trino", "clickhouse", "snowflake"])
def test_a_missing_driver(scheme, monkeypatch):
    _without(monkeypatch, ("google", "trino", "clickhouse_connect", "snowflake"))
    with pytest.raises(InputError) as error:
        connect(f"{scheme}://u:s3cret@h/db")
    assert error.value.message == f"what {scheme}:// needs is not installed"
    assert error.value.hint == f"pip install 'ibis-framework[{scheme}]'"


def test_without_the_extra(monkeypatch):
    import importlib

    monkeypatch.setattr(
        "playgate.bulk.engine.connect.import_module",
        lambda name: importlib.import_module("no_such_module"),
    )
    with pytest.raises(InputError, match="the bulk audit is not installed") as error:
        connect("duckdb")
    assert error.value.hint == "pip install 'playgate[bulk]'"


def test_nobody_answers():
    pytest.importorskip("psycopg")
    with pytest.raises(InputError) as error:
        connect("postgres://bob:s3%20cret@127.0.0.1:1/db?sslcert=t0ken")
    assert error.value.message.startswith("cannot connect to postgres://127.0.0.1:1/db: ")
    assert "\n" not in error.value.message


def test_what_a_server_repeats_is_kept_secret(monkeypatch):
    import ibis

    def refuse(address):
        raise ValueError(f"first line {address} and s3 cret\nsecond")

    monkeypatch.setattr(ibis, "connect", refuse)
    with pytest.raises(InputError) as error:
        connect("trino://bob:s3%20cret@h/db?token=t0ken")
    assert error.value.message == (
        "cannot connect to trino://h/db: first line trino://bob:***@h/db?token=*** and ***"
    )


def _without(monkeypatch, modules):
    real = builtins.__import__

    def refuse(name, *rest, **more):
        if name.partition(".")[0] in modules:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
