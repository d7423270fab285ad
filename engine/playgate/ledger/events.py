"""The events that a ledger holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from playgate.history.event import IMPORTED, Event, event_id
from playgate.ledger.apply import COUNTS, RETRACTED
from playgate.ledger.connection import Connection
from playgate.ledger.database import database_of
from playgate.ledger.entries import Entry
from playgate.ledger.log import Log

__all__ = ["Events"]

_EVENT = (
    "deal, happened_at, kind, name, value, actor, recorded_at, event_id, attrs, 1 - live, seq, rest"
)
_FEW = 8
"""The ids of so few events are looked for one by one."""
_SAID = ("happened_at", "kind", "name", "value", "actor", "recorded_at", "attrs", "rest")


class Events:
    """The events of a ledger's deals, in the order in which they were recorded."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    def of(self, deal: str, *, retracted: bool = False) -> list[Event]:
        """Returns the deal's events in the order in which they were recorded, those apart that only
        digits beyond the microsecond order; those that never happened only where they are asked
        for, too."""
        rows = self._connection.execute(
            f"SELECT {_EVENT} FROM events WHERE deal = ? AND stands <= ? ORDER BY rest, seq",  # noqa: S608  (constant)
            (deal, RETRACTED if retracted else COUNTS),
        )
        new = tuple.__new__
        return [new(Event, row) for row in rows]

    def size(self, deal: str) -> tuple[int, int]:
        """Returns how many events a deal has, those that never happened included, and how many
        characters they say."""
        count, length = self._connection.execute(
            "SELECT count(*), coalesce(sum(length(value) + length(attrs)), 0)"
            " FROM events WHERE deal = ?",
            (deal,),
        ).fetchone()
        return int(count), int(length)

    def of_playbook(self, playbook: str) -> Iterator[Event]:
        """Yields the events of all deals that have been under a playbook from their beginning."""
        rows = database_of(self._connection).streamed(
            self._connection,
            f"SELECT {_EVENT} FROM events WHERE deal IN"  # noqa: S608  (constant)
            " (SELECT deal FROM deals WHERE playbook = ? AND migrated_at IS NULL AND erased = 0)"
            " AND stands = 0 ORDER BY seq",
            (playbook,),
        )
        new = tuple.__new__
        return (new(Event, row) for row in rows)

    def waivers(self, most: int) -> list[Event]:
        """Returns the exceptions that were made, so many of the last that were recorded."""
        rows = self._connection.execute(
            f"SELECT {_EVENT} FROM events WHERE kind = 'waiver' AND stands = 0"  # noqa: S608  (constant)
            " AND deal NOT IN (SELECT deal FROM deals WHERE erased = 1)"
            " ORDER BY seq DESC LIMIT ?",
            (most,),
        )
        return [Event(*row) for row in rows]

    def latest(self, until: int) -> int | None:
        """Returns when the last event or migration until an instant happened, or `None` where there
        is none."""
        latest: int | None = self._connection.execute(
            "SELECT max(at) FROM (SELECT happened_at AS at FROM events WHERE stands = 0"
            " UNION ALL SELECT at FROM migrations) AS told WHERE at <= ?",
            (until,),
        ).fetchone()[0]
        return latest

    def add(self, events: Iterable[Event], *, live: bool) -> int:
        """Adds events but those whose id the deal has already, and returns how many were new.

        Those that are known may say something else: `taken` tells.
        """
        return self._log.record_all(self._new(list(events), int(live)))

    def _new(self, events: Sequence[Event], live: int) -> Iterator[Entry]:
        """Yields the events that the ledger does not have, each once, as entries."""
        known: dict[str, set[str]] = {}
        few = len(events) <= _FEW
        for event in events:
            known_id = event.event_id or event_id(event)
            ids = known.get(event.deal)
            if ids is None:
                ids = known[event.deal] = set() if few else self._ids(event.deal)
            if known_id in ids or (few and self.get(event.deal, known_id) is not None):
                continue
            ids.add(known_id)
            yield _entry(event, known_id, live)

    def _ids(self, deal: str) -> set[str]:
        rows = self._connection.execute("SELECT event_id FROM events WHERE deal = ?", (deal,))
        return {known_id for (known_id,) in rows}

    def add_imported(self, events: Sequence[Event]) -> tuple[int, list[tuple[Event, Event]]]:
        """Adds imported events that the ledger does not have; returns how many were new, and those
        whose id is taken, each behind the event that has it."""
        renamed = self._name_tables(events)
        added = self.add(events, live=False)
        if added + renamed >= len(events):
            return added, []
        return added, [(known, event) for event in events if (known := self.taken(event))]

    def taken(self, event: Event) -> Event | None:
        """Returns the deal's event that has this one's id and says something else; `None` where it
        is this one, or there is none.

        They say the same where all columns are the same. When it was recorded is not asked of an
        event that was recorded here: the CRM learned of it at another time.
        """
        known = self.get(event.deal, event.event_id or event_id(event))
        if known is None:
            return None
        asked = _SAID if known.source == IMPORTED else [x for x in _SAID if x != "recorded_at"]
        same = all(getattr(known, column) == getattr(event, column) for column in asked)
        return None if same else known

    def _name_tables(self, events: Sequence[Event]) -> int:
        """Gives events that an earlier playgate imported the ids that they have now, with the table
        of their mapping in front or made of the whole row; returns how many.

        They are known by what they were called then, if they say the same.
        """
        if self._connection.execute("SELECT 1 FROM events WHERE bare LIMIT 1").fetchone() is None:
            return 0
        renamed = 0
        for event in events:
            seq = self._bare(event)
            if seq is not None:
                self._log.record(Entry("rename", None, (seq,), (event.deal, event.event_id)))
                renamed += 1
        return renamed

    def _bare(self, event: Event) -> int | None:
        """Returns the number of the event that an earlier playgate imported in place of this one,
        or `None` where there is none, or its id is taken."""
        earlier = [event.event_id.partition(":")[2], event_id(event._replace(event_id=""))]
        if not event.event_id or event.event_id in earlier:
            return None
        row = self._connection.execute(
            "SELECT seq FROM events WHERE bare AND deal = ? AND event_id IN (?, ?)"
            " AND happened_at = ? AND kind = ? AND name = ? AND value = ? AND actor = ?"
            " AND recorded_at = ? AND attrs = ? ORDER BY seq",
            (event.deal, *earlier, *event[1:7], event.attrs),
        ).fetchone()
        if row is None or self.get(event.deal, event.event_id) is not None:
            return None
        return int(row[0])

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
            "SELECT coalesce(sum(live), 0), coalesce(sum(1 - live), 0) FROM events WHERE stands = 0"
        ).fetchone()
        return int(row[0]), int(row[1])


def _entry(event: Event, known_id: str, live: int) -> Entry:
    """Returns the entry of an event, which says of its columns no more than it must."""
    deal, at, kind, name, value, actor, recorded_at, _, attrs, _, _, rest = event
    opened: tuple[object, ...] = (name,)
    if rest:
        opened = (name, live, recorded_at, rest)
    elif recorded_at != at:
        opened = (name, live, recorded_at)
    elif live:
        opened = (name, 1)
    text = (value, attrs) if attrs else (value,) if value else ()
    told = (kind, at, opened, (deal, known_id), (actor,) if actor else (), text)
    return tuple.__new__(Entry, told)
