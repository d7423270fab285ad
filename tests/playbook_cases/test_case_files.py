"""Files of cases under `cases/playbook_cases`, all of its playbook `sales.yaml`.

Those in `holds` pass. `fails` and `wrong` hold golden pairs: `NAME.out` is what `playgate test`
says of `NAME.cases.yaml`; refresh with `pytest --update-golden`, then read the diff.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from playgate.cases.load import parse_cases
from playgate.cases.model import AnswerKind, Attempt, Case, CaseFile, Named
from playgate.cases.result import CasesResult
from playgate.cases.run import Bench
from playgate.errors import Mistake
from playgate.model.playbook import Playbook
from playgate.playbook.load import load_playbook
from playgate.records import replace
from playgate.report.cases_text import render_text
from playgate.report.mistakes import render_text as render_mistakes

FOLDER = Path(__file__).parent.parent / "cases" / "playbook_cases"


@cache
def sales() -> Playbook:
    return load_playbook(FOLDER / "sales.yaml")


@cache
def read(path: Path) -> tuple[CaseFile | None, tuple[Mistake, ...]]:
    cases, mistakes = parse_cases(path.read_bytes(), path.name, sales())
    return cases, tuple(mistakes)


def cases_of(path: Path) -> CaseFile:
    cases, mistakes = read(path)
    assert cases is not None, mistakes
    return cases


def holding() -> Iterator[Any]:
    for path in sorted((FOLDER / "holds").glob("*.cases.yaml")):
        for case in cases_of(path).cases:
            yield pytest.param(path, case, id=f"{path.name.split('.')[0]}: {case.name}")


@pytest.mark.parametrize(("path", "case"), list(holding()))
def test_what_holds_passes(path: Path, case: Case) -> None:
    bench = Bench(sales(), cases_of(path).people)
    assert bench.outcome(case).differences == ()
    assert not bench.fails(case)


@pytest.mark.parametrize(("path", "case"), list(holding()))
def test_what_holds_could_fail(path: Path, case: Case) -> None:
    """The same case with its main expectation turned round fails."""
    bench = Bench(sales(), cases_of(path).people)
    for turned in turned_round(case):
        wrong = replace(case, expected=turned)
        assert bench.fails(wrong)
        assert bench.outcome(wrong).differences


def turned_round(case: Case) -> Iterator[Mapping[AnswerKind, tuple[Named, ...]]]:
    """Each group that is empty with a rule in it, each other without its rules."""
    for group, named in case.expected.items():
        other = (Named("order/reopened", case.then_place),) if not named else ()
        yield {**case.expected, group: other}


@pytest.mark.parametrize(
    "path", sorted((FOLDER / "fails").glob("*.cases.yaml")), ids=lambda path: path.name
)
def test_what_fails_is_explained(path: Path, request: pytest.FixtureRequest) -> None:
    cases = cases_of(path)
    bench = Bench(sales(), cases.people)
    outcomes = tuple(bench.outcome(case) for case in cases.cases)
    assert [outcome.passed for outcome in outcomes] == [False] * len(outcomes)
    assert all(bench.fails(case) for case in cases.cases)
    book = replace(sales(), file="sales.yaml")
    tested = CasesResult(playbook=book, files=(path.name,), outcomes=outcomes)
    text = "".join(render_text([tested])).replace(str(FOLDER / "sales.yaml"), "sales.yaml")
    compare(path, text, request)


@pytest.mark.parametrize(
    "path", sorted((FOLDER / "wrong").glob("*.cases.yaml")), ids=lambda path: path.name
)
def test_every_mistake_is_told_at_once(path: Path, request: pytest.FixtureRequest) -> None:
    cases, mistakes = read(path)
    assert cases is None
    lines = path.read_text(encoding="utf-8").splitlines()
    for mistake in mistakes:
        assert mistake.place.column <= len(lines[mistake.place.line - 1]) + 1
    compare(path, "".join(render_mistakes(mistakes, files=[path.name])), request)


def compare(path: Path, text: str, request: pytest.FixtureRequest) -> None:
    golden = path.with_name(path.name.replace(".cases.yaml", ".out"))
    if request.config.getoption("--update-golden"):
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert golden.is_file(), f"{golden} is missing; write it with pytest --update-golden"
    assert text == golden.read_text(encoding="utf-8")


def test_all_of_a_case_that_is_told_is_an_event_with_its_line() -> None:
    path = FOLDER / "holds" / "steps.cases.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    case = next(case for case in cases_of(path).cases if case.name == "All is there")
    assert isinstance(case.asked, Attempt)
    names = [event.name for event in case.events]
    assert names == ["assess", "interview", "demo", "demo", "amount", "due", "call_at"]
    for event in case.events:
        assert event.name in lines[event.line - 1]
