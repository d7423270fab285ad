"""Where answers are found: a ledger of its own for each thread, and what waits before it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from playgate.conditions.patience import within
from playgate.enforce.largest import Largest
from playgate.enforce.requests import Requests
from playgate.language import ENGLISH, Language, using
from playgate.ledger.store import Ledger
from playgate.report.live_json import render
from playgate.serve.glance import anew, is_lost
from playgate.serve.problems import TooManyError
from playgate.serve.settings import World

__all__ = ["Desks", "desk"]

_T = TypeVar("_T")
_DESKS = 2
_MOST_WAITING = 100
_Job = tuple[Callable[[Requests], Any], "asyncio.Future[Any]"]


def desk(
    ledger: Ledger,
    world: World,
    *,
    patience: float,
    origin: str = "",
    largest: Largest | None = None,
) -> Requests:
    """Returns what answers requests to a ledger; what is recorded says from where it comes, where
    `origin` tells it, and is no more of a deal than the `largest` may have."""
    in_time = within(patience, world.clock)
    return Requests(
        ledger,
        now=world.now,
        within=in_time,
        render=render,
        reads_files=False,
        origin=origin,
        largest=largest,
    )


class Desks:
    """Threads with a ledger each, which do what waits in one queue, and speak one language: what
    they know of a ledger is said in it already."""

    def __init__(
        self,
        opened: Callable[[], Requests],
        *,
        name: str,
        threads: int = _DESKS,
        language: Language = ENGLISH,
    ) -> None:
        self._opened = opened
        self._language = language
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        self._count = 0
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    async def do(self, job: Callable[[Requests], _T]) -> _T:
        """Does something with the ledger of a thread that is free; raises `TooManyError` where too
        much waits already."""
        if self._count >= _MOST_WAITING:
            raise TooManyError("too many long questions are being answered", seconds=5)
        future: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._count += 1
        try:
            self._waiting.put((job, future))
            return await future
        finally:
            self._count -= 1

    def close(self, *, waits: bool = True) -> None:
        """Ends the threads after what they do now, for which it `waits`; what still waits is not
        done."""
        while True:
            try:
                self._waiting.get_nowait()
            except Empty:
                break
        for _ in self._threads:
            self._waiting.put(None)
        if waits:
            for thread in self._threads:
                thread.join()

    def _run(self) -> None:
        with using(self._language):
            self._work()

    def _work(self) -> None:
        requests: Requests | None = None
        while (waiting := self._waiting.get()) is not None:
            job, future = waiting
            if future.cancelled():
                continue
            try:
                requests = requests or anew(self._opened)
                told = future.set_result, job(requests)
            except Exception as error:
                told = future.set_exception, error
                if requests is not None and is_lost(error):
                    requests.close()
                    requests = None
            try:
                future.get_loop().call_soon_threadsafe(_tell, future, *told)
            except RuntimeError:
                break  # nobody waits any more
        if requests is not None:
            requests.close()


def _tell(future: asyncio.Future[Any], end: Callable[[Any], None], told: object) -> None:
    if not future.done():
        end(told)
