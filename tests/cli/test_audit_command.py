"""`playgate audit`: formats, exit statuses, and what narrows the count."""

from __future__ import annotations

import csv
import gzip
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from running import HISTORY, SHIPPED, Run, spawn

from playgate.documents.schema import load_schema

AUDIT = ("audit", "sales.yaml", "history.csv", "--people", "people.csv")
BANK = (
    "audit",
    SHIPPED / "bank-sales" / "bank-sales.yaml",
    SHIPPED / "bank-sales" / "history.csv",
    "--people",
    SHIPPED / "bank-sales" / "people.csv",
    "--fail-on",
    "never",
    "--format",
    "json",
)


def report(run: Run, *arguments: str | Path) -> dict[str, Any]:
    done = run(*arguments, "--format", "json", "--fail-on", "never")
    assert (done.status, done.err) == (0, "")
    data: dict[str, Any] = json.loads(done.out)
    return data


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """The audit of the bank's sample, narrowed by nothing."""
    data: dict[str, Any] = json.loads(spawn(*BANK).out)
    return data


def keys(data: dict[str, Any]) -> set[tuple[str, str]]:
    return {(finding["deal"], finding["rule"]) for finding in data["findings"]}


def unmet(data: dict[str, Any], rule: str) -> int:
    return sum(1 for each in data["findings"] if each["rule"] == rule and each["state"] != "waived")


class TestResult:
    def test_says_who_skipped_what(self, sales: Path, run: Run) -> None:
        data = report(run, *AUDIT)
        assert keys(data) == {
            ("D-2", "assess/activity/interview"),
            ("D-2", "assess/activity/call"),
            ("D-2", "proposal/entry/amount"),
            ("D-3", "assess/activity/interview"),
            ("D-4", "assess/activity/interview"),
        }
        states = {(each["deal"], each["state"], each["cause"]) for each in data["findings"]}
        assert {("D-4", "waived", None), ("D-3", "made-good", "logged-late")} <= states
        assert ("D-2", "open", "missing") in states
        Draft202012Validator(load_schema("report")).validate(data)

    def test_text_tells_late_logging_from_late_work(self, sales: Path, run: Run) -> None:
        done = run(*AUDIT, "--as-of", "2026-03-06")
        assert done.status == 1
        assert "interview: done in time, but logged too late to count" in " ".join(done.out.split())
        done = run(*AUDIT)
        assert "1 missing, 1 logged late" in done.out
        said = " ".join(done.out.split())
        assert "interview: 0 of 1 done " in said
        assert "(missing)" not in said  # it is among those that are open

    def test_people_have_their_names(self, sales: Path, run: Run) -> None:
        for form in ("text", "markdown"):
            done = run(*AUDIT, "--format", form)
            for name in ("Ann Berg", "Bob Stone", "Mia Vogel"):
                assert name in done.out
            assert "mia" not in done.out

    def test_instants_are_in_the_playbooks_zone(self, sales: Path, run: Run) -> None:
        for form in ("text", "markdown"):
            assert "as of 2026-04-01T11:00:00+02:00." in run(*AUDIT, "--format", form).out
        done = run(*AUDIT, "--as-of", "2026-03-31")
        assert "to 2026-03-31, as of the end of 2026-03-31 (+02:00)." in done.out
        assert report(run, *AUDIT)["as_of"] == "2026-04-01T09:00:00Z"


