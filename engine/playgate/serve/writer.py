"""The one that writes: what waits together shares a commit, and is acknowledged after it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import NamedTuple

from playgate.enforce.requests import Asked, Requests
from playgate.enforce.values import LiveResult
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.serve.glance import anew, is_lost
from playgate.serve.problems import TooManyError

__all__ = ["Told", "Writer"]

_MOST_TOGETHER = 200
Told = LiveResult | Exception


class _Job(NamedTuple):
    asked: Sequence[Asked]
    future: asyncio.Future[list[Told]]


class Writer:
    """A thread that answers what records something, in the order in which it comes."""

    def __init__(
        self,
        opened: Callable[[], tuple[Ledger, Requests]],
        *,
        most_waiting: int,
        uses: Callable[[], Mapping[str, int]],
        uses_after: float,
        clock: Callable[[], float],
    ) -> None:
        self._opened = opened
        self._most_waiting = most_waiting
        self._uses = uses
        self._uses_after = uses_after
        self._clock = clock
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._ended = False
        self._lost = False
        """Whether the server of the ledger has gone, so that it must be opened anew."""
        self.waiting = 0
        """How many requests wait, or are being recorded."""
        self.commits = 0
        self.recorded = 0
        """How many requests were answered."""
        self._begun: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()
        self._begun.result()  # where the ledger cannot be opened, that is raised here

    @property
    def is_alive(self) -> bool:
        """Whether anything can be recorded."""
        return self._thread.is_alive()

    async def answer(self, asked: Sequence[Asked]) -> list[Told]:
        """Returns the answers to requests in their order, once what they record is durable; raises
        `TooManyError` where too many wait."""
        if not self.is_alive:
            raise InputError("nothing can be recorded any more", code="ledger-failed")
        if self.waiting and self.waiting + len(asked) > self._most_waiting:
            raise TooManyError("too many requests wait to be recorded")
        future: asyncio.Future[list[Told]] = asyncio.get_running_loop().create_future()
        self.waiting += len(asked)
        try:
            self._jobs.put(_Job(asked, future))
            # Who asked may go; what was accepted is done all the same.
            return await asyncio.shield(future)
        finally:
            self.waiting -= len(asked)

    def close(self) -> None:
        """Ends the thread, once all that waits is recorded."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            ledger, requests = self._opened()
        except BaseException as error:
            self._begun.set_exception(error)
            return
        self._begun.set_result(None)
        try:
            noted = self._clock()
            while not self._ended:
                jobs = self._next(noted + self._uses_after - self._clock())
                try:
                    if self._lost:
                        ledger, requests = anew(self._opened)
                        self._lost = False
                except InputError as error:
                    self._refuse(jobs, error)
                    continue
                self._do(requests, jobs)
                if self._lost:
                    requests.close()
                    continue
                if self._clock() >= noted + self._uses_after:
                    self._note_uses(ledger)
                    noted = self._clock()
            if not self._lost:
                self._note_uses(ledger)
        finally:
            requests.close()

    def _next(self, seconds: float) -> list[_Job]:
        """Returns the jobs that wait, some requests together; none after these seconds."""
        jobs: list[_Job] = []
        count = 0
        while count < _MOST_TOGETHER:
            try:
                job = self._jobs.get(not jobs, max(seconds, 0.001))
            except Empty:
                break
            if job is None:
                self._ended = True
                break
            jobs.append(job)
            count += len(job.asked)
        return jobs

    def _do(self, requests: Requests, jobs: Sequence[_Job]) -> None:
        told = self._answers(requests, [each for job in jobs for each in job.asked])
        waiting = iter(jobs)
        found: list[Told] = []
        job = next(waiting, None)
        for commit in told:
            self.commits += 1
            found += commit
            done = []
            while job is not None and len(found) >= len(job.asked):
                done.append((job.future, found[: len(job.asked)]))
                found = found[len(job.asked) :]
                job = next(waiting, None)
            _tell_all(done)

    def _refuse(self, jobs: Sequence[_Job], error: InputError) -> None:
        _tell_all([(job.future, [error] * len(job.asked)) for job in jobs])

    def _answers(self, requests: Requests, asked: Sequence[Asked]) -> Iterator[Sequence[Told]]:
        """Yields the answers to all that is asked, those of one commit after it."""
        answered = 0
        try:
            for commit in requests.do_all(asked):
                answered += len(commit)
                self.recorded += len(commit)
                self._lost |= any(map(is_lost, commit))
                yield commit
        except Exception as error:
            self._lost |= is_lost(error)
            yield [error] * (len(asked) - answered)

    def _note_uses(self, ledger: Ledger) -> None:
        """Keeps when tokens were last used; what cannot be kept now is not worth an error."""
        uses = self._uses()
        if not uses:
            return
        try:
            with ledger.writing():
                ledger.tokens.used(uses)
        except InputError:
            return


def _tell_all(done: Sequence[tuple[asyncio.Future[list[Told]], list[Told]]]) -> None:
    if not done:
        return
    try:
        done[0][0].get_loop().call_soon_threadsafe(_tell, done)
    except RuntimeError:
        return  # nobody waits any more


def _tell(done: Sequence[tuple[asyncio.Future[list[Told]], list[Told]]]) -> None:
    for future, told in done:
        if not future.done():
            future.set_result(told)
