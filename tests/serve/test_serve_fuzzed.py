"""Requests that nobody would write: drawn from the description, and raw bytes.

`fuzzed.py` and `raw_bodies.py` send more of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from raw_bodies import send_many
from served import process, token


@pytest.mark.thorough
def test_what_the_description_lets_one_ask(db: Path) -> None:
    pytest.importorskip("schemathesis")
    from fuzzed import fuzz

    found = fuzz(db, 15, first=1)
    assert max(found) < 500
    assert {200, 400, 401, 404, 422} <= found.keys()


@pytest.mark.parametrize("count", [150, pytest.param(3000, marks=pytest.mark.thorough)])
def test_raw_bodies_of_all_kinds(db: Path, count: int) -> None:
    with process(db, "--rate", "1e9", "--log", "nothing") as server:
        found = send_many(server, token(db), count, seed=1)
    assert {200, 400, 422} <= found.keys()
