"""What the live commands print for people, and that what they print as JSON fits its schema."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest
from gate import Said, say, without_hash

from playgate.conditions.instants import read_instant

ON_BOTH = True

PLAYBOOK = """\
playbook: sales
version: 7
timezone: Europe/Paris
roles: [rep, specialist, manager]
may_waive: [manager]
fields:
  amount: {type: number, unit: EUR}
  budget_confirmed: {type: boolean}
  decision_maker: {type: text}
  lost_reason: {type: choice, options: [price, no decision]}
activities: {first_call: {title: First call}, needs_interview: {title: Needs interview}}
signals:
  budget_known: {field: budget_confirmed, equals: true}
stages:
  - stage: approach
    title: Approach the prospect
    activities: [first_call]
    exit:
      - {field: decision_maker, is: present, level: warn}
    time_limit: 30 days
  - stage: assess-needs
    title: Assess needs
    activities:
      - do: needs_interview
        outcome: in person
        with: decider
        times: 2
        within: 21 days
        why: A proposal without needs is a price list.
        ask: What did the client say would happen if nothing changed?
    exit: [budget_known]
  - stage: proposal
    title: Make the proposal
    entry: [budget_known]
    by: [specialist]
  - {stage: won, ends: won, entry: [{field: amount, more_than: 0}]}
  - {stage: lost, ends: lost, entry: [{field: lost_reason, one_of: [no decision, price]}]}
