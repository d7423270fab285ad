"""Golden pairs: what `lint` says of each invalid playbook under `cases/lint`.

`NAME.yaml` stands beside `NAME.out`, the text that `playgate lint NAME.yaml` prints; refresh with
`pytest --update-golden`, then read the diff. What playbooks share stands under `shared`.
"""

from __future__ import annotations

import contextlib
import re
from functools import cache
from pathlib import Path

import pytest

from playgate.cli.check_file import check_file
from playgate.errors import Mistake
from playgate.report.mistakes import render_text

CASES = Path(__file__).parent.parent / "cases" / "lint"
FILES = sorted(CASES.glob("*.yaml"))
MINIMUM = 75
GENERATED = {"holidays-library", "file-too-large", "role-nobody-has"}
"""Rules that only a file too large to keep would break (see `test_lint_limits`), a second file
(see `test_lint_command`), or a library that is missing (see `test_holidays`)."""

_PYTHON = re.compile(r"\bNone\b|[\[{(]'|object at 0x|<class|\bdict\b|\bstr\b|\bNoneType\b")
_RULE = re.compile(r"^\| `([a-z0-9-]+)` \|", re.M)


@cache
def _found(path: Path) -> tuple[Mistake, ...]:
    with contextlib.chdir(CASES):
        return tuple(check_file(path.read_bytes(), path.name))


def _lines(path: Path) -> list[str]:
    text = path.read_bytes().decode("utf-8-sig", "replace")
    return re.split("\r\n|[\r\n]", text)


def test_there_are_enough_cases() -> None:
    assert len(FILES) >= MINIMUM
    assert {path.stem for path in CASES.glob("*.out")} == {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_lint_says_what_the_golden_file_says(path: Path, request: pytest.FixtureRequest) -> None:
    said = "".join(render_text(_found(path), files=[path.name]))
    golden = path.with_suffix(".out")
    if request.config.getoption("--update-golden"):
        golden.write_text(said, encoding="utf-8", newline="\n")
    assert golden.is_file(), f"{golden} is missing; write it with pytest --update-golden"
    assert said == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_mistake_stands_in_the_file_and_is_said_once(path: Path) -> None:
    mistakes = _found(path)
    assert mistakes, "nothing is wrong with this playbook"
    said = [(mistake.place, mistake.message) for mistake in mistakes]
    assert len(set(said)) == len(said)
    for mistake in mistakes:
        place, lines = mistake.place, _lines(CASES / mistake.place.file)
        assert 1 <= place.line <= len(lines), mistake
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1, mistake
        assert not _PYTHON.search(mistake.message + mistake.hint), mistake


def test_every_rule_has_a_case() -> None:
    page = Path(__file__).parent.parent.parent / "docs" / "lint.md"
    playbooks = page.read_text(encoding="utf-8").partition("\n## Mappings")[0]
    broken = {mistake.rule for path in FILES for mistake in _found(path)}
    assert set(_RULE.findall(playbooks)) - broken - GENERATED == set()
