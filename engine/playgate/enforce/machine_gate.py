"""Moves through the playbook's one state machine; its guard is the judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playgate.machine import START, build_machine, trigger_name
from playgate.playbook.model import Playbook

__all__ = ["MachineGate"]


class MachineGate:
    """One machine to a playbook; the deal that stands at the gate lends it its stage."""

    def __init__(self, playbook: Playbook) -> None:
        self._machine = build_machine(playbook)
        self.state = START
        self._ask: Callable[[], bool] = _nobody
        self._machine.add_model(self)

    def allows(self, _: Any) -> bool:
        """The guard of every move: what the judge says."""
        return self._ask()

    def passes(self, current: str, stage: str, ask: Callable[[], bool]) -> bool:
        """Whether the machine moves a deal from `current` (empty: a new one) into `stage`."""
        self.state = current or START
        self._ask = ask
        moved: bool = getattr(self, trigger_name(stage))()
        return moved


def _nobody() -> bool:
    return False
