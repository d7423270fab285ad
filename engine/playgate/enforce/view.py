"""What was read of a ledger's deals lately, and holds until its log says something of them.

Whatever changes a ledger is an entry of its log. So what was read as of one entry is what would be
read as of a later one, where none of those between is about the deal; of entries that may concern
any deal, nothing is known any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from playgate.history.event import KINDS, length_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playgate.history.event import Event
    from playgate.ledger.rows import DealRow
    from playgate.ledger.store import Ledger

__all__ = ["View"]

_MOST = 100_000
"""How many events are held, at most; a deal counts as one more, and so do each 500 characters that
its events say."""
_CHARACTERS = 500
_LARGEST = 5_000
"""A deal that counts as more is read each time."""
_FOLLOWED = 1_000
"""Of more entries than these, none is looked at: nothing is known any more."""
_OF_ONE = frozenset((*KINDS, "deal", "decision"))
"""Entries that change the one deal that they name."""
_OF_NONE = frozenset(
    ("token", "token-revoked", "waiver-request", "waiver-answer", "seal", "experiment")
)
"""Entries that change no deal."""


class View:
    """Rows and events of deals, as of the end of the log that was seen last."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rows: dict[str, DealRow] = {}
        self._events: dict[str, tuple[int, list[Event]]] = {}
        self._held = 0
        self.end: tuple[int, bytes] = (-1, b"")
        """The number and the digest of the entry as of which all is known."""

    def follow(self) -> bool:
        """Goes on to where the log ends now, and returns whether that is where it ended before;
        must be called inside a transaction, in which all that follows is read."""
        end = self._ledger.log.end()
        if end == self.end:
            return True
        moved = self._moved()
        if moved is None:
            self._rows.clear()
            self._events.clear()
            self._held = 0
        else:
            for deal in moved:
                self._forget(deal)
        self.end = end
        return False

    def row(self, deal: str) -> DealRow | None:
        """Returns a deal, or `None` where the ledger does not know it."""
        row = self._rows.get(deal)
        if row is None:
            row = self._ledger.deals.get(deal)
            if row is not None:
                self._rows[deal] = row
                self._hold(1)
        return row

    def events(self, deal: str) -> list[Event]:
        """Returns the events of a deal that the ledger knows, in their order."""
        known = self._events.pop(deal, None)
        if known is None:
            events = self._ledger.events.of(deal)
            known = _size(events), events
            if known[0] > _LARGEST:
                return events
            self._hold(known[0])
        self._events[deal] = known  # behind those that were asked for longer ago
        return known[1][:]

    def _moved(self) -> set[str] | None:
        """Returns the deals that entries are about which followed since; `None` where it may be
        any."""
        if self.end[0] < 1:
            return None
        entries = self._ledger.log.short(self.end[0], most=_FOLLOWED + 1)
        if not entries or (entries[0][0], entries[0][3]) != self.end:
            return None  # it is another log
        if len(entries) > _FOLLOWED:
            return None
        moved = set()
        for _, kind, deal, _ in entries[1:]:
            if kind in _OF_ONE and deal:
                moved.add(str(deal[0]))
            elif kind not in _OF_NONE:
                return None
        return moved

    def _forget(self, deal: str) -> None:
        if self._rows.pop(deal, None) is not None:
            self._held -= 1
        size, _ = self._events.pop(deal, (0, ()))
        self._held -= size

    def _hold(self, count: int) -> None:
        self._held += count
        while self._held > _MOST and self._events:
            self._forget(next(iter(self._events)))
        if self._held > _MOST:
            self._held -= len(self._rows)
            self._rows.clear()


def _size(events: Sequence[Event]) -> int:
    return len(events) + length_of(events) // _CHARACTERS
