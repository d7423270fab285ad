"""Each CRM of which mappings ship: a small export of each reads as the events that it should.

A folder of `playbooks/crm` has a playbook with the CRM's own stages, its cases, and mappings:
`CRM.mapping.yaml` reads what lies in `export`, `CRM-FORM.mapping.yaml` what lies in `export-FORM`.
The events are written anew with `--update-golden`; then read the difference.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from playgate.documents.shipped import shipped, shipped_crms
from playgate.playbook.load import load_playbook
from playgate.proof.lint import lint_playbook
from support.in_process import Run

DOCS = Path(__file__).parents[2] / "docs" / "crms"
SECTIONS = ("How to export", "Permissions", "What it does not tell", "What was tried")
CRMS = shipped_crms()
MAPPINGS = [
    (crm, path.name.removesuffix(".mapping.yaml"))
    for crm in CRMS
    for path in sorted(shipped("playbooks", "crm", crm).glob("*.mapping.yaml"))
]


def _export(crm: str, mapping: str) -> list[Path]:
    """The files of the small export that a mapping reads."""
    form = mapping.removeprefix(crm)
    return sorted(each for each in shipped("playbooks", "crm", crm, f"export{form}").iterdir())


@pytest.mark.parametrize(("crm", "mapping"), MAPPINGS)
def test_an_export_reads_as_its_events(
    crm: str, mapping: str, run: Run, golden: Callable[[str, str], None]
) -> None:
    status, out, err = run("import", *_export(crm, mapping), "--map", mapping)
    assert status == 0
    golden(f"{mapping}.csv", out)
    golden(f"{mapping}.txt", err.replace(f"{shipped('playbooks', 'crm', crm)}{os.sep}", ""))


@pytest.mark.parametrize(("crm", "mapping"), MAPPINGS)
def test_all_forms_of_an_export_tell_of_moves_and_more(crm: str, mapping: str, run: Run) -> None:
    status, out, _ = run("import", *_export(crm, mapping), "--map", mapping)
    kinds = {line.split(",")[2] for line in out.splitlines()[1:]}
    assert status == 0
    assert {"stage", "field"} <= kinds


@pytest.mark.parametrize(("crm", "mapping"), MAPPINGS)
def test_its_mappings_are_clean_and_laid_out(crm: str, mapping: str, run: Run) -> None:
    path = shipped("playbooks", "crm", crm, f"{mapping}.mapping.yaml")
    assert run("lint", path)[:2] == (0, f"{path}: no mistakes\n")
    assert run("fmt", "--check", path)[0] == 0


@pytest.mark.parametrize("crm", CRMS)
def test_its_playbook_is_clean_and_its_cases_pass(crm: str, run: Run) -> None:
    path = shipped("playbooks", "crm", crm, f"{crm}.yaml")
    assert lint_playbook(path.read_bytes(), str(path)) == []
    assert load_playbook(path).name == crm
    assert run("test", path)[0] == 0


@pytest.mark.parametrize(("crm", "mapping"), MAPPINGS)
def test_its_playbook_judges_each_export(crm: str, mapping: str, run: Run) -> None:
    path = shipped("playbooks", "crm", crm, f"{crm}.yaml")
    status, out, err = run("audit", path, *_export(crm, mapping), "--map", mapping)
    assert (status in (0, 1), err) == (True, "")
    assert "Names that the playbook does not know" not in out


@pytest.mark.parametrize("crm", CRMS)
def test_what_init_says_next_can_be_done(crm: str, run: Run) -> None:
    status, out, err = run("init", "ours", "--crm", crm)
    assert (status, err) == (0, "")
    commands = [shlex.split(line) for line in out.splitlines() if line.startswith("  ")]
    assert [words[1] for words in commands] == ["show", "lint", "test", "audit"]
    for words in commands:
        assert run(*words[1:])[0] in (0, 1)


@pytest.mark.parametrize("crm", CRMS)
def test_its_page_says_what_its_reader_asks(crm: str) -> None:
    page = (DOCS / f"{crm}.md").read_text(encoding="utf-8")
    heads = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert [head for head in heads if head in SECTIONS] == list(SECTIONS)


def test_an_unknown_crm(run: Run) -> None:
    status, _, err = run("init", "ours", "--crm", "salesfarce")
    assert status == 2
    assert 'there is no mapping of a CRM "salesfarce"' in err


def test_a_crm_or_a_playbook(run: Run) -> None:
    status, _, err = run("init", "ours", "--crm", "hubspot", "--from", "saas")
    assert status == 2
    assert "--crm and --from exclude each other" in err
