"""The state machine of a playbook: its stages, what its moves mean, and the guard of each."""

from __future__ import annotations

import pytest

from playgate.machine import START, StageMachine, Step
from playgate.model.playbook import Playbook
from support.counting import playbook_of

TEXT = """\
playbook: track
version: 1
fields: {size: {type: text}}
stages:
  - stage: (new)
  - {stage: gone, ends: lost}
  - {stage: "=", optional: true}
  - {stage: won, ends: won}
  - {stage: fourth, when: {field: size, is: present}}
  - stage: fifth
  - {stage: upsold, ends: won}
  - {stage: dropped, ends: lost}
"""


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    return playbook_of(TEXT)


@pytest.fixture(scope="module")
def machine(playbook: Playbook) -> StageMachine:
    return StageMachine(playbook)


def test_its_states_are_the_stages(playbook: Playbook, machine: StageMachine):
    assert machine.stages == list(playbook.stages)
    assert [stage.id for stage in machine.lost] == ["gone", "dropped"]


def test_its_steps_are_the_track_and_pass_over_what_may_be_left_out(machine: StageMachine):
    assert machine.steps == [
        Step(START, "(new)", False),
        Step("(new)", "=", False),
        Step("(new)", "fourth", True),
        Step("(new)", "fifth", True),
        Step("=", "fourth", False),
        Step("=", "fifth", True),
        Step("fourth", "fifth", False),
        Step("fifth", "won", False),
        Step("fifth", "upsold", False),
    ]


def test_it_makes_any_move_that_its_guard_lets_pass(playbook: Playbook, machine: StageMachine):
    stages = [stage.id for stage in playbook.stages]
    for source in (START, *stages):
        for stage in stages:
            made = machine.makes(source, stage, guard=lambda: True)
            assert made is (source != stage)  # nothing moves to where it is
            assert not machine.makes(source, stage, guard=lambda: False)
    assert not machine.makes("(new)", "nowhere", guard=lambda: True)


def test_no_guard_is_asked_for_a_move_that_there_is_not(machine: StageMachine):
    def guard() -> bool:
        raise AssertionError

    assert not machine.makes("(new)", "(new)", guard=guard)
    with pytest.raises(AssertionError):
        machine.makes("(new)", "gone", guard=guard)
