"""The door for agents elsewhere: over HTTP, behind the tokens of `playgate serve`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from playgate.agents.door import Desk, server
from playgate.agents.here import ORIGIN
from playgate.agents.visitor import Visitor
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.serve.desks import Desks, desk
from playgate.serve.exchange import EXCHANGE, Exchange
from playgate.serve.house import House

__all__ = ["HttpDoor"]

_MESSAGE = {"type": "object", "required": ["jsonrpc"], "properties": {"jsonrpc": {"const": "2.0"}}}


class HttpDoor:
    """A door of the server; each request is an agent's by its token, and nothing is kept between
    them."""

    path = "/mcp"
    what = "mcp"
    operation: Mapping[str, Any] = {
        "operationId": "mcp",
        "summary": "The door for agents: the Model Context Protocol over streamable HTTP",
        "description": "A message of JSON-RPC 2.0. Which tools and resources there are, and what"
        " they take, the protocol tells itself (`tools/list`): those that the token's scopes let"
        " through. Their answers are as `schemas/agent.schema.json` has it.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _MESSAGE}}},
        "responses": {
            "200": {
                "description": "The answer to the message.",
                "content": {"application/json": {"schema": _MESSAGE}},
            },
            "202": {"description": "The message asked for no answer."},
            "default": {"$ref": "#/components/responses/problem"},
        },
    }

    @asynccontextmanager
    async def opened(self, house: House) -> AsyncIterator[None]:
        """Opens the door, while the server runs."""
        entry = _There(house)
        self._manager = StreamableHTTPSessionManager(
            server(entry),
            json_response=True,
            stateless=True,
            max_request_body_size=house.limits.body,
        )
        try:
            async with self._manager.run():
                yield
        finally:
            entry.close()

    async def answer(self, house: House, exchange: Exchange) -> None:
        """Answers a request; raises `InputError` where no token lets it in."""
        house.asker(exchange).refuse_confined()
        await exchange.hand_on(self._manager.handle_request)


class _There:
    """Those who come with a token."""

    def __init__(self, house: House) -> None:
        settings, world = house.settings, house.world
        self.db = settings.db
        self.now = world.now
        self.meaning: Callable[[Exception], InputError] = world.meaning

        def opened() -> Any:
            ledger = Ledger.open(settings.db)
            patience, largest = settings.limits.patience, settings.limits.largest
            return desk(ledger, world, patience=patience, origin=ORIGIN, largest=largest)

        self._desks = Desks(opened, name="agents")

    def desk(self) -> Desk:
        """Returns where it is answered: by threads of its own, as some of it takes long."""
        return self._desks

    def visitor(self, request: Any) -> Visitor:
        """Returns who asks, by the token that was looked at before."""
        exchange: Exchange = request.scope[EXCHANGE]
        asker = exchange.asker
        assert asker is not None  # noqa: S101  (the door lets nobody in without a token)
        return Visitor(asker.actor, asker.scopes, "playgate token new --scope … --by ACTOR")

    def close(self) -> None:
        """Ends the threads, after what they do now."""
        self._desks.close()
