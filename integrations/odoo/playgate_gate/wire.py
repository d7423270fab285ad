"""What is said to playgate's server and what it answers, by Python's standard library alone."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

__all__ = [
    "AwayError",
    "Server",
    "ToldError",
    "ask_line",
    "name_of",
    "pairs_in",
    "portions",
    "reasons",
    "what_is_missing",
]

_MOST = 20_000_000
"""Bytes of an answer that are read."""
_PORTION = 800_000
"""Bytes of a history that are sent at once."""
_JSON, _LINES = "application/json", "application/x-ndjson"
_NO_NAME = re.compile(r"[^\w]+")

Line = Mapping[str, Any]


class AwayError(Exception):
    """playgate could not be asked, and why."""


class ToldError(Exception):
    """playgate says that something cannot be done, and why."""


class Server(NamedTuple):
    """playgate's server, and how long it is waited for."""

    url: str
    token: str
    seconds: float

    def lines(self, path: str, lines: Iterable[Line]) -> list[dict[str, Any]]:
        """Returns the answers to requests, each sent and answered on a line."""
        sent = list(lines)
        body = "".join(f"{json.dumps(each)}\n" for each in sent).encode()
        told = self._call("POST", path, body, _LINES)
        answers = [_read(line) for line in told.splitlines() if line.strip()]
        if len(answers) != len(sent):
            raise AwayError("the answer broke off")
        return answers

    def post(self, path: str, said: Line, *, once: str = "") -> dict[str, Any]:
        """Returns the answer to one request; where the same is said again under the name `once`,
        such as by a transaction that is made again, nothing more is recorded."""
        body = json.dumps(said, sort_keys=True).encode()
        key = hashlib.sha256(f"{path}\n{once}\n".encode() + body).hexdigest()
        return _read(self._call("POST", path, body, _JSON, key if once else ""))

    def send(self, path: str, events: Sequence[Line]) -> tuple[int, list[str]]:
        """Sends events, a portion at a time; how many of them were new, and what was wrong with
        others. A portion that is refused does not stop the next."""
        new, wrong = 0, []
        for body in portions(events):
            try:
                told = _read(self._call("POST", path, body, _LINES))
            except ToldError as error:
                wrong.append(str(error))
                continue
            if told.get("kind") != "imported":
                raise AwayError("it does not answer as playgate does")
            new += told["new"]
            wrong += [str(each["reason"]) for each in told["problems"]]
        return new, wrong

    def get(self, path: str, **query: str) -> str:
        """Returns what stands at an address."""
        said = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return self._call("GET", f"{path}?{said}" if said else path, None, "").decode()

    def _call(self, method: str, path: str, body: bytes | None, kind: str, key: str = "") -> bytes:
        headers = {"Content-Type": kind, "Idempotency-Key": key}
        try:
            status, said = self._answer(method, path, body, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise AwayError(str(error) or type(error).__name__) from None
        if status == 200:
            return said
        why = _why(said) or f"it answered with status {status}"
        if status in (401, 429) or status >= 500:
            raise AwayError(why)
        raise ToldError(why)

    def _answer(
        self, method: str, path: str, body: bytes | None, said_of_it: Mapping[str, str]
    ) -> tuple[int, bytes]:
        connection, target = self._connection(path)
        headers = {"Authorization": f"Bearer {self.token}", "Connection": "close"}
        headers.update({name: value for name, value in said_of_it.items() if value})
        with _Deadline(self.seconds) as deadline:
            try:
                connection.connect()
                deadline.watch(connection.sock)
                connection.request(method, target, body, headers)
                answer = connection.getresponse()
                said = answer.read(_MOST + 1)
            except (OSError, http.client.HTTPException, ValueError):
                deadline.check()
                raise
            finally:
                connection.close()
            deadline.check()
        if len(said) > _MOST:
            raise ValueError("it answered with too much")
        return answer.status, said

    def _connection(self, path: str) -> tuple[http.client.HTTPConnection, str]:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("its address must begin with https:// or http://")
        target = parts.path.rstrip("/") + path
        if parts.scheme == "http":
            return http.client.HTTPConnection(
                parts.hostname, parts.port, timeout=self.seconds
            ), target
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=self.seconds, context=context
        ), target


