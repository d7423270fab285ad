"""A server that is killed under load loses nothing that it acknowledged.

`kills.py` kills more often.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kills import kill_often, ledger

from bulk import servers

KINDS = ("file", pytest.param("server", marks=pytest.mark.postgres))


@pytest.fixture(params=KINDS)
def killed(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A ledger, in a file or on a server."""
    if request.param == "server":
        pytest.importorskip("psycopg")
    try:
        with ledger(None, postgres=request.param == "server") as db:
            yield db
    except servers.MissingError as error:
        (pytest.fail if request.config.getoption("--servers") else pytest.skip)(str(error))


def test_what_was_acknowledged_outlives_a_kill(killed: Path) -> None:
    assert kill_often(killed, 2, seed=1) >= 2


@pytest.mark.thorough
def test_what_was_acknowledged_outlives_many_kills(killed: Path) -> None:
    assert kill_often(killed, 20, seed=2) > 20
