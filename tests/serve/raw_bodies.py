"""Raw bodies over a socket: broken, deep, huge, lying about their length.

`python tests/serve/raw_bodies.py --count 10000 --seed 1` sends so many. Each gets a problem of the
contract or a true answer, or none where it is no whole request; and what is in the ledger at the
end is what was acknowledged, and nothing else.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse, IncompleteRead
from pathlib import Path
from random import Random
from typing import Any

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent), str(FOLDER.parent / "live")]

from kills import ledger  # noqa: E402
from served import AT, Process, check, process, token  # noqa: E402

from live.gate import say  # noqa: E402
from live.on_server import raw  # noqa: E402
from playgate.ledger.store import Ledger  # noqa: E402

__all__ = ["send_many"]

PATIENCE = 0.1
"""Seconds after which nothing comes for half a request, once what was sent after it is answered."""
BODIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("log", {"deal": "d", "activity": "call", "outcome": "done", "with": ["decider"]}),
    ("set", {"deal": "d", "fields": {"note": "x", "amount": 1.5}}),
    ("move", {"deal": "d", "stage": "b", "at": "2026-02-26T10:00:00Z"}),
    ("check", {"deals": ["d", "e"], "stage": "c", "tag": [1]}),
    ("waiver-request", {"deal": "d", "rule": "b/entry/note", "reason": "r"}),
    ("next", {"deal": "d", "at": "2026-02-26T10:00:00Z"}),
    ("history", {"deal": "d"}),
    ("ask", {"deal": "d", "stage": "c", "fields": {"note": "y"}}),
)
NUMBERS = (b"1e999", b"-1e999", b"NaN", b"Infinity", b"-Infinity", b"-0", b"1e-999", b"01", b"+1")
NUMBERS += (b"9" * 5000, b"1" + b"0" * 400, b"0." + b"3" * 5000, b"9223372036854775808")
TEXTS = (b'"\\ud800"', b'"\\udfff\\ud800"', b'"\\u0000"', b'"\x00"', b'"\xed\xa0\x80"', b'"\xff"')
TEXTS += (b'"\\u202e"', b'"' + b"x" * 70_000 + b'"', b'"\\x"', b'"', b'"\n"', b'"e\\u0301"')
DATES = ("0001-01-01T00:00:00Z", "0000-01-01", "9999-12-31T23:59:59.999999Z", "10000-01-01")
DATES += ("2026-02-30", "2026-02-26T24:00:00Z", "2026-02-26T10:00:00+23:59", "1969-12-31T23:59:59Z")
DATES += ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-26T10:00:60Z")
VALUES = (b"null", b"true", b"[]", b"{}", b"[[]]", b'""', b'" "', *NUMBERS, *TEXTS)


# Bodies


def mutated(chance: Random, body: bytes) -> bytes:
    """Some bytes are others, more or fewer."""
    found = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(found) + 1)
        match chance.randrange(3):
            case 0:
                found[place : place + 1] = chance.randbytes(1)
            case 1:
                del found[place : place + chance.randint(1, 9)]
            case 2:
                found[place:place] = chance.choice((b'"', b"{", b"[", b",", *VALUES))
    return bytes(found)


def of_other_types(chance: Random, body: bytes) -> bytes:
    """Some values are of other types, and some keys are there that mean nothing, or twice."""
    pairs = [(json.dumps(k).encode(), json.dumps(v).encode()) for k, v in json.loads(body).items()]
    for _ in range(chance.randint(1, 2)):
        place = chance.randrange(len(pairs))
        name = chance.choice([pairs[place][0], b'"x"', b'""', b'"id"', b'"by"', b'"deals"'])
        pairs.insert(chance.randrange(len(pairs) + 1), (name, chance.choice(VALUES)))
        if chance.random() < 0.8:
            pairs.pop(chance.randrange(len(pairs)))
    return b"{" + b", ".join(b"%s: %s" % each for each in pairs) + b"}"


def at_bounds(chance: Random, body: bytes) -> bytes:
    """Something happened at an odd time."""
    key = chance.choice(["at", "recorded", "expires", "logged", "due"])
    return json.dumps({**json.loads(body), key: chance.choice(DATES)}).encode()


def deep(chance: Random, body: bytes) -> bytes:
    """Lists in lists, or objects in objects."""
    depth = chance.choice([10, 500, 5_000, 100_000])
    opening, closing = chance.choice([(b"[", b"]"), (b'{"a":', b"}")])
    inner = opening * depth + b"1" + closing * (depth if chance.random() < 0.7 else 0)
    name = chance.choice([b'"fields"', b'"tag"', b'"deal"', b'"x"'])
    return b"{%s: %s, %s" % (name, inner, body[1:])


def coded(chance: Random, body: bytes) -> bytes:
    """In another encoding, or with a mark of one."""
    text = body.decode()
    codec = chance.choice(["utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-7", "cp037"])
    return text.encode(codec)


def noise(chance: Random, body: bytes) -> bytes:
    """Whatever bytes."""
    return chance.randbytes(chance.choice([0, 1, 2, 50, 5000]))


def huge(chance: Random, body: bytes) -> bytes:
    """About as long as a request may be, or longer."""
    return body + b" " * (chance.choice([999_000, 1_000_000, 1_000_001]) - len(body))


def unchanged(chance: Random, body: bytes) -> bytes:
    """As it should be, so that something is recorded."""
    return body


KINDS: tuple[Callable[[Random, bytes], bytes], ...] = (
    *(mutated, mutated, of_other_types, of_other_types, at_bounds, deep, coded, noise, unchanged),
)


# How they are sent


def framed(chance: Random, body: bytes) -> tuple[bytes, bytes, bool]:
    """Headers and body as they are sent, and whether the request is whole."""
    length = len(body)
    match chance.randrange(24):
        case 0:
            return b"content-length: %d" % (length + chance.randint(1, 99)), body, False
        case 1 if length:
            return b"content-length: %d" % chance.randrange(length), body, True
        case 2:
            said = chance.choice([b"-1", b"+5", b"0x5", b"5, 5", b"1e3", b"9" * 30, b"", b"\xb2"])
            return b"content-length: " + said, body, False
        case 3:
            return b"transfer-encoding: chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (length, body), True
        case 4:
            size = chance.choice(
                [b"zz", b"-1", b"f" * 17, b"%x" % (length + 7), b"%x;a=b" % length]
            )
            return b"transfer-encoding: chunked", b"%s\r\n%s\r\n0\r\n\r\n" % (size, body), False
        case 5:
            both = b"transfer-encoding: chunked\r\ncontent-length: %d" % length
            return both, b"%x\r\n%s\r\n0\r\n\r\n" % (length, body), False
    return b"content-length: %d" % length, body, True


class _Said:
    """Bytes that came, as a connection."""

    def __init__(self, found: bytes) -> None:
        self._stream = io.BytesIO(found)
        self._stream.close = lambda: None  # type: ignore[method-assign]
        self.size = len(found)

    def makefile(self, *_: object, **__: object) -> io.BytesIO:
        """Reads on where the answer before has ended."""
        return self._stream

    def answers(self, *, is_whole: bool) -> Iterator[tuple[int, bytes]]:
        """Status and body of each answer; that to half a request may end early."""
        while self._stream.tell() < self.size:
            answer = HTTPResponse(self)  # type: ignore[arg-type]
            answer.begin()
            try:
                yield answer.status, answer.read()
            except IncompleteRead as error:
                if is_whole:
                    raise
                yield answer.status, error.partial


def exchanged(server: Process, key: str, head: bytes, body: bytes, *, is_whole: bool) -> bytes:
    """All that comes for what is sent. What is no whole request may be one for the server: then it
    is recorded before what is asked behind it."""
    with server.raw() as stream:
        found = b""
        try:
            stream.sendall(head)
            stream.sendall(body)
        except ConnectionError:
            pass  # it has heard enough
        if not is_whole:
            for _ in range(2):
                server.post("/v1/log", key, b'{"deal": "nobody", "activity": "call"}')
            stream.settimeout(PATIENCE)
        try:
            while piece := stream.recv(65536):
                found += piece
        except (ConnectionError, TimeoutError):
            assert found or not is_whole, "no answer"
        return found


def send_many(server: Process, key: str, count: int, *, seed: int) -> Counter[int]:
    """Sends so many bodies; returns how often which status was the answer."""
    before, acknowledged = _events(server.db), set[str]()
    found: Counter[int] = Counter()
    for number in range(count):
        chance = Random(f"{seed}.{number}")
        for status, told in _sent(server, key, number, chance):
            found[status] += 1
            acknowledged.update(_acknowledged(status, told))
    status, _ = server.post("/v1/next", key, b'{"deal": "d"}')
    assert status == 200
    assert server.child.poll() is None
    assert set(_events(server.db)) == acknowledged | set(before)
    assert max(_events(server.db).values()) == 1
    with Ledger.open(server.db, reading=True) as opened:
        assert opened.verify().fault is None
    return found


def _sent(
    server: Process, key: str, number: int, chance: Random
) -> Iterator[tuple[int, dict[str, Any]]]:
    command, request = chance.choice(BODIES)
    if command in ("log", "set", "move"):
        request = {**request, "id": f"raw-{number}"}
    kind = huge if number % 500 == 499 else chance.choice(KINDS)
    body = kind(chance, json.dumps(request).encode())
    path = f"/v1/batch?command={command}" if chance.random() < 0.15 else f"/v1/{command}"
    length, body, is_whole = framed(chance, body)
    head = (
        f"POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {key}\r\n"
    )
    came = exchanged(server, key, head.encode() + length + b"\r\n\r\n", body, is_whole=is_whole)
    try:
        for status, told in _Said(came).answers(is_whole=is_whole):
            assert status < 500, (number, kind, body[:200], told)
            for line in told.splitlines() if status != 400 or told[:1] == b"{" else ():
                shown = json.loads(line)
                check(shown)
                assert shown.get("code") != "bug", (number, kind, body[:200])
                yield status, shown
            if not told or told[:1] != b"{":
                assert status in (200, 400), (number, status, told)
                yield status, {}
    except (HTTPException, ValueError) as error:
        raise AssertionError((number, kind, body[:200], came[:500])) from error


def _acknowledged(status: int, told: dict[str, Any]) -> Iterator[str]:
    if status == 200 and told.get("kind") == "recorded":
        yield from told["events"]
    elif status == 200 and told.get("recorded") and told.get("event_id"):
        yield told["event_id"]


def _events(db: Path) -> Counter[str]:
    with raw(db) as connection:
        return Counter(str(each) for (each,) in connection.execute("SELECT event_id FROM events"))


def main() -> None:
    """Sends as many as the command line says."""
    parser = argparse.ArgumentParser(description="send raw bodies")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    begun = time.monotonic()
    with ledger(None, postgres=False) as db:
        for deal in ("d", "e"):
            assert say("open", deal, db=db, clock=AT).status == 0
        with process(db, "--rate", "1e9", "--log", "nothing") as server:
            found = send_many(server, token(db), told.count, seed=told.seed)
    statuses = ", ".join(f"{status}: {number}" for status, number in sorted(found.items()))
    print(f"{told.count} bodies, {time.monotonic() - begun:.0f} s; {statuses}")


if __name__ == "__main__":
    main()
