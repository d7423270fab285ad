"""One change to a playbook that is tried on some deals, beside others that go on as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playgate.errors import Place
from playgate.records import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playgate.model.playbook import Playbook

__all__ = ["STEPS_FOLLOWED", "Arms", "Experiment", "arm_version"]

STEPS_FOLLOWED = "steps-followed"
"""What guards call the share of steps that were followed, where no KPI is called so."""


class Arms(Record, kw_only=True):
    """Who tries the change: teams, reps, or a share of the deals, of which one is given."""

    teams: tuple[str, ...] = ()
    reps: tuple[str, ...] = ()
    share: float | None = None
    """A fraction of 1: of the deals, drawn by their ids."""
    against: tuple[str, ...] = ()
    """The teams or reps that are compared with them; where none is named, all others."""
    key: str = ""
    """What deals are drawn with."""

    @property
    def named(self) -> tuple[str, ...]:
        """The teams or reps that try the change."""
        return self.teams or self.reps


class Experiment(Record, kw_only=True):
    """A change of one rule, in force for some of the deals that begin in a span of time.

    Deals belong to the arm that they began in, whatever becomes of them.
    """

    id: str
    title: str
    rule: str
    """The id of the rule that is changed."""
    change: Mapping[str, Any]
    """The keys that are changed, with their new values as they are written."""
    arms: Arms
    starts: int
    """The first instant at which deals that begin are in it."""
    until: int
    """The last one."""
    measure: str
    """The KPI that the change is to better."""
    guard: tuple[str, ...]
    """The KPIs that must not become worse."""
    detect: float | None = None
    """The smallest difference that would matter, in the unit of the measure; a fraction of 1 for
    shares. `None`: a fifth of what the measure is."""
    place: Place
    treated: Playbook | None = None
    """The playbook with the change, where it was read together with this one."""
    assigned: frozenset[str] | None = None
    """The deals that a ledger keeps under the change; `None` where nobody keeps that."""


def arm_version(version: int | str, experiment: str) -> str:
    """Returns how the version of a playbook is called that has an experiment's change."""
    return f"{version}+{experiment}"
