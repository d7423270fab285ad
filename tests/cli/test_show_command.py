"""`playgate show`: every format, and errors with their places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import PLAYBOOK, SHIPPED, Run

NAMES = ("bank-sales", "active-sales", "loan-application")


@pytest.mark.parametrize("form", ["text", "json", "markdown", "mermaid", "dot"])
def test_shows_every_stage(form: str, sales: Path, run: Run) -> None:
    done = run("show", "sales.yaml", "--format", form)
    assert (done.status, done.err) == (0, "")
    for stage in ("assess", "proposal", "won", "lost"):
        assert stage in done.out
    assert run("show", "sales.yaml", "--format", form, "-o", "out") == (0, "", "")
    assert Path("out").read_text() == done.out


@pytest.mark.parametrize("name", NAMES)
def test_the_ids_shown_are_those_that_audit_takes(name: str, run: Run) -> None:
    path = SHIPPED / name / f"{name}.yaml"
    shown = run("show", path).out
    for rule in json.loads(run("show", path, "--format", "json").out)["rules"]:
        short = rule["id"].removeprefix(f"{rule['stage']}/")
        assert f" {short}\n" in shown


def test_a_wrong_playbook_is_not_shown(sales: Path, run: Run) -> None:
    Path("sales.yaml").write_text(PLAYBOOK.replace("more_than", "more_then"))
    done = run("show", "sales.yaml", "-o", "out")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("sales.yaml:19:25: ")
    assert not Path("out").exists()


def test_warnings_keep_nothing_from_being_shown(sales: Path, run: Run) -> None:
    Path("sales.yaml").write_text(PLAYBOOK.replace("may_waive: [manager]", "may_waive: []"))
    assert run("show", "sales.yaml").status == 0
