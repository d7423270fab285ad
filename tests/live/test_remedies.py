"""What a refusal tells to do: every way, what people do first, never to enter what would pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from pathlib import Path

import pytest
from gate import Said, say

from playgate.conditions.instants import read_instant
from playgate.enforce.remedy import Remedies, Remedy
from playgate.history.deal import Deal
from support.parity import drawn, judged

ON_BOTH = True

PLAYBOOK = """\
playbook: ways
version: 1
timezone: Europe/Paris
roles: [rep, manager]
fields:
  pct: {type: number}
  most: {type: number}
  budget: {type: boolean}
  reason: {type: text}
  colour: {type: choice, options: [red, green]}
  signed: {type: date}
activities:
  desk: {title: Desk}
  call: {title: Call}
  complaint: {title: Complaint}
signals:
  cheap: {field: pct, at_most: 15}
  quiet: {not: {activity: complaint}}
stages:
  - stage: start
  - stage: choice
    entry:
      - any: [cheap, {activity: desk, outcome: approved}]
  - stage: missing
    entry:
      - all: [{field: budget, equals: true}, {field: reason, is: present}, {activity: desk}]
  - stage: undone
    entry:
      - {id: never, not: {activity: complaint}}
      - {id: few, activity: call, no_more_than: 1}
      - {id: lately, activity: call, no_more_than: 0, in_last: 3 days}
  - stage: nested
    entry:
      - any:
          - all: [{stage: choice, is: entered}, {not: {any: [{field: budget, is: absent}, cheap]}}]
          - not: {all: [{activity: complaint}, {field: colour, not_equals: red}]}
          - quiet
          - {not: {activity: call, no_more_than: 4}}
  - stage: compared
    entry:
      - {id: limit, field: pct, at_most: {field: most}}
      - {id: same, field: pct, more_than: {field: pct}}
  - stage: dated
    entry:
      - {id: old, field: signed, older_than: 30 days}
      - {id: soon, field: signed, in_next: 3 weeks}
      - {id: gone, field: reason, is: absent}
  - stage: roles
    by: [manager]
    entry:
      - {activity: desk, by: manager}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
sequence:
  - {id: answer, after: {activity: complaint}, need: [{field: pct, at_most: 15}, {activity: call}]}
rules: {"*/entered": {level: observe}}
"""
STAGES = ["choice", "missing", "undone", "nested", "compared", "dated", "roles", "won"]


@pytest.fixture
def ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Runs commands on a deal of which some facts are known, and others are not."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ways.yaml").write_text(PLAYBOOK, encoding="utf-8")

    def run(day: int, *words: str) -> Said:
        clock = read_instant(f"2026-05-{day:02d}T09:00:00Z", UTC)
        return say(*words, db=Path("deals.db"), clock=clock)

    facts = ["pct=30", "colour=green", "signed=2026-06-20"]
    assert run(1, "open", "D-1", "--playbook", "ways.yaml", *facts).status == 0
    for day in (1, 2):
        assert run(day, "log", "D-1", "call").status == 0
    assert run(3, "log", "D-1", "complaint").status == 0
    return run


def test_every_way_in_words(ways: Callable[..., Said], golden: Callable[[str, str], None]) -> None:
    told = [ways(4, "check", "D-1", stage) for stage in STAGES]
    assert {said.status for said in told} == {1}
    golden("remedies.txt", "\n".join(said.out for said in told))


def test_every_way_as_json(ways: Callable[..., Said], golden: Callable[[str, str], None]) -> None:
    told = [ways(4, "check", "D-1", stage, "--format", "json").data for stage in STAGES]
    found = {
        each["rule"]: each["remedies"]
        for said in told
        for each in said["findings"]
        if each["refuses"]
    }
    golden("remedies.json", json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def test_next_tells_the_same(ways: Callable[..., Said], golden: Callable[[str, str], None]) -> None:
    golden("next-ways.txt", ways(4, "next", "D-1").out)


def test_what_is_known_is_never_overwritten(ways: Callable[..., Said]) -> None:
    for stage in STAGES:
        said = ways(4, "check", "D-1", stage, "--format", "json")
        for field in ("pct", "colour", "signed"):
            assert f"{field}=" not in said.out


def every(found: Sequence[Remedy]) -> Iterator[Remedy]:
    """The remedies, and those of all ways."""
    for each in found:
        yield each
        for way in each.one_of:
            yield from every(way)


@pytest.mark.parametrize("block", range(4))
def test_remedies_of_any_playbook(block: int) -> None:
    """None enters a value; a field that it asks to be recorded is absent, or is asked for anew."""
    seen: set[str] = set()
    for seed in range(block * 15, block * 15 + 15):
        example = drawn(seed, deals=6)
        remedies = Remedies(example.judge()[0])
        as_of = example.as_of or max(event.happened_at for event in example.events)
        for deal, rule, verdict in judged(example, as_of=as_of):
            if verdict is not None and verdict.verdict == "unmet":
                for each in every(remedies.of(rule, deal, verdict)):
                    check(each, deal)
                    seen.add(each.kind)
    assert seen >= {"do", "find-out", "known"}


def check(remedy: Remedy, deal: Deal) -> None:
    assert remedy.words
    assert (remedy.kind == "one-of") == (len(remedy.one_of) > 1)
    if remedy.command.startswith("set "):
        name, _, value = remedy.command.removeprefix("set {deal} ").strip("'").partition("=")
        assert value == "…"
        assert remedy.kind == "find-out"
        assert deal.field(name, deal.as_of) is None or " still " in remedy.words
    if remedy.kind in ("known", "wait", "never"):
        assert not remedy.command
