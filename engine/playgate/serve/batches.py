"""Batches: requests as NDJSON, one on each line, answered in their order while they come.

Lines that come together share one commit, and are answered after it. No more is held than these:
where the answers are not taken, no more lines are read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from playgate.enforce.commands import Request
from playgate.enforce.requests import Asked, Requests
from playgate.errors import InputError
from playgate.report.live_json import render
from playgate.report.request_line import RequestLine
from playgate.serve.asking import asked, records
from playgate.serve.exchange import Exchange
from playgate.serve.glance import is_lost
from playgate.serve.house import House
from playgate.serve.problems import TooManyError
from playgate.serve.tokens import Asker
from playgate.serve.writer import Told

__all__ = ["batch"]

_KIND = b"application/x-ndjson"
_CLOSE = ((b"connection", b"close"),)
_MOST_TOGETHER = 200
_TRIES = 100
_PAUSE = 0.05


async def batch(house: House, exchange: Exchange) -> None:
    """Answers each line of a batch."""
    asker = house.asker(exchange)
    if exchange.header(b"idempotency-key"):
        message = "a batch takes no Idempotency-Key"
        raise InputError(message, hint="each line says its own id", code="usage")
    if house.batches >= house.limits.batches:
        raise TooManyError("too many batches are being answered", seconds=5)
    command = (exchange.query().get("command") or [""])[-1]
    house.batches += 1
    try:
        await _Batch(house, exchange, asker, command).run()
    finally:
        house.batches -= 1


class _Batch:
    def __init__(self, house: House, exchange: Exchange, asker: Asker, command: str) -> None:
        self._house = house
        self._exchange = exchange
        self._asker = asker
        self._command = command

    async def run(self) -> None:
        """Answers the lines; what ends the batch early is told as its last line."""
        begun = False
        try:
            async for lines in self._groups():
                answers = await self._answers(lines)
                if not begun:
                    begun = True
                    await self._exchange.begin(200, _KIND, _CLOSE)
                await self._exchange.more("".join(f"{each}\n" for each in answers).encode())
        except InputError as error:
            if not begun:
                raise
            self._exchange.code = error.code
            line = RequestLine({}, None, "").wrong(error)
            await self._exchange.more(f"{line}\n".encode(), last=True)
            return
        if not begun:
            await self._exchange.begin(200, _KIND, _CLOSE)
        await self._exchange.more(b"", last=True)

    # What comes

    async def _groups(self) -> AsyncIterator[list[bytes]]:
        """Yields the lines that wait together, some at a time."""
        limits, rest = self._house.limits, b""
        count = size = 0
        async for piece in self._exchange.pieces():
            *lines, rest = (rest + piece).split(b"\n")
            rest = rest[: limits.body + 1]
            lines = [line for line in lines if line.strip()]
            count, size = count + len(lines), size + len(piece)
            if count > limits.batch_lines or size > limits.batch_bytes:
                hint = "send the rest as another batch"
                raise InputError("a batch of too many lines", hint=hint, code="too-large")
            for start in range(0, len(lines), _MOST_TOGETHER):
                self._refuse_when_stopping()
                yield lines[start : start + _MOST_TOGETHER]
        if rest.strip():
            self._refuse_when_stopping()
            yield [rest]

    def _refuse_when_stopping(self) -> None:
        if self._house.stopping:
            hint = "send the lines again that were not answered"
            raise InputError("the server is stopping", hint=hint, code="stopping")

    # What goes

    async def _answers(self, lines: list[bytes]) -> list[str]:
        """Returns the answers to lines that wait together, after what they recorded is durable."""
        read = [RequestLine.read(line) for line in lines]
        requests = [self._asked(line) for line in read]
        await self._in_turn(len(lines))
        good = [each for each in requests if not isinstance(each, InputError)]
        told = iter(await self._told(good) if good else [])
        self._house.figures.lines += len(lines)
        return [
            line.wrong(each) if isinstance(each, InputError) else self._answer(line, next(told))
            for line, each in zip(read, requests, strict=True)
        ]

    def _asked(self, line: RequestLine) -> Request | InputError:
        try:
            return asked(self._asker, line, self._command, only=False)
        except InputError as error:
            return error

    async def _in_turn(self, count: int) -> None:
        """Waits until so many lines may be asked by this token."""
        for _ in range(count):
            while (wait := self._house.buckets.wait(self._asker.id)) > 0:
                await asyncio.sleep(min(wait, 1.0))

    async def _told(self, good: Sequence[Request]) -> Sequence[Told]:
        requests = [self._asker.confined(each) for each in good]
        if not any(map(records, good)):
            return await self._questions(requests)
        for _ in range(_TRIES):
            try:
                return await self._house.writer.answer(requests)
            except TooManyError:
                await asyncio.sleep(_PAUSE)
        return await self._house.writer.answer(requests)

    async def _questions(self, requests: Sequence[Asked]) -> Sequence[Told]:
        try:
            return await self._house.questions.work(lambda desk: _each(desk, requests))
        except InputError as error:
            if not is_lost(error):
                raise
            return [error] * len(requests)

    def _answer(self, line: RequestLine, told: Told) -> str:
        if not isinstance(told, Exception):
            return line.tagged(render(told))
        return line.wrong(self._house.world.meaning(told))


def _each(desk: Requests, requests: Sequence[Asked]) -> list[Told]:
    """Returns the answer to each; raises what tells that the ledger's server has gone, so that the
    desk opens it anew."""
    told: list[Told] = []
    for request in requests:
        try:
            told.append(desk.do(request))
        except Exception as error:
            if is_lost(error):
                raise
            told.append(error)
    return told
