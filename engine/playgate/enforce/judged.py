"""What was judged before the lock was taken, so that nobody waits while somebody else is judged.

A command that records is run twice: on a view of the ledger in which nothing changes and nothing
is recorded, then under the lock. What the judge says is kept by all that it was asked of, so the
second run takes it as it is where nothing of that has changed; where something has, it is judged
again, before the lock is taken again. What is asked once only is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from playgate.conditions.patience import Patience
from playgate.history.event import Event, length_of, said

__all__ = ["TOGETHER", "ChangedError", "Judged"]

_T = TypeVar("_T")
_PER_EVENT = 10

TOGETHER = 200_000
"""How much may be judged under one lock where many requests share it, in characters."""


class ChangedError(Exception):
    """Says that what was judged is not what is there now, so that it must be judged again."""


class Judged:
    """What the judge said, by all that it was asked of."""

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience
        self._known: dict[Hashable, Any] = {}
        self._allowance: int | None = None
        self._keeps = True
        self.was_asked = False

    def open(self, *, keeps: bool = True) -> None:
        """Lets everything be judged, however long it takes: nobody waits. With `keeps`, what the
        judge says is kept for a second run."""
        self._known.clear()
        self._allowance = None
        self._keeps = keeps
        self.was_asked = False

    def close(self, allowance: int = 0) -> None:
        """Lets only so many characters be judged from now on: others wait."""
        self._allowance = allowance

    def of(
        self, asked: Callable[[], Hashable], events: Sequence[Event], judge: Callable[[], _T]
    ) -> _T:
        """Returns what the judge says of events, where `asked` tells of what else; raises
        `ChangedError` where that is not known and may not be found out now."""
        self.was_asked = True
        if not self._keeps:
            self._charge(events)
            return judge()
        key = (asked(), *map(said, events))
        if key not in self._known:
            self._charge(events)
            self._known[key] = judge()
        found: _T = self._known[key]
        return found

    def _charge(self, events: Sequence[Event]) -> None:
        if self._patience is not None:
            self._patience.spend(1 + len(events))
        if self._allowance is None:
            return
        self._allowance -= length_of(events) + _PER_EVENT * len(events)
        if self._allowance < 0:
            raise ChangedError
