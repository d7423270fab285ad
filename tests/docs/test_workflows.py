"""The shell of the workflows that people copy, run step by step on a change to a playbook."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pages import DOCS, ROOT

pytestmark = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("git")), reason="needs bash and git"
)

NAME = "playbooks/our sälës"
PLAYBOOK = """\
playbook: sales
version: 1
fields: {amount: {type: number}}
stages:
  - stage: talk
  - stage: proposal
    entry: [{field: amount, at_least: 100}]
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
CASES = """\
playbook: sales
cases:
  - case: Small deals get no proposal
    given: [{move: talk}, {set: {amount: 20}}]
    when: proposal
    then: {refused: proposal/entry/amount}
"""
HISTORY = """\
deal,happened_at,kind,name,value,actor
D-1,2026-03-01T09:00:00Z,stage,talk,,ann
D-1,2026-03-02T09:00:00Z,field,amount,300,ann
D-1,2026-03-03T09:00:00Z,stage,proposal,,ann
"""
PEOPLE = "actor,name,role\nann,Ann Berg,rep\n"
STRICTER = PLAYBOOK.replace("version: 1", "version: 2").replace("100", "500")
PLANNED = "# sales version 1 → version 2"


def shim(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


class Runner:
    """A repository with a pull request in it, and what a runner of workflows gives its steps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "repository"
        self.temp = folder / "temp"
        self.bin = folder / "bin"
        self.temp.mkdir()
        shim(self.bin, "playgate", f'exec "{sys.executable}" -m playgate.cli.main "$@"')
        self.env = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": str(self.temp),
            "PYTHONPATH": str(ROOT / "engine"),
            "PYTHONUTF8": "1",
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PLAYGATE_CACHE": str(self.temp / "cache"),
        }
        (self.folder / "playbooks").mkdir(parents=True)
        self.git("init", "-q")
        self.base = self.commit(
            {
                f"{NAME}.playbook.yaml": PLAYBOOK,
                f"{NAME}.cases.yaml": CASES,
                "playbooks/history.csv": HISTORY,
            }
        )

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=ann", "-c", "user.email=ann@example.org")
        done = subprocess.run(
            ["git", *who, *words], cwd=self.folder, env=self.env, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def commit(self, files: dict[str, str]) -> str:
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-qm", "a change")
        return self.git("rev-parse", "HEAD")

    def run(self, script: str, **env: str) -> int:
        """The script's exit status, run as GitHub runs `shell: bash`, and GitLab its scripts."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env={**self.env, **env},
            check=False,
        ).returncode

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def loaded(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((DOCS / "ci" / name).read_text(encoding="utf-8"))
    return data


def on_github(runner: Runner, **more: str) -> str:
    """Run the job `check`: the name of the step that failed, or nothing."""
    data = loaded("github.yml")
    given = {
        **data["env"],
        **more,
        "RUNNER_TEMP": str(runner.temp),
        "GITHUB_STEP_SUMMARY": str(runner.temp / "summary.md"),
        "BASE": runner.base,
    }
    for step in data["jobs"]["check"]["steps"]:
        if "run" not in step or "pip install" in step["run"]:
            continue
        if runner.run(step["run"], **given):
            return str(step["name"])
    return ""


def base_is_broken(runner: Runner) -> None:
    """What stands has a mistake, and the request mends it."""
    runner.base = runner.commit({f"{NAME}.playbook.yaml": PLAYBOOK.replace("amount,", "ammount,")})
    runner.commit({f"{NAME}.playbook.yaml": STRICTER})


def rename(runner: Runner) -> None:
    """The request changes a playbook and calls its file otherwise."""
    for kind in ("playbook", "cases"):
        runner.git("mv", f"{NAME}.{kind}.yaml", f"playbooks/new name.{kind}.yaml")
    runner.commit({"playbooks/new name.playbook.yaml": STRICTER})


def comment(runner: Runner) -> str:
    """Run the step that comments, with a `gh` that keeps what it is given: how it was called."""
    shim(runner.bin, "gh", 'printf "%s " "$@" > called.txt')
    (step,) = (each for each in loaded("github.yml")["jobs"]["comment"]["steps"] if "run" in each)
    assert runner.run(step["run"], NUMBER="7", GITHUB_REPOSITORY="our/sales") == 0
    called = runner.folder / "called.txt"
    return called.read_text() if called.exists() else ""


@pytest.mark.thorough
def test_github_comments_the_plan(runner: Runner) -> None:
    runner.commit({f"{NAME}.playbook.yaml": STRICTER})
    assert on_github(runner) == ""
    plan = runner.read("plan.md")
    assert PLANNED in plan
    assert "proposal/entry/amount" in plan
    assert (runner.temp / "summary.md").read_text(encoding="utf-8") == plan
    assert comment(runner) == (
        "pr comment 7 --repo our/sales --body-file comment.md --edit-last --create-if-none "
    )
    assert runner.read("comment.md") == plan


@pytest.mark.thorough
def test_github_knows_who_is_who(runner: Runner) -> None:
    runner.commit({f"{NAME}.playbook.yaml": STRICTER, "our people.csv": PEOPLE})
    assert on_github(runner, PEOPLE="our people.csv") == ""
    assert "Ann Berg" in runner.read("plan.md")


@pytest.mark.thorough
def test_github_is_silent_where_no_playbook_changes(runner: Runner) -> None:
    runner.commit({"playbooks/history.csv": HISTORY + "\n"})
    assert on_github(runner) == ""
    assert runner.read("plan.md") == ""
    assert comment(runner) == ""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("text", "step"),
    [
        (STRICTER.replace("  - stage: proposal", "  -   stage: proposal"), "Lay-out"),
        (STRICTER.replace("field: amount", "field: ammount"), "Lint"),
        (PLAYBOOK.replace("100", "10"), "Test"),
    ],
)
def test_github_stops_at_what_is_wrong(text: str, step: str, runner: Runner) -> None:
    runner.commit({f"{NAME}.playbook.yaml": text})
    assert on_github(runner) == step


