"""The script of `docs/live.md`, run as it stands; its output is what the page shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "live.md"


def block(text: str, mark: str) -> re.Match[str]:
    found = re.search(rf"<!-- {re.escape(mark)} -->\n```\w*\n(.*?)^```$", text, re.S | re.M)
    assert found, mark
    return found


def test_the_script_prints_what_the_page_shows(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = PAGE.read_text(encoding="utf-8")
    (tmp_path / "sales.yaml").write_text(block(text, "file: sales.yaml")[1], encoding="utf-8")
    (tmp_path / "gate.sh").write_text(block(text, "script: gate.sh")[1], encoding="utf-8")
    command = tmp_path / "bin" / "playgate"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT / "engine"}" exec "{sys.executable}" '
        '-m playgate.cli.main "$@"\n',
        encoding="utf-8",
    )
    command.chmod(0o755)
    done = subprocess.run(
        ["sh", "gate.sh"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PATH": f"{command.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)},
    )
    assert done.stderr == ""
    shown = block(text, "output of gate.sh")
    if request.config.getoption("--update-golden"):
        start, end = shown.span(1)
        PAGE.write_text(text[:start] + done.stdout + text[end:], encoding="utf-8")
    else:
        assert done.stdout == shown[1]
    assert "refused with status 1" in done.stdout
    assert done.stdout.endswith("through\n")
