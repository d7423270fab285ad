"""The law of all inputs: exit status 0, 1 or 2, soon, no traceback, nothing harmful is put out."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import resource
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from playgate.cli.main import main

__all__ = ["Ran", "breaches", "limited", "run"]

LONGEST = 10.0
"""Seconds of computing for one small input: far more than any takes that is read in linear time."""
MOST = 1 << 32
"""Bytes of memory for the whole process; what runs into this has no bound."""
GREW = 600 << 10
"""Kilobytes by which one small input may raise the peak of the process."""
_HARMFUL = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_TRACES = ("Traceback (most recent call last)", "playgate has a bug", "out of memory")


class Ran(NamedTuple):
    """What a command came to."""

    status: int
    out: str
    err: str
    seconds: float
    grew: int


class TooLongError(BaseException):
    """Raised in the midst of a command that takes too long."""


def breaches(words: Sequence[str], ran: Ran) -> list[str]:
    """What of the law a command broke."""
    found = []
    if ran.status not in (0, 1, 2):
        found.append(f"exit status {ran.status}")
    for name, text in (("output", ran.out), ("errors", ran.err)):
        found += [f"{name}: {trace}" for trace in _TRACES if trace in text]
        if harm := _HARMFUL.search(text):
            found.append(f"{name}: U+{ord(harm[0]):04X} as it is")
    if "json" in words and ran.out and not _is_json(ran.out):
        found.append("output: no JSON")
    if ran.status == 2 and not (ran.out or ran.err).strip():
        found.append("wrong input, and nothing is said")
    if ran.seconds > LONGEST:
        found.append(f"{ran.seconds:.0f} seconds")
    if ran.grew > GREW:
        found.append(f"{ran.grew >> 10} MB of memory")
    return found


def _is_json(text: str) -> bool:
    try:
        for line in text.splitlines():
            json.loads(line)
    except ValueError:
        try:
            json.loads(text)
        except ValueError:
            return False
    return True


def limited() -> None:
    """Bounds the memory of this process."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MOST, hard))


def run(words: Sequence[str], *, folder: Path, given: bytes = b"") -> Ran:
    """Runs playgate in this process, in a folder, with something on standard input."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    before, started = _peak(), time.process_time()
    with _in(folder), _streams(io.TextIOWrapper(io.BytesIO(given)), out, err), _alarm():
        sys.argv = ["playgate", *words]
        try:
            main()
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 3
        except TooLongError:
            status = 2
            err.write("stopped")
        except BaseException as error:
            status = 3
            err.write(f"{type(error).__name__}: {error!r}")
    seconds, grew = time.process_time() - started, _peak() - before
    return Ran(status, _text(out), _text(err), seconds, grew)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8", "surrogatepass")


@contextlib.contextmanager
def _in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _streams(*streams: io.TextIOWrapper) -> Iterator[None]:
    before = sys.stdin, sys.stdout, sys.stderr, sys.argv
    sys.stdin, sys.stdout, sys.stderr = streams
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr, sys.argv = before


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    """Stops what takes twice as long as it may."""

    def stop(_: int, __: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
