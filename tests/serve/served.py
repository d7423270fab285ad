"""What the tests of the server share: one in this process, and one of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from starlette.testclient import TestClient

from live.gate import SCHEMAS, environment, say
from playgate.cli.errors import Bugs
from playgate.records import replace
from playgate.serve.app import App
from playgate.serve.settings import Limits, Settings, World

__all__ = [
    "AT",
    "LONG",
    "PLAYBOOK",
    "Clock",
    "Process",
    "Server",
    "check",
    "process",
    "serving",
    "token",
    "until",
    "validator",
]

AT = 1_772_000_000_000_000
LONG = 120.0
"""Seconds for which a test waits for what must come, on a machine that is slow, or stands still."""
PLAYBOOK = """\
playbook: small
version: 1
roles: [rep, manager]
fields: {note: {type: text}, amount: {type: number}, secret: {type: text, by: [manager]}}
activities: {call: {title: Call}, meeting: {title: Meeting}}
stages:
  - {stage: a, title: First & last, activities: [{do: call, within: 3 days}]}
  - {stage: b, entry: [{field: note, is: present, why: "<b>why</b>"}], by: [rep, manager]}
  - {stage: c, optional: true}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
rules: {"*/entered": {level: observe}}
"""
EVERYTHING = ("read", "write", "waive", "waiver-approve", "waiver-decline", "retract", "merge")


def until(holds: Callable[[], object], *, seconds: float = LONG, pause: float = 0.02) -> None:
    """Waits for what comes by itself, a moment later."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(pause)


class Clock:
    """A clock that stands still until it is set on."""

    def __init__(self, at: int = AT) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at

    def on(self, seconds: float) -> int:
        """Sets it on, and returns what it says now."""
        self.at += int(seconds * 1_000_000)
        return self.at


class Streamed(NamedTuple):
    """An answer, as it was sent."""

    status: int
    headers: dict[bytes, bytes]
    text: str


class Server(NamedTuple):
    """A server in this process, and what it logged."""

    client: TestClient
    app: App
    clock: Clock
    log: list[str]

    def ask(
        self, command: str, token: str, headers: Mapping[str, str] | None = None, **request: Any
    ) -> Any:
        """The answer to a request, which must fit what the server says of it."""
        said = {"authorization": f"Bearer {token}", **(headers or {})}
        answer = self.client.post(f"/v1/{command}", json=request, headers=said)
        check(answer.json())
        return answer

    def stream(self, path: str, token: str, pieces: Iterable[bytes]) -> Streamed:
        """The answer to a body that comes in pieces, each only when it is asked for."""
        waiting, sent = iter(pieces), list[Any]()

        async def receive() -> Any:
            piece = next(waiting, None)
            body = b"" if piece is None else piece
            return {"type": "http.request", "body": body, "more_body": piece is not None}

        async def send(message: Any) -> None:
            sent.append(message)

        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": query.encode(),
            "headers": [(b"authorization", f"Bearer {token}".encode())],
        }
        self.client.portal.call(self.app, scope, receive, send)  # type: ignore[union-attr]
        text = b"".join(each["body"] for each in sent[1:]).decode()
        return Streamed(sent[0]["status"], dict(sent[0]["headers"]), text)

    def get(self, path: str, token: str, **headers: str) -> Any:
        """What stands at an address."""
        return self.client.get(path, headers={"authorization": f"Bearer {token}", **headers})


@contextmanager
def serving(
    db: Path | str,
    limits: Limits | None = None,
    clock: Clock | None = None,
    at: Any = None,
    public_url: str = "",
    readers: int = 0,
) -> Iterator[Server]:
    """A server over a ledger; `readers` answer by the clock as it is when they begin. What it
    judges may take as long as a slow machine takes, but for who brings the clock `at` by which that
    is measured."""
    clock, log, limits = clock or Clock(), list[str](), limits or Limits()
    if at is None:
        limits = replace(limits, patience=LONG)
    settings = Settings(db=str(db), limits=limits, public_url=public_url, readers=readers)
    world = World(
        now=clock,
        clock=at or time.monotonic,
        meaning=Bugs().meaning,
        write=log.append,
        random=os.urandom,
    )
    app = App(settings, world)
    with TestClient(app) as client:
        yield Server(client, app, clock, log)


def token(db: Path, *scopes: str, by: str = "rep", **options: str) -> str:
    """A new token, by the command line."""
    words = [each for scope in scopes or EVERYTHING for each in ("--scope", scope)]
    words += ["--by", by] if by else []
    options = {"expires": "never", **options}
    words += [each for name, value in options.items() for each in (f"--{name}", value)]
    said = say("token", "new", *words, "--format", "json", db=db, clock=AT)
    assert said.status == 0, said
    found: str = json.loads(said.out)["token"]
    return found


