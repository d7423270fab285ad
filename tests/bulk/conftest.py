"""What these tests share: playgate run in this process, and connections to other engines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import servers

from playgate.cli.main import main

Run = Callable[..., tuple[int, str, str]]


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


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs playgate in this process, in a folder of its own: status, output and errors."""

    def ran(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["playgate", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return (ended.value.code, *capsys.readouterr())

    monkeypatch.chdir(tmp_path)
    return ran


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A connection to a PostgreSQL server of its own."""
    yield from _connected(request, servers.postgres())


@pytest.fixture(scope="session")
def spark(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A connection to Spark."""
    yield from _connected(request, servers.spark())