limits: {idle: 21 days}
"""
PEOPLE = "actor,role\\nann,rep\\nsam,specialist\\nmax,manager\\n".replace("\\n", "\n")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Runs commands in the folder of the playbook, on a clock that is told the day of May."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sales.yaml").write_text(PLAYBOOK, encoding="utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")

    def run(day: int, *words: str) -> Said:
        clock = read_instant(f"2026-05-{day:02d}T09:00:00Z", UTC)
        return say(*words, db=Path("deals.db"), clock=clock)

    assert run(1, "people", "people.csv").status == 0
    opened = run(1, "open", "D-1042", "--playbook", "sales.yaml", "--id", "opened")
    assert opened == Said(0, "D-1042: (new) → approach allowed\n", "")
    return run


@pytest.fixture
def later(run: Callable[..., Said]) -> Callable[..., Said]:
    """A deal with some history: facts, a refusal, a waiver, a move past its time."""
    assert run(2, "log", "D-1042", "first_call", "reached", "--id", "f1").status == 0
    assert run(3, "move", "D-1042", "proposal", "--by", "ann").status == 1
    words = ("--reason", "comes\nwith \x1b[31mthe contract", "--by", "max", "--id", "w1")
    assert run(4, "waive", "D-1042", "assess-needs/exit/budget_known", *words).status == 0
    assert run(4, "set", "D-1042", "amount=12500", "--by", "ann", "--id", "s1").status == 0
    assert run(10, "move", "D-1042", "assess-needs", "--by", "ann", "--id", "m1").status == 0
    assert (
        run(
            11, "log", "D-1042", "needs_interview", "in person", "--with", "decider", "--id", "n1"
        ).status
        == 0
    )
    return run


Golden = Callable[[str, str], None]


def test_a_refusal(later: Callable[..., Said], golden: Golden) -> None:
    said = later(31, "check", "D-1042", "proposal", "--by", "ann")
    assert said.status == 1
    golden("refused.txt", said.out)
    said = later(31, "move", "D-1042", "lost", "--by", "ann")
    assert said.status == 1
    golden("refused-lost.txt", said.out)


def test_a_refusal_as_json(later: Callable[..., Said], golden: Golden) -> None:
    said = later(31, "move", "D-1042", "proposal", "--by", "ann", "--format", "json")
    assert said.status == 1
    assert said.data["kind"] == "decision"
    golden("refused.json", without_hash(said.out))


def test_next(later: Callable[..., Said], golden: Golden) -> None:
    golden("next.txt", later(12, "next", "D-1042", "--by", "ann").out)
    said = later(12, "next", "D-1042", "--by", "ann", "--format", "json")
    assert said.data["kind"] == "standing"
    golden("next.json", without_hash(said.out))


def test_next_at_other_times(later: Callable[..., Said]) -> None:
    """As of an earlier instant it tells what was; after the end there is no way on."""
    said = later(12, "next", "D-1042", "--at", "2026-05-05", "--format", "json").data
    assert (said["stage"], said["next_stage"], said["next"]) == ("approach", "assess-needs", None)
    said = later(12, "next", "D-1042", "--at", "2026-01-01", "--format", "json").data
    assert (said["stage"], said["since"]) == (None, None)
    assert later(12, "set", "D-1042", "lost_reason=price").status == 0
    assert later(12, "move", "D-1042", "lost").status == 0
    said = later(13, "next", "D-1042", "--format", "json").data
    assert (said["stage"], said["next_stage"], said["next"]) == ("lost", None, None)
    assert "D-1042 is in lost since" in later(13, "next", "D-1042").out


def test_history(later: Callable[..., Said], golden: Golden) -> None:
    golden("history.txt", later(12, "history", "D-1042").out)
    said = later(12, "history", "D-1042", "--format", "json")
    assert [each["kind"] for each in said.data["entries"]] == [
        "decision",
        "stage",
        "activity",
        "decision",
        "waiver",
        "field",
        "decision",
        "stage",
        "activity",
    ]
    golden("history.json", without_hash(said.out))


def test_what_is_recorded(run: Callable[..., Said], golden: Golden) -> None:
    shown = [
        run(2, "log", "D-1042", "first_call", "--id", "x"),
        run(2, "log", "D-1042", "first_call", "--id", "x"),
        run(2, "set", "D-1042", "amount=5", "decision_maker=\x1b[31m", "--id", "y"),
        run(2, "set", "D-1042", "amount=5", "decision_maker=\x1b[31m", "lost_reason=", "--id", "y"),
        run(3, "move", "D-1042", "approach", "--by", "ann"),
        run(3, "move", "D-1042", "assess-needs", "--id", "z"),
        run(4, "move", "D-1042", "assess-needs", "--id", "z"),
        run(4, "move", "D-1042", "assess-needs"),
        run(4, "move", "D-1042", "proposal", "--from", "approach"),
    ]
    golden("recorded.txt", "".join(said.out for said in shown))
    assert [said.status for said in shown] == [0, 0, 0, 0, 1, 0, 0, 1, 1]
    assert not any(said.err for said in shown)


def test_whose_field_it_is(
    tmp_path: Path, run: Callable[..., Said], golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "owned.yaml").write_text(OWNED, encoding="utf-8")
    shown = [
        run(2, "open", "D-7", "--playbook", "owned.yaml"),
        run(2, "set", "D-7", "discount=20", "note=x", "--by", "ann"),
        run(2, "set", "D-7", "size=5", "--by", "ann"),
        run(3, "check", "D-7", "won", "discount=20", "--by", "ann"),
    ]
    golden("owned.txt", "".join(said.out for said in shown))
    assert [said.status for said in shown] == [0, 1, 0, 1]
    assert not any(said.err for said in shown)


OWNED = """
playbook: owned
version: 1
roles: [rep, desk]
fields:
  discount: {type: number, by: desk}
  size: {type: number, by: desk, level: warn}
  note: {type: text}
stages:
  - {stage: a}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""


def test_the_commands_that_are_shown_work(later: Callable[..., Said]) -> None:
    """What a refusal tells to do, done as it is written with what was found out, gets the deal
    through."""
    import shlex

    known = {"budget_confirmed": "true", "decision_maker": "x", "lost_reason": "price"}

    def done(day: int, command: str) -> None:
        words = shlex.split(command)
        name, equals, _ = words[-1].partition("=")
        words[-1] = f"{name}={known[name]}" if equals else words[-1]
        assert later(day, *words).status == 0, command

    told = later(12, "check", "D-1042", "proposal", "--by", "sam", "--format", "json").data
    commands = [each["command"] for found in told["findings"] for each in found["remedies"]]
    for command in commands:
        done(13, command)
    assert later(14, "move", "D-1042", "proposal", "--by", "sam").status == 0
    told = later(15, "check", "D-1042", "lost", "--format", "json").data
    (command,) = (
        each["command"]
        for found in told["findings"]
        for each in found["remedies"]
        if found["refuses"]
    )
    done(15, command)
    assert later(16, "move", "D-1042", "lost").status == 0
