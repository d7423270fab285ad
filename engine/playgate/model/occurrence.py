"""What may happen to a deal, and how often is asked."""

from __future__ import annotations

from typing import Literal

from playgate.conditions.tree import Pattern
from playgate.records import Record

__all__ = ["Occurrence", "Per"]

Per = Literal["week", "month", "quarter", "year"]


class Occurrence(Record):
    """Something that may happen to a deal, in any of the listed ways.

    These are words (`opened`, `won`, `lost`), stages that the deal reached or passed by, and
    patterns of events.
    """

    words: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    patterns: tuple[Pattern, ...] = ()