def check(answer: Mapping[str, Any]) -> None:
    """The answer fits the schema of its kind."""
    kinds = {"standing": "deal", "history": "deal", "allowed": "deal", "error": "error"}
    kinds |= {each: each for each in ("deals", "card", "tokens")} | {"token": "tokens"}
    name = kinds.get(answer["kind"], "decision") if "kind" in answer else "problem"
    errors = [f"{each.json_path}: {each.message}" for each in validator(name).iter_errors(answer)]
    assert not errors, (errors, answer)


@cache
def validator(name: str) -> Draft202012Validator:
    """What checks against a schema."""
    schemas = {
        each: json.loads((SCHEMAS / f"{each}.schema.json").read_bytes())
        for each in ("decision", "deal", "deals", "error", "card", "problem", "tokens")
    }
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()
    )
    return Draft202012Validator(schemas[name], registry=registry)


# A process of its own

_LIMITED = """
from functools import partial
from playgate.cli import serve
from playgate.cli.main import main

serve.Limits = partial(serve.Limits, **{limits!r})
main()
"""
"""The command line, with limits of which it says nothing."""


class Process:
    """A server as a process; `limits` are others than those of everybody."""

    def __init__(
        self,
        db: Path,
        *words: str,
        within: Sequence[str] = (),
        limits: Mapping[str, float] | None = None,
    ) -> None:
        self.db = db
        program = ["-c", _LIMITED.format(limits=limits)] if limits else ["-m", "playgate.cli.main"]
        patient = ["serve", "--port", "0", "--patience", str(LONG)]
        command = [*within, sys.executable, *program, *patient, *words]
        self.child = subprocess.Popen(
            command, env=environment(db), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        assert self.child.stderr is not None
        self.first = self.child.stderr.readline().decode()
        while self.first.startswith("note: ") or self.first.startswith(" "):
            self.first = self.child.stderr.readline().decode()
        told = json.loads(self.first) if self.first.startswith("{") else {}
        self.host, self.port = str(told.get("host", "127.0.0.1")), int(told.get("port", 0))
        self._logged: list[str] = []
        self._listens = threading.Thread(target=self._listen, daemon=True)
        self._listens.start()

    def _listen(self) -> None:
        """Takes what is logged: a server whose log nobody takes stands still in the end."""
        assert self.child.stderr is not None
        self._logged += [line.decode().rstrip("\n") for line in self.child.stderr]

    def readers(self) -> list[int]:
        """The processes that answer questions for it; on Linux."""
        place = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children")
        return [int(each) for each in place.read_text().split()]

    def wait_for_readers(self, key: str, count: int) -> None:
        """Waits until so many processes answer, by the server's own figures."""
        figure = f"playgate_readers {count}\n"

        def are_there() -> bool:
            connection = self.connection()
            try:
                connection.request("GET", "/metrics", headers={"authorization": f"Bearer {key}"})
                return figure in connection.getresponse().read().decode()
            finally:
                connection.close()

        until(are_there)

    def connection(self, timeout: float = LONG) -> HTTPConnection:
        """A connection to it."""
        return HTTPConnection(self.host, self.port, timeout=timeout)

    def raw(self, timeout: float = LONG) -> socket.socket:
        """A connection on which anything can be sent."""
        return socket.create_connection((self.host, self.port), timeout=timeout)

    def post(self, path: str, token: str, body: bytes, **headers: str) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        connection = self.connection()
        try:
            said = {"authorization": f"Bearer {token}", **headers}
            connection.request("POST", path, body, said)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def stopped(self, how: int = signal.SIGTERM) -> tuple[int, list[str]]:
        """Stops it, and returns its exit status and what it logged since it began."""
        self.child.send_signal(how)
        return self.ended()

    def ended(self) -> tuple[int, list[str]]:
        """Its exit status and what it logged since it began, once it has ended."""
        assert self.child.stderr is not None
        status = self.child.wait(LONG)
        self._listens.join(LONG)
        self.child.stderr.close()
        return status, self._logged


@contextmanager
def process(db: Path, *words: str, **limits: float) -> Iterator[Process]:
    """A server as a process, which is gone at the end."""
    server = Process(db, "--db", str(db), *words, limits=limits)
    try:
        yield server
    finally:
        server.child.kill()
        server.ended()
