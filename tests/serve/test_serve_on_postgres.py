"""A server whose database goes and comes back: it says so meanwhile, and then goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from kills import ledger
from served import AT, LONG, Server, serving, token

from bulk import servers
from live.gate import say
from live.on_server import given_name

pytestmark = pytest.mark.postgres


@pytest.fixture
def there(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A ledger on a server, in which deal `d` is open."""
    try:
        with ledger(None, postgres=True) as db:
            assert say("open", "d", db=db, clock=AT).status == 0
            yield db
    except servers.MissingError as error:
        (pytest.fail if request.config.getoption("--servers") else pytest.skip)(str(error))


def test_it_goes_on_after_its_database_had_gone(there: Path) -> None:
    key = token(there)
    with serving(given_name(there)) as server:
        for number in range(3):
            server.clock.on(2)
            assert statuses(server, key, f"before-{number}") == {200}
            cut(given_name(there))
            ends = time.monotonic() + LONG
            while (found := statuses(server, key, f"after-{number}")) != {200}:
                assert found <= {200, 503}
                assert time.monotonic() < ends, found
            assert server.client.get("/readyz").status_code == 200


def test_batches_alone_go_on_after_it_had_gone(there: Path) -> None:
    """Nothing else is asked that could notice it, and each of the threads had its connection."""
    key = token(there)
    with serving(given_name(there)) as server:
        server.clock.on(2)
        assert batch(server, key) == [None] * 4
        cut(given_name(there))
        ends, well = time.monotonic() + LONG, 0
        while well < 8:  # whichever thread answers
            found = batch(server, key)
            assert found in ([None] * 4, ["ledger-lost"] * 4)
            assert time.monotonic() < ends
            well = 0 if found[0] else well + 1


def batch(server: Server, key: str) -> list[str | None]:
    """What is wrong with each answer to a batch of questions, if anything."""
    lines = b'{"command": "next", "deal": "d"}\n' * 4
    told = server.stream("/v1/batch", key, [lines])
    if told.status == 503:
        return ["ledger-lost"] * 4
    found = [json.loads(line) for line in told.text.splitlines()]
    return [each["error"]["code"] if "error" in each else None for each in found]


def cut(address: str) -> None:
    """Ends all connections to the database but this."""
    with psycopg.connect(address.partition("?")[0], autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def statuses(server: Server, key: str, name: str) -> set[int]:
    """With which statuses questions and what is recorded are answered."""
    server.clock.on(1)
    asked = [server.ask("next", key, deal="d") for _ in range(3)]
    asked += [server.ask("log", key, deal="d", activity="call", id=name)]
    return {each.status_code for each in asked}
