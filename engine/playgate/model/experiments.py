"""Who tries a change to a playbook, and how the version with the change is called."""

from __future__ import annotations

from playgate.records import Record

__all__ = ["STEPS_FOLLOWED", "Arms", "arm_version"]

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


def arm_version(version: int | str, experiment: str) -> str:
    """Returns how the version of a playbook is called that has an experiment's change."""
    return f"{version}+{experiment}"
