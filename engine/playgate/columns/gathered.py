"""The rows of a history as long as it may be, gathered within a budget of memory.

Beyond it rows lie on disk, parted by a checksum of their deal, and each part is given alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from playgate.columns.arrays import Ints
from playgate.columns.batch import TEXTS, Batch, dictionary_of, joined
from playgate.columns.encode import encoded
from playgate.columns.not_plain import NotPlainError
from playgate.columns.parted import Parted
from playgate.columns.row_texts import RowTexts
from playgate.columns.rows import Rows, latest_of, rows_of_events
from playgate.columns.unread import Unread
from playgate.conditions.instants import EVENTS_FROM, EVENTS_UNTIL
from playgate.history.event import START, Event
from playgate.history.spool import Spool

__all__ = ["Gathered", "Gathering", "gathered_events", "of_rows"]

_AT_ONCE = 64_000_000
"""Bytes of rows that are parted, and judged, at once: memory that is used again is faster."""
_SHARE = 4
"""What is done at once takes this share of the budget at most."""
_OF_EVENT = 1_500
"""Bytes that an event takes until it is encoded."""
_FEWEST = 10_000


class Gathered(NamedTuple):
    """Rows in parts, each of whole deals."""

    size: int
    """How many rows there are."""
    latest: int | None
    """The latest instant that is no future, fields known from the start apart."""
    parts: Callable[[], Iterator[Rows]]
    """Gives each part once: one is to be let go of before the next is asked for."""


def of_rows(rows: Rows, until: int | None = None) -> Gathered:
    """Returns rows that are all in memory; what happens after `until` is the future."""
    return Gathered(rows.size, latest_of(rows, until), lambda: iter((rows,)))


class Gathering:
    """Takes the columns of files, some rows at a time, in the order of the source.

    Long texts that are `unread` are not kept. It is a context manager: nothing stays on disk
    behind it.
    """

    def __init__(self, memory: int, until: int | None = None, unread: Unread | None = None) -> None:
        self.row_texts: RowTexts | None = None
        """Makes ids of rows' texts, where what is read has any."""
        self._unread = unread
        self._expected = 0
        self._memory = memory
        self._at_once = min(_AT_ONCE, memory // _SHARE)
        self._until = EVENTS_UNTIL if until is None else until
        self._held: list[Batch] = []
        self._bytes = self._size = 0
        self._latest: int | None = None
        self._parted: Parted | None = None

    def __enter__(self) -> Gathering:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.clear()
        if self._parted is not None:
            self._parted.close()

    def expect(self, rows: int) -> None:
        """Hears how many rows there are, about."""
        self._expected = rows

    def take(
        self,
        source: int,
        lines: npt.NDArray[np.int32],
        columns: dict[str, Any],
        at: Ints,
        recorded: Ints,
    ) -> None:
        """Takes rows of some lines, in their order; columns that are not there are empty."""
        size = len(at)
        if not size:
            return
        for instants in (_told(at), _told(recorded)):
            if (
                len(instants)
                and not EVENTS_FROM <= instants.min() <= instants.max() <= EVENTS_UNTIL
            ):
                raise NotPlainError("an instant out of range")
        self._note_latest(_told(at))
        texts = {name: dictionary_of(columns.get(name), size) for name in TEXTS}
        ids = columns.get("event_id")
        if self._unread is not None and ids is not None:
            texts["value"] = self._unread.without(texts, ids)
        batch = Batch(
            texts,
            pa.nulls(size, pa.string()) if ids is None else ids,
            at,
            recorded,
            np.full(size, source, np.int16),
            lines,
        )
        self._held.append(batch)
        self._bytes += batch.bytes
        self._size += size
        if self._bytes > self._at_once:
            self._part()

    def _note_latest(self, at: Ints) -> None:
        latest = int(at.max(initial=START))
        if latest > self._until:
            latest = int(at[at <= self._until].max(initial=START))
        if latest == START:
            return
        self._latest = latest if self._latest is None else max(latest, self._latest)

    def _part(self) -> None:
        if self._parted is None:
            whole = self._bytes * max(1.0, self._expected / self._size)
            self._parted = Parted(int(whole / self._at_once) + 1, self._memory // 2)
        self._parted.take(joined(self._held))
        self._bytes = 0

    def gathered(self) -> Gathered:
        """Returns all rows; their parts raise `NotPlainError` where one is not plain."""
        if not self._size:
            raise NotPlainError("nothing to read")
        return Gathered(self._size, self._latest, self._parts)

    def _parts(self) -> Iterator[Rows]:
        if self._parted is None:
            yield encoded(self._held, self.row_texts)
            return
        if self._held:
            self._part()
        for batches in self._parted.all():
            if batches:
                yield encoded(batches, self.row_texts)


def _told(instants: Ints) -> Ints:
    """Returns the instants but those of what is known from the start."""
    return instants[instants != START] if len(instants) and instants.min() == START else instants


def gathered_events(
    events: Iterable[Event], spool: Spool, memory: int, until: int | None = None
) -> Gathered:
    """Gathers events that our own reader reads: all in memory, or in a spool where they are many.

    The spool is for the caller to close.
    """
    limit = _events_within(memory)
    given = iter(events)
    first = list(islice(given, limit))
    if len(first) < limit:
        return of_rows(rows_of_events(first), until)
    spool.extend(first)
    first.clear()
    spool.extend(given)
    return Gathered(spool.events, spool.latest, lambda: _some_deals(spool, limit))


def _events_within(memory: int) -> int:
    """Returns how many events fit into so much memory until they are encoded."""
    return max(memory // _OF_EVENT, _FEWEST)


def _some_deals(spool: Spool, limit: int) -> Iterator[Rows]:
    held: list[Event] = []
    for _, events in spool.deals():
        if held and len(held) + len(events) > limit:
            yield rows_of_events(held)
            held = []
        held += events
    if held:
        yield rows_of_events(held)
