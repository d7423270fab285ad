"""What the tests of the server start from: a ledger with a deal, and a server over it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("uvicorn")

from browsing import OWNERS, PEOPLE
from served import AT, PLAYBOOK, Server, serving, token

from live.gate import say


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with the small playbook and deals `d` and `e` in its first stage."""
    folder = tmp_path_factory.mktemp("served")
    db, people, playbook = (folder / name for name in ("deals.db", "people.csv", "small.yaml"))
    playbook.write_text(PLAYBOOK, encoding="utf-8")
    people.write_text("actor,role,team\nrep,rep,North\nann,rep,North\nmia,manager,South\n")
    assert say("publish", str(playbook), db=db, clock=AT).status == 0
    assert say("people", str(people), db=db, clock=AT).status == 0
    for deal in ("d", "e"):
        assert say("open", deal, db=db, clock=AT).status == 0
    return db


@pytest.fixture
def db(made: Path, tmp_path: Path) -> Path:
    """The ledger, of a test alone."""
    return Path(shutil.copy(made, tmp_path / "deals.db"))


@pytest.fixture
def rep(db: Path) -> str:
    """A token for all commands, by which `rep` acts."""
    return token(db)


@pytest.fixture
def server(db: Path, rep: str) -> Iterator[Server]:
    """A server over the ledger, which knows the token."""
    with serving(db) as running:
        running.clock.on(1)
        yield running


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with deals of several people."""
    folder = tmp_path_factory.mktemp("page")
    db, people, playbook = (folder / name for name in ("deals.db", "people.csv", "small.yaml"))
    playbook.write_text(PLAYBOOK, encoding="utf-8")
    people.write_text(PEOPLE, encoding="utf-8")
    assert say("publish", str(playbook), db=db, clock=AT - 10_000_000).status == 0
    assert say("people", str(people), db=db, clock=AT - 10_000_000).status == 0
    for deal, owner in OWNERS.items():
        assert say("open", deal, db=db, clock=AT - 9_000_000).status == 0
        if owner:
            assert say("set", deal, f"owner={owner}", db=db, clock=AT - 8_000_000).status == 0
    return db


@pytest.fixture
def page_db(filled: Path, tmp_path: Path) -> Path:
    """The ledger, of a test alone."""
    db = tmp_path / "deals.db"
    db.write_bytes(filled.read_bytes())
    return db


@pytest.fixture
def page(page_db: Path) -> Iterator[Server]:
    """A server over the ledger."""
    with serving(page_db) as running:
        running.clock.on(1)
        yield running
