"""The door for an agent whose host starts it as a process: over standard input and output."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import anyio
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server

from playgate.agents.door import Desk, server
from playgate.agents.visitor import Visitor
from playgate.enforce.requests import Requests
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.serve.desks import desk
from playgate.serve.scopes import held
from playgate.serve.settings import World

__all__ = ["ORIGIN", "opened", "run"]

ORIGIN = "agent"
"""From where events come that an agent records."""
_T = TypeVar("_T")


class _Here:
    """The one agent of this process."""

    def __init__(
        self, db: str, requests: Requests, actor: str, world: World, *, writes: bool
    ) -> None:
        scopes = held(("read", "audit", *(("write",) if writes else ())))
        self.db = db
        self.now = world.now
        self.meaning: Callable[[Exception], InputError] = world.meaning
        self._visitor = Visitor(actor, scopes, "playgate mcp --write --by ACTOR")
        self._requests = requests

    def desk(self) -> Desk:
        """Returns where it is answered: here."""
        return self

    def visitor(self, request: Any) -> Visitor:
        """Returns the agent."""
        return self._visitor

    async def do(self, job: Callable[[Requests], _T]) -> _T:
        """Does something with the ledger, at once: nobody else waits."""
        return job(self._requests)


@contextmanager
def opened(
    db: str, *, actor: str, writes: bool, patience: float, world: World
) -> Iterator[Server[Any]]:
    """Opens a ledger to one agent, by whose name is recorded what it does."""
    ledger = Ledger.open(db, reading=not writes)
    requests = desk(ledger, world, patience=patience, origin=ORIGIN)
    with requests:
        yield server(_Here(db, requests, actor, world, writes=writes))


def run(db: str, *, actor: str, writes: bool, patience: float, world: World) -> None:
    """Answers an agent until it closes standard input; raises `InputError` where the ledger cannot
    be opened."""
    with opened(db, actor=actor, writes=writes, patience=patience, world=world) as answerer:
        anyio.run(_serve, answerer)


async def _serve(answerer: Server[Any]) -> None:
    async with stdio_server() as (read, write):
        await answerer.run(read, write, answerer.create_initialization_options())
