"""Options: the command line first, then the environment, then `playgate.toml`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLAYBOOK = """\
playbook: sales
version: 1
activities: {call: {title: Call}}
stages:
  - {stage: approach, activities: [call]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""


def playgate(
    *words: str, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PLAYGATE")}
    return subprocess.run(
        [sys.executable, "-m", "playgate.cli.main", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**own, "PYTHONPATH": str(ROOT / "engine"), "LOGNAME": "os-user", **(env or {})},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sales.yaml").write_text(PLAYBOOK, encoding="utf-8")
    return tmp_path


def actor(folder: Path, *words: str, env: dict[str, str] | None = None) -> str:
    done = playgate("log", "D", "call", "--format", "json", *words, cwd=folder, env=env)
    assert done.returncode == 0, done.stderr
    db = (env or {}).get("PLAYGATE_DB", "own.db" if (folder / "own.db").exists() else "playgate.db")
    shown = playgate("history", "D", "--format", "json", "--db", db, cwd=folder)
    entries = json.loads(shown.stdout)["entries"]
    last: str = [each for each in entries if each["kind"] == "activity"][-1]["actor"]
    return last


def test_the_command_line_beats_the_environment_beats_the_file(folder: Path) -> None:
    assert playgate("open", "D", "--playbook", "sales.yaml", cwd=folder).returncode == 0
    assert actor(folder) == "os-user"
    (folder / "playgate.toml").write_text('by = "file"\n', encoding="utf-8")
    assert actor(folder) == "file"
    assert actor(folder, env={"PLAYGATE_BY": "environment"}) == "environment"
    assert actor(folder, "--by", "line", env={"PLAYGATE_BY": "environment"}) == "line"


def test_the_file_lies_beside_the_playbook(folder: Path, tmp_path: Path) -> None:
    (folder / "books").mkdir()
    (folder / "sales.yaml").rename(folder / "books" / "sales.yaml")
    (folder / "books" / "playgate.toml").write_text('db = "own.db"\n', encoding="utf-8")
    playgate("open", "D", "--playbook", "books/sales.yaml", cwd=folder)
    assert (folder / "own.db").exists()
    assert not (folder / "playgate.db").exists()


def test_a_table_sets_the_options_of_its_command(folder: Path) -> None:
    (folder / "h.csv").write_text(
        "deal,happened_at,kind,name\nD,2026-03-01,stage,approach\nD,2026-03-02,stage,won\n",
        encoding="utf-8",
    )
    assert playgate("audit", "sales.yaml", "h.csv", cwd=folder).returncode == 1
    (folder / "playgate.toml").write_text(
        '[audit]\nfail-on = "never"\nformat = "csv"\n', encoding="utf-8"
    )
    done = playgate("audit", "sales.yaml", "h.csv", cwd=folder)
    assert done.returncode == 0
    assert done.stdout.startswith("rule,level,deal")
    text = playgate("audit", "sales.yaml", "h.csv", "--format", "text", cwd=folder)
    assert "By stage" in text.stdout
    done = playgate(
        "audit", "sales.yaml", "h.csv", cwd=folder, env={"PLAYGATE_AUDIT_FAIL_ON": "block"}
    )
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("by = ", "is not TOML"),
        ('actor = "x"\n', 'no setting "actor"'),
        ('[audit]\nfailon = "never"\n', 'did you mean "fail-on"?'),
        ("[audits]\n", 'no setting "audits"'),
    ],
)
def test_mistakes_in_the_file_are_said(folder: Path, toml: str, said: str) -> None:
    (folder / "playgate.toml").write_text(toml, encoding="utf-8")
    done = playgate("audit", "sales.yaml", "h.csv", cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
