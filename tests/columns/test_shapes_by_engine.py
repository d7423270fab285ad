"""Exports in other shapes are judged alike by every engine: our own reader feeds them all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from playgate.columns.rows import rows_of_events
from playgate.history.mapping import load_mapping
from playgate.history.read import read_history
from support.in_process import Run
from support.thorough import but_every

SHAPES = Path(__file__).parents[1] / "history" / "shapes"
CASES = sorted(path for path in SHAPES.iterdir() if path.is_dir())
PLAYBOOK = """
playbook: p
version: 1
fields: {amount: {type: number}, close_date: {type: date}}
activities: {call: {}, meeting: {}}
stages:
  - {stage: lead, activities: [call]}
  - {stage: proposal, entry: [{field: amount, more_than: 0}]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""


def files_of(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.iterdir() if path.suffix != ".yaml")


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_columns_hold_what_our_reader_reads(folder: Path) -> None:
    mapping = load_mapping(folder / "mapping.yaml")
    events = list(read_history(files_of(folder), mapping=mapping, report=lambda _: None))
    rows = rows_of_events(iter(events))
    assert events
    assert sorted(rows.events(np.arange(rows.size))) == sorted(events)


@pytest.mark.parametrize("folder", but_every(5, CASES), ids=lambda path: path.name)
def test_engines_judge_alike(folder: Path, tmp_path: Path, run: Run) -> None:
    playbook = tmp_path / "p.yaml"
    playbook.write_text(PLAYBOOK)
    words = (*files_of(folder), "--map", folder / "mapping.yaml", "--format", "json")
    found = []
    for engine in ("judge", "columns", "duckdb"):
        status, out, err = run("audit", playbook, *words, "--engine", engine, "--fail-on", "never")
        report = json.loads(out)
        assert report.pop("engine") == engine
        found.append((status, err, report))
    assert found[0] == found[1]
    assert found[0] == found[2]
