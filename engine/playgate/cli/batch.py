"""`--batch`: requests as NDJSON on standard input, one line of JSON for each, in order.

Requests that wait together share one commit; they are acknowledged only after it. Each is done
whole or not at all: one that is refused or wrong does not touch the others. Where the commit fails,
or something unforeseen happens, the group is rolled back and each is tried again by itself.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from playgate.cli.clock import in_time, now
from playgate.cli.door import put
from playgate.cli.errors import BUG, CLEAN, WRONG, meaning
from playgate.cli.live_commands import LIVE
from playgate.cli.requests import no_constant, status
from playgate.conditions.patience import SECONDS
from playgate.enforce.commands import Request
from playgate.enforce.requests import Requests
from playgate.enforce.values import LiveResult
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.records import Record
from playgate.report import error_json, live_json
from playgate.report.json_text import printable

__all__ = ["run_batch"]

_MOST_TOGETHER = 200
_LONGEST_LINE = 1_000_000
_LONGEST_TAG = 10_000
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
        self._bugs: dict[str, InputError] = {}
        """What is said of a bug, by where it happened: one log is enough."""

    def answers(self, lines: list[bytes]) -> Iterator[list[_Answer]]:
        """Yields the answers to lines that wait together, after what they recorded is durable."""
        read = [_Line.read(line) for line in lines]
        asked = [line.request(self._defaults) for line in read]
        commits = self._requests.do_all(
            [each for each in asked if not isinstance(each, InputError)]
        )
        told = (result for commit in commits for result in commit)
        yield [
            line.wrong(each) if isinstance(each, InputError) else self._answer(line, next(told))
            for line, each in zip(read, asked, strict=True)
        ]

    def _answer(self, line: _Line, result: LiveResult | Exception) -> _Answer:
        if not isinstance(result, Exception):
            return _Answer(line.tagged(live_json.render(result)), status(result))
        if isinstance(result, InputError):
            return line.wrong(result)
        place = _place(result)
        if place not in self._bugs:
            told = meaning(result)
            if told.code != "bug":
                return line.wrong(told)
            self._bugs[place] = told
        return line.wrong(self._bugs[place])


def _place(error: Exception) -> str:
    """Returns where in the code something happened."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code.co_filename if trace is not None else ""
    return f"{type(error).__name__} {code}:{trace.tb_lineno if trace is not None else 0}"


def _groups() -> Iterator[list[bytes]]:
    """Yields the lines that wait together, some at a time."""
    rest = b""
    while chunk := _chunk():
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[: _LONGEST_LINE + 1]
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


# Lines


class _Written(float):
    """A number that knows how it was written, as a text field keeps it so."""

    text: str

    def __new__(cls, text: str) -> _Written:
        made = float.__new__(cls, text)
        if made in (float("inf"), float("-inf")):
            raise InputError(f"{text[:60]} is too large a number", code="wrong-value")
        made.text = text
        return made


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Returns an object, in which every key may stand once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = next(name for name in times if times[name] > 1)
        raise InputError(f"{json.dumps(twice)[:60]} is said twice", hint=_ONE, code="no-json")
    return found


_ONE = "one object on each line"
_DECODE = json.JSONDecoder(
    parse_constant=no_constant, parse_float=_Written, object_pairs_hook=_once
).decode
_DECODE_ANY = json.JSONDecoder().decode
_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class _Line(Record):
    """A line of a batch, as it was read."""

    given: Mapping[str, Any]
    error: InputError | None
    """Why it is no request."""
    tag: str
    """What the answer gives back, as JSON; empty where there is nothing."""

    @classmethod
    def read(cls, line: bytes) -> _Line:
        """Reads a line; what is wrong with it is told when it is asked for its request."""
        try:
            given = _object(line)
            return cls(given, None, _tag(given))
        except InputError as error:
            return cls({}, error, _tag_of(line))

    def request(self, defaults: Request) -> Request | InputError:
        """Returns what is asked for, with what holds for all, or what is wrong with it."""
        if self.error is not None:
            return self.error
        try:
            return self._request(defaults)
        except InputError as error:
            return error

    def _request(self, defaults: Request) -> Request:
        given = {"command": defaults["command"], **self.given}
        command = given["command"]
        if "unknown" in defaults and isinstance(command, str) and command in _KNOWING:
            given.setdefault("unknown", defaults["unknown"])
        if given.get("tag") is not None and not self.tag:
            raise InputError("tag is too long, or nested too deep", code="wrong-value")
        return given

    def tagged(self, answer: str) -> str:
        """Returns an answer, which is an object, with the tag of its request."""
        return f'{answer[:-1]}, "tag": {self.tag}}}' if self.tag else answer

    def wrong(self, error: InputError) -> _Answer:
        """Returns the answer that tells of an error."""
        code = BUG if error.code == "bug" else WRONG
        return _Answer(self.tagged(error_json.render(error_json.error_object(error))), code)


_KNOWING = frozenset(name for name, each in LIVE.items() if "unknown" in each.options.values())


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > _LONGEST_LINE:
        raise InputError("a line of more than a megabyte", hint=_ONE, code="no-json")
    try:
        given = _DECODE(line.decode(json.detect_encoding(line), "surrogatepass"))
    except (ValueError, RecursionError):
        raise InputError("a line that is no JSON", hint=_ONE, code="no-json") from None
    if not isinstance(given, dict):
        raise InputError("a line that is no JSON object", hint=_ONE, code="no-json")
    return given


def _tag(given: Mapping[str, Any]) -> str:
    """Returns the tag as JSON, or nothing where it is none that an answer can give back."""
    tag = given.get("tag")
    if tag is None:
        return ""
    try:
        text = _ENCODE(tag)
    except (ValueError, RecursionError):
        return ""
    return printable(text) if len(text) <= _LONGEST_TAG else ""


def _tag_of(line: bytes) -> str:
    """Returns the tag of a line that is no request, where one can be made out."""
    if len(line) > _LONGEST_LINE:
        return ""
    try:
        given = _DECODE_ANY(line.decode(json.detect_encoding(line), "surrogatepass"))
    except (ValueError, RecursionError):
        return ""
    return _tag(given) if isinstance(given, dict) else ""
