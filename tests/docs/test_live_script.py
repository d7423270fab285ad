"""The scripts of the pages about the gate, run as they stand; they print what the pages show."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def block(text: str, mark: str) -> re.Match[str]:
    found = re.search(rf"<!-- {re.escape(mark)} -->\n```\w*\n(.*?)^```$", text, re.S | re.M)
    assert found, mark
    return found


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "script", "told"),
    [
        ("live", "gate.sh", ["refused with status 1", "through\n"]),
        ("live", "discounts.sh", ["D-7: set discount refused", "waived by mia: the desk is ill\n"]),
        ("crm", "crm.sh", ["refused: the form says why", "status 1: somebody should look\n"]),
    ],
)
def test_the_script_prints_what_the_page_shows(
    name: str, script: str, told: list[str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    page = DOCS / f"{name}.md"
    text = page.read_text(encoding="utf-8")
    for file in re.findall(r"<!-- file: (\w+\.yaml) -->", text):
        (tmp_path / file).write_text(block(text, f"file: {file}")[1], encoding="utf-8")
    (tmp_path / script).write_text(block(text, f"script: {script}")[1], encoding="utf-8")
    command = tmp_path / "bin" / "playgate"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT / "engine"}" exec "{sys.executable}" '
        '-m playgate.cli.main "$@"\n',
        encoding="utf-8",
    )
    command.chmod(0o755)
    done = subprocess.run(
        ["sh", script],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"PATH": f"{command.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)},
    )
    shown = block(text, f"output of {script}")
    if request.config.getoption("--update-golden"):
        start, end = shown.span(1)
        page.write_text(text[:start] + done.stdout + text[end:], encoding="utf-8")
    else:
        assert done.stdout == shown[1]
    assert all(each in done.stdout for each in told)
    assert done.stdout.endswith(told[-1])