class _Deadline:
    """Cuts a connection off when its time is over, however it is used until then."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, connected: socket.socket) -> None:
        """Says what is cut off; raises `TimeoutError` where that is due already."""
        with self._lock:
            self._socket = connected
        self.check()

    def check(self) -> None:
        """Raises `TimeoutError` where the time is over."""
        if time.monotonic() >= self._until:
            raise TimeoutError("it took too long")

    def _cut(self) -> None:
        with self._lock:
            if self._socket is not None:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return  # it is cut off already


def _read(said: bytes) -> dict[str, Any]:
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise AwayError("it does not answer as playgate does")
    return found


def _why(said: bytes) -> str:
    """Returns what a problem says, for people."""
    try:
        found = json.loads(said)
        return _with_hint(str(found["detail"]), found.get("hint"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _with_hint(message: str, hint: object) -> str:
    return f"{message} ({hint})" if hint else message


def portions(events: Sequence[Line], *, most: int = _PORTION) -> Iterator[bytes]:
    """Yields events as lines, no more than `most` bytes together where there are several; at least
    one portion."""
    ready = b""
    for each in events:
        line = f"{json.dumps(each)}\n".encode()
        if ready and len(ready) + len(line) > most:
            yield ready
            ready = b""
        ready += line
    yield ready


# --- Asking --------------------------------------------------------------------------------------


def ask_line(
    deal: str,
    stage: str,
    *,
    by: str,
    facts: Sequence[Line],
    fields: Mapping[str, str],
    playbook: str,
) -> dict[str, Any]:
    """Returns the question whether a deal may come into a stage, with all that is known of it."""
    line: dict[str, Any] = {
        "command": "ask",
        "deal": deal,
        "stage": stage,
        "by": by,
        "unknown": "ignore",
        "not_governed": "allow",
        "tag": deal,
    }
    if facts:
        line["facts"] = [_fact(each) for each in facts]
    if fields:
        line["fields"] = dict(fields)
    if playbook:
        line["playbook"] = playbook
    return line


def _fact(event: Line) -> dict[str, Any]:
    """Returns an event as a fact of a question. Values are known by what they say: a login may be
    another by now, and the question holds all the same."""
    left_out = ("deal", "event_id") if event["kind"] == "field" else ("deal",)
    return {name: value for name, value in event.items() if name not in left_out}


def reasons(answer: Line) -> list[str]:
    """Returns why a move is refused, a line for each reason, with what to do and who can."""
    if answer.get("kind") != "decision":
        wrong = answer.get("error")
        wrong = wrong if isinstance(wrong, Mapping) else {"message": "it was not answered"}
        return [_with_hint(str(wrong.get("message")), wrong.get("hint"))]
    found = [line for each in answer["findings"] if each["refuses"] for line in _lines(each)]
    return found or [str(answer.get("note") or "the playbook refuses it")]


def _lines(finding: Line) -> Iterator[str]:
    yield f"• {finding['message']}"
    if finding["why"]:
        yield f"   {finding['why']}"
    for remedy in finding["remedies"][:2]:
        who = f" ({' or '.join(remedy['roles'])})" if remedy["roles"] else ""
        yield f"   → {remedy['words']}{who}"
    may = finding["waivable_by"]
    if may:
        yield f"   or ask for a waiver, which {' or '.join(may)} may approve"


def what_is_missing(card: Line) -> list[tuple[str, str]]:
    """Returns the rules that refuse the next move by a deal's card, each with its words."""
    return [(each["rule"], each["message"]) for each in card["missing"] if each["refuses"]]


# --- Names ---------------------------------------------------------------------------------------


def name_of(said: str) -> str:
    """Returns a name of Odoo as a playbook writes it: `Needs assessment` is `needs-assessment`."""
    return _NO_NAME.sub("-", said.casefold()).strip("-")


def pairs_in(said: str) -> dict[str, str]:
    """Returns `expected_revenue=amount, user_id=owner` by names; raises `ValueError` otherwise."""
    found = {}
    for each in re.split(r"[,\n]", said):
        if not each.strip():
            continue
        name, sign, other = (part.strip() for part in each.partition("="))
        if not (sign and name.isidentifier() and other):
            raise ValueError(each.strip())
        found[name] = other
    return found
