"""Options: the command line first, then the environment, then `playgate.toml`."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from running import Ran, Run

Playgate = Callable[..., Ran]

PLAYBOOK = """\
playbook: sales
version: 1
activities: {call: {title: Call}}
stages:
  - {stage: approach, activities: [call]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""


@pytest.fixture
def playgate(run: Run) -> Playgate:
    """Runs playgate in a folder, with some settings of the environment."""

    def ran(*words: str, cwd: Path, env: dict[str, str] | None = None) -> Ran:
        settings = {"LOGNAME": "os-user", **(env or {})}
        with contextlib.chdir(cwd), mock.patch.dict(os.environ, settings):
            return run(*words)

    return ran


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sales.yaml").write_text(PLAYBOOK, encoding="utf-8")
    return tmp_path


def actor(playgate: Playgate, folder: Path, *words: str, env: dict[str, str] | None = None) -> str:
    done = playgate("log", "D", "call", "--format", "json", *words, cwd=folder, env=env)
    assert done.status == 0, done.err
    db = (env or {}).get("PLAYGATE_DB", "own.db" if (folder / "own.db").exists() else "playgate.db")
    shown = playgate("history", "D", "--format", "json", "--db", db, cwd=folder)
    entries = json.loads(shown.out)["entries"]
    last: str = [each for each in entries if each["kind"] == "activity"][-1]["actor"]
    return last


def test_the_command_line_beats_the_environment_beats_the_file(
    folder: Path, playgate: Playgate
) -> None:
    assert playgate("open", "D", "--playbook", "sales.yaml", cwd=folder).status == 0
    assert actor(playgate, folder) == "os-user"
    (folder / "playgate.toml").write_text('by = "file"\n', encoding="utf-8")
    assert actor(playgate, folder) == "file"
    assert actor(playgate, folder, env={"PLAYGATE_BY": "environment"}) == "environment"
    assert actor(playgate, folder, "--by", "line", env={"PLAYGATE_BY": "environment"}) == "line"


def test_the_file_lies_beside_the_playbook(
    folder: Path, playgate: Playgate, tmp_path: Path
) -> None:
    (folder / "books").mkdir()
    (folder / "sales.yaml").rename(folder / "books" / "sales.yaml")
    (folder / "books" / "playgate.toml").write_text('db = "own.db"\n', encoding="utf-8")
    playgate("open", "D", "--playbook", "books/sales.yaml", cwd=folder)
    assert (folder / "own.db").exists()
    assert not (folder / "playgate.db").exists()


def test_a_table_sets_the_options_of_its_command(folder: Path, playgate: Playgate) -> None:
    (folder / "h.csv").write_text(
        "deal,happened_at,kind,name\nD,2026-03-01,stage,approach\nD,2026-03-02,stage,won\n",
        encoding="utf-8",
    )
    assert playgate("audit", "sales.yaml", "h.csv", cwd=folder).status == 1
    (folder / "playgate.toml").write_text(
        '[audit]\nfail-on = "never"\nformat = "csv"\n', encoding="utf-8"
    )
    done = playgate("audit", "sales.yaml", "h.csv", cwd=folder)
    assert done.status == 0
    assert done.out.startswith("rule,level,deal")
    text = playgate("audit", "sales.yaml", "h.csv", "--format", "text", cwd=folder)
    assert "By stage" in text.out
    done = playgate(
        "audit", "sales.yaml", "h.csv", cwd=folder, env={"PLAYGATE_AUDIT_FAIL_ON": "block"}
    )
    assert done.status == 1


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("by = ", "is not TOML"),
        ('actor = "x"\n', 'no setting "actor"'),
        ('[audit]\nfailon = "never"\n', 'did you mean "fail-on"?'),
        ("[audits]\n", 'no setting "audits"'),
    ],
)
def test_mistakes_in_the_file_are_said(
    folder: Path, playgate: Playgate, toml: str, said: str
) -> None:
    (folder / "playgate.toml").write_text(toml, encoding="utf-8")
    done = playgate("audit", "sales.yaml", "h.csv", cwd=folder)
    assert done.status == 2
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_command_of_several_takes_settings_too(folder: Path, playgate: Playgate) -> None:
    (folder / "playgate.toml").write_text(
        'db = "own.db"\n[ledger]\nrecord = "crm"\nformat = "json"\n', encoding="utf-8"
    )
    made = playgate("ledger", "new", cwd=folder)
    assert made.status == 0, made.err
    shown = json.loads(playgate("ledger", "show", cwd=folder).out)
    assert (shown["path"], shown["record"]) == ("own.db", "crm")
    assert playgate("reconcile", cwd=folder).out.startswith("0 moves of 0 deals")
    (folder / "playgate.toml").write_text('[ledger]\nrecrd = "crm"\n', encoding="utf-8")
    done = playgate("ledger", "show", cwd=folder)
    assert done.status == 2
    assert 'ledger has no option "recrd"' in done.err
    assert 'did you mean "record"?' in done.err
