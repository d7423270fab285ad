"""The live gate records a move only where the playbook's state machine makes it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from gate import environment, events_of, say

from playgate.ledger.store import Ledger
from playgate.machine import StageMachine

ON_BOTH = True

Asked = list[tuple[str, str, bool]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, db: Path) -> Asked:
    """Machines that refuse every move: what they are asked, and what the guard says to it."""
    found: Asked = []

    def makes(_: StageMachine, current: str, stage: str, *, guard: Callable[[], bool]) -> bool:
        found.append((current, stage, guard()))
        return False

    monkeypatch.setattr(StageMachine, "makes", makes)
    return found


def decisions(db: Path, deal: str) -> list[tuple[str, str, int, str]]:
    with Ledger.open(db) as ledger:
        rows = ledger.decisions.of(deal)
    return [(row.from_stage, row.to_stage, row.allowed, row.event_id) for row in rows]


def test_a_move_that_the_machine_does_not_make_is_recorded_as_refused(db: Path, asked: Asked):
    before = events_of(db, "d")
    said = say("move", "d", "c", "--format", "json", db=db)
    assert said.status == 1
    assert (said.data["allowed"], said.data["recorded"], said.data["event_id"]) == (
        False,
        True,
        None,
    )
    assert said.data["note"] == "the playbook's machine makes no such move"
    assert set(asked) == {("a", "c", True)}
    assert events_of(db, "d") == before
    assert decisions(db, "d")[1:] == [("a", "c", 0, "")]
    assert "decision a → c refused" in say("history", "d", db=db).out
    shown = say("move", "d", "c", db=db).out
    assert shown == "d: a → c refused\n  the playbook's machine makes no such move\n"


def test_nor_does_a_deal_begin_in_a_stage_that_the_machine_refuses(
    db: Path, playbook: Path, asked: Asked
):
    said = say("open", "e", "note=x", "--playbook", str(playbook), db=db)
    assert said.status == 1
    assert set(asked) == {("", "a", True)}
    assert events_of(db, "e") == []
    assert decisions(db, "e") == [("", "a", 0, "")]


def test_what_the_judge_refuses_is_not_asked_of_the_machine(db: Path, asked: Asked):
    assert say("move", "d", "b", db=db).status == 1
    assert asked == []
    assert decisions(db, "d")[1:] == [("a", "b", 0, "")]


@pytest.mark.parametrize(
    ("words", "imports"),
    [
        (["check", "d", "c"], False),
        (["check", "d", "c", "--by=ann"], False),  # by the way of the command-line library
        (["next", "d"], False),
        (["move", "d", "b"], False),
        (["move", "d", "a"], False),
        (["move", "d", "c"], True),
    ],
)
def test_only_a_move_that_is_recorded_imports_the_library(
    db: Path, words: list[str], imports: bool
):
    code = (
        "import sys\n"
        "from playgate.cli.main import main\n"
        "try:\n    main()\n"
        "finally:\n    assert ('transitions' in sys.modules) is " + str(imports)
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=environment(db), capture_output=True, check=False
    )
    assert done.returncode in (0, 1), done
    assert not done.stderr, done
