"""What a ledger took back: events that never happened, and deals that are one with another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from playgate.history.event import Event, event_id
from playgate.ledger.apply import COUNTS, RETRACTED
from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry
from playgate.ledger.log import Log
from playgate.ledger.rows import MergeRow, RetractionRow

__all__ = ["TakenBack"]

_RETRACTION = ", ".join(RetractionRow.__match_args__)
_MERGE = ", ".join(MergeRow.__match_args__)


class TakenBack:
    """Retractions and merges of a ledger; the rows of events stay, so that their ids stay taken."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    # Retractions

    def retract(self, row: RetractionRow) -> None:
        """Records that an event of a deal never happened."""
        what = (row.deal, row.event_id)
        self._log.record(Entry("retraction", row.at, (), what, (row.actor,), (row.reason,)))

    def retractions(self, deal: str) -> list[RetractionRow]:
        """Returns the deal's retractions from the first to the last."""
        rows = self._connection.execute(
            f"SELECT {_RETRACTION} FROM retractions WHERE deal = ? ORDER BY id",  # noqa: S608
            (deal,),
        )
        return [RetractionRow(*row) for row in rows]

    def retraction(self, deal: str, known_id: str) -> RetractionRow | None:
        """Returns why an event counts no more, or `None` where it does."""
        row = self._connection.execute(
            f"SELECT {_RETRACTION} FROM retractions WHERE deal = ? AND event_id = ?",  # noqa: S608
            (deal, known_id),
        ).fetchone()
        return RetractionRow(*row) if row else None

    # Merges

    def known_as(self, deal: str) -> str:
        """Returns the id under which a deal is known now: its own unless it was merged."""
        row = self._connection.execute(
            "SELECT into_deal FROM merges WHERE deal = ?", (deal,)
        ).fetchone()
        return str(row[0]) if row else deal

    def merged(self) -> Mapping[str, str]:
        """Returns the deals that were merged, each with the one that it is now."""
        return dict(self._connection.execute("SELECT deal, into_deal FROM merges"))

    def merges_into(self, deal: str) -> list[MergeRow]:
        """Returns the deals that were merged into this one."""
        rows = self._connection.execute(
            f"SELECT {_MERGE} FROM merges WHERE into_deal = ? ORDER BY id",  # noqa: S608
            (deal,),
        )
        return [MergeRow(*row) for row in rows]

    def merge(self, row: MergeRow) -> int:
        """Makes all that a deal has another's, and returns how many of its events that one had
        already."""
        *told, often = self._put_together(row.deal, row.into_deal)
        whose = (row.deal, row.into_deal)
        self._log.record(Entry("merge", row.at, tuple(told), whose, (row.actor,), (row.reason,)))
        return often

    def _put_together(self, deal: str, into: str) -> tuple[list[int], list[int], list[int], int]:
        """Returns, by their numbers, which of a deal's events stand in another once more, which are
        called by both names there, and which of that one's never happened; and how often both had
        one."""
        theirs, ours = self._rows(deal), self._rows(into)
        told = {_as_told(event) for event, _ in ours.values() if _is_derived(event)}
        doubles, renamed, retracted = [], [], []
        often = 0
        for known_id, (event, stands) in theirs.items():
            twin = ours.get(known_id)
            if twin is not None:
                renamed.append(event.line)
            if (
                _says_the_same(event, twin[0])
                if twin is not None
                else _is_derived(event) and _as_told(event) in told
            ):
                often += 1
                if stands == COUNTS:
                    doubles.append(event.line)
                elif twin is not None and stands == RETRACTED and twin[1] == COUNTS:
                    # It never happened: that holds of the one that stands for both.
                    retracted.append(twin[0].line)
        return doubles, renamed, retracted, often

    def _rows(self, deal: str) -> dict[str, tuple[Event, int]]:
        rows = self._connection.execute(
            "SELECT deal, happened_at, kind, name, value, actor, recorded_at, event_id, attrs,"
            " 1 - live, seq, stands FROM events WHERE deal = ?",
            (deal,),
        )
        return {row[7]: (Event(*row[:11]), int(row[11])) for row in rows}

    def under_new_ids(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yields events of deals that may have been merged as events of what they are now.

        An event that the other deal has under this id with other content keeps its own, with the
        name of its deal in front; so does one that came over with it.
        """
        merged = self.merged()
        if not merged:
            yield from events
            return
        for event in events:
            into = merged.get(event.deal)
            if into is None:
                yield event
                continue
            own = event_id(event)
            renamed = f"{event.deal}/{own}"
            twin = None if self._has(into, renamed) else self._event(into, own)
            is_other = twin is None or not _says_the_same(event, twin)
            is_renamed = self._has(into, renamed) or (twin is not None and is_other)
            yield event._replace(deal=into, event_id=renamed if is_renamed else own)

    def _has(self, deal: str, known_id: str) -> bool:
        return self._event(deal, known_id) is not None

    def _event(self, deal: str, known_id: str) -> Event | None:
        row = self._connection.execute(
            "SELECT deal, happened_at, kind, name, value, actor, recorded_at, event_id, attrs,"
            " 1 - live, seq FROM events WHERE deal = ? AND event_id = ?",
            (deal, known_id),
        ).fetchone()
        return Event(*row) if row else None


def _is_derived(event: Event) -> bool:
    return event.event_id == event_id(event._replace(event_id=""))


def _as_told(event: Event) -> tuple[object, ...]:
    """Returns all that a row tells but its deal: with no id, the same rows are one event."""
    return (*event[1:7], event.attrs)


def _says_the_same(one: Event, other: Event) -> bool:
    return one[1:6] == other[1:6] and one.attrs == other.attrs
