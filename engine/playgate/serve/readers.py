"""Processes that answer questions, each with the ledger open to read, so that cores share the work.

The server sends a question and takes the answer over a pair of sockets that nobody else can reach,
each message with its length before it. Answers come in the order of the questions. A process ends
when the server does, however that ends; one that ends by itself is begun again, and what it was
asked is asked elsewhere.
"""

from __future__ import annotations

import asyncio
import gc
import json
import pickle
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from io import BufferedIOBase
from typing import Any

from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.serve.answering import Question, Said, answered
from playgate.serve.desks import desk
from playgate.serve.settings import World

__all__ = ["AT_ONCE", "Readers", "collect_seldom", "read"]

AT_ONCE = 0.02
"""Seconds for which a question may be judged while others wait."""
_BEGIN = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from playgate.serve.readers import read
read()
"""
"""What a process begins with; it looks for playgate where the server found it."""
_LENGTH = 4
_AGAIN, _SELDOM = 1.0, 60.0
"""Seconds after which a process is begun again that ended: twice as many each time."""
_STUCK = 10.0
"""Seconds after which a process is ended that did not answer a question for so long."""
_ENDS = 5.0
"""Seconds in which a process ends that is asked nothing any more."""
_COLLECTED_AFTER = 20_000
"""Objects after which those are looked for that nothing holds any more."""


class Readers:
    """Processes, of which each answers questions one after the other."""

    def __init__(self, count: int, db: str, world: World, lost: Callable[[], bool]) -> None:
        """Begins `count` processes that read the ledger `db`; `lost` is called where one ends by
        itself, and returns whether it is begun again. Must be called, and closed, in the thread of
        a loop that runs."""
        self._db = db
        self._world = world
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._ready: list[_Reader] = []
        self._readers: set[_Reader] = set()
        for _ in range(count):
            self._begin(_AGAIN)

    @property
    def numbers(self) -> list[int]:
        """The processes that answer, by the numbers that the system gives them."""
        return [each.number for each in self._ready]

    def free(self) -> _Reader | None:
        """Returns the process of which the least is asked; `None` where there is none."""
        return min(self._ready, key=_Reader.asked_of, default=None)

    def close(self) -> None:
        """Ends the processes; what they were asked and did not answer is not answered."""
        self._closed = True
        for reader in self._readers:
            reader.end()
        for reader in self._readers:
            reader.wait()

    def _begin(self, again: float) -> None:
        if self._closed:
            return
        reader = _Reader(_message((self._db, self._world)))
        self._readers.add(reader)
        reader.task = self._loop.create_task(self._follow(reader, again))

    async def _follow(self, reader: _Reader, again: float) -> None:
        """Waits until a process answers, and until it ends."""
        await self._loop.create_unix_connection(lambda: reader, sock=reader.socket)
        if await reader.is_ready:
            self._ready.append(reader)
            again = _AGAIN
            await reader.is_gone
            self._ready.remove(reader)
        if self._closed:
            return
        await self._loop.run_in_executor(None, reader.wait)
        self._readers.discard(reader)
        if self._lost():
            self._loop.call_later(again, self._begin, min(2 * again, _SELDOM))


class _Reader(asyncio.Protocol):
    """A process, as the server sees it."""

    task: asyncio.Task[None]
    _looks: asyncio.TimerHandle

    def __init__(self, begun: bytes) -> None:
        loop = asyncio.get_running_loop()
        self.socket, theirs = socket.socketpair()
        words = [sys.executable, "-P", "-c", _BEGIN, json.dumps(sys.path)]
        with theirs:
            # In a group of its own no interrupt from the keyboard reaches it: the server ends it.
            self._child = subprocess.Popen(  # noqa: S603  (it is ourselves)
                words, stdin=theirs.fileno(), process_group=0
            )
        self._first = begun
        self._waiting: deque[asyncio.Future[Said | None]] = deque()
        self._rest = bytearray()
        self._longest: asyncio.Future[Said | None] | None = None
        """What waited longest when somebody looked last."""
        self.is_ready: asyncio.Future[bool] = loop.create_future()
        self.is_gone: asyncio.Future[None] = loop.create_future()

    @property
    def number(self) -> int:
        """The number that the system gives the process."""
        return self._child.pid

    def asked_of(self) -> int:
        """Returns how many questions wait."""
        return len(self._waiting)

    async def answer(self, question: Question) -> Said | None:
        """Returns the answer to a question; `None` where the process ends before."""
        if self.is_gone.done():
            return None
        future: asyncio.Future[Said | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._way.write(_message(question))
        return await future

    def end(self) -> None:
        """Asks nothing any more."""
        with suppress(OSError):  # it may have ended
            self.socket.shutdown(socket.SHUT_RDWR)

    def wait(self) -> None:
        """Waits until the process has ended, and ends it where it does not."""
        try:
            self._child.wait(_ENDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def connection_made(self, transport: Any) -> None:
        """Tells the process what it reads."""
        self._way = transport
        self._way.write(self._first)
        self._look()

    def data_received(self, data: bytes) -> None:
        """Takes answers."""
        rest = self._rest
        rest += data
        while len(rest) >= _LENGTH:
            end = _LENGTH + int.from_bytes(rest[:_LENGTH], "big")
            if len(rest) < end:
                break
            self._take(pickle.loads(rest[_LENGTH:end]))  # noqa: S301  (it is ourselves)
            del rest[:end]

    def connection_lost(self, _: Exception | None) -> None:
        """Lets everybody know who waits."""
        self._looks.cancel()
        if not self.is_ready.done():
            self.is_ready.set_result(False)
        waiting: list[asyncio.Future[Any]] = [self.is_gone, *self._waiting]
        for future in waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    def _look(self) -> None:
        """Ends the process where what waited longest waits still: it is asked elsewhere then."""
        longest = self._waiting[0] if self._waiting else None
        if longest is not None and longest is self._longest:
            self._child.kill()
        self._longest = longest
        self._looks = asyncio.get_running_loop().call_later(_STUCK, self._look)

    def _take(self, said: Said | None) -> None:
        if said is None:
            self.is_ready.set_result(True)
            return
        future = self._waiting.popleft()
        if not future.done():  # who asked may have gone
            future.set_result(said)


def collect_seldom() -> None:
    """Keeps what is there by now from the collector of garbage, and lets it look seldom: an answer
    leaves nothing to it, and others wait for its pauses."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER, 50, 50)


