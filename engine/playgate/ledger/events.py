"""The events that a ledger holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from playgate.history.event import Event, event_id
from playgate.ledger.taken_back import COUNTS, RETRACTED

__all__ = ["Events"]

_EVENT = "deal, happened_at, kind, name, value, actor, recorded_at, event_id, attrs, 1 - live, seq"


class Events:
    """The events of a ledger's deals, in the order in which they were recorded."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of(self, deal: str, *, retracted: bool = False) -> list[Event]:
        """Returns the deal's events in the order in which they were recorded; those that never
        happened only where they are asked for, too."""
        rows = self._connection.execute(
            f"SELECT {_EVENT} FROM events WHERE deal = ? AND stands <= ? ORDER BY seq",  # noqa: S608  (constant)
            (deal, RETRACTED if retracted else COUNTS),
        )
        new = tuple.__new__
        return [new(Event, row) for row in rows]

    def of_playbook(self, playbook: str) -> Iterator[Event]:
        """Yields the events of all deals that have been under a playbook from their beginning."""
        rows = self._connection.execute(
            f"SELECT {_EVENT} FROM events WHERE deal IN"  # noqa: S608  (constant)
            " (SELECT deal FROM deals WHERE playbook = ? AND migrated_at IS NULL)"
            " AND stands = 0 ORDER BY seq",
            (playbook,),
        )
        new = tuple.__new__
        return (new(Event, row) for row in rows)

    def latest(self) -> int | None:
        """Returns when the last event or migration happened, or `None` in an empty ledger."""
        latest: int | None = self._connection.execute(
            "SELECT max(at) FROM (SELECT max(happened_at) AS at FROM events WHERE stands = 0"
            " UNION ALL SELECT max(at) FROM migrations)"
        ).fetchone()[0]
        return latest

    def add(self, events: Iterable[Event], *, live: bool) -> int:
        """Adds events but those whose id the deal has already, and returns how many were new."""
        before = self._connection.total_changes
        # An event's first nine columns in their own order: a slice, where there may be millions.
        self._connection.executemany(
            "INSERT INTO events (deal, happened_at, kind, name, value, actor, recorded_at,"  # noqa: S608  (a constant)
            f" event_id, attrs, live) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, {int(live)})"
            " ON CONFLICT (deal, event_id) DO NOTHING",
            (
                event[:9] if event[7] else (*event[:7], event_id(event), event[8])
                for event in events
            ),
        )
        return self._connection.total_changes - before

    def get(self, deal: str, known_id: str) -> Event | None:
        """Returns the deal's event of this id, whether it happened or not, or `None` where there is
        none."""
        row = self._connection.execute(
            f"SELECT {_EVENT} FROM events WHERE deal = ? AND event_id = ?",  # noqa: S608
            (deal, known_id),
        ).fetchone()
        return Event(*row) if row else None

    def counts(self) -> tuple[int, int]:
        """Returns how many events were recorded here, and how many were imported."""
        row = self._connection.execute(
            "SELECT coalesce(sum(live), 0), coalesce(sum(NOT live), 0) FROM events WHERE stands = 0"
        ).fetchone()
        return int(row[0]), int(row[1])
