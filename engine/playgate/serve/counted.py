"""What takes long to count, counted by a thread of its own and kept until something was recorded.

It holds no lock of the ledger: it reads one view of it, and who writes goes on.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from playgate.enforce.requests import Requests
from playgate.language import ENGLISH, Language
from playgate.ledger.head import Head
from playgate.serve.desks import Desks

__all__ = ["Counted"]

_T = TypeVar("_T")
_MOST = 24
"""Results that are kept; of more, those that were asked for longest ago are dropped."""
_REST = 5
"""A result may be shown for so many times as long as it took, whatever was recorded meanwhile: of
a busy ledger, not everything is counted anew for everybody."""


class _Kept(NamedTuple):
    value: Any
    of: Hashable
    head: Head
    at: float
    took: float


class Counted:
    """Results by what they are of, and by the head of the ledger as of which they hold."""

    def __init__(
        self,
        opened: Callable[[], Requests],
        *,
        head: Callable[[], Head],
        clock: Callable[[], float],
        language: Language = ENGLISH,
    ) -> None:
        self._desks = Desks(opened, name="counting", threads=1, language=language)
        self._head = head
        self._clock = clock
        self._kept: dict[Hashable, _Kept] = {}
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    async def get(
        self,
        what: Hashable,
        job: Callable[[Requests], _T],
        *,
        of: Hashable = None,
        lasts: float = math.inf,
    ) -> _T:
        """Returns a result, counted where it is not known as of now. One that is made `of`
        something else, too, is known of that alone; one that depends on the time of day `lasts` for
        so many seconds."""
        kept = self._kept.pop(what, None)
        if kept is not None and kept.of == of and self._holds(kept, lasts):
            self._kept[what] = kept
            found: _T = kept.value
            return found
        task = self._running.get(what)
        if task is None:
            task = asyncio.create_task(self._count(what, job, of))
            task.add_done_callback(_heard)
            self._running[what] = task
        counted: _T = await asyncio.shield(task)  # who asked may go; others wait for it, too
        return counted

    def close(self) -> None:
        """Ends the thread; what it counts now may take long, and nobody waits for it."""
        self._desks.close(waits=False)

    def _holds(self, kept: _Kept, lasts: float) -> bool:
        age = self._clock() - kept.at
        return age < _REST * kept.took or (age < lasts and kept.head == self._head())

    async def _count(self, what: Hashable, job: Callable[[Requests], _T], of: Hashable) -> _T:
        try:
            head, begun = self._head(), self._clock()
            value = await self._desks.do(job)
            at = self._clock()
            self._kept[what] = _Kept(value, of, head, at, at - begun)
            while len(self._kept) > _MOST:
                del self._kept[next(iter(self._kept))]
            return value
        finally:
            del self._running[what]


def _heard(task: asyncio.Task[Any]) -> None:
    """Takes note of what went wrong where nobody waits for it any more."""
    if not task.cancelled():
        task.exception()
