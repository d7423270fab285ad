"""The writer of a server: what it does while the server of its ledger has gone."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from typing import Any

from served import until

from playgate.errors import InputError
from playgate.ledger.store import LedgerError
from playgate.serve.writer import Writer


class Gone:
    """A ledger, and what answers requests to it, on a server that goes and comes back."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed = 0
        self.is_there = True
        self.tokens = self

    def __call__(self) -> Any:
        self.opened += 1
        if not self.is_there:
            raise InputError("it cannot be reached", code="cannot-connect")
        return self, self

    def _refuse_gone(self) -> None:
        if not self.is_there:
            raise LedgerError("it has gone", code="ledger-lost")

    def do_all(self, asked: Any) -> Any:
        self._refuse_gone()
        yield list(asked)

    @contextmanager
    def writing(self) -> Any:
        self._refuse_gone()
        yield

    def used(self, _: Any) -> None:
        """Keeps nothing."""

    def close(self) -> None:
        self.closed += 1


def writer_of(ledger: Gone, *, uses: dict[str, int]) -> Writer:
    return Writer(ledger, most_waiting=9, uses=lambda: uses, uses_after=0.005, clock=time.monotonic)


def test_it_is_opened_anew_only_for_who_asks() -> None:
    """While nobody asks, a server that has gone is left alone."""
    ledger = Gone()
    writer = writer_of(ledger, uses={})

    async def story() -> None:
        ledger.is_there = False
        for _ in range(2):
            (told,) = await writer.answer([{"command": "log"}])
            assert getattr(told, "code", "") == "ledger-lost"
        await asyncio.sleep(0.2)
        assert ledger.opened == 2
        ledger.is_there = True
        assert await writer.answer([{"command": "log"}]) == [{"command": "log"}]
        assert ledger.opened == 3

    asyncio.run(story())
    writer.close()
    assert ledger.closed == 2


def test_one_that_went_and_came_back_meanwhile_refuses_nobody() -> None:
    """That it had gone shows where the uses of tokens are kept; who asks later hears nothing."""
    ledger = Gone()
    writer = writer_of(ledger, uses={"t": 1})

    async def story() -> None:
        ledger.is_there = False
        await asyncio.to_thread(until, lambda: ledger.closed)
        ledger.is_there = True
        assert await writer.answer([{"command": "log"}]) == [{"command": "log"}]

    asyncio.run(story())
    writer.close()
    assert (ledger.opened, ledger.closed) == (2, 2)
