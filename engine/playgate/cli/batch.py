"""`--batch`: requests as NDJSON on standard input, one line of JSON for each, in order.

Requests that wait together share one commit; they are acknowledged only after it. Each is done
whole or not at all: one that is refused or wrong does not touch the others. Where the commit fails,
or something unforeseen happens, the group is rolled back and each is tried again by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from playgate.cli.clock import in_time, now
from playgate.cli.door import put
from playgate.cli.errors import BUG, CLEAN, WRONG, Bugs
from playgate.cli.live_commands import LIVE
from playgate.cli.requests import status
from playgate.conditions.patience import SECONDS
from playgate.enforce.commands import Request
from playgate.enforce.requests import Requests
from playgate.enforce.values import LiveResult
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.report import live_json
from playgate.report.request_line import LONGEST_LINE, RequestLine

__all__ = ["run_batch"]

_MOST_TOGETHER = 200
_CHUNK = 64 * 1024


class _Answer(NamedTuple):
    text: str
    status: int


def run_batch(path: str, defaults: Request, *, patience: float = SECONDS) -> int:
    """Answers every line and returns the worst of their exit statuses.

    `defaults` are the command and the actor of a line that names none, and what else holds for all.
    """
    worst = CLEAN
    ledger = Ledger.open(path, create=True)
    with Requests(ledger, now=now, by=defaults["by"], within=in_time(patience)) as requests:
        batch = _Batch(requests, defaults)
        for lines in _groups():
            for answers in batch.answers(lines):
                worst = max(worst, *(answer.status for answer in answers))
                put(["".join(f"{answer.text}\n" for answer in answers)])
                sys.stdout.flush()
    return worst


class _Batch:
    """Answers the lines of a batch."""

    def __init__(self, requests: Requests, defaults: Request) -> None:
        self._requests = requests
        self._defaults = defaults
        self._bugs = Bugs()

    def answers(self, lines: list[bytes]) -> Iterator[list[_Answer]]:
        """Yields the answers to lines that wait together, after what they recorded is durable."""
        read = [RequestLine.read(line) for line in lines]
        asked = [line.request(self._for(line)) for line in read]
        commits = self._requests.do_all(
            [each for each in asked if not isinstance(each, InputError)]
        )
        told = (result for commit in commits for result in commit)
        yield [
            _wrong(line, each) if isinstance(each, InputError) else self._answer(line, next(told))
            for line, each in zip(read, asked, strict=True)
        ]

    def _for(self, line: RequestLine) -> Request:
        """Returns what a request says that does not say it itself."""
        given = {"command": self._defaults["command"]}
        command = line.given.get("command", given["command"])
        if "unknown" in self._defaults and isinstance(command, str) and command in _KNOWING:
            given["unknown"] = self._defaults["unknown"]
        return given

    def _answer(self, line: RequestLine, result: LiveResult | Exception) -> _Answer:
        if not isinstance(result, Exception):
            return _Answer(line.tagged(live_json.render(result)), status(result))
        return _wrong(line, self._bugs.meaning(result))


def _groups() -> Iterator[list[bytes]]:
    """Yields the lines that wait together, some at a time."""
    rest = b""
    while chunk := _chunk():
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[: LONGEST_LINE + 1]
        lines = [line for line in lines if line.strip()]
        for start in range(0, len(lines), _MOST_TOGETHER):
            yield lines[start : start + _MOST_TOGETHER]
    if rest.strip():
        yield [rest]


def _chunk() -> bytes:
    """Reads what is there; waits only where there is nothing yet."""
    stream: Any = sys.stdin.buffer
    found: bytes = stream.read1(_CHUNK)
    return found


def _wrong(line: RequestLine, error: InputError) -> _Answer:
    """Returns the answer that tells of an error."""
    return _Answer(line.wrong(error), BUG if error.code == "bug" else WRONG)


_KNOWING = frozenset(name for name, each in LIVE.items() if "unknown" in each.options.values())
