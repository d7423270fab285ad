"""Reads a history that a test writes, and finds the real data where it lies beside the checkout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from playgate.history.event import Event, Problem
from playgate.history.mapping import Mapping, parse_mapping
from playgate.history.read import read_history

Read = Callable[..., tuple[list[Event], list[tuple[int, str]]]]

_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def mapping_of(text: str) -> Mapping:
    """The mapping in a text without mistakes."""
    mapping, mistakes = parse_mapping(text.encode(), "m.yaml")
    assert mapping is not None, list(map(str, mistakes))
    return mapping


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads text or bytes as a file: the events, and (line, reason) of each problem."""

    def run(
        content: str | bytes, name: str = "history.csv", mapping: str = ""
    ) -> tuple[list[Event], list[tuple[int, str]]]:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        problems: list[Problem] = []
        events = read_history(
            [str(file)], mapping=mapping_of(mapping) if mapping else None, report=problems.append
        )
        return list(events), [(each.line, each.reason) for each in problems]

    return run


@pytest.fixture
def real_data() -> Path:
    """The folder of real data; skips where there is none."""
    if not _DATA.is_dir():
        pytest.skip("the real data is not here")
    return _DATA
