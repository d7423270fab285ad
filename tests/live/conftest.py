"""What the tests of the live gate start from: a small playbook, and a ledger with a deal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gate import opened, say

from bulk import servers
from live.on_server import ledgers_on

PLAYBOOK = """\
playbook: small
version: 1
roles: [rep, manager]
fields: {note: {type: text}, amount: {type: number}}
activities: {call: {title: Call}, meeting: {title: Meeting}}
stages:
  - stage: a
  - {stage: b, entry: [{field: note, is: present}], by: [rep, manager]}
  - {stage: c, optional: true}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
rules: {"*/entered": {level: observe}}
"""


KINDS = ("file", pytest.param("server", marks=pytest.mark.postgres))
"""In what the ledgers of a test lie."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs the tests of a module that says `ON_BOTH` on ledgers of both kinds, those apart that are
    `OF_A_FILE`."""
    of_a_file = getattr(metafunc.module, "OF_A_FILE", ())
    if getattr(metafunc.module, "ON_BOTH", False) and metafunc.function.__name__ not in of_a_file:
        metafunc.parametrize("ledgers", KINDS, indirect=True)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server of PostgreSQL of its own."""
    reached = False
    try:
        pytest.importorskip("psycopg")
        with servers.postgres() as address:
            reached = True
            yield address.replace("postgres://", "postgresql://")
    except (servers.MissingError, pytest.skip.Exception) as error:
        if reached:
            raise
        (pytest.fail if request.config.getoption("--servers") else pytest.skip)(str(error))


@pytest.fixture(autouse=True)
def ledgers(request: pytest.FixtureRequest) -> Iterator[str]:
    """In what the ledgers of the test lie: files, or a server."""
    kind = getattr(request, "param", "file")
    if kind == "file":
        yield kind
        return
    with ledgers_on(request.getfixturevalue("server")):
        yield kind


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    """The small playbook as a file."""
    path = tmp_path / "small.yaml"
    path.write_text(PLAYBOOK, encoding="utf-8")
    return path


@pytest.fixture
def db(tmp_path: Path, playbook: Path, ledgers: str) -> Path:
    """A ledger in which deal `d` is open."""
    path, people = tmp_path / "deals.db", tmp_path / "people.csv"
    people.write_text("actor,role\nrep,rep\nann,rep\n", encoding="utf-8")
    assert say("people", str(people), db=path).status == 0
    opened(path, playbook, "d")
    return path
