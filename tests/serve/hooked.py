"""What the tests of hooks share: hooks as senders sign them, and a server of others."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from live.gate import SCHEMAS
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.serve.settings import World

__all__ = ["KEY", "SECRET", "Stub", "check_hooks", "event", "quiet", "signed", "stub"]

KEY = b"k" * 32
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


def signed(body: bytes, *, at: int, known_id: str = "m1", key: bytes = KEY) -> dict[str, str]:
    """The headers of Standard Webhooks; `at` is in microseconds."""
    seconds = str(at // 1_000_000)
    text = f"{known_id}.{seconds}.".encode() + body
    digest = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": known_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{digest}",
    }


def event(number: int, *, deal: str = "d", day: int = 1, name: str = "call") -> dict[str, Any]:
    """A CloudEvent of an activity."""
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "/crm",
        "type": "playgate.activity",
        "subject": deal,
        "time": f"2026-02-{day:02}T10:00:00Z",
        "data": {"name": name, "value": "", "actor": "rep"},
    }


def quiet(now: Callable[[], int], variable: Callable[[str], str] = lambda _: "") -> World:
    """What is outside, with a clock."""

    def meaning(error: Exception) -> InputError:
        if isinstance(error, InputError):
            return error
        raise error

    return World(
        now=now,
        clock=lambda: 0.0,
        meaning=meaning,
        write=lambda _: None,
        random=os.urandom,
        variable=variable,
    )


class Asked(NamedTuple):
    """What a stub was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Stub:
    """A server of somebody else."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.status = 200
        self.answer: bytes | Callable[[Asked], bytes] = b"{}"
        self.headers: dict[str, str] = {}
        self.hang = threading.Event()
        self.hang.set()
        self.url = ""


@contextmanager
def stub() -> Iterator[Stub]:
    """A server of somebody else, on this machine."""
    told = Stub()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, body)
            told.asked.append(asked)
            told.hang.wait()
            answer = told.answer if isinstance(told.answer, bytes) else told.answer(asked)
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            with suppress(OSError):  # who asked may have gone
                self.wfile.write(answer)

        do_GET = do_POST = _do  # noqa: N815  (so the library asks for them)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield told
    finally:
        told.hang.set()
        server.shutdown()
        server.server_close()


def check_hooks(text: str) -> Any:
    """What is written of hooks, which fits its schema."""
    schemas = [
        json.loads((SCHEMAS / f"{each}.schema.json").read_bytes()) for each in ("hooks", "decision")
    ]
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas
    )
    told = json.loads(text)
    errors = list(Draft202012Validator(schemas[0], registry=registry).iter_errors(told))
    assert errors == [], (errors, text)
    return told


def events_of(db: Path, deal: str = "d") -> list[tuple[str, str]]:
    """The events of a deal that came by hooks."""
    with Ledger.open(db, reading=True) as ledger:
        rows = ledger.connection.execute(
            "SELECT event_id, name FROM events WHERE deal = ? AND live = 0 ORDER BY event_id",
            (deal,),
        )
        return [(str(known_id), str(name)) for known_id, name in rows]
