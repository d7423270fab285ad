"""What these tests share: playgate run in this process, and connections to other engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import servers

from support.in_process import run

__all__ = ["postgres", "run", "spark"]


def _connected(
    request: pytest.FixtureRequest, server: AbstractContextManager[str]
) -> Iterator[Any]:
    from playgate.bulk.engine.connect import connect
    from playgate.errors import InputError

    try:
        with server as address:
            connection = connect(address)
            yield connection
            connection.disconnect()
    except (servers.MissingError, InputError) as error:
        reason = " ".join(filter(None, (str(error), getattr(error, "hint", ""))))
        (pytest.fail if request.config.getoption("--servers") else pytest.skip)(reason)


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A connection to a PostgreSQL server of its own."""
    yield from _connected(request, servers.postgres())


@pytest.fixture(scope="session")
def spark(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A connection to Spark."""
    yield from _connected(request, servers.spark())
