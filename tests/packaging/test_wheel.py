"""The wheel, built and tried in a clean environment, the way a user gets it."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.packaging


def run(*command: object, cwd: Path, status: int = 0) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", target, ROOT, cwd=target)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def playgate(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    run(
        scripts / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "-c",
        ROOT / "constraints.txt",
        wheel,
        cwd=folder,
    )
    return scripts / "playgate"


def test_the_wheel_holds_one_package_with_what_ships(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"playgate"}
    for wanted in (
        "playgate/py.typed",
        "playgate/schemas/playbook.schema.json",
        "playgate/schemas/cases.schema.json",
        "playgate/playbooks/bank-sales/bank-sales.cases.yaml",
        "playgate/schemas/report.schema.json",
        "playgate/playbooks/bank-sales/bank-sales.yaml",
        "playgate/playbooks/bank-sales/history.csv",
        "playgate/playbooks/loan-application/bpic2012.mapping.yaml",
    ):
        assert wanted in names
    data = [
        name
        for name in names
        if name.startswith(("playgate/playbooks/", "playgate/schemas/"))
        and not name.endswith("/export_odoo.py")  # which `init` copies
    ]
    known = {".csv", ".json", ".jsonl", ".ndjson", ".xes", ".yaml"}
    assert {Path(name).suffix for name in data} <= known


def test_a_new_user_gets_from_init_to_an_audit(playgate: Path, tmp_path: Path) -> None:
    assert "playgate" in run(playgate, "--version", cwd=tmp_path)
    run(playgate, "init", "our-sales", "--from", "bank-sales", cwd=tmp_path)
    run(playgate, "lint", "our-sales/our-sales.playbook.yaml", cwd=tmp_path)
    shown = run(playgate, "show", "our-sales/our-sales.playbook.yaml", cwd=tmp_path)
    assert "Assess needs" in shown
    audited = run(
        playgate,
        "audit",
        "our-sales/our-sales.playbook.yaml",
        "our-sales/history.csv",
        "--people",
        "our-sales/people.csv",
        cwd=tmp_path,
        status=1,
    )
    assert "of the steps were followed" in audited
