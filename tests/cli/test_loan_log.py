"""A bank's whole log of loan applications: the audit comes to the counts that are known of it.

The log is no part of the repository; the tests skip where it is absent.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from running import ROOT, SHIPPED, Run, spawn

DATA = ROOT.parent / "shared" / "data"
LOANS = DATA / "loan-applications"
PIPEDRIVE = DATA / "pipedrive-deals"

pytestmark = [pytest.mark.external, pytest.mark.thorough]
needs_loans = pytest.mark.skipif(not LOANS.is_dir(), reason="the loan log is not here")
needs_pipedrive = pytest.mark.skipif(not PIPEDRIVE.is_dir(), reason="the export is not here")

# Met, unmet, of which made good.
KNOWN = {
    "sequence/completed-before-offer": (2707, 2308, 2308),
    "sequence/completion-begun-before-offer": (5015, 0, 0),
    "sequence/every-offer-is-called": (5006, 9, 0),
    "sequence/call-within-five-days": (3054, 1958, 1952),
    "approved/entry/validated": (1602, 644, 644),
    "approved/entry/validation-begun": (2246, 0, 0),
}


@pytest.fixture(scope="module")
def audits() -> dict[str, Any]:
    """The audits of both files, each done once."""
    playbook = SHIPPED / "loan-application" / "loan-application.yaml"
    found = {}
    for name in ("events.csv.gz", "bpic2012.xes.gz"):
        done = spawn("audit", playbook, LOANS / name, "--map", "bpic2012", "--format", "json")
        assert (done.status, done.err) == (0, "")
        found[name] = json.loads(done.out)
    return found


@needs_loans
@pytest.mark.parametrize("name", ["events.csv.gz", "bpic2012.xes.gz"])
def test_counts_are_those_that_are_known(name: str, audits: dict[str, Any]) -> None:
    audit = audits[name]
    good = dict.fromkeys(KNOWN, 0)
    for finding in audit["findings"]:
        if finding["rule"] in KNOWN and finding["state"] == "made-good":
            good[finding["rule"]] += 1
    counts = {
        rule["id"]: (rule["met"], rule["unmet"], good[rule["id"]])
        for rule in audit["rules"]
        if rule["id"] in KNOWN
    }
    assert counts == KNOWN
    assert audit["history"]["deals"] == audit["playbooks"][0]["deals"] == 13_087
    for nothing in ("problems", "unknown_names", "blind_spots"):
        assert audit[nothing] == []


@needs_loans
def test_both_files_tell_the_same(audits: dict[str, Any]) -> None:
    csv, xes = audits.values()
    for key in ("as_of", "adherence", "stages", "rules", "actors"):
        assert csv[key] == xes[key]
    alike = [
        {
            (each["rule"], each["deal"], each["state"], each["due_at"], each["actor"])
            for each in audit["findings"]
        }
        for audit in (csv, xes)
    ]
    assert alike[0] == alike[1]


@needs_pipedrive
class TestPipedrive:
    FILES = tuple(PIPEDRIVE / name for name in ("deal_changes.csv", "activity.csv", "stages.csv"))

    def test_imports_without_a_problem(self, run: Run) -> None:
        told = ("--map", "pipedrive-changes", "-o", "history.csv", "--strict")
        done = run("import", *self.FILES, *told)
        assert done.status == 0
        assert done.err.endswith(" written; 0 repeated rows counted once, 0 problems\n")

    def test_audits_without_surprise(self, run: Run) -> None:
        stages = [
            line.split(",")[1] for line in (PIPEDRIVE / "stages.csv").read_text().splitlines()[1:]
        ]
        assert len(stages) == 9
        Path("pipeline.yaml").write_text(PIPELINE)
        done = run(
            "audit",
            "pipeline.yaml",
            *self.FILES,
            "--map",
            "pipedrive-changes",
            "--format",
            "json",
            "--fail-on",
            "never",
        )
        audit = json.loads(done.out)
        assert (done.status, done.err) == (0, "")
        for nothing in ("problems", "unknown_names"):
            assert audit[nothing] == []
        entered = {stage["id"]: stage["deals"] for stage in audit["stages"]}
        assert entered["lead-generation"] == entered["lost"] == 1995
        rules = {rule["id"]: rule for rule in audit["rules"]}
        assert rules["lost/entry/lost_reason"]["unmet"] == 0


PIPELINE = """\
playbook: pipeline
version: 1
activities: {meeting: {}, sales_call_2: {}, follow_up_call: {}, after_close_call: {}}
fields:
  lost_reason: {type: text}
stages:
  - stage: lead-generation
  - stage: qualified-lead
  - stage: needs-assessment
  - stage: proposal
  - stage: negotiation
  - stage: closing
  - stage: implementation
  - stage: follow-up
  - {stage: renewal, ends: won}
  - stage: lost
    ends: lost
    entry:
      - {field: lost_reason, is: present}
"""
