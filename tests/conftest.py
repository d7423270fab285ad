"""What all tests share: options, surroundings that are the same everywhere, and golden files."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "the same on every machine",
    database=None,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("the same on every machine")

collect_ignore = ["bench", "cases"]  # there are no tests among these many files

_SET = {
    "XDG_CONFIG_HOME": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "LC_ALL": "C.UTF-8",
    "TERM": "xterm",
    "TZ": "UTC",
}
_UNSET = (
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "FORCE_COLOR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_WORK_TREE",
    "LINES",
    "NO_COLOR",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONIOENCODING",
    "PYTHONWARNINGS",
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
    "XDG_CACHE_HOME",
)
_UNSET_ALL = ("PLAYGATE", "PG")
"""How the variables of playgate and of PostgreSQL's clients begin."""


_OPTIONS = {
    "--update-golden": "write golden files anew, then read the diff",
    "--servers": "fail, rather than skip, where a server cannot run",
    "--browser-needed": "fail, rather than skip, where no browser can run",
}


class _Later(ModuleType):
    """Stands for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules[self.__name__] is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


if find_spec("scipy") and "scipy.stats" not in sys.modules:
    # To import it takes a second, as long as to collect half of the tests.
    sys.modules["scipy.stats"] = _Later("scipy.stats")


def pytest_addoption(parser: pytest.Parser) -> None:
    for name, meaning in _OPTIONS.items():
        parser.addoption(name, action="store_true", help=meaning)


def pytest_configure(config: pytest.Config) -> None:
    """Nothing depends on the terminal, the language, the time zone or the settings of a user."""
    for name in [*_UNSET, *(each for each in os.environ if each.startswith(_UNSET_ALL))]:
        os.environ.pop(name, None)
    os.environ.update(_SET)
    for name in ("NO_PROXY", "no_proxy"):  # what tests start here is reached without one
        os.environ[name] = ",".join(
            [*os.environ.get(name, "").split(","), "127.0.0.1", "localhost"]
        )
    cache = tempfile.TemporaryDirectory()
    config.add_cleanup(cache.cleanup)
    os.environ["PLAYGATE_CACHE"] = cache.name
    os.umask(0o022)
    if hasattr(time, "tzset"):
        time.tzset()
    sys.dont_write_bytecode = False  # hundreds of processes would each compile playgate anew


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares text with a file in the folder `golden` beside the test, or writes it anew."""
    folder: Path = request.path.parent / "golden"

    def compare(name: str, text: str) -> None:
        file = folder / name
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        assert file.is_file(), f"{file} is missing; write it with pytest --update-golden"
        assert text == file.read_bytes().decode()

    return compare
