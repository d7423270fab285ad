"""Values that do not read, and names that nobody knows, by the thousand: told, and bounded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.in_process import Run, run
from support.thorough import but_first

__all__ = ["run"]

PLAYBOOK = """\
playbook: sales
version: 1
fields: {amount: {type: number}}
stages: [{stage: assess}, {stage: won, ends: won}, {stage: lost, ends: lost}]
"""
MANY = 1_100


@pytest.fixture
def history(tmp_path: Path) -> Path:
    rows = [
        f"D-{n},2026-01-05T10:00:00Z,{what}"
        for n in range(MANY)
        for what in ("stage,assess,", f"field,amount,x{n}", f"stage,asses{n},")
    ]
    (tmp_path / "sales.yaml").write_text(PLAYBOOK)
    path = tmp_path / "h.csv"
    path.write_text("\n".join(("deal,happened_at,kind,name,value", *rows)))
    return path


@pytest.mark.parametrize(
    "engine", but_first(1, [(), ("--engine", "judge", "--jobs", "2"), ("--engine", "columns")])
)
def test_the_first_thousand_have_their_places(
    run: Run, history: Path, engine: tuple[str, ...]
) -> None:
    words = ("audit", "sales.yaml", history.name, *engine, "--format", "json")
    status, out, _ = run(*words)
    report = json.loads(out)
    assert status == 0
    problems = report["problems"]
    assert len(problems) == 1_001
    assert [each["line"] for each in problems[:3]] == [3, 4, 6]
    assert problems[1]["hint"] == 'did you mean "assess"?'
    assert problems[-1]["reason"] == "from here on problems are only counted"
    assert problems[-1]["line"] == 1_503
    assert len(report["unknown_names"]) == MANY
    hints = [each["hint"] for each in report["unknown_names"]]
    assert all(hints[:1_000])
    assert not any(hints[1_000:])


def test_text_says_how_many_there_are(run: Run, history: Path) -> None:
    _, out, _ = run("audit", "sales.yaml", history.name)
    assert "and 2,195 more problems" in out