def _message(told: object) -> bytes:
    text = pickle.dumps(told, pickle.HIGHEST_PROTOCOL)
    return len(text).to_bytes(_LENGTH, "big") + text


# In the process


def read() -> None:
    """Answers what comes over the socket at standard input, until nothing comes any more."""
    way = socket.socket(fileno=0)
    # Where the ledger cannot be read, or the server has gone, there is nobody to tell it to.
    with suppress(InputError, OSError), way, way.makefile("rb") as coming:
        db, world = _next(coming)
        with desk(Ledger.open(db, reading=True), world, patience=AT_ONCE) as requests:
            collect_seldom()
            said: Said | None = None
            while True:
                way.sendall(_message(said))
                question = _next(coming)
                if question is None:
                    return
                said = _answered(requests, world, question)


def _answered(requests: Any, world: World, question: Question) -> Said:
    try:
        return answered(requests, question)
    except Exception as error:
        return Said(b"", None, world.meaning(error))


def _next(coming: BufferedIOBase) -> Any:
    """Returns the next message; `None` where the server has gone."""
    length = coming.read(_LENGTH)
    text = coming.read(int.from_bytes(length, "big")) if len(length) == _LENGTH else b""
    return pickle.loads(text) if text else None  # noqa: S301  (it is ourselves)
