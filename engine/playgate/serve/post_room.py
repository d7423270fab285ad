"""The post room: threads of their own keep what hooks bring, take it in, and send what goes out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar

from playgate.errors import InputError
from playgate.ledger.hooks import Burden, HookIn
from playgate.ledger.store import Ledger
from playgate.serve.inbox import Inbox
from playgate.serve.metrics import Done, of_hooks
from playgate.serve.outbox import Outbox
from playgate.serve.problems import TooManyError
from playgate.serve.settings import World

__all__ = ["MOST_BYTES", "MOST_KEPT", "PostRoom"]

_T = TypeVar("_T")
MOST_KEPT = 10_000
"""Deliveries that wait or are dead letters, at most."""
MOST_BYTES = 100_000_000
"""Bytes of them, at most."""
_EVERY = 1.0
"""Seconds after which it is looked for something to do."""
_AFTER_TROUBLE = 5.0
"""Seconds after which the ledger is opened anew where it could not be used."""
_STOPPING = 5.0
"""Seconds for which what each thread does now is waited for; what is not done by then is done again
when a server starts."""


class _Work(Protocol):
    def work(self, stops: Callable[[], bool]) -> bool: ...


class PostRoom:
    """What becomes of hooks, in and out."""

    def __init__(self, opened: Callable[[], Ledger], world: World) -> None:
        self._opened = opened
        self._world = world
        self._ledger: Ledger | None = None
        self._desk = ThreadPoolExecutor(1, thread_name_prefix="hooks")
        self._stopping = threading.Event()
        self._taken, self._sent = Done(), Done()
        self._threads = [
            threading.Thread(target=self._run, args=(kind, done), name=name, daemon=True)
            for name, kind, done in (("inbox", Inbox, self._taken), ("outbox", Outbox, self._sent))
        ]
        for thread in self._threads:
            thread.start()

    async def source(self, name: str) -> HookIn | None:
        """Returns the source of a name, or `None` where there is none."""
        return await self._do(lambda ledger: ledger.hooks.source(name))

    async def figures(self) -> Mapping[str, tuple[str, float]]:
        """Returns the figures of hooks, each with what it says; none where the ledger cannot be
        read."""
        try:
            burdens = await self._do(_burdens)
        except InputError:
            return {}
        return dict(of_hooks(burdens, self._taken, self._sent, now=self._world.now()))

    async def keep(self, source: str, delivery: str, about: str, body: bytes) -> bool:
        """Keeps what came, and returns whether it is new, once that is durable; raises
        `TooManyError` where too much waits already."""
        return await self._do(partial(self._keep, source, delivery, about, body))

    def _keep(self, source: str, delivery: str, about: str, body: bytes, ledger: Ledger) -> bool:
        with ledger.writing():
            count, size = ledger.hooks.burden()
            if count >= MOST_KEPT or size + len(body) > MOST_BYTES:
                raise TooManyError("too many hooks wait in the inbox", seconds=60)
            return ledger.hooks.receive(source, delivery, about, body, at=self._world.now())

    async def _do(self, job: Callable[[Ledger], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._desk, self._at_desk, job)

    def _at_desk(self, job: Callable[[Ledger], _T]) -> _T:
        if self._ledger is None:
            self._ledger = self._opened()
        try:
            return job(self._ledger)
        except TooManyError:
            raise
        except BaseException:
            self._leave()
            raise

    def _leave(self) -> None:
        if self._ledger is not None:
            self._ledger.__exit__()
            self._ledger = None

    def close(self) -> None:
        """Ends the threads, after what each does now, unless that takes long; what waits is done
        when a server starts."""
        self._stopping.set()
        self._desk.submit(self._leave)
        self._desk.shutdown()
        for thread in self._threads:
            thread.join(_STOPPING)

    def _run(self, kind: Callable[[Ledger, World, Done], _Work], done: Done) -> None:
        while not self._stopping.is_set():
            try:
                with self._opened() as ledger:
                    worker = kind(ledger, self._world, done)
                    while not self._stopping.is_set():
                        if not worker.work(self._stopping.is_set):
                            self._stopping.wait(_EVERY)
            except Exception as error:
                self._world.meaning(error)  # of a bug, a log is kept
                self._stopping.wait(_AFTER_TROUBLE)


def _burdens(ledger: Ledger) -> tuple[Burden, Burden]:
    with ledger.reading():
        return ledger.hooks.burdens()
