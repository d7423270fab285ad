"""The frame of a JUnit XML report, for whatever is reported in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from playgate.records import Record
from playgate.report.words import UNSAFE

__all__ = ["JunitCase", "Suite", "junit_report"]

# What XML 1.0 has no way to hold, and what is unsafe anywhere but the layout characters.
_ILLEGAL = re.compile(f"(?![\t\r\n])[{UNSAFE}\ufffe\uffff]")
_ENTITIES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


class JunitCase(Record, kw_only=True):
    """One thing that was checked: failed, skipped (with the reason) or, without either, passed."""

    name: str
    group: str
    file: str = ""
    line: int = 0
    failure: str = ""
    """What is wrong, in one line; `detail` has all of it."""
    kind: str = ""
    detail: str = ""
    skipped: str = ""
    output: str = ""


class Suite(Record):
    """Cases that belong together."""

    name: str
    cases: Sequence[JunitCase]


def junit_report(name: str, suites: Sequence[Suite]) -> Iterator[str]:
    """Yields the report in pieces of text, a suite with its cases after another."""
    cases = [case for suite in suites for case in suite.cases]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites{_attributes(name=name)}{_counts(cases)}>\n"
    for suite in suites:
        yield f"  <testsuite{_attributes(name=suite.name)}{_counts(suite.cases)}>\n"
        for case in suite.cases:
            yield from _case(case)
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


def _case(case: JunitCase) -> Iterator[str]:
    line = str(case.line) if case.line else ""
    head = _attributes(name=case.name, classname=case.group, file=case.file, line=line, time="0")
    inner = "".join(_outcome(case))
    yield f"    <testcase{head}>\n{inner}    </testcase>\n" if inner else f"    <testcase{head}/>\n"


def _outcome(case: JunitCase) -> Iterator[str]:
    if case.failure:
        head = _attributes(message=case.failure, type=case.kind)
        yield f"      <failure{head}>{_text(case.detail)}</failure>\n"
    elif case.skipped:
        yield f"      <skipped{_attributes(message=case.skipped)}/>\n"
    if case.output:
        yield f"      <system-out>{_text(case.output)}</system-out>\n"


def _counts(cases: Sequence[JunitCase]) -> str:
    failures = sum(1 for case in cases if case.failure)
    skipped = sum(1 for case in cases if case.skipped and not case.failure)
    return f' tests="{len(cases)}" failures="{failures}" errors="0" skipped="{skipped}" time="0"'


def _attributes(**values: str) -> str:
    return "".join(
        f' {name}="{_ILLEGAL.sub("", value).translate(_ENTITIES)}"'
        for name, value in values.items()
        if value
    )


def _text(text: str) -> str:
    return _ILLEGAL.sub("", text).translate(_IN_TEXT)
