"""Whether the server is well: for who watches it, and for who sends requests to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any

from playgate.errors import InputError
from playgate.serve.exchange import Exchange
from playgate.serve.house import House
from playgate.serve.metrics import KIND
from playgate.serve.openapi import description

__all__ = ["alive", "described", "figures", "ready"]

_TEXT = b"text/plain; charset=utf-8"


async def alive(_: House, exchange: Exchange) -> None:
    """Answers as long as the server runs."""
    await exchange.answer(200, b"ok\n", _TEXT)


async def ready(house: House, exchange: Exchange) -> None:
    """Answers where the ledger can be read and written, and the server is not stopping."""
    if not house.is_ready():
        hint = "the log of the server may say why"
        raise InputError("the server is not ready", hint=hint, code="stopping")
    await exchange.answer(200, b"ready\n", _TEXT)


async def figures(house: House, exchange: Exchange) -> None:
    """Answers with the server's own figures."""
    house.asker_for(exchange, "metrics")
    writer = house.writer
    now = {
        "playgate_under_way": ("Requests that are being answered.", house.under_way),
        "playgate_waiting": ("Requests that wait to be recorded.", writer.waiting),
        "playgate_recorded_total": ("Requests that the writer answered.", writer.recorded),
        "playgate_commits_total": ("Commits of the writer.", writer.commits),
        "playgate_readers": ("Processes that answer questions.", len(house.readers.numbers)),
        "playgate_batches": ("Batches that are being answered.", house.batches),
        **await house.post_room.figures(),
    }
    await exchange.answer(200, "".join(house.figures.text(now)).encode(), KIND)


def described(doors: Mapping[str, Any]) -> Callable[[House, Exchange], Awaitable[None]]:
    """Returns what answers with what can be asked, as OpenAPI describes it; that says nothing of
    the ledger."""
    told = cache(lambda: description(doors))

    async def answer(_: House, exchange: Exchange) -> None:
        await exchange.answer(200, told())

    return answer
