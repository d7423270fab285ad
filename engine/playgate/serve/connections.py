"""Connections: clients that are slow, half open or too many hold nothing for long.

A client is waited for so long in all until what stands before a body is there, so long for each
piece of a body, and so long until it takes an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from playgate.serve.settings import Limits

__all__ = ["Connection"]


_TOGETHER = 16_384
"""So many bytes are sent at once, whatever follows."""


class _Together:
    """A transport that sends together what is written in one turn of the loop, such as an answer
    and what stands before it."""

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Sends bytes before this turn ends."""
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)
        self._size += len(data)
        if self._size >= _TOGETHER:
            self._send()

    def close(self) -> None:
        """Closes the connection behind what was written."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._held:
            held, self._held, self._size = self._held, [], 0
            self._transport.write(held[0] if len(held) == 1 else b"".join(held))


class Connection(HttpToolsProtocol):
    """A connection that ends where its client keeps it waiting."""

    def __init__(self, *args: Any, **told: Any) -> None:
        super().__init__(*args, **told)
        self._limits: Limits = self.app.limits
        self._reading: asyncio.TimerHandle | None = None
        """Waits for the head of a request, or for more of its body."""
        self._writing: asyncio.TimerHandle | None = None
        """Waits until an answer is taken."""
        self._in_head = True
        self._head = 0
        """How many bytes have come since the head of a request is waited for."""
        self._is_whole = True
        """Whether the request that came last is here as a whole."""

    def connection_made(self, transport: Any) -> None:
        """Accepts a connection, where there are not too many."""
        if len(self.connections) >= self._limits.connections:
            self.transport = transport
            transport.abort()
            return
        together: Any = _Together(transport, self.loop)
        super().connection_made(together)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Takes what has come, and waits for the rest."""
        self._head += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head:
            if self._head > self._limits.head:
                self.send_400_response("The head of the request is too long.")
        elif not self._is_whole:
            self._wait(self._limits.body_seconds, self._no_body)
        elif self.timeout_keep_alive_task is None and self._is_idle():
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        self._end_reading()
        self._end_writing()
        super().connection_lost(exc)

    # What the parser tells

    def on_message_begin(self) -> None:
        """Begins to wait for what stands before a body."""
        super().on_message_begin()
        self._is_whole = False
        if not self._in_head:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        """Goes on to the body."""
        self._in_head = False
        self._end_reading()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Ends a request."""
        self._is_whole = True
        self._end_reading()
        super().on_message_complete()

    # How long is waited

    def pause_writing(self) -> None:
        """Waits until the answer is taken."""
        super().pause_writing()
        self._end_writing()
        self._writing = self.loop.call_later(self._limits.write_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Goes on to write."""
        self._end_writing()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Closes a connection on which nothing is asked; what nobody takes is dropped."""
        if not self.transport.is_closing():
            self.transport.close()
            self.loop.call_later(self._limits.write_seconds, self.transport.abort)

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _wait_for_head(self) -> None:
        self._in_head = True
        self._head = 0
        self._wait(self._limits.head_seconds, self.transport.abort)

    def _no_body(self) -> None:
        """Ends the connection, unless it is we who do not read."""
        if self.flow.read_paused:
            self._wait(self._limits.body_seconds, self._no_body)
        else:
            self.transport.abort()

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        self._end_reading()
        self._reading = self.loop.call_later(seconds, then)

    def _end_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _end_writing(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
