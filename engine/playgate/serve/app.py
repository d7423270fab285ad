"""The door of the server: each request goes to what answers it, and is counted and logged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, Protocol

from starlette.exceptions import HTTPException
from starlette.routing import Route, Router

from playgate.enforce.commands import COMMANDS
from playgate.errors import InputError
from playgate.serve import health, pages
from playgate.serve.arrivals import arrival
from playgate.serve.batches import batch
from playgate.serve.commands import command
from playgate.serve.crm_record import compared, imported
from playgate.serve.exchange import EXCHANGE, ClientGoneError, Exchange, Receive, Scope, Send
from playgate.serve.house import House
from playgate.serve.people.page import Page
from playgate.serve.people.routes import screens
from playgate.serve.problems import TooManyError
from playgate.serve.settings import Limits, Settings, World

__all__ = ["App", "Door"]

Answerer = Callable[[House, Exchange], Awaitable[None]]


class Door(Protocol):
    """Something else that answers at an address of its own, while the server runs."""

    path: str
    what: str
    operation: Mapping[str, Any]
    """What is posted there, as OpenAPI has it."""

    def opened(self, house: House) -> AbstractAsyncContextManager[None]:
        """Opens it, and closes it at the end."""

    async def answer(self, house: House, exchange: Exchange) -> None:
        """Answers what is posted there."""


class App:
    """The server as an ASGI application."""

    def __init__(self, settings: Settings, world: World, doors: Sequence[Door] = ()) -> None:
        self.house = House(settings, world)
        self._clock = world.clock
        self._meaning = world.meaning
        self._doors = doors
        self._commands = dict(_commands(self.house))
        for door in doors:
            self._commands[door.path] = _Endpoint(self.house, door.what, door.answer)
        described = health.described({each.path: {"post": each.operation} for each in doors})
        self._router = Router(
            [*_routes(self.house, self._commands, described), *_screens(self.house)],
            redirect_slashes=False,
            lifespan=self._life,
        )

    @property
    def limits(self) -> Limits:
        """What nobody may go beyond."""
        return self.house.limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._router(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send, self.limits, self.house.bodies)
        scope[EXCHANGE] = exchange
        scope["app"] = self
        begun = self._clock()
        self.house.under_way += 1
        try:
            await self._answer(exchange, scope, receive, send)
        except ClientGoneError:
            exchange.code = exchange.code or "client-gone"
        finally:
            del scope[EXCHANGE]  # each holds the other: both would be left to the collector
            self.house.under_way -= 1
            seconds = self._clock() - begun
            refused = exchange.allowed is False
            self.house.figures.count(exchange.what, exchange.status, seconds, refused=refused)
            self.house.log.answered(exchange, seconds)

    async def _answer(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["path"] != "/healthz":
                self._refuse_now()
            answerer: Any = self._router
            if scope["method"] == "POST":  # without asking each route in turn
                answerer = self._commands.get(scope["path"], answerer)
            await answerer(scope, receive, send)
        except ClientGoneError:
            raise
        except HTTPException as error:
            said = [(k.lower().encode(), v.encode()) for k, v in (error.headers or {}).items()]
            await exchange.refuse(_unrouted(error), headers=said)
        except Exception as error:
            await exchange.refuse(self._meaning(error))

    def _refuse_now(self) -> None:
        """Raises `InputError` where nothing new is accepted."""
        if self.house.stopping:
            raise InputError("the server is stopping", hint="ask again later", code="stopping")
        if self.house.under_way - self.house.bodies.waiting > self.limits.concurrency:
            raise TooManyError("too many requests are being answered")

    @asynccontextmanager
    async def _life(self, _: Any) -> AsyncIterator[None]:
        self.house.open()
        try:
            async with AsyncExitStack() as doors:
                for door in self._doors:
                    await doors.enter_async_context(door.opened(self.house))
                yield
        finally:
            self.house.close()


def _unrouted(error: HTTPException) -> InputError:
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return InputError("not by this method", hint=allowed, code="wrong-method")
    hint = "GET /openapi.json lists what there is"
    return InputError("there is nothing at this address", hint=hint, code="no-route")


class _Endpoint:
    """What answers at an address, as ASGI has it."""

    def __init__(
        self, house: House, what: str, answer: Answerer, *, is_for_people: bool = False
    ) -> None:
        self._house = house
        self._what = what
        self._answer = answer
        self.is_for_people = is_for_people
        """Whether a browser shows it; programs have the others."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        exchange.what = self._what
        await self._answer(self._house, exchange)


def _commands(house: House) -> Iterator[tuple[str, _Endpoint]]:
    for name in COMMANDS:
        yield f"/v1/{name}", _Endpoint(house, name, command(name))


def _routes(
    house: House, commands: Mapping[str, _Endpoint], described: Answerer
) -> Iterator[Route]:
    for path, endpoint in commands.items():
        yield Route(path, endpoint, methods=["POST"])
    yield Route("/v1/batch", _Endpoint(house, "batch", batch), methods=["POST"])
    yield Route("/v1/import", _Endpoint(house, "import", imported), methods=["POST"])
    for path in ("/v1/hooks/{source}", "/v1/hooks/{source}/{secret}"):
        yield Route(path, _Endpoint(house, "hook", arrival), methods=["POST"])
    for path, what, answer in (
        ("/v1/deals", "deals", pages.deals),
        ("/v1/deals/{deal:path}/card", "card", pages.card),
        ("/v1/reconcile", "reconcile", compared),
        ("/healthz", "healthz", health.alive),
        ("/readyz", "readyz", health.ready),
        ("/metrics", "metrics", health.figures),
        ("/openapi.json", "openapi", described),
    ):
        yield Route(path, _Endpoint(house, what, answer), methods=["GET"])


def _screens(house: House) -> Iterator[Route]:
    for each in screens(Page(house)):
        endpoint = _Endpoint(house, each.what, each.answer, is_for_people=True)
        yield Route(each.path, endpoint, methods=[each.method])
