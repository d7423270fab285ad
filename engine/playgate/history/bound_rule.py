"""An entry of a mapping, its values bound to the columns of a file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from playgate.conditions.instants import Zone, beyond_micros
from playgate.history.mapping import RowRule, TableMap, ValueSource
from playgate.history.marks import bare_kind
from playgate.history.row_tests import row_filter
from playgate.history.values import Row, UnreadableError, attrs_reader, instant_at, text_reader
from playgate.records import replace

__all__ = ["BoundRule", "Columns", "Output", "rest_of", "rests_of"]

Columns = tuple[Any, ...]
"""The columns of an `Event`, as a plain tuple."""
Make = Callable[[Row, str, int], Columns | None]
Output = tuple[str, str, str, str, Make | None]
"""Kind, name, value and what stands behind the row's id, where these hang on few cells; else what
makes the event."""
_TO_MICROS = len("2026-01-31T14:05:00.123456")
_FINE = (re.compile(r"\.[0-9]{7}"), re.compile(r",[0-9]{7}"))


def rest_of(stamp: str) -> str:
    """Returns the digits of a stamp beyond the microsecond."""
    return beyond_micros(stamp) if len(stamp) > _TO_MICROS else ""


def rests_of(stamps: Sequence[str]) -> Iterable[str]:
    """Returns the same for many stamps, hardly any of which has such digits."""
    joined = "\n".join(stamps)
    if any(fine.search(joined) for fine in _FINE):
        return map(rest_of, stamps)
    return repeat("", len(stamps))


class BoundRule:
    """A row's meaning, its values bound to columns."""

    def __init__(
        self,
        row: RowRule,
        table: TableMap,
        positions: dict[str, int],
        zone: Zone,
        source: int,
        left: Counter[tuple[int, str]],
    ) -> None:
        self.line = row.line
        self._left = left
        self._asked = [
            positions[column]
            for column in (*row.name.columns, *(row.value.columns if row.value else ()))
        ]
        self._kind = row.kind
        self._source = source
        self.fits = row_filter(row.where, positions)
        self._name = text_reader(row.name, positions, zone)
        self._value = text_reader(row.value, positions, zone)
        self._actor = text_reader(row.actor, positions, zone)
        self._happened_at = instant_at(row.happened_at, positions, zone, "happened_at")
        self._recorded = text_reader(row.recorded_at, positions, zone)
        self._recorded_at = instant_at(
            row.recorded_at or ValueSource(), positions, zone, "recorded_at"
        )
        self._event_id = text_reader(row.event_id, positions, zone)
        self._before = f"{table.name}:" if table.name else ""
        self._stamp = text_reader(replace(row.happened_at, format=()), positions, zone)
        self._inherits_id = row.inherits_id
        self._attrs = attrs_reader(row.attrs, positions, zone)
        fixed = row.value is None or not row.value.columns or bool(row.value.names)
        plain = not (row.recorded_at or row.event_id or row.attrs)
        first = table.rows[0]
        self.shared = (
            fixed and plain and (row.happened_at, row.actor) == (first.happened_at, first.actor)
        )
        """Whether kind, name and value hang on the key alone, the rest being as in other rules."""

    def output(self, row: Row, earlier: int) -> Output | None:
        """Returns what rows with these cells become, or `None` where they are to be left out.

        `earlier` counts the rules before it that fit: a table's `event_id` serves the first, the
        others get a number behind it.
        """
        suffix = f"-{earlier + 1}" if earlier and self._inherits_id else ""
        behind = f"-{earlier + 1}" if earlier else ""
        make = partial(self._make, suffix=suffix)
        if not self.shared:
            return (self._kind, "", "", behind, make)
        try:
            name, value = self._texts(row)
        except UnreadableError:
            return (self._kind, "", "", behind, make)
        return None if name is None or value is None else (self._kind, name, value, behind, None)

    def passed_over(self, row: Row) -> str:
        """Returns the cell for which a row is left out."""
        return next((row[place] for place in self._asked if row[place].strip()), "")

    def _texts(self, row: Row) -> tuple[str | None, str | None]:
        name = self._name(row)
        if name is not None and not name.strip():
            raise UnreadableError(f"the {bare_kind(self._kind)}'s name is empty")
        try:
            return name, self._value(row)
        except UnreadableError as error:
            raise UnreadableError(f"{name}: {error.reason}", error.hint) from None

    def _make(self, row: Row, deal: str, line: int, *, suffix: str) -> Columns | None:
        name, value = self._texts(row)
        actor = self._actor(row) or ""
        event_id = self._event_id(row) or ""
        if name is None or value is None:
            if self.line > 0:
                self._left[self.line, self.passed_over(row)] += 1
            return None
        at = self._happened_at(row)
        told = self._recorded(row)
        recorded_at = self._recorded_at(row) if told and told.strip() else at
        event_id = self._before + event_id + suffix if event_id.strip() else ""
        attrs = self._attrs(row)
        return (
            deal,
            at,
            self._kind,
            name,
            value,
            actor,
            recorded_at,
            event_id,
            attrs,
            self._source,
            line,
            rest_of(self._stamp(row) or ""),
        )