@pytest.mark.thorough
def test_github_does_not_take_a_plan_that_failed_for_an_impact(runner: Runner) -> None:
    runner.commit({f"{NAME}.playbook.yaml": STRICTER})
    (runner.folder / "playbooks" / "history.csv").unlink()
    assert on_github(runner) == "Plan"


@pytest.mark.thorough
def test_github_takes_a_mended_playbook(runner: Runner) -> None:
    base_is_broken(runner)
    assert on_github(runner) == ""
    assert runner.read("plan.md").startswith(f"{NAME}.playbook.yaml: no plan")


@pytest.mark.thorough
def test_github_plans_a_playbook_by_another_name(runner: Runner) -> None:
    rename(runner)
    assert on_github(runner) == ""
    assert PLANNED in runner.read("plan.md")


def on_gitlab(runner: Runner, **more: str) -> int:
    job = loaded("gitlab.yml")["playbooks"]
    given = {**job["variables"], **more, "CI_MERGE_REQUEST_DIFF_BASE_SHA": runner.base}
    return runner.run("\n".join(job["script"]), **given)


@pytest.mark.thorough
def test_gitlab_keeps_plan_and_tests(runner: Runner) -> None:
    runner.commit({f"{NAME}.playbook.yaml": STRICTER, "our people.csv": PEOPLE})
    assert on_gitlab(runner, PEOPLE="our people.csv") == 0
    assert PLANNED in runner.read("plan.md")
    assert "Ann Berg" in runner.read("plan.md")
    assert 'tests="1"' in runner.read("tests.xml")


@pytest.mark.thorough
@pytest.mark.parametrize(
    "text",
    [
        STRICTER.replace("  - stage: proposal", "  -   stage: proposal"),
        STRICTER.replace("field: amount", "field: ammount"),
        PLAYBOOK.replace("100", "10"),
    ],
)
def test_gitlab_stops_at_what_is_wrong(text: str, runner: Runner) -> None:
    runner.commit({f"{NAME}.playbook.yaml": text})
    assert on_gitlab(runner) != 0
    assert not (runner.folder / "plan.md").exists()


@pytest.mark.thorough
def test_gitlab_does_not_take_a_plan_that_failed_for_an_impact(runner: Runner) -> None:
    runner.commit({f"{NAME}.playbook.yaml": STRICTER})
    (runner.folder / "playbooks" / "history.csv").unlink()
    assert on_gitlab(runner) != 0


@pytest.mark.thorough
def test_gitlab_takes_a_mended_playbook(runner: Runner) -> None:
    base_is_broken(runner)
    assert on_gitlab(runner) == 0
    assert runner.read("plan.md").startswith(f"{NAME}.playbook.yaml: no plan")


@pytest.mark.thorough
def test_gitlab_plans_a_playbook_by_another_name(runner: Runner) -> None:
    rename(runner)
    assert on_gitlab(runner) == 0
    assert PLANNED in runner.read("plan.md")
