"""`playgate fmt` as a command: what it writes, says and answers with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from running import Ran, spawn


def run(*words: str | Path, stdin: bytes = b"") -> Ran:
    return spawn(*words, given=stdin)


UNTIDY = "version: 1\nplaybook: 'a' # its name\nstages: []\n"
TIDY = "playbook: a  # its name\nversion: 1\nstages: []\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.yaml"
    path.write_text(UNTIDY, encoding="utf-8")
    return path


def test_writes_once(file: Path) -> None:
    os.chmod(file, 0o640)
    done = run("fmt", file)
    assert (done.status, done.out) == (0, f"{file}: changed\n")
    assert file.read_text(encoding="utf-8") == TIDY
    assert file.stat().st_mode & 0o777 == 0o640
    os.utime(file, (1, 1))
    done = run("fmt", file)
    assert (done.status, done.out) == (0, f"{file}: as it should be\n")
    assert file.stat().st_mtime == 1
    assert [each for each in file.parent.iterdir() if "yaml" in each.name] == [file]


def test_check_writes_nothing(file: Path) -> None:
    done = run("fmt", "--check", file)
    assert (done.status, done.out) == (1, f"{file}: would change\n")
    assert file.read_text(encoding="utf-8") == UNTIDY
    file.write_text(TIDY, encoding="utf-8")
    assert run("fmt", "--check", file).status == 0


def test_diff_is_a_patch(file: Path) -> None:
    done = run("fmt", "--diff", file)
    assert done.status == 1
    assert done.out == (
        f"--- {file}\n+++ {file}\n@@ -1,3 +1,3 @@\n"
        "+playbook: a  # its name\n version: 1\n-playbook: 'a' # its name\n stages: []\n"
    )
    assert file.read_text(encoding="utf-8") == UNTIDY


def test_a_patch_breaks_lines_where_patches_do(file: Path) -> None:
    file.write_text('playbook: a\nversion:  1\ntitle: "a\u2028b"\nstages: []\n', encoding="utf-8")
    done = run("fmt", "--diff", file)
    assert '-title: "a\u2028b"\n' in done.out
    assert "No newline" not in done.out


def test_standard_input(file: Path) -> None:
    done = run("fmt", "-", stdin=UNTIDY.encode())
    assert (done.status, done.out) == (0, TIDY)
    assert run("fmt", "--check", "-", stdin=UNTIDY.encode()).status == 1


def test_what_cannot_be_read_is_said_and_the_rest_is_done(file: Path, tmp_path: Path) -> None:
    broken, twice = tmp_path / "broken.yaml", tmp_path / "twice.yaml"
    broken.write_text("a: [1\n", encoding="utf-8")
    twice.write_text("playbook: a\nplaybook: b\n", encoding="utf-8")
    done = run("fmt", broken, file, twice)
    assert done.status == 2
    assert f"{broken}:1:4: not valid YAML: a [ that is not closed [yaml-syntax]" in done.err
    assert f'{twice}:2:1: key "playbook" stands here a second time' in done.err
    assert file.read_text(encoding="utf-8") == TIDY
    assert broken.read_text(encoding="utf-8") == "a: [1\n"
    missing = run("fmt", tmp_path / "none.yaml", broken)
    assert missing.status == 2
    assert "cannot read" in missing.err
    assert "yaml-syntax" in missing.err
