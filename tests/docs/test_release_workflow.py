"""The workflow that releases: what it may, what it waits for, and what it runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pages import ROOT
from workflow_files import PINNED, RELEASE, called, check_call, scripts, workflow

from playgate import __version__

DATA = workflow(RELEASE)
JOBS: dict[str, dict[str, Any]] = DATA["jobs"]


def test_nothing_is_published_that_did_not_pass() -> None:
    assert set(JOBS["publish"]["needs"]) == JOBS.keys() - {"publish", "page"}
    assert JOBS["page"]["needs"] == "publish"
    assert JOBS["publish"]["environment"]  # where a person is asked
    assert not any(job.get("continue-on-error") for job in JOBS.values())
    systems = [each["system"] for each in JOBS["elsewhere"]["strategy"]["matrix"]["include"]]
    assert sorted(each.partition("-")[0] for each in systems) == ["macos", "windows"]


def test_each_job_may_little() -> None:
    assert DATA["permissions"] == {}
    read = {"contents": "read"}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "everything": read,
        "build": read,
        "elsewhere": read,
        "publish": {"id-token": "write"},
        "page": {"contents": "write"},
    }
    for name in ("publish", "page"):  # what may write runs nothing of the repository's
        assert not any("checkout" in step.get("uses", "") for step in JOBS[name]["steps"])
    assert "secrets." not in RELEASE.read_text(encoding="utf-8")
    for script in scripts(DATA):
        assert "${{" not in script


def test_actions_are_pinned_to_commits() -> None:
    used = [step["uses"] for job in JOBS.values() for step in job["steps"] if "uses" in step]
    assert not [each for each in used if not PINNED.fullmatch(each)]
    lines = re.findall(r"uses: (.+)", RELEASE.read_text(encoding="utf-8"))
    assert all(re.search(r" # v\d+\.\d+\.\d+$", line) for line in lines)


def test_what_it_runs_is_there() -> None:
    for each in JOBS["elsewhere"]["strategy"]["matrix"]["include"]:
        assert all((ROOT / folder).is_dir() for folder in each["tests"].split())
    calls = [words for script in scripts(DATA) for words in called(script)]
    assert calls
    for words in calls:
        if words != ["--version"]:
            check_call(words)
    assert (ROOT / ".ci" / "run").exists()


@pytest.mark.thorough
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_what_a_user_does_elsewhere_works_here(tmp_path: Path) -> None:
    (step,) = (each for each in JOBS["elsewhere"]["steps"] if "ledger" in each.get("name", ""))
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "playgate"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m playgate.cli.main "$@"\n', "utf-8")
    command.chmod(0o755)
    env = {
        **os.environ,
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "engine"),
        "RUNNER_TEMP": str(tmp_path),
        "PLAYGATE_CACHE": str(tmp_path / "cache"),
    }
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(words, cwd=tmp_path, env=env, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert b"the ledger is what was recorded" in done.stdout
    assert (tmp_path / "our-sales" / "copy.db").exists()


@pytest.fixture(scope="module")
def release() -> ModuleType:
    spec = spec_from_file_location("release_of_a_tag", ROOT / ".ci" / "release.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("tag", "heading", "why"),
    [
        ("v1.2.0", "1.2.0 — 2026-12-01", ""),
        ("v1.2.0", "1.2.0 — unreleased", "the newest heading"),
        ("v1.2.0", "1.1.0 — 2026-12-01", "the newest heading"),
        ("v1.2.1", "1.2.0 — 2026-12-01", "the tag is v1.2.1, and version.py says 1.2.0"),
        ("1.2.0", "1.2.0 — 2026-12-01", "the tag is 1.2.0"),
    ],
)
def test_a_tag_is_the_dated_version(
    release: ModuleType, tmp_path: Path, tag: str, heading: str, why: str
) -> None:
    code = tmp_path / "engine" / "playgate" / "version.py"
    code.parent.mkdir(parents=True)
    real = (ROOT / "engine" / "playgate" / "version.py").read_text(encoding="utf-8")
    code.write_text(real.replace(__version__, "1.2.0"), encoding="utf-8")
    changes = tmp_path / "CHANGELOG.md"
    changes.write_text(f"# Changelog\n\n## {heading}\n\n- New.\n\n## 0.9.0 — 2025-01-01\n", "utf-8")
    said = release.why_not(tag, tmp_path)
    assert said.startswith(why)
    assert bool(said) == bool(why)
