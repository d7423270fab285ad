"""A plan of leads as frozen values: what a list must be, how it is matched, ranked and shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from playgate.conditions.durations import Duration
from playgate.errors import Place
from playgate.model.numbers import Kpi, Per
from playgate.records import Record

__all__ = ["Contacts", "Fuzzy", "Key", "LeadsPlan", "Share"]

Key = tuple[str, ...]
"""The columns that are equal where two rows are the same firm."""


class Fuzzy(Record):
    """Names that are nearly the same: shown to be decided, and never decided here."""

    column: str
    at_least: int
    """From which likeness on, of 100."""
    same: Key
    """The columns that must be equal besides."""


class Contacts(Record):
    """How many contacts each rep owes in each week (or month)."""

    kpi: Kpi
    at_least: int
    per: Per
    place: Place


class Share(Record, kw_only=True):
    """Who works on whom."""

    roles: tuple[str, ...]
    capacity: int | None
    """How many open deals and prospects together a rep may have."""
    territory: str
    """The column that names the team whose prospect it is; empty where all may take any."""
    segments: Mapping[str, tuple[str, ...]]
    """The reps who are asked first, by segment."""


class LeadsPlan(Record, kw_only=True):
    """A whole plan; `sha256` is the digest of its text."""

    playbook: str
    file: str
    sha256: str
    title: str
    minimum: int
    minimum_place: Place
    columns: Mapping[str, str]
    """What a column of the lists is called here, where that is not its own name."""
    complete: tuple[str, ...]
    match: tuple[Key, ...]
    open_domains: frozenset[str]
    """Domains of mail that say nothing of a firm."""
    fuzzy: Fuzzy | None
    deals: Mapping[str, str]
    """The fields of a deal that say what a column does, where they are not called the same."""
    rank: tuple[Literal["profiles", "segments"], ...]
    release: Duration | None
    contacts: Contacts | None
    share: Share | None
