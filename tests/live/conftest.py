"""What the tests of the live gate start from: a small playbook, and a ledger with a deal."""

from __future__ import annotations

from pathlib import Path

import pytest
from gate import opened, say

PLAYBOOK = """\
playbook: small
version: 1
roles: [rep, manager]
fields: {note: {type: text}, amount: {type: number}}
activities: {call: {title: Call}, meeting: {title: Meeting}}
stages:
  - stage: a
  - {stage: b, entry: [{field: note, is: present}], by: [rep, manager]}
  - {stage: c, optional: true}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
rules: {"*/entered": {level: observe}}
"""


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    """The small playbook as a file."""
    path = tmp_path / "small.yaml"
    path.write_text(PLAYBOOK, encoding="utf-8")
    return path


@pytest.fixture
def db(tmp_path: Path, playbook: Path) -> Path:
    """A ledger in which deal `d` is open."""
    path, people = tmp_path / "deals.db", tmp_path / "people.csv"
    people.write_text("actor,role\nrep,rep\nann,rep\n", encoding="utf-8")
    assert say("people", str(people), db=path).status == 0
    opened(path, playbook, "d")
    return path
