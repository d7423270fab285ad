"""A server that is asked very often, and held open by very many: what it holds stays the same.

`python tests/serve/endurance.py --requests 1000000` asks so often, and says now and then how much
memory the server has; a question in ten is a move or something logged with `--writes`.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent), str(FOLDER.parent / "live")]

from kills import ledger  # noqa: E402
from served import AT, Process, process, token  # noqa: E402

from live.gate import say  # noqa: E402

__all__ = ["Held", "ask_often", "held", "many_connections"]

CLIENTS = 4
TOGETHER = 25
"""Requests that a client sends before it reads the answers to them."""


class Held(NamedTuple):
    """What a server holds."""

    kilobytes: int
    """With the processes that answer for it."""
    files: int
    threads: int


def held(server: Process) -> Held:
    """What the server holds now, by Linux."""
    own, *others = (_status(each) for each in (server.child.pid, *server.readers()))
    files = sum(1 for _ in Path(f"/proc/{server.child.pid}/fd").iterdir())
    kilobytes = sum(int(each["VmRSS"].split()[0]) for each in (own, *others))
    return Held(kilobytes, files, int(own["Threads"]))


def _status(process: int) -> dict[str, str]:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return dict(line.split(":", 1) for line in lines if line)


@contextmanager
def many_connections(server: Process, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """So many connections, on which something was sent and nothing is read."""
    streams = []
    try:
        for _ in range(count):
            streams.append(server.raw())
            streams[-1].sendall(sent)
        yield streams
    finally:
        for stream in streams:
            with suppress(OSError):
                stream.close()


def ask_often(server: Process, key: str, count: int, *, writes: bool = False) -> None:
    """Asks so many questions on a few connections, each of which must be answered with 200."""
    bodies = [("next", {"deal": "d"}), ("check", {"deal": "d", "stage": "b"})]
    bodies += [("allowed", {"deal": "d"}), ("check", {"deal": "e", "stage": "c"})]
    requests = [_request(key, *each) for each in bodies]
    if writes:  # each the same as one before, so that the ledger does not grow
        body = {"deal": "e", "activity": "call", "id": "once"}
        requests[-1] = _request(key, "log", body)
    share = count // CLIENTS
    wrong: list[BaseException] = []

    def run() -> None:
        try:
            _ask(server, requests, share)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


def _request(key: str, command: str, body: dict[str, str]) -> bytes:
    text = json.dumps(body).encode()
    head = f"POST /v1/{command} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n" % len(text) + text


def _ask(server: Process, requests: list[bytes], count: int) -> None:
    with server.raw() as stream:
        for begun in range(0, count, TOGETHER):
            number = min(TOGETHER, count - begun)
            sent = b"".join(requests[(begun + each) % len(requests)] for each in range(number))
            stream.sendall(sent)
            found, rest = 0, b""
            while found < number:
                piece = stream.recv(262_144)
                assert piece, "it hung up"
                rest += piece
                *whole, rest = rest.split(b"HTTP/1.1 ")
                found += _checked(whole)
                if rest and _is_whole(rest):
                    found += _checked([rest])
                    rest = b""
                elif rest:
                    rest = b"HTTP/1.1 " + rest


def _is_whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    at = head.find(b"content-length: ")
    return at >= 0 and len(body) == int(head[at + 16 :].partition(b"\r\n")[0])


def _checked(answers: list[bytes]) -> int:
    found = [each for each in answers if each]
    for each in found:
        assert each.startswith(b"200 "), each[:500]
    return len(found)


def main() -> None:
    """Asks as often as the command line says."""
    parser = argparse.ArgumentParser(description="ask a server often")
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--step", type=int, default=50_000)
    parser.add_argument("--writes", action="store_true")
    told = parser.parse_args()
    with ledger(None, postgres=False) as db:
        for deal in ("d", "e"):
            assert say("open", deal, db=db, clock=AT).status == 0
        with process(db, "--rate", "1e9", "--log", "nothing") as server:
            _go_on(server, token(db), told)


def _go_on(server: Process, key: str, told: argparse.Namespace) -> None:
    print(f"at first: {held(server)}", flush=True)
    for begun in range(0, told.requests, told.step):
        at = time.monotonic()
        ask_often(server, key, told.step, writes=told.writes)
        seconds = time.monotonic() - at
        print(
            f"after {begun + told.step:,}: {held(server)}, {told.step / seconds:,.0f}/s", flush=True
        )


if __name__ == "__main__":
    main()
