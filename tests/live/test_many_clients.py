"""What clients that are killed and paused are answered reads as one story, deal by deal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from live.many_clients import Told, answer_of, campaign, not_one_story, step
from live.on_server import given_name
from support.linear import Asked

ON_BOTH = True
OF_A_FILE = (
    "test_two_that_both_moved_a_deal_from_one_stage_are_no_story",
    "test_a_refusal_is_no_answer_of_the_story",
)
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals that pause")


@pytest.mark.thorough
def test_clients_that_are_killed_and_paused(tmp_path: Path) -> None:
    db = given_name(tmp_path / "playgate.db")
    told = campaign(tmp_path, seconds=10, seed=1, db=db, kills=4, answers=51)
    assert not_one_story(told) == []
    assert told.killed > 3
    assert sum(map(len, told.histories.values())) > 50


def test_two_that_both_moved_a_deal_from_one_stage_are_no_story() -> None:
    both = [Asked(0, 3, ("move", "b", "a"), "moved"), Asked(1, 4, ("move", "c", "a"), "moved")]
    assert not_one_story(Told({"D-1": both}, 0, 0)) == ["D-1"]
    assert not_one_story(Told({"D-1": both[:1]}, 0, 0)) == []


def test_a_refusal_is_no_answer_of_the_story() -> None:
    refused = {"kind": "decision", "allowed": False, "note": None}
    assert answer_of(refused) not in {step("a", ("move", "b", each))[1] for each in "abc"}
