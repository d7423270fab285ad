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
    """One difference. What was there before, or is there now, is told in words."""

    part: Part
    kind: Kind
    id: str
    """By its newer name, where there is one."""
    stage: str = ""
    """Of a rule, the stage it stands in; by its newer name, where there is one."""
    old_id: str = ""
    """Where it was called otherwise."""
    aspect: str = ""
    """What of it differs; empty where it is the thing as a whole."""
    old: str = ""
    new: str = ""
    old_place: Place | None = None
    new_place: Place | None = None


class Version(Record):
    """A version of a playbook, and the file it stands in."""

    name: str
    version: str
    sha256: str
    file: str


class Diff(Record):
    """All differences, in the order of the newer version."""

    old: Version
    new: Version
    changes: tuple[Change, ...]
