"""One request and its answer, as those see it who answer: bounded in size and in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from playgate.errors import InputError
from playgate.serve.problems import KIND, TooManyError, headers_of, problem, status_of
from playgate.serve.settings import Limits
from playgate.serve.tokens import Asker

__all__ = [
    "EXCHANGE",
    "JSON",
    "Bodies",
    "ClientGoneError",
    "Exchange",
    "Message",
    "Receive",
    "Scope",
    "Send",
]

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

JSON = b"application/json"
EXCHANGE = "playgate.exchange"
"""Under which a scope holds its exchange."""
_SAFE = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class ClientGoneError(Exception):
    """Says that who asked is not there any more."""


class Bodies:
    """The bodies that are waited for: those hold no place of a request that is answered, and no
    more than so many bytes together."""

    def __init__(self) -> None:
        self.waiting = 0
        """How many are waited for."""
        self.held = 0
        """How many bytes of them are here."""


class Exchange:
    """One request, and its answer."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, limits: Limits, bodies: Bodies
    ) -> None:
        self.scope = scope
        self.limits = limits
        self._bodies = bodies
        self._receive = receive
        self._send = send
        self.what = "unknown"
        """What is asked for, by a name of ours."""
        self.asker: Asker | None = None
        self.status = 0
        """Of the answer; 0 before it begins."""
        self.allowed: bool | None = None
        """Whether a move is let through, where that was asked."""
        self.code = ""
        """Of the error that is told."""
        self._is_read = False

    def header(self, name: bytes) -> str:
        """Returns what the first header of a name says, or nothing."""
        for key, value in self.scope["headers"]:
            if key == name:
                return str(value.decode("latin-1"))
        return ""

    def query(self) -> Mapping[str, list[str]]:
        """Returns what stands behind the path: names, each with its values."""
        found: dict[str, list[str]] = {}
        try:
            pairs = parse_qsl(
                self.scope["query_string"].decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=100,
            )
        except ValueError:
            raise InputError("the query cannot be read", code="wrong-value") from None
        for name, value in pairs:
            found.setdefault(name, []).append(value)
        return found

    # What comes

    async def body(self) -> bytes:
        """Returns the body; raises `InputError` where it is too large, or comes too slowly."""
        most = self.limits.body
        said = self.header(b"content-length")
        if said.isdecimal() and int(said[:12]) > most:
            raise _too_large(most)
        bodies = self._bodies
        bodies.waiting += 1
        try:
            first = await self._piece()  # that nothing comes at all, the connection sees to
            if self._is_read and len(first) <= most:
                return first
            async with asyncio.timeout(self.limits.body_seconds):
                return await self._whole(first, most)
        except TimeoutError:
            raise _too_slow() from None
        finally:
            bodies.waiting -= 1

    async def _whole(self, first: bytes, most: int) -> bytes:
        pieces, length = [first], 0
        try:
            while True:
                length += len(pieces[-1])
                self._bodies.held += len(pieces[-1])
                if length > most:
                    raise _too_large(most)
                if self._is_read:
                    return b"".join(pieces)
                if self._bodies.held > self.limits.bodies:
                    raise TooManyError("too many long bodies come slowly")
                pieces.append(await self._piece())
        finally:
            self._bodies.held -= length

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yields the body as it comes; raises `InputError` where no more of it comes in time."""
        while not self._is_read:
            try:
                async with asyncio.timeout(self.limits.body_seconds):
                    piece = await self._piece()
            except TimeoutError:
                raise _too_slow() from None
            yield piece

    async def _piece(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        self._is_read = not message.get("more_body")
        body: bytes = message.get("body", b"")
        return body

    async def hand_on(self, answerer: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        """Lets something else answer that speaks ASGI; what it reads and sends is not bounded
        here."""

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                headers = [*message.get("headers", ()), *_SAFE]
                message = {**message, "headers": headers}
            await self._send(message)

        await answerer(self.scope, self._receive, send)

    # What goes

    async def answer(
        self,
        status: int,
        body: bytes,
        kind: bytes = JSON,
        headers: Iterable[tuple[bytes, bytes]] = (),
    ) -> None:
        """Sends a whole answer."""
        length = (b"content-length", str(len(body)).encode())
        await self.begin(status, kind, (length, *headers))
        await self.more(body, last=True)

    async def begin(
        self, status: int, kind: bytes, headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        """Begins an answer."""
        said = [(b"content-type", kind), *_SAFE, *headers]
        if not self._is_read and self.scope["method"] == "POST" and status >= 400:
            said.append((b"connection", b"close"))  # what is left of the body is not read
        self.status = status
        await self._send({"type": "http.response.start", "status": status, "headers": said})

    async def more(self, piece: bytes, *, last: bool = False) -> None:
        """Sends a piece of an answer; where nobody takes it, the connection ends."""
        await self._send({"type": "http.response.body", "body": piece, "more_body": not last})

    async def refuse(
        self, error: InputError, *, tag: str = "", headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        """Sends what is wrong; where an answer has begun, it ends there."""
        self.code = error.several[0].code if error.several else error.code
        if self.status:
            raise ClientGoneError
        said = (*headers_of(error), *headers)
        await self.answer(status_of(error), problem(error, tag=tag), KIND, said)


def _too_large(most: int) -> InputError:
    hint = "POST /v1/batch takes many requests, one on each line"
    return InputError(f"a body of more than {most:,} bytes", hint=hint, code="too-large")


def _too_slow() -> InputError:
    return InputError("the request did not come in time", hint="send it again", code="too-slow")
