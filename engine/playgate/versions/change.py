"""A difference in meaning between two versions of a playbook, as a value."""

from __future__ import annotations

from typing import Literal

from playgate.errors import Place
from playgate.records import Record

__all__ = ["KINDS", "Change", "Diff", "Kind", "Part", "Version"]

Kind = Literal[
    "added", "removed", "moved", "renamed", "tightened", "loosened", "level", "changed", "wording"
]
KINDS: tuple[Kind, ...] = (
    "added",
    "removed",
    "moved",
    "renamed",
    "tightened",
    "loosened",
    "level",
    "changed",
    "wording",
)

Part = Literal["stage", "rule", "field", "activity", "role", "setting"]


class Change(Record, kw_only=True):
    """A difference; what was there before, and what is there now, is told in words."""

    part: Part
    kind: Kind
    id: str
    """The id of what differs; the newer one, where there is one."""
    stage: str = ""
    """The stage in which a rule stands; by its newer name, where there is one."""
    old_id: str = ""
    """The older id, where it was another one."""
    aspect: str = ""
    """Which aspect differs; empty where it is the thing as a whole."""
    old: str = ""
    new: str = ""
    old_place: Place | None = None
    new_place: Place | None = None


class Version(Record):
    """A version of a playbook, and the file in which it stands."""

    name: str
    version: str
    sha256: str
    file: str


class Diff(Record):
    """All differences, in the order of the newer version."""

    old: Version
    new: Version
    changes: tuple[Change, ...]
