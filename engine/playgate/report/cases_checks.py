"""What the cases of playbooks came to, as checks in JUnit XML and TAP: cases, mutants, coverage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.cases.result import CasesResult
from playgate.cases.run import CaseOutcome
from playgate.errors import Place
from playgate.records import Record
from playgate.report.cases_text import percent
from playgate.report.json_text import json_line
from playgate.report.junit import JunitCase, Suite, junit_report
from playgate.report.words import visible

__all__ = ["render_junit", "render_tap"]


class _Check(Record, kw_only=True):
    """One line of a report: passed unless it has a failure; excused where it need not pass."""

    name: str
    place: Place
    failure: str = ""
    lines: tuple[str, ...] = ()
    excuse: str = ""


def render_junit(results: Sequence[CasesResult]) -> Iterator[str]:
    """Yields JUnit XML with a suite for each playbook."""
    suites = [
        Suite(
            tested.playbook.name,
            [
                JunitCase(
                    name=check.name,
                    group=tested.playbook.name,
                    file=check.place.file,
                    line=check.place.line,
                    failure="" if check.excuse else check.failure,
                    kind="failure",
                    detail="\n".join((str(check.place), *check.lines)),
                    skipped=check.excuse,
                )
                for check in _checks(tested)
            ],
        )
        for tested in results
    ]
    yield from junit_report("playgate test", suites)


def render_tap(results: Sequence[CasesResult]) -> Iterator[str]:
    """Yields TAP version 14, in which what is wrong follows as YAML."""
    checks = [(tested, check) for tested in results for check in _checks(tested)]
    yield "TAP version 14\n"
    yield f"1..{len(checks)}\n"
    for number, (tested, check) in enumerate(checks, 1):
        word = "not ok" if check.failure else "ok"
        todo = f" # TODO {_escaped(check.excuse)}" if check.excuse else ""
        yield f"{word} {number} - {_escaped(f'{tested.playbook.name}: {check.name}')}{todo}\n"
        if check.failure:
            yield "  ---\n"
            yield f"  message: {json_line(check.failure)}\n"
            yield f"  at: {json_line(str(check.place))}\n"
            if check.lines:
                yield "  differences:\n"
                yield from (f"    - {json_line(line)}\n" for line in check.lines)
            yield "  ...\n"


def _escaped(text: str) -> str:
    return visible(text.replace("\\", "\\\\").replace("#", "\\#"))


def _checks(tested: CasesResult) -> Iterator[_Check]:
    for outcome in tested.outcomes:
        yield _case(outcome)
    if tested.survey is not None:
        for each in tested.survey.living:
            name, place = f"mutant {each.mutant.name}", each.mutant.place
            yield _Check(name=name, place=place, failure="no case notices it", excuse=each.why)
        for entry in tested.survey.stale:
            name, failure = f"may_live {entry.mutant}", "no living mutant is called so"
            yield _Check(name=name, place=entry.place, failure=failure)
        untried = tested.survey.untried
        failure = f"{untried} not tried for want of time" if untried else ""
        yield _Check(name="mutants tried", place=tested.playbook.place, failure=failure)
    if tested.coverage is not None and tested.wanted_percent is not None:
        reached = f"coverage is {percent(tested.coverage.percent)} %"
        wanted = f"coverage of at least {tested.wanted_percent:g} %"
        failure = "" if tested.enough_covered else reached
        yield _Check(name=wanted, place=tested.playbook.place, failure=failure)


def _case(outcome: CaseOutcome) -> _Check:
    lines = tuple(
        f"{each.rule}: expected {each.expected} ({each.place}), seen {each.seen}"
        f" ({each.rule_place})" + (f": {each.message}" if each.message else "")
        for each in outcome.differences
    )
    return _Check(
        name=outcome.case.name,
        place=outcome.case.place,
        failure="" if outcome.passed else f"the playbook says: {outcome.summary}",
        lines=lines,
    )
