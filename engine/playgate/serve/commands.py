"""Requests of the live commands, one by one: asked, recorded, answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from playgate.enforce.commands import COMMANDS
from playgate.enforce.keyed import AnsweredError
from playgate.enforce.values import Decision
from playgate.errors import InputError
from playgate.report.live_json import render
from playgate.report.request_line import RequestLine
from playgate.serve.answering import Question, written
from playgate.serve.asking import asked, asked_once
from playgate.serve.exchange import JSON, Exchange
from playgate.serve.house import House
from playgate.serve.writer import Told

__all__ = ["command"]

_REPLAYED = ((b"idempotent-replayed", b"true"),)


def command(name: str) -> Callable[[House, Exchange], Awaitable[None]]:
    """Returns what answers requests of a live command."""

    if COMMANDS[name].records:
        return partial(_recorded, name)
    return partial(_answered, name)


async def _answered(name: str, house: House, exchange: Exchange) -> None:
    asker = house.asker_for(exchange, name)
    said = await house.questions.answer(Question(asker, name, await exchange.body()))
    exchange.allowed = said.allowed
    if said.error is not None:
        await exchange.refuse(said.error, tag=said.tag)
    else:
        await exchange.answer(200, said.text)


async def _recorded(name: str, house: House, exchange: Exchange) -> None:
    asker = house.asker_for(exchange, name)
    body = await exchange.body()
    line = RequestLine.read(body, what="a body")
    try:
        request = asked(asker, line, name, only=True)
        key = exchange.header(b"idempotency-key")
        once = asker.confined(asked_once(asker, request, key, body))
        await _tell(exchange, line, (await house.writer.answer([once]))[0])
    except InputError as error:
        await exchange.refuse(error, tag=line.tag)


async def _tell(exchange: Exchange, line: RequestLine, told: Told) -> None:
    """Sends an answer as the command line writes it; raises what is none."""
    if isinstance(told, AnsweredError):
        await exchange.answer(200, written(line, told.answer), JSON, _REPLAYED)
        return
    if isinstance(told, Exception):
        raise told
    if isinstance(told, Decision):
        exchange.allowed = told.allowed
    await exchange.answer(200, written(line, render(told)))
