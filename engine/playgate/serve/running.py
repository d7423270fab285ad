"""The server as a process: it listens, answers, and stops when it is told to."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.serve.app import App, Door
from playgate.serve.connections import Connection
from playgate.serve.readers import collect_seldom
from playgate.serve.settings import Settings, World

__all__ = ["run"]

_SWITCH = 0.0005
"""Seconds for which a thread goes on while another waits: questions are shorter than usual."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run(settings: Settings, world: World, doors: Sequence[Door] = ()) -> None:
    """Answers requests until somebody says stop; raises `InputError` where it cannot begin."""
    Ledger.open(settings.db).__exit__()  # what is wrong with it is said before anybody asks
    app = App(settings, world, doors)
    with _listening(settings) as listener:
        host, port = listener.getsockname()[:2]
        app.house.log.say("listening", host=host, port=port)
        sys.setswitchinterval(_SWITCH)
        collect_seldom()
        _Server(_config(app), app).run(sockets=[listener])
    app.house.log.say("stopped")


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    host, port = settings.host, settings.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        said = getattr(error, "strerror", None) or error
        hint = "--host and --port name another"
        message = f"cannot listen on {host} port {port}: {said}"
        raise InputError(message, hint=hint, code="cannot-listen") from None
    try:
        yield listener
    finally:
        listener.close()


def _config(app: App) -> uvicorn.Config:
    limits = app.limits
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=int(limits.idle_seconds),
        timeout_graceful_shutdown=int(limits.stop_seconds),
    )


class _Server(uvicorn.Server):
    """A server that stops when it is told to, and then says that all is well."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stops at the first signal, and at once at the second."""
        before = {each: signal.signal(each, self._told) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _told(self, *_: object) -> None:
        if self.should_exit:
            self.force_exit = True
        self._app.house.stopping = True
        self.should_exit = True
