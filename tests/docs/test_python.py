"""The examples of the page about Python, run as they stand."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pages
import pytest

PAGE = pages.DOCS / "python.md"


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.read_text(encoding="utf-8")
    playbook = re.search(r"<!-- file: sales.yaml -->\n```yaml\n(.*?)^```$", text, re.S | re.M)
    assert playbook
    (tmp_path / "sales.yaml").write_text(playbook[1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    results = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert results.attempted > 15
    assert results.failed == 0
