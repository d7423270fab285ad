"""Playbook → state machine; the one door to `transitions`.

There is one machine to a playbook, and it is the track: its states are the stages, its transitions
the moves, each with what it is to the playbook. Any stage can be asked for from any other; whether
that is right is the judge's to say, who guards every move. Diagrams are drawn from the machine, and
the live gate records no move that it does not make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from transitions import EventData, Machine, State, Transition

from playgate.model.playbook import Playbook, Stage
from playgate.records import Record

__all__ = ["START", "StageMachine", "Step"]

START = ""
"""The state of a deal that is in no stage yet; no stage can be called that."""

_INTO = "move_to_"
_Means = Literal["next", "skip", "give up", "aside"]
"""What a move is to the playbook: on to the next stage of the track, past stages that a deal may
leave out, into a lost stage, or nothing that it means."""


class Step(Record):
    """A move along the track."""

    from_stage: str
    """`START` where the deal is new."""
    to_stage: str
    skips: bool
    """Whether it passes over stages that are optional or conditional."""


class StageMachine:
    """The stages of a playbook, and the moves between any two of them."""

    def __init__(self, playbook: Playbook) -> None:
        self._machine = _Machine(
            model=None,
            states=[State(START), *map(_StageState, playbook.stages)],
            initial=START,
            auto_transitions=False,
            send_event=True,
            ignore_invalid_triggers=True,
        )
        means = dict(_meant(playbook))
        lost = [stage for stage in playbook.stages if stage.ends == "lost"]
        for stage in (*playbook.track, *lost):
            into, other = stage.id, "give up" if stage.ends == "lost" else "aside"
            for source in self._machine.states:
                if source != into:
                    meant = means.get((source, into), other)
                    self._machine.add_transition(_INTO + into, source, into, _guard, means=meant)

    @property
    def stages(self) -> list[Stage]:
        """The stages as the playbook has them, in its order."""
        states = self._machine.states.values()
        return [state.stage for state in states if isinstance(state, _StageState)]

    @property
    def steps(self) -> list[Step]:
        """The moves along the track, in its order."""
        places = {name: place for place, name in enumerate(self._machine.states)}
        found = [
            Step(move.source, str(move.dest), move.means == "skip")
            for move in self._moves()
            if move.means in ("next", "skip")
        ]
        return sorted(found, key=lambda step: places[step.from_stage])

    @property
    def lost(self) -> list[Stage]:
        """The stages in which a deal can be given up, wherever it stands."""
        found = {move.dest for move in self._moves() if move.means == "give up"}
        return [stage for stage in self.stages if stage.id in found]

    def makes(self, current: str, stage: str, *, guard: Callable[[], bool]) -> bool:
        """Whether a deal that is in `current` is moved into `stage`; its guard is asked."""
        event = self._machine.events.get(_INTO + stage)
        return event is not None and event.trigger(_Deal(current), guard=guard)

    def _moves(self) -> Iterator[_Move]:
        for move in self._machine.get_transitions():
            assert isinstance(move, _Move)  # noqa: S101  (so the machine makes them)
            yield move


class _Deal:
    """A deal at the gate, as a model of the machine."""

    def __init__(self, stage: str) -> None:
        self.state = stage


class _StageState(State):
    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.id)
        self.stage = stage


class _Move(Transition):
    def __init__(self, *args: Any, means: _Means) -> None:
        super().__init__(*args)
        self.means = means


class _Machine(Machine):
    transition_cls = _Move
    wildcard_same = "*"  # no stage can be called that; one may be called "="


def _guard(event: EventData) -> bool:
    return bool(event.kwargs["guard"]())


def _meant(playbook: Playbook) -> Iterator[tuple[tuple[str, str], _Means]]:
    """From each stage to the next, over those that may be left out, and to every won stage."""
    ends = sum(1 for stage in playbook.track if stage.ends is None)
    reachable = [(START, -1)]
    for place, stage in enumerate(playbook.track):
        for source, at in reachable:
            yield (source, stage.id), "next" if min(place, ends) - at <= 1 else "skip"
        if stage.ends == "won":
            continue
        may_skip = stage.optional or stage.when is not None
        reachable = [*reachable, (stage.id, place)] if may_skip else [(stage.id, place)]
