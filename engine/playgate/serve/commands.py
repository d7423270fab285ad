"""Requests of the live commands, one by one: asked, recorded, answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playgate.enforce.keyed import AnsweredError
from playgate.enforce.values import Decision
from playgate.errors import InputError
from playgate.report.live_json import render
from playgate.report.request_line import RequestLine
from playgate.serve.asking import asked, asked_once, records
from playgate.serve.exchange import JSON, Exchange
from playgate.serve.house import House
from playgate.serve.writer import Told

__all__ = ["command"]

_REPLAYED = ((b"idempotent-replayed", b"true"),)


def command(name: str) -> Callable[[House, Exchange], Awaitable[None]]:
    """Returns what answers requests of a live command."""

    async def answer(house: House, exchange: Exchange) -> None:
        asker = house.asker_for(exchange, name)
        body = await exchange.body()
        line = RequestLine.read(body, what="a body")
        try:
            request = asked(asker, line, name, only=True)
            if records(request):
                key = exchange.header(b"idempotency-key")
                once = asker.confined(asked_once(asker, request, key, body))
                told = (await house.writer.answer([once]))[0]
            else:
                told = await house.questions.answer(asker.confined(request))
            await _tell(exchange, line, told)
        except InputError as error:
            await exchange.refuse(error, tag=line.tag)

    return answer


async def _tell(exchange: Exchange, line: RequestLine, told: Told) -> None:
    """Sends an answer as the command line writes it; raises what is none."""
    if isinstance(told, AnsweredError):
        await exchange.answer(200, _line(line, told.answer), JSON, _REPLAYED)
        return
    if isinstance(told, Exception):
        raise told
    if isinstance(told, Decision):
        exchange.allowed = told.allowed
    await exchange.answer(200, _line(line, render(told)))


def _line(line: RequestLine, answer: str) -> bytes:
    return f"{line.tagged(answer)}\n".encode()
