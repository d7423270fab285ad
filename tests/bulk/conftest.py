"""Connections to engines beside DuckDB; `--servers` makes one that is not there a failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import servers


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--servers", action="store_true", help="fail, rather than skip, where a server cannot run"
    )


def _connected(
    request: pytest.FixtureRequest, server: AbstractContextManager[str]
) -> Iterator[Any]:
    from playgate.audit.bulk.connect import connect
    from playgate.errors import InputError

    try:
        with server as address:
            connection = connect(address)
            yield connection
            connection.disconnect()
    except (servers.MissingError, InputError) as error:
        reason = " ".join(filter(None, (str(error), getattr(error, "hint", ""))))
        (pytest.fail if request.config.getoption("--servers", False) else pytest.skip)(reason)


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A connection to a PostgreSQL server of its own."""
    yield from _connected(request, servers.postgres())


@pytest.fixture(scope="session")
def spark(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A connection to Spark."""
    yield from _connected(request, servers.spark())
