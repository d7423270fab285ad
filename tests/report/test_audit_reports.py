"""The audit in every format: golden files, contracts, and data that means harm."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from audit_examples import HOSTILE
from jsonschema import Draft202012Validator

from playgate import __version__
from playgate.audit.result import AuditResult
from playgate.audit.summary import summarize
from playgate.documents.schema import load_schema
from playgate.records import replace
from playgate.report import (
    audit_csv,
    audit_json,
    audit_junit,
    audit_markdown,
    audit_ndjson,
    audit_sarif,
    audit_text,
)
from playgate.report.csv_text import csv_pieces
from playgate.report.digest import sections
from playgate.report.words import UNSAFE

Render = Callable[[AuditResult], Iterator[str]]

FORMATS: dict[str, Render] = {
    "json": audit_json.render,
    "ndjson": audit_ndjson.render,
    "csv": audit_csv.render,
    "md": audit_markdown.render,
    "sarif": audit_sarif.render,
    "junit.xml": audit_junit.render,
    "txt": audit_text.render,
    "80.txt": partial(audit_text.render, width=80),
}
RESULTS = ("bank", "hostile", "empty")


def written(render: Render, result: AuditResult) -> str:
    return "".join(render(result))


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("ending", FORMATS)
def test_reads_as_in_its_golden_file(
    ending: str, name: str, request: pytest.FixtureRequest, golden: Callable[[str, str], None]
) -> None:
    text = written(FORMATS[ending], request.getfixturevalue(name))
    golden(f"{name}.{ending}", text.replace(f'"{__version__}"', '"VERSION"'))


@pytest.mark.parametrize("ending", FORMATS)
def test_nothing_unsafe_gets_through(ending: str, hostile: AuditResult) -> None:
    text = written(FORMATS[ending], hostile)
    found = set(re.findall(f"[{UNSAFE}]", text))
    allowed = {"csv": {"\t", "\n", "\r"}}.get(ending, {"\n"})
    assert found <= allowed
    text.encode()


def test_colour_comes_from_playgate_only(hostile: AuditResult) -> None:
    text = "".join(audit_text.render(hostile, colour=True))
    assert "\x1b[" in text
    styles = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert set(re.findall(f"[{UNSAFE}]", styles)) == {"\n"}
    assert "\x1b]8" not in text


@pytest.mark.parametrize("ending", ["json", "ndjson", "csv", "sarif"])
def test_what_is_long_is_never_held_as_a_whole(ending: str, bank: AuditResult) -> None:
    many = replace(bank, findings=bank.findings * 100)
    pieces = list(FORMATS[ending](many))
    assert len(pieces) >= len(many.findings)
    assert max(map(len, pieces)) < 1500


class TestJson:
    @pytest.fixture(params=RESULTS)
    def result(self, request: pytest.FixtureRequest) -> AuditResult:
        result: AuditResult = request.getfixturevalue(request.param)
        return result

    def test_follows_its_schema(self, result: AuditResult) -> None:
        schema = load_schema("report")
        Draft202012Validator.check_schema(schema)
        report = json.loads(written(audit_json.render, result))
        assert list(map(str, Draft202012Validator(schema).iter_errors(report))) == []

    def test_schema_closes_every_object(self) -> None:
        for schema in map(load_schema, ("report", "mistakes", "show")):
            for part in _objects(schema):
                assert part["additionalProperties"] is False
                assert sorted(part["required"]) == sorted(part["properties"])

    def test_says_what_the_design_says(self, bank: AuditResult) -> None:
        report = json.loads(written(audit_json.render, bank))
        assert report["version"] == 1
        assert report["as_of"] == "2026-02-10T01:00:00Z"
        assert report["adherence"]["adherence"] == 0.870056
        assert report["playbooks"][0]["deals"] == 312
        made_good = [each for each in report["findings"] if each["state"] == "made-good"]
        assert [each["made_good_at"] for each in made_good] == ["2026-01-05T00:00:00Z"]
        assert report["findings"][0]["evidence"] == ["e-D-1002"]

    def test_keeps_every_text_as_it_was(self, hostile: AuditResult) -> None:
        report = json.loads(written(audit_json.render, hostile))
        assert tuple(each["deal"] for each in report["findings"]) == HOSTILE

    def test_ndjson_has_the_same_findings(self, result: AuditResult) -> None:
        report = json.loads(written(audit_json.render, result))
        lines = written(audit_ndjson.render, result).splitlines()
        assert [json.loads(line) for line in lines] == report["findings"]


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for part in schema.values():
            yield from _objects(part)


class TestCsv:
    def test_reads_back(self, hostile: AuditResult) -> None:
        text = written(audit_csv.render, hostile)
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert len(rows) == len(hostile.findings)
        assert rows[2]["deal"] == "'+1\r\nSet-Cookie: x"
        assert rows[11]["deal"] == "1234567890123456789"

    def test_no_cell_is_a_formula(self, hostile: AuditResult) -> None:
        text = written(audit_csv.render, hostile)
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n"))]

    def test_rows_end_as_the_standard_has_it(self, bank: AuditResult) -> None:
        lines = written(audit_csv.render, bank).split("\r\n")
        assert len(lines) == len(bank.findings) + 2


class TestSarif:
    @pytest.fixture
    def run(self, bank: AuditResult) -> dict[str, Any]:
        log = json.loads(written(audit_sarif.render, bank))
        assert log["version"] == "2.1.0"
        assert log["$schema"].endswith("sarif-schema-2.1.0.json")
        run: dict[str, Any] = log["runs"][0]
        return run

    def test_rules_have_ids_and_help(self, run: dict[str, Any]) -> None:
        driver = run["tool"]["driver"]
        assert driver["name"] == "playgate"
        assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
        for rule in driver["rules"]:
            assert rule["shortDescription"]["text"]
            assert rule["help"]["text"]
            assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")

    def test_results_stand_at_the_playbook_line(self, run: dict[str, Any]) -> None:
        rules = run["tool"]["driver"]["rules"]
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in ("error", "warning", "note")
            physical = result["locations"][0]["physicalLocation"]
            assert physical["artifactLocation"]["uri"] == "playbooks/bank-sales/playbook.yaml"
            assert physical["region"]["startLine"] >= 1
            assert physical["region"]["startColumn"] >= 1

    def test_waived_is_suppressed_with_its_reason(self, run: dict[str, Any]) -> None:
        waived = [result for result in run["results"] if "suppressions" in result]
        assert [result["properties"]["state"] for result in waived] == ["waived"]
        said = "waived by maria: Known for twenty years"
        assert waived[0]["suppressions"][0]["justification"] == said

    def test_fingerprint_is_that_of_rule_and_deal(
        self, run: dict[str, Any], bank: AuditResult
    ) -> None:
        prints = [result["partialFingerprints"]["ruleAndDeal/v1"] for result in run["results"]]
        assert len(set(prints)) == len(prints)
        later = replace(bank, findings=tuple(f._replace(due_at=0) for f in bank.findings))
        again = json.loads(written(audit_sarif.render, later))["runs"][0]["results"]
        assert [each["partialFingerprints"]["ruleAndDeal/v1"] for each in again] == prints

    def test_data_makes_no_links_and_no_placeholders(self, hostile: AuditResult) -> None:
        run = json.loads(written(audit_sarif.render, hostile))["runs"][0]
        text = run["results"][9]["message"]["text"]
        assert r"\[g\](https" in text
        assert "{{0}}" in text


class TestJunit:
    def test_has_a_suite_for_each_stage_and_a_case_for_each_rule(self, bank: AuditResult) -> None:
        root = ET.fromstring(written(audit_junit.render, bank))  # noqa: S314
        assert [suite.get("name") for suite in root] == [
            "approach",
            "assess-needs",
            "proposal",
            "whole deal",
        ]
        cases = list(root.iter("testcase"))
        assert {case.get("name") for case in cases} == {tally.rule.id for tally in bank.rules}
        for counted in (root, *root):
            inner = list(counted.iter("testcase"))
            assert int(counted.get("tests", "")) == len(inner)
            assert int(counted.get("failures", "")) == len(list(counted.iter("failure")))
            assert int(counted.get("skipped", "")) == len(list(counted.iter("skipped")))

    def test_observe_never_fails_and_no_chance_is_skipped(self, bank: AuditResult) -> None:
        root = ET.fromstring(written(audit_junit.render, bank))  # noqa: S314
        cases = {case.get("name"): case for case in root.iter("testcase")}
        assert cases["order/back"].find("failure") is None
        assert "unmet on 12 of 312 deals" in (cases["order/back"].findtext("system-out") or "")
        assert cases["limit/age"].find("skipped") is not None
        failure = cases["assess-needs/activity/needs_interview"].find("failure")
        assert failure is not None
        assert failure.get("message") == "unmet on 11 of 231 deals, 1 made good since"
        assert failure.get("type") == "block"

    def test_parses_whatever_the_data(self, hostile: AuditResult) -> None:
        root = ET.fromstring(written(audit_junit.render, hostile))  # noqa: S314
        assert HOSTILE[9] in {case.get("name") for case in root.iter("testcase")}


class TestMarkdown:
    def test_data_is_text_only(self, hostile: AuditResult) -> None:
        text = written(audit_markdown.render, hostile)
        outside_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text.replace("\\`", ""))
        assert "<script" not in outside_code
        assert "@everyone" not in outside_code
        assert "https://" not in outside_code
        assert "](" not in outside_code.replace("\\]", "")

    def test_every_row_has_the_cells_of_its_head(self, hostile: AuditResult) -> None:
        for table in written(audit_markdown.render, hostile).split("\n\n"):
            bars = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
            if table.startswith("|"):
                assert len(bars) == 1


def test_text_and_markdown_say_the_same(bank: AuditResult) -> None:
    heads = re.findall("^## (.*)$", written(audit_markdown.render, bank), re.MULTILINE)
    text = written(audit_text.render, bank)
    assert len(heads) == 9
    assert [head for head in heads if f"\n{head}\n" in text] == heads


class TestSeveralPlaybooks:
    """An audit of a ledger, whose deals began under two versions of one playbook."""

    @pytest.fixture
    def both(self, bank: AuditResult) -> AuditResult:
        (third,) = bank.playbooks
        fourth = replace(third, version="4", deals=8)
        newer = {
            tally.rule: replace(tally.rule, place=tally.rule.place._replace(line=200 + number))
            for number, tally in enumerate(bank.rules)
        }
        again = [
            finding._replace(rule=newer[finding.rule], deal="N-1", state="open")
            for finding in bank.findings
        ]
        findings = (*bank.findings, *again)
        return replace(
            bank,
            playbooks=(third, fourth),
            rules=tuple(
                replace(tally, rule=newer[tally.rule], unmet=2 * tally.unmet)
                for tally in bank.rules
            ),
            findings=findings,
            summary=summarize(findings, bank.problems),
        )

    def test_text_has_a_line_for_each(self, both: AuditResult) -> None:
        text = written(audit_text.render, both)
        assert "bank-sales version 3: Winning sales system (312 deals)\n" in text
        assert "bank-sales version 4: Winning sales system (8 deals)\n" in text
        assert "\n320 deals judged on " in text

    def test_markdown_has_a_heading_for_each(self, both: AuditResult) -> None:
        heads = re.findall("^# (.*)$", written(audit_markdown.render, both), re.MULTILINE)
        assert [head.split(":")[0] for head in heads] == [
            "bank-sales version 3",
            "bank-sales version 4",
        ]

    def test_instants_are_in_utc_where_zones_differ(self, both: AuditResult) -> None:
        assert "as of 2026-02-10T02:00:00+01:00." in written(audit_text.render, both)
        first, second = both.playbooks
        mixed = replace(both, playbooks=(first, replace(second, zone="Asia/Tokyo")))
        assert "as of 2026-02-10T01:00:00Z." in written(audit_text.render, mixed)

    def test_what_was_made_good_under_either_is_counted(self, both: AuditResult) -> None:
        table = next(each for each in sections(both) if each.title.startswith("Rules"))
        interviews = [row[3] for row in table.rows if row[0][0] == both.findings[0].rule.id]
        assert interviews == ["1"]

    def test_sarif_points_each_finding_to_its_own_line(self, both: AuditResult) -> None:
        run = json.loads(written(audit_sarif.render, both))["runs"][0]
        assert [each["version"] for each in run["properties"]["playbooks"]] == ["3", "4"]
        lines = [
            result["locations"][0]["physicalLocation"]["region"]["startLine"]
            for result in run["results"]
        ]
        assert lines == [finding.rule.place.line for finding in both.findings]

    def test_junit_takes_them_together(self, both: AuditResult) -> None:
        root = ET.fromstring(written(audit_junit.render, both))  # noqa: S314
        assert root.get("name") == "bank-sales 3, bank-sales 4"
        assert len(list(root.iter("testcase"))) == len(both.rules)
        said = f"{both.findings[0].rule.id}"
        case = next(case for case in root.iter("testcase") if case.get("name") == said)
        assert "1 made good since" in "".join(case.itertext()) + str(case[0].get("message"))

    def test_json_lists_all(self, both: AuditResult) -> None:
        report = json.loads(written(audit_json.render, both))
        assert [each["version"] for each in report["playbooks"]] == ["3", "4"]
        Draft202012Validator(load_schema("report")).validate(report)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("-5", "-5"),
        ("-0.25", "-0.25"),
        ("-5+cmd", "'-5+cmd"),
        ("-", "'-"),
        ("-5\n", None),
        ("=1", "'=1"),
        ("+5", "'+5"),
        ("－5", "'－5"),
    ],
)
def test_a_number_below_zero_is_no_formula(cell: str, written: str | None) -> None:
    found = "".join(csv_pieces(["n"], [[cell]])).split("\r\n", 1)[1]
    assert found == (f"{written}\r\n" if written else '"\'-5\n"\r\n')
