"""What the tests of the agents' door start from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("mcp")

from agents_desk import EXAMPLE, ledger


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with the example and two deals."""
    return ledger(tmp_path_factory.mktemp("agents") / "deals.db", EXAMPLE, "D-1", "D-2")


@pytest.fixture
def db(made: Path, tmp_path: Path) -> Path:
    """The ledger, of a test alone."""
    return Path(shutil.copy(made, tmp_path / "deals.db"))
