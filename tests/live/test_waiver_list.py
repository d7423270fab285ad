"""The list of waivers that were asked for, as people read it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from gate import say

ON_BOTH = True

PLAYBOOK = """\
playbook: p
version: 1
timezone: ZONE
stages:
  - stage: a
    exit: [{field: amount, is: present}]
  - {stage: b}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
fields:
  amount: {type: number}
"""
AT = int(datetime(2026, 3, 2, 8, 0, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("zone", "told"),
    [("UTC", "2026-03-02T08:00:00Z"), ("Europe/Paris", "2026-03-02T09:00:00+01:00")],
)
def test_times_are_those_of_where_the_deal_is(tmp_path: Path, zone: str, told: str) -> None:
    (tmp_path / "p.yaml").write_text(PLAYBOOK.replace("ZONE", zone), encoding="utf-8")
    db = tmp_path / "l.db"
    for words in (
        ["open", "D", "--playbook", tmp_path / "p.yaml"],
        ["waiver", "request", "D", "a/exit/amount", "--reason", "in May", "--by", "ann"],
    ):
        done = say(*map(str, words), db=db, clock=AT)
        assert done.status == 0, done.err
    listed = say("waiver", "list", db=db, clock=AT)
    assert f"asked for by ann, {told}: in May" in listed.out
