"""A playbook that is being started, as frozen values: little more than names and what was seen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from playgate.findings import Level
from playgate.records import Record

__all__ = ["Asked", "Draft", "DraftActivity", "DraftField", "DraftStage", "End", "end_of", "id_of"]

End = Literal["", "won", "lost"]
_MOST_SIGNS = 60
_RESERVED = frozenset(("order", "sequence", "limit", "profile", "field"))
_ID = re.compile(r"[^\s/*]{1,100}")
_PARTS = re.compile(r"[^\W_]+")
_WON = frozenset(("won", "win", "gewonnen", "gagné", "ganado", "vinto", "vunnet"))
_LOST = frozenset(
    (
        *("lost", "loss", "lose", "declined", "denied", "cancelled", "canceled", "rejected"),
        *("refused", "disqualified", "abandoned", "withdrawn", "dead"),
        *("verloren", "perdu", "perdido", "perso", "tapt"),
    )
)


class DraftField(Record, kw_only=True):
    """A field: what is known of a deal."""

    id: str
    kind: str = "text"
    unit: str = ""
    options: tuple[str, ...] = ()
    note: str = ""
    """What was seen of it, for a comment; so are the notes of other parts."""


class DraftActivity(Record, kw_only=True):
    """An activity: what people do."""

    id: str
    title: str
    outcomes: tuple[str, ...] = ()
    note: str = ""


class Asked(Record, kw_only=True):
    """An activity that a stage asks for, or a field that must be known there."""

    name: str
    level: Level | None = None
    """`None` leaves it to the playbook."""
    note: str = ""
    more_than_zero: bool = False
    """Of a number: it must be known, and more than nothing."""


class DraftStage(Record, kw_only=True):
    """A stage, what is asked before it is left, or, of one that ends a deal, to come in."""

    id: str
    title: str
    ends: End = ""
    optional: bool = False
    do: tuple[Asked, ...] = ()
    known: tuple[Asked, ...] = ()
    note: str = ""


class Draft(Record, kw_only=True):
    """A playbook to be written."""

    name: str
    title: str
    stages: tuple[DraftStage, ...]
    """The open ones in order, then those that end a deal as won, then as lost."""
    fields: tuple[DraftField, ...] = ()
    activities: tuple[DraftActivity, ...] = ()
    timezone: str = "UTC"
    level: Level = "block"
    approvers: tuple[str, ...] = ()
    """The roles that may make exceptions."""
    idle: str = ""
    """How long a deal may be silent; empty where that is not asked."""
    idle_note: str = ""
    placeholders: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What stands at the head of the file."""

    @property
    def open_stages(self) -> tuple[DraftStage, ...]:
        """The stages that end no deal, in order."""
        return tuple(stage for stage in self.stages if not stage.ends)

    def ending(self, end: End) -> tuple[DraftStage, ...]:
        """Returns the stages with this end."""
        return tuple(stage for stage in self.stages if stage.ends == end)


def id_of(text: str, *, joint: str = "-", taken: Iterable[str] = (), keep: bool = False) -> str:
    """Returns the id for a name that people wrote, or `""` where it has neither letter nor digit.

    With `keep`, a name that can be an id stays as it is. None is among those `taken`.
    """
    text = unicodedata.normalize("NFC", text).strip()
    found = text if keep and _is_id(text) else _slug(text, joint)
    if not found:
        return ""
    known, number, first = {*taken, *_RESERVED}, 2, found
    while found in known:
        found, number = f"{first}{joint}{number}", number + 1
    return found


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None and text.isprintable()


def _slug(text: str, joint: str) -> str:
    kept = "".join(
        each if unicodedata.category(each)[0] in "LMN" else " " for each in text.casefold()
    )
    words = [word for word in kept.split() if _PARTS.search(word)]
    found = unicodedata.normalize("NFC", joint.join(words))
    return found[:_MOST_SIGNS].rstrip("-_")


def end_of(name: str) -> End:
    """Returns the end that a stage's name speaks of; `""` where it speaks of none."""
    words = {each.casefold() for each in _PARTS.findall(name)}
    if words & _LOST:
        return "lost"
    return "won" if words & _WON else ""
