"""A folder to work in, and playgate run within the test's process."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from running import HISTORY, MAPPING, PEOPLE, PLAYBOOK, ROOT, Ran, Run

from playgate.cli.main import main


@pytest.fixture(autouse=True)
def quiet_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; no cache, database or colour of whoever runs the tests."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PLAYGATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "engine"))
    monkeypatch.setenv("PYTHONUTF8", "1")
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "COLUMNS", "LINES", "PLAYGATE_DB", "PLAYGATE_BY", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def sales(quiet_environment: Path) -> Path:
    """A folder with a small playbook, its history, people and a mapping."""
    for name, text in {
        "sales.yaml": PLAYBOOK,
        "history.csv": HISTORY,
        "people.csv": PEOPLE,
        "crm.mapping.yaml": MAPPING,
    }.items():
        (quiet_environment / name).write_text(text, encoding="utf-8")
    return quiet_environment


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs playgate in this process."""

    def ran(*arguments: str | Path, given: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["playgate", *map(str, arguments)])
        reader = io.BufferedReader(io.BytesIO(given))  # type: ignore[arg-type]
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(reader))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, out, err)

    return ran
