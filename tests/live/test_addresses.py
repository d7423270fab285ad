"""Addresses of ledgers on a server: how they read, and that nothing secret in them is shown."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from gate import say
from hypothesis import given
from hypothesis import strategies as st

from playgate.documents.addresses import is_address, without_secrets
from playgate.errors import InputError
from playgate.ledger.postgres_address import read_address
from playgate.ledger.store import shown_name

SECRET = "s3cr3t"  # noqa: S105  (nobody's)
GIVEN = [
    ("postgresql://h/db", "postgresql://h/db", "playgate"),
    (f"postgres://me:{SECRET}@h:5/db", "postgresql://h:5/db", "playgate"),
    (f"postgresql://me:{SECRET}%2F@[::1]:5/db?schema=a", "postgresql://[::1]:5/db?schema=a", "a"),
    (f"postgresql:///db?host=/tmp&password={SECRET}", "postgresql:///db", "playgate"),
    (
        f"postgresql://a,b:6/db?schema=x_1&passfile={SECRET}",
        "postgresql://a,b:6/db?schema=x_1",
        "x_1",
    ),
]
WRONG = (
    f"postgresql://me:{SECRET}/x@h/db",
    f"postgresql://me:{SECRET}?x@h/db",
    f"postgresql://me:1{SECRET}#x@h/db",
    f"postgresql://me:12?{SECRET}@h/db",
    f"postgresql://me:{SECRET}@h:port/db",
    f"postgresql://me:{SECRET}@h/db?schema=Big",
    f"postgresql://me:{SECRET}@h/db?schema=pg_x",
    f"postgresql://me:{SECRET}@h/db?schema=a&schema=b",
    f"postgresql://me:{SECRET}@h/db?schema={'x' * 64}",
    f"postgresql:/me:{SECRET}@h/db",
    f"postgres:me:{SECRET}@h/db",
    f"mysql://me:{SECRET}@h/db",
    f"://me:{SECRET}@h/db",
    f"postgresqll://me:{SECRET}@h/db",
)


@pytest.mark.parametrize(("text", "shown", "schema"), GIVEN)
def test_an_address_reads(text: str, shown: str, schema: str) -> None:
    found = read_address(text)
    assert (found.shown, found.schema) == (shown, schema)
    assert "schema=" not in found.given
    assert (SECRET in found.given) == (SECRET in text)
    assert shown_name(text) == shown


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_address_is_told_without_what_it_says(text: str, tmp_path: Path) -> None:
    assert is_address(text)
    for words in (
        ("ledger", "show", "--format", "json"),
        ("ledger", "show"),
        ("log", "d", "call"),
        ("log", "d", "call", "--format", "json"),
        ("audit", "--db", text),
        ("kpi", "--db", text),
        ("import", "x.csv", "--db", text),
        ("ledger", "copy", text, "x.db"),
        ("deals", text),
        ("deals", "--db", text, "--stage"),
    ):
        said = say(*words, db=tmp_path, env={"PLAYGATE_DB": text})
        assert said.status == 2, (words, said)
        if words != ("deals", text) or text.startswith(("postgresql:", "postgres:")):
            assert SECRET not in said.out + said.err, (words, said)


@given(st.text("abc/:@?&=#%[]1. ", max_size=12), st.sampled_from(["", "?", "/", "@", "#", ":"]))
def test_whatever_stands_around_a_password_it_is_not_shown(rest: str, sign: str) -> None:
    text = f"postgresql://me:{rest}{sign}{SECRET}{sign}@host/db"
    try:
        shown = read_address(text).shown
    except InputError as error:
        shown = f"{error.message} {error.hint}"
    assert SECRET not in shown
    assert SECRET not in without_secrets(f"no such command {text}")


def test_a_file_is_none() -> None:
    for name in ("playgate.db", "/a/b.db", "c:\\a.db", "a:b", "./postgresql", "postgres"):
        assert not is_address(name)


def test_settings_beside_data_name_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever hands over a folder does not say where what is recorded goes; a user's own file
    may."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLAYGATE_DB", raising=False)
    told = f'db = "postgresql://me:{SECRET}@127.0.0.1:1/db"\n'
    Path("playgate.toml").write_text(told, encoding="utf-8")
    said = say("ledger", "show", db=Path(), env={"PLAYGATE_DB": ""})
    assert said.status == 2
    assert "playgate.toml:1:6: db is the address of a server" in said.err, said
    assert SECRET not in said.err
    Path("playgate.toml").unlink()
    own = tmp_path / "own" / "playgate"
    own.mkdir(parents=True)
    (own / "playgate.toml").write_text(told, encoding="utf-8")
    env = {"PLAYGATE_DB": "", "XDG_CONFIG_HOME": str(own.parent), "APPDATA": str(own.parent)}
    said = say("ledger", "show", db=Path(), env=env)
    assert said.status == 2
    assert "cannot connect to postgresql://127.0.0.1:1/db" in said.err, said
    assert SECRET not in said.err


def test_the_driver_is_an_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("playgate.ledger.postgres_connection", "playgate.ledger.postgres_database"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    import playgate.ledger

    monkeypatch.delattr(playgate.ledger, "postgres_connection", raising=False)
    env = {"PLAYGATE_DB": "postgresql://127.0.0.1:1/db"}
    said = say("ledger", "show", "--format", "json", db=tmp_path, env=env)
    error = json.loads(said.out)["error"]
    assert (said.status, error["code"]) == (2, "not-installed")
    assert error["hint"] == "pip install 'playgate[postgres]'"
