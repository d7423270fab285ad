"""What `lint` found, in every format."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from audit_examples import HOSTILE
from jsonschema import Draft202012Validator

from playgate import __version__
from playgate.documents.schema import load_schema
from playgate.errors import Mistake, Place
from playgate.report import mistakes as report
from playgate.report.words import UNSAFE

FILES = ("playbooks/bank.yaml", "playbooks/good.yaml", "playbooks/warned.yaml")
FOUND = (
    Mistake(
        Place(FILES[0], 12, 9),
        'stage "propsal" does not exist',
        "unknown-stage",
        'did you mean "proposal"?',
    ),
    Mistake(
        Place(FILES[0], 40, 3),
        'key "exit" stands here a second time',
        "duplicate-key",
        related=Place(FILES[0], 31, 3),
    ),
    Mistake(
        Place(FILES[2], 3, 1), "condition has no id", "unstable-id", "give it an id", "warning"
    ),
)
HARMFUL = tuple(Mistake(Place(text, 1, 1), text, "wrong-form", text) for text in HOSTILE)

Render = Callable[..., Iterator[str]]
FORMATS: dict[str, Render] = {
    "txt": report.render_text,
    "json": report.render_json,
    "sarif": report.render_sarif,
    "junit.xml": report.render_junit,
}


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize(
    ("name", "found", "files"),
    [("found", FOUND, FILES), ("harmful", HARMFUL, HOSTILE), ("none", (), FILES[:1])],
)
def test_reads_as_in_its_golden_file(
    ending: str,
    name: str,
    found: tuple[Mistake, ...],
    files: tuple[str, ...],
    golden: Callable[[str, str], None],
) -> None:
    text = "".join(FORMATS[ending](found, files=files))
    assert set(re.findall(f"[{UNSAFE}]", text)) == {"\n"}
    golden(f"mistakes-{name}.{ending}", text.replace(f'"{__version__}"', '"VERSION"'))


@pytest.mark.parametrize(("found", "files"), [(FOUND, FILES), (HARMFUL, HOSTILE), ((), ())])
def test_json_follows_its_schema(found: tuple[Mistake, ...], files: tuple[str, ...]) -> None:
    schema = load_schema("mistakes")
    Draft202012Validator.check_schema(schema)
    data = json.loads("".join(report.render_json(found, files=files)))
    assert list(map(str, Draft202012Validator(schema).iter_errors(data))) == []
    assert data["errors"] + data["warnings"] == len(found)


def test_text_is_coloured_only_when_asked() -> None:
    plain = "".join(report.render_text(FOUND, files=FILES))
    coloured = "".join(report.render_text(FOUND, files=FILES, colour=True))
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9]*m", "", coloured) == plain


def test_last_line_counts() -> None:
    def last(found: tuple[Mistake, ...], files: tuple[str, ...]) -> str:
        return "".join(report.render_text(found, files=files)).splitlines()[-1]

    assert last(FOUND, FILES) == "2 mistakes and 1 warning in 3 files"
    assert last(FOUND[:1], FILES[:1]) == "1 mistake in 1 file"
    assert last(FOUND[2:], FILES) == "1 warning in 3 files"
    assert last((), FILES) == "no mistakes in 3 files"


def test_sarif_points_at_each_place() -> None:
    log = json.loads("".join(report.render_sarif(FOUND, files=FILES)))
    run: dict[str, Any] = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for mistake, result in zip(FOUND, run["results"], strict=True):
        physical = result["locations"][0]["physicalLocation"]
        assert rules[result["ruleIndex"]] == result["ruleId"] == mistake.rule
        assert physical["artifactLocation"]["uri"] == mistake.place.file
        assert physical["region"]["startLine"] == mistake.place.line
        assert result["level"] == mistake.level
    assert run["results"][1]["relatedLocations"][0]["physicalLocation"]["region"] == {
        "startLine": 31,
        "startColumn": 3,
    }


def test_junit_has_a_case_for_each_file() -> None:
    root = ET.fromstring("".join(report.render_junit(FOUND, files=FILES)))  # noqa: S314
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert tuple(cases) == FILES
    failure = cases[FILES[0]].find("failure")
    assert failure is not None
    assert 'did you mean "proposal"?' in (failure.text or "")
    assert cases[FILES[1]].find("failure") is None
    assert "unstable-id" in (cases[FILES[2]].findtext("system-out") or "")
