"""`--batch`: requests as NDJSON on standard input, one line of JSON for each, in order.

Requests that wait together share one commit; they are acknowledged only after it. Each is done
whole or not at all: one that is refused or wrong does not touch the others.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from playgate.cli.live_commands import LIVE, MORE_THAN_TEXT, Request, complete, run
from playgate.cli.requests import LiveResult, no_constant, now, status
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.ledger.store import Ledger, LedgerError

__all__ = ["run_batch"]

_DECODE = json.JSONDecoder(parse_constant=no_constant).decode
_MOST_TOGETHER = 200
_LONGEST_LINE = 1_000_000
_CHUNK = 64 * 1024
_TEXTS = dict.fromkeys(
    name
    for command in LIVE.values()
    for name in (*command.words, *command.options.values())
    if name not in MORE_THAN_TEXT
)


def run_batch(path: Path, defaults: Request) -> int:
    """Answers every line; returns 2 where one was wrong, else 1 where one was refused, else 0."""
    worst = 0
    with Ledger.open(path, create=True) as ledger:
        live = Live(ledger, now=now())
        for lines in _groups():
            answers: list[str] = []
            with ledger.writing():
                live.refresh(max(now(), live.now + 1))
                for line in lines:
                    # Each at an instant of its own, so that equal requests are two events.
                    live.now = max(now(), live.now + 1)
                    text, code = _answer(live, line, defaults)
                    answers.append(text)
                    worst = max(worst, code)
            sys.stdout.write("".join(f"{text}\n" for text in answers))
            sys.stdout.flush()
    return worst


def _groups() -> Iterator[list[bytes]]:
    """Yields the lines that wait together, some at a time."""
    rest = b""
    while chunk := _read():
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[: _LONGEST_LINE + 1]
        lines = [line for line in lines if line.strip()]
        for start in range(0, len(lines), _MOST_TOGETHER):
            yield lines[start : start + _MOST_TOGETHER]
    if rest.strip():
        yield [rest]


def _answer(live: Live, line: bytes, defaults: Request) -> tuple[str, int]:
    try:
        request = _request(line, defaults)
        # What records nothing needs no part of its own in the transaction.
        with live.ledger.part() if LIVE[request["command"]].records else nullcontext():
            result: LiveResult = run(live, request)
    except LedgerError:
        raise  # it is not the line that is wrong
    except InputError as error:
        message = error.message or "; ".join(map(str, error.mistakes))
        data = {"version": 1, "kind": "error", "error": message, "hint": error.hint or None}
        return json.dumps(data), 2
    from playgate.report.live_json import render

    return render(result), status(result)


def _request(line: bytes, defaults: Request) -> Request:
    if len(line) > _LONGEST_LINE:
        raise InputError("a line of more than a megabyte", hint="one object on each line")
    try:
        given = _DECODE(line.decode(json.detect_encoding(line), "surrogatepass"))
    except (ValueError, RecursionError):
        raise InputError("a line that is no JSON", hint="one object on each line") from None
    if not isinstance(given, dict):
        raise InputError("a line that is no JSON object", hint="one object on each line")
    given = {name: value for name, value in given.items() if value is not None}
    request = {**{name: defaults[name] for name in ("command", "by")}, **given}
    command = request["command"]
    if not isinstance(command, str) or command not in LIVE:
        raise InputError(f"no request {json.dumps(command)[:60]}", hint=", ".join(LIVE))
    for name in _TEXTS:
        if request.get(name) is not None and not isinstance(request[name], str):
            raise InputError(f"{name} must be text")
    _check_shapes(request)
    complete(request)
    return request


def _check_shapes(request: dict[str, Any]) -> None:
    fields = request.get("fields")
    if fields is not None:
        if not isinstance(fields, dict):
            raise InputError("fields must be an object")
        request["fields"] = {name: _text(name, value) for name, value in fields.items()}
    if not isinstance(request.get("all") or False, bool):
        raise InputError("all must be true or false")
    if not isinstance(request.get("attrs") or {}, dict):
        raise InputError("attrs must be an object")
    parts = request.get("with") or []
    if isinstance(parts, str):
        request["with"] = [parts]
    elif not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise InputError("with must be a text or a list of texts")


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise InputError(f"field {name} must be a plain value")


def _read() -> bytes:
    """Reads what is there; waits only where there is nothing yet."""
    stream: Any = sys.stdin.buffer
    found: bytes = stream.read1(_CHUNK)
    return found