class TestFormats:
    def test_csv_has_a_row_for_each_finding(self, sales: Path, run: Run) -> None:
        done = run(*AUDIT, "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(done.out, newline="")))
        assert {(row["deal"], row["rule"]) for row in rows} == keys(report(run, *AUDIT))

    def test_ndjson_has_a_line_for_each_finding(self, sales: Path, run: Run) -> None:
        done = run(*AUDIT, "--format", "ndjson")
        assert [json.loads(line) for line in done.out.splitlines()] == report(run, *AUDIT)[
            "findings"
        ]

    def test_sarif_names_playbook_and_places(self, sales: Path, run: Run) -> None:
        log = json.loads(run(*AUDIT, "--format", "sarif").out)
        assert len(log["runs"][0]["results"]) == 5
        assert log["runs"][0]["properties"]["playbooks"][0]["name"] == "sales"

    def test_junit_fails_what_is_unmet(self, sales: Path, run: Run) -> None:
        root = ET.fromstring(run(*AUDIT, "--format", "junit").out)  # noqa: S314
        assert root.get("name") == "sales 2"
        failed = {
            case.get("name") for case in root.iter("testcase") if case.find("failure") is not None
        }
        assert failed == {
            "assess/activity/interview",
            "assess/activity/call",
            "proposal/entry/amount",
        }

    @pytest.mark.parametrize("form", ["text", "json", "csv", "ndjson", "markdown", "sarif"])
    def test_a_file_holds_what_would_be_printed(self, form: str, sales: Path, run: Run) -> None:
        printed = run(*AUDIT, "--format", form)
        written = run(*AUDIT, "--format", form, "-o", "out")
        assert written == (printed.status, "", "")
        assert Path("out").read_bytes().decode() == printed.out


class TestStatus:
    @pytest.mark.parametrize(
        ("rule", "fail_on", "status"),
        [
            ("proposal/entry/amount", "block", 1),
            ("proposal/entry/amount", "never", 0),
            ("assess/activity/call", "block", 0),
            ("assess/activity/call", "warn", 1),
            ("assess/activity/call", "observe", 1),
            ("order/*", "observe", 0),
        ],
    )
    def test_follows_the_level(
        self, rule: str, fail_on: str, status: int, sales: Path, run: Run
    ) -> None:
        assert run(*AUDIT, "--rule", rule, "--fail-on", fail_on).status == status

    def test_observe_fails_only_where_asked(self, sales: Path, run: Run) -> None:
        back = "D-1,2026-03-06T09:00:00Z,stage,assess,,ann,\n"
        Path("history.csv").write_text(HISTORY + back)
        for fail_on, status in (("block", 0), ("warn", 0), ("observe", 1), ("never", 0)):
            assert run(*AUDIT, "--deal", "D-1", "--fail-on", fail_on).status == status

    def test_what_is_waived_does_not_fail(self, sales: Path, run: Run) -> None:
        assert run(*AUDIT, "--deal", "D-4", "--fail-on", "observe").status == 0

    def test_what_was_made_good_does(self, sales: Path, run: Run) -> None:
        assert run(*AUDIT, "--deal", "D-3").status == 1


class TestSelection:
    def narrowed(self, run: Run, *arguments: str) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(run(*BANK, *arguments).out)
        return data

    def test_rep_by_id_and_by_name(self, whole: dict[str, Any], run: Run) -> None:
        by_id = self.narrowed(run, "--rep", "b.haddad")
        by_name = self.narrowed(run, "--rep", "bilal haddad")
        assert by_id == by_name
        assert by_id["findings"] == [
            each for each in whole["findings"] if each["actor"] == "b.haddad"
        ]
        assert by_id["actors"] == [each for each in whole["actors"] if each["actor"] == "b.haddad"]
        assert by_id["adherence"]["unmet"] == by_id["actors"][0]["unmet"]

    def test_deal(self, whole: dict[str, Any], run: Run) -> None:
        data = self.narrowed(run, "--deal", "BK-1001", "--deal", "BK-1135")
        wanted = [each for each in whole["findings"] if each["deal"] in ("BK-1001", "BK-1135")]
        assert data["findings"] == wanted
        assert data["history"]["deals"] == data["playbooks"][0]["deals"] == 2
        assert data["blind_spots"] == []

    def test_rule_by_glob(self, whole: dict[str, Any], run: Run) -> None:
        data = self.narrowed(run, "--rule", "*/exit/*", "--rule", "limit/age")
        wanted = [
            each for each in whole["rules"] if "/exit/" in each["id"] or each["id"] == "limit/age"
        ]
        assert data["rules"] == wanted
        ids = {each["id"] for each in wanted}
        assert data["findings"] == [each for each in whole["findings"] if each["rule"] in ids]
        assert data["adherence"]["unmet"] == sum(each["unmet"] for each in wanted)

    def test_since_is_from_then_on(self, whole: dict[str, Any], run: Run) -> None:
        data = self.narrowed(run, "--since", "2026-05-01")
        # The day begins in Paris.
        wanted = [each for each in whole["findings"] if each["due_at"] >= "2026-04-30T22:00:00Z"]
        assert data["findings"] == wanted
        assert 0 < len(wanted) < len(whole["findings"])

    def test_since_takes_the_instant_itself(self, sales: Path, run: Run) -> None:
        at = "2026-03-31T21:30:00Z"
        assert len(report(run, *AUDIT, "--since", at)["findings"]) == 4
        assert len(report(run, *AUDIT, "--since", "2026-03-31T21:30:01Z")["findings"]) == 1

    def test_all_together(self, whole: dict[str, Any], run: Run) -> None:
        arguments = ("--rep", "b.haddad", "--rule", "*/activity/*", "--since", "2026-03-01")
        wanted = [
            each
            for each in whole["findings"]
            if each["actor"] == "b.haddad"
            and "/activity/" in each["rule"]
            and each["due_at"] >= "2026-02-28T23:00:00Z"
        ]
        data = self.narrowed(run, *arguments)
        assert data["findings"] == wanted
        for rule in data["rules"]:
            assert rule["unmet"] == unmet(data, rule["id"])

    def test_one_deal_shows_all_its_open_findings(self, sales: Path, run: Run) -> None:
        out = run(*AUDIT, "--deal", "D-2").out
        assert out.count("D-2") == 1
        assert out.count("Bob Stone") == 4  # as a rep, and with each of three findings
        assert "--deal" not in out

    @pytest.mark.parametrize(
        ("arguments", "says", "hint"),
        [
            (("--deal", "D-11"), 'the history has no deal "D-11"', 'did you mean "D-1"?'),
            (("--deal", "D-1", "--deal", "X"), 'no deal "X"', ""),
            (("--rule", "assess/activity/interveiw"), "has no rule", "assess/activity/interview"),
            (("--rule", "*/exit/*"), 'has no rule "*/exit/*"', "known: assess/activity/call"),
            (("--rep", "anne"), 'not know the rep "anne"', 'did you mean "ann"?'),
            (("--rep", "Bob Ston"), 'not know the rep "Bob Ston"', 'did you mean "Bob Stone"?'),
            (("--rep", "ann", "--rep", "zzz"), 'not know the rep "zzz"', ""),
            (("--as-of", "soon"), '--as-of: "soon" is no date', "write 2026-03-31"),
            (("--since", "2026-02-30"), '--since: "2026-02-30" is no date', "write 2026-03-31"),
        ],
    )
    def test_what_is_not_there_is_wrong_input(
        self, arguments: tuple[str, ...], says: str, hint: str, sales: Path, run: Run
    ) -> None:
        done = run(*AUDIT, *arguments)
        assert (done.status, done.out) == (2, "")
        assert says in done.err
        assert hint in done.err

    def test_a_rep_without_people_or_findings_is_known_by_the_history(
        self, sales: Path, run: Run
    ) -> None:
        assert run("audit", "sales.yaml", "history.csv", "--rep", "mia").status == 0
        assert run("audit", "sales.yaml", "history.csv", "--rep", "Mia Vogel").status == 2

    def test_an_owner_is_a_rep(self, sales: Path, run: Run) -> None:
        owned = "D-1,2026-03-02T09:00:00Z,field,owner,zoe,,\n"
        Path("history.csv").write_text(HISTORY + owned)
        assert run("audit", "sales.yaml", "history.csv", "--rep", "zoe").status == 0


class TestAsOf:
    def test_a_bare_date_ends_in_the_playbooks_zone(self, sales: Path, run: Run) -> None:
        """D-2 moved at 23:30 in Paris; D-4 moved the next day."""
        assert "D-2" in {deal for deal, _ in keys(report(run, *AUDIT, "--as-of", "2026-03-31"))}
        before = report(run, *AUDIT, "--as-of", "2026-03-30")
        assert before["as_of"] == "2026-03-30T21:59:59.999999Z"
        assert {deal for deal, _ in keys(before)} == {"D-3"}

    def test_before_everything_nothing_is_judged(self, sales: Path, run: Run) -> None:
        done = run(*AUDIT, "--as-of", "2020-01-01")
        assert done.status == 0
        assert "Nothing to judge" in done.out


class TestHistories:
    def test_several_are_one(self, sales: Path, run: Run) -> None:
        head, *rows = HISTORY.splitlines(keepends=True)
        Path("a.csv").write_text(head + "".join(rows[::2]))
        Path("b.csv").write_text(head + "".join(rows[1::2]))
        both = report(run, "audit", "sales.yaml", "a.csv", "b.csv", "--people", "people.csv")
        one = report(run, *AUDIT)
        assert both["history"].pop("sources") == ["a.csv", "b.csv"]
        assert one["history"].pop("sources") == ["history.csv"]
        assert both == one

    def test_the_same_twice_changes_nothing(self, sales: Path, run: Run) -> None:
        twice = report(run, "audit", "sales.yaml", "history.csv", "history.csv", *AUDIT[3:])
        assert twice["history"]["duplicates"] == 17
        assert keys(twice) == keys(report(run, *AUDIT))
        out = run("audit", "sales.yaml", "history.csv", "history.csv").out
        assert "17 repeated rows were counted once." in out

    def test_gz_ndjson_and_standard_input(self, sales: Path, run: Run) -> None:
        Path("h.csv.gz").write_bytes(gzip.compress(HISTORY.encode()))
        assert run("import", "history.csv", "-o", "h.ndjson").status == 0
        wanted = keys(report(run, *AUDIT))
        for name in ("h.csv.gz", "h.ndjson"):
            assert keys(report(run, "audit", "sales.yaml", name, *AUDIT[3:])) == wanted
        for given in (HISTORY.encode(), Path("h.csv.gz").read_bytes()):
            done = run("audit", "sales.yaml", "-", *AUDIT[3:], "--format", "json", given=given)
            assert keys(json.loads(done.out)) == wanted

    def test_xes_by_the_name_of_a_shipped_mapping(self, sales: Path, run: Run) -> None:
        Path("log.xes").write_text(
            '<log><trace><string key="concept:name" value="7"/>'
            + "".join(
                f'<event><string key="concept:name" value="{name}"/>'
                '<string key="lifecycle:transition" value="COMPLETE"/>'
                f'<date key="time:timestamp" value="2011-10-0{day}T09:00:00+02:00"/></event>'
                for day, name in enumerate(("A_SUBMITTED", "O_SENT", "A_APPROVED"), 1)
            )
            + "</trace></log>"
        )
        playbook = SHIPPED / "loan-application" / "loan-application.yaml"
        data = report(run, "audit", playbook, "log.xes", "--map", "bpic2012")
        assert ("7", "approved/entry/validated") in keys(data)
        done = run("audit", playbook, "log.xes", "--map", "bpic")
        assert done.status == 2
        assert 'did you mean "bpic2012"?' in done.err
        assert "needs a mapping" in run("audit", playbook, "log.xes").err

    def test_a_mapping_file(self, sales: Path, run: Run) -> None:
        Path("crm.csv").write_text(
            "id,at,who,what,to\n9,2026-03-02T09:00:00Z,ann,moved,assess\n"
            "9,2026-03-03T09:00:00Z,ann,moved,proposal\n"
        )
        data = report(run, "audit", "sales.yaml", "crm.csv", "-m", "crm.mapping.yaml")
        assert ("9", "assess/activity/interview") in keys(data)


class TestProblems:
    @pytest.fixture
    def broken(self, sales: Path) -> Path:
        bad = "D-5,2026-03-02T09:00:00Z,stage,asess,,ann,\nD-5,soon,stage,assess,,ann,\n"
        Path("history.csv").write_text(HISTORY + bad + bad.replace("D-5", "D-6"))
        return sales

    def test_are_told_by_file_with_hints(self, broken: Path, run: Run) -> None:
        for form in ("text", "markdown"):
            out = run(*AUDIT, "--format", form).out
            assert "Problems in history.csv (4)" in out
            assert 'did you mean "assess"?' in out
        data = report(run, *AUDIT)
        assert [each["line"] for each in data["problems"]] == [19, 20, 21, 22]

    def test_strict_stops_with_their_hints(self, broken: Path, run: Run) -> None:
        done = run(*AUDIT, "--strict")
        assert (done.status, done.out) == (2, "")
        assert "error: 2 problems, and --strict lets none pass" in done.err
        assert "history.csv:20: " in done.err

    def test_strict_knows_what_the_playbook_does_not(self, sales: Path, run: Run) -> None:
        Path("history.csv").write_text(HISTORY + "D-5,2026-03-02T09:00:00Z,stage,asess,,ann,\n")
        done = run(*AUDIT, "--strict", "-o", "out")
        assert done.status == 2
        assert "error: 1 problem, and --strict lets none pass" in done.err
        assert "did you mean" in done.err
        assert not Path("out").exists()

    def test_of_people_count_too(self, sales: Path, run: Run) -> None:
        with Path("people.csv").open("a") as people:
            people.write(",Nobody,rep,North\n")
        assert "Problems in people.csv (1)" in run(*AUDIT).out
        assert run(*AUDIT, "--strict").status == 2
