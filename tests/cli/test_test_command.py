"""`playgate test` as its users meet it: what it says in every format, and its exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from running import ROOT, Run

CASES = """\
playbook: sales
start: 2026-03-02
by: ann
people: {ann: rep, mia: manager}
stories:
  ready:
    - {at: day 0, move: assess}
    - {at: day 1, do: [interview, call]}
    - {set: {amount: 100}}
cases:
  - {case: A ready deal, given: ready, when: proposal, then: {warned: []}}
  - case: No interview
    given: [{use: ready, without: interview}]
    when: proposal
    then: {refused: assess/activity/interview}
  - case: "No amount # <1>"
    given: [{use: ready, without: amount}]
    when: proposal
    then: {refused: proposal/entry/amount}
"""


@pytest.fixture
def cased(sales: Path) -> Path:
    (sales / "sales.cases.yaml").write_text(CASES, encoding="utf-8")
    return sales


def broken(cased: Path) -> None:
    """The playbook, changed so that one case fails."""
    path = cased / "sales.yaml"
    text = path.read_text(encoding="utf-8")
    changed = text.replace("      - interview\n", "      - {do: interview, level: warn}\n")
    assert changed != text
    path.write_text(changed, encoding="utf-8")


def as_json(run: Run, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = run("test", "sales.yaml", "--format", "json", *arguments)
    data: dict[str, Any] = json.loads(done.out)
    schema = json.loads((ROOT / "schemas" / "test.schema.json").read_bytes())
    Draft202012Validator(schema).validate(data)
    assert data["good"] == (done.status == 0)
    return done.status, data


def test_all_pass(cased: Path, run: Run) -> None:
    assert run("test", "sales.yaml") == (0, "sales: 3 cases, all passed\n", "")
    verbose = run("test", "sales.yaml", "-v").out
    assert verbose.count("passed  ") == 3


def test_the_name_of_its_cases_stands_for_the_playbook(cased: Path, run: Run) -> None:
    done = run("test", "sales.yaml", "sales.cases.yaml")
    assert done == (0, "sales: 3 cases, all passed\n", "")


@pytest.mark.parametrize("cases", ["our.cases.yaml", "our.cases.yml", "our.d-7.cases.yaml"])
@pytest.mark.parametrize("playbook", ["our.playbook.yaml", "our.playbook.yml", "our.yml"])
def test_names_that_say_what_a_file_is(cases: str, playbook: str, cased: Path, run: Run) -> None:
    Path("sales.yaml").rename(playbook)
    Path("sales.cases.yaml").rename(cases)
    for named in (playbook, cases):
        assert run("test", named) == (0, "sales: 3 cases, all passed\n", "")
    assert run("lint", cases) == (0, f"{cases}: no mistakes\n", "")
    # The file's name is enough: what is wrong in the cases is told.
    Path(cases).write_text(CASES.replace("playbook: sales", "playbook: our"), encoding="utf-8")
    if cases.startswith("our.cases"):
        assert "other-playbook" in run("test", playbook).err


@pytest.mark.parametrize("name", ["a" * 300, "a\0b", "a/b", "..", "\udcff"])
def test_cases_that_name_what_no_file_is_called(name: str, cased: Path, run: Run) -> None:
    Path("sales.cases.yaml").unlink()
    text = CASES.replace("playbook: sales", f"playbook: {name}")
    Path("x.cases.yaml").write_text(text, encoding="utf-8", errors="surrogateescape")
    assert "has no playbook beside it" in run("test", "x.cases.yaml").err


def test_a_failing_case_names_both_places(cased: Path, run: Run) -> None:
    broken(cased)
    done = run("test", "sales.yaml")
    assert done.status == 1
    assert done.out.splitlines() == [
        "sales.cases.yaml:12:11: failed  No interview",
        "    the playbook says: allowed",
        "    assess/activity/interview",
        "      expected  refuses  sales.cases.yaml:15:21",
        "      seen      warns    sales.yaml:15:9",
        "      interview: 0 of 1 done at the move assess → proposal",
        "",
        "sales: 3 cases, 1 failed",
    ]


def test_a_rule_over_which_many_cases_fail_is_named_once(cased: Path, run: Run) -> None:
    broken(cased)
    again = "".join(
        f"  - {{case: Again {n}, given: [{{use: ready, without: interview}}], when: proposal,"
        " then: {refused: assess/activity/interview}}\n"
        for n in range(4)
    )
    for text, said in ((CASES + again, True), (CASES + again.rpartition("  - ")[0], False)):
        (cased / "sales.cases.yaml").write_text(text, encoding="utf-8")
        end = run("test", "sales.yaml").out.splitlines()[-1]
        assert (end == "  5 of them over assess/activity/interview  sales.yaml:15:9") == said, end


def test_formats_agree(cased: Path, run: Run) -> None:
    (cased / "sales.cases.yaml").write_text(CASES.replace("amount: 100", "amount: 0"))
    status, data = as_json(run)
    assert status == 1
    (book,) = data["playbooks"]
    failed = [case["case"] for case in book["cases"] if not case["passed"]]
    assert failed == ["A ready deal", "No interview"]
    assert (book["passed"], book["failed"]) == (1, 2)
    place = book["cases"][0]["differences"][0]["place"]
    assert place == {"file": "sales.cases.yaml", "line": 11, "column": 62}
    text = run("test", "sales.yaml")
    assert text.status == 1
    for name in failed:
        assert f"failed  {name}" in text.out
    tap = run("test", "sales.yaml", "--format", "tap").out.splitlines()
    assert tap[:2] == ["TAP version 14", "1..3"]
    assert [line for line in tap if line.startswith(("ok", "not ok"))] == [
        "not ok 1 - sales: A ready deal",
        "not ok 2 - sales: No interview",
        "ok 3 - sales: No amount \\# <1>",
    ]
    suites = ElementTree.fromstring(run("test", "sales.yaml", "--format", "junit").out)  # noqa: S314
    assert (suites.get("tests"), suites.get("failures")) == ("3", "2")


def test_a_filter_chooses_cases(cased: Path, run: Run) -> None:
    status, data = as_json(run, "-k", "AMOUNT", "-k", "ready")
    assert status == 0
    (book,) = data["playbooks"]
    assert [case["case"] for case in book["cases"]] == ["A ready deal", "No amount # <1>"]
    assert book["left_out"] == 1
    none = run("test", "sales.yaml", "-k", "nothing like it")
    assert none.status == 2
    assert "no case has nothing like it in its name" in none.err


def test_coverage_and_its_threshold(cased: Path, run: Run) -> None:
    status, data = as_json(run, "--coverage")
    assert status == 0
    coverage = data["playbooks"][0]["coverage"]
    rules = {each["rule"]: (each["met"], each["unmet"]) for each in coverage["rules"]}
    assert rules["assess/activity/interview"] == (2, 1)
    assert rules["proposal/entry/amount"] == (2, 1)
    # Nobody expects the warning of a call that is missing.
    assert rules["assess/activity/call"] == (3, 0)
    moves = {each["stage"]: (each["allowed"], each["refused"]) for each in coverage["moves"]}
    assert moves["proposal"] == (1, 2)
    assert moves["lost"] == (0, None)
    reached = coverage["percent"]
    assert as_json(run, "--fail-under", str(int(reached)))[0] == 0
    assert as_json(run, "--fail-under", str(int(reached) + 1))[0] == 1
    done = run("test", "sales.yaml", "--fail-under", "100")
    assert "less than the 100 % that are asked for" in done.out


def test_mutants_that_live_and_those_that_may(cased: Path, run: Run) -> None:
    status, data = as_json(run, "--mutate")
    assert status == 1
    mutants = data["playbooks"][0]["mutants"]
    living = {each["mutant"]: each["why"] for each in mutants["living"]}
    assert "assess/activity/interview: dropped" not in living
    assert living["order/back: dropped"] is None
    assert mutants["caught"] + len(living) == mutants["total"]
    entries = "".join(f'  - {{mutant: "{name}", why: It is an example}}\n' for name in living)
    path = cased / "sales.cases.yaml"
    path.write_text(f"{CASES}may_live:\n{entries}", encoding="utf-8")
    status, data = as_json(run, "--mutate")
    assert status == 0
    living_still = data["playbooks"][0]["mutants"]["living"]
    assert {each["why"] for each in living_still} == {"It is an example"}
    tap = run("test", "sales.yaml", "--mutate", "--format", "tap").out
    assert tap.count("# TODO It is an example") == len(living)


def test_a_stale_entry_is_a_failure(cased: Path, run: Run) -> None:
    (cased / "sales.cases.yaml").write_text(
        f"{CASES}may_live:\n"
        '  - {mutant: "*", why: All of them}\n'
        '  - {mutant: "assess/activity/interview: dropped", why: Long ago}\n',
        encoding="utf-8",
    )
    done = run("test", "sales.yaml", "--mutate")
    assert done.status == 1
    assert "sales.cases.yaml:22:14: stale  no living mutant is called" in done.out
    # Where only some cases were tried, nobody can tell.
    assert run("test", "sales.yaml", "--mutate", "-k", "amount").status == 0


def test_no_mutants_before_all_cases_pass(cased: Path, run: Run) -> None:
    broken(cased)
    done = run("test", "sales.yaml", "--mutate")
    assert done.status == 1
    assert "no mutants before all cases pass" in done.out


def test_without_time_no_mutant_is_tried(cased: Path, run: Run) -> None:
    done = run("test", "sales.yaml", "--mutate", "--seconds", "0")
    assert done.status == 1
    assert re.search(r"sales: \d+ mutants, 0 caught, \d+ not tried for want of time", done.out)


def test_other_cases_can_be_named(cased: Path, run: Run) -> None:
    other = cased / "elsewhere.yaml"
    other.write_text(CASES.replace("A ready deal", "Another"), encoding="utf-8")
    assert "passed  Another" in run("test", "sales.yaml", "--cases", other, "-v").out


def test_all_files_of_the_playbook_count_and_no_others(cased: Path, run: Run) -> None:
    (cased / "dispute.cases.yaml").write_text(CASES, encoding="utf-8")
    (cased / "other.cases.yaml").write_text(CASES.replace("playbook: sales", "playbook: other"))
    assert run("test", "sales.yaml").out == "sales: 6 cases, all passed\n"


def test_a_playbook_without_cases(sales: Path, run: Run) -> None:
    done = run("test", "sales.yaml")
    assert done.status == 2
    assert "sales.yaml has no cases beside it" in done.err
    assert "sales.cases.yaml" in done.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file says nothing"),
        (b"[1]", "must be a mapping"),
        (b"playbook: sales\ncases: 3", '"cases" must be a list'),
        (b"playbook: sales\ncases: [" + b"{case: a}," * 30_000 + b"]", "more than 20,000 values"),
        (b"\xff", "is not UTF-8"),
        (b"a: [", "not valid YAML"),
        (b"playbook: &a [*a]", "alias"),
        (
            b"playbook: sales\nstories:\n"
            + b"".join(
                b"  s%d: [%s]\n" % (n, b", ".join([b"{use: s%d, without: assess}" % (n + 1)] * 10))
                for n in range(15)
            )
            + b"  s15: [{move: assess}]\ncases: [{case: a, when: proposal, then: allowed}]",
            "more than 5,000 steps, stories told out",
        ),
    ],
)
def test_hostile_files_end_with_a_message(content: bytes, said: str, sales: Path, run: Run) -> None:
    (sales / "sales.cases.yaml").write_bytes(content)
    done = run("test", "sales.yaml")
    assert done.status == 2
    assert said in done.err


def test_mistakes_of_all_files_are_told_at_once(cased: Path, run: Run) -> None:
    (cased / "sales.cases.yaml").write_text(CASES.replace("[interview, call]", "cal"))
    (cased / "worse.cases.yaml").write_text(CASES.replace("amount: 100", "amont: 1"))
    done = run("test", "sales.yaml")
    assert done.status == 2
    assert '"cal" does not exist' in done.err
    assert '"amont" does not exist' in done.err


def test_lint_knows_cases(cased: Path, run: Run) -> None:
    assert run("lint", "sales.cases.yaml") == (0, "sales.cases.yaml: no mistakes\n", "")
    (cased / "sales.yaml").write_text("playbook: sales\n", encoding="utf-8")
    done = run("lint", "sales.cases.yaml")
    assert done.status == 2
    assert "their playbook has mistakes [other-playbook]" in done.out
    (cased / "sales.yaml").unlink()
    assert "has no playbook beside it" in run("lint", "sales.cases.yaml").err
