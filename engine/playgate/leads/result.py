"""What a look at a list of prospects comes to: frozen values that every report renders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from playgate.errors import Place
from playgate.records import Record

__all__ = ["Covered", "Due", "Lead", "LeadsResult", "Match", "Release", "Status"]

Status = Literal["free", "incomplete", "client", "taken", "twice", "to-decide"]


class Match(Record):
    """That a prospect is somebody known, and by what that is seen."""

    kind: Literal["client", "deal", "prospect"]
    of: str
    """File and line of the row, or the deal's id."""
    rep: str
    """Who works on the deal; empty for rows of lists."""
    open: bool
    by: tuple[str, ...]
    """The columns that are the same."""
    value: str
    likeness: float
    """Of 100; 100 where the columns are equal."""


class Lead(Record, kw_only=True):
    """A prospect: what is missing, whom it may be, whether it fits, and who might call."""

    place: str
    """File and line in the list."""
    name: str
    status: Status
    missing: tuple[str, ...]
    matches: tuple[Match, ...]
    fits: tuple[str, ...]
    """The profiles that it fits by its fields."""
    fit: float
    """The share of the groups that hold of the profile that it is nearest to."""
    nearest: str
    segment: str
    rank: int | None
    """From 1, among those that are free."""
    rep: str
    """Whom the proposal gives it to."""
    why: str
    cells: Mapping[str, str]


class Due(Record):
    """What a rep owes in the running week or month, and whom to call first."""

    rep: str
    name: str
    team: str
    open_deals: int
    given: int
    done: int
    at_least: int
    left: int
    first: tuple[str, ...]


class Release(Record):
    """A deal that was worked on for long and came to nothing: it may pass on, by decision."""

    deal: str
    rep: str
    since: int
    stage: str


class Covered(Record):
    """How much of a segment somebody has touched."""

    segment: str
    title: str
    prospects: int
    clients: int
    worked_on: int
    touched: int
    untouched: tuple[str, ...]
    """The names of the first whom nobody touched."""
    left: int
    """How many nobody touched."""


class LeadsResult(Record, kw_only=True):
    """All of it; instants are microseconds since 1970 in UTC."""

    playbook: str
    version: str
    title: str
    file: str
    plan: str
    plan_sha256: str
    timezone: str
    as_of: int
    prospects: int
    clients: int
    deals: int
    problems: int
    usable: int
    """How many are complete, and nobody's."""
    minimum: int
    minimum_place: Place
    likeness: int | None
    """From which likeness on names are shown to be decided."""
    leads: tuple[Lead, ...]
    due: tuple[Due, ...]
    release: tuple[Release, ...]
    covered: tuple[Covered, ...]

    @property
    def is_short(self) -> bool:
        """Whether the list is shorter than it must be."""
        return self.usable < self.minimum
