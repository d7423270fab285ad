"""Playbook → state machine; the one door to `transitions`.

There is one machine to a playbook, never one to a deal. Any stage can be asked for from any other:
whether a move is right is the judge's to say, so the machine knows the stages and its guard asks.
What a diagram draws is the track: the moves that the playbook means.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from transitions import Machine

from playgate.playbook.model import Playbook
from playgate.records import Record

__all__ = ["START", "Step", "build_machine", "track_steps", "trigger_name"]

START = "(new)"
"""The state of a deal that has entered no stage yet."""

MOVE = "move_to_"
TRACK = "next_"


class Step(Record):
    """A move along the track."""

    from_stage: str
    to_stage: str
    skips: bool
    """Whether it passes over stages that are optional or conditional."""


def build_machine(playbook: Playbook) -> Any:
    """The playbook's machine: its stages as states, the track's steps and moves to any stage.

    Triggers named `move_to_<stage>` lead there from everywhere and ask the model's `allows`;
    those named `next_<stage>` are the track and serve to draw it.
    """
    states = [START, *(stage.id for stage in playbook.stages)]
    machine = Machine(
        model=None, states=states, initial=START, auto_transitions=False, send_event=True
    )
    for stage in playbook.stages:
        sources: list[Any] = [state for state in states if state != stage.id]
        machine.add_transition(trigger_name(stage.id), sources, stage.id, conditions="allows")
    for step in _steps(playbook):
        machine.add_transition(TRACK + step.to_stage, step.from_stage, step.to_stage)
    return machine


def trigger_name(stage: str) -> str:
    """The trigger that asks for a move into the stage."""
    return MOVE + stage


def track_steps(playbook: Playbook, machine: Any) -> Iterator[Step]:
    """The steps of the track as the machine has them, in the playbook's order."""
    order = [stage.id for stage in playbook.track]
    found = {
        (transition.source, transition.dest)
        for name, event in machine.events.items()
        if name.startswith(TRACK)
        for source in event.transitions.values()
        for transition in source
    }
    places = {START: -1, **{stage: place for place, stage in enumerate(order)}}
    ends = sum(1 for stage in playbook.track if stage.ends is None)
    for source, target in sorted(found, key=lambda pair: (places[pair[0]], places[pair[1]])):
        near = min(places[target], ends) - places[source] <= 1
        yield Step(source, target, not near)


def _steps(playbook: Playbook) -> Iterator[Step]:
    """From each stage to the next, over those that may be left out, and to every won stage."""
    track = playbook.track
    reachable = [START]
    for stage in track:
        for source in reachable:
            yield Step(source, stage.id, False)
        if stage.ends == "won":
            continue
        may_skip = stage.optional or stage.when is not None
        reachable = [*reachable, stage.id] if may_skip else [stage.id]
