"""Measures `playgate serve` beside a bare Starlette route and bare transactions, in one run.

    python tests/bench/serve.py [--seconds 3] [--rounds 3] [--connections 8]

Every server is a process of its own and so is who asks it; they take turns, and the medians are
shown. The bare route answers a constant; the bare writer adds the three rows of a move, those of a
group in one commit, as ours does. Questions are `check` of deals of twenty events under thirty
rules, every second one refused.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import queue
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count, cycle
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DEALS = 10_000
MOVERS = 64
Ask = Iterator[bytes]


def main() -> None:
    """Runs the part that is named, or all."""
    if sys.argv[1:2] == ["bare"]:
        bare(sys.argv[2], int(sys.argv[3]))
        return
    if sys.argv[1:2] == ["ask"]:
        print(json.dumps(asyncio.run(load(*sys.argv[2:]))))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=8)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="serve-") as folder:
        measure(Path(folder), asked.seconds, asked.rounds, asked.connections)


def measure(folder: Path, seconds: float, rounds: int, connections: int) -> None:
    """Prints the figures of all servers."""
    ledger = folder / "deals.db"
    words = ["ledger", str(HERE / "thirty-rules.yaml"), str(DEALS), str(ledger)]
    subprocess.run([sys.executable, str(HERE / "live_own.py"), *words], check=True, env=ENV)
    made = [*PLAYGATE, "token", "new", "--scope", "read", "--scope", "write", "--by", "r7"]
    told = [*made, "--db", str(ledger), "--format", "json"]
    token = json.loads(subprocess.run(told, check=True, env=ENV, capture_output=True).stdout)
    rate = ["--rate", "1e9", "--log", "problems", "--port", "8741"]
    ours = [*PLAYGATE, "serve", "--db", str(ledger), *rate]
    peer = [sys.executable, __file__, "bare", str(folder / "bare.db"), "8742"]
    with serving(ours) as our, serving(peer) as their:
        time.sleep(2)
        found: dict[str, list[dict[str, float]]] = {}
        first = 0
        for _ in range(rounds):
            for what, port, movers in (
                ("check", 8741, connections),
                ("bare", 8742, connections),
                ("move", 8741, MOVERS),
                ("record", 8742, MOVERS),
            ):
                asking = [what, port, movers, seconds, token["token"], first]
                told = [sys.executable, __file__, "ask", *map(str, asking)]
                child = our if port == 8741 else their
                before = cpu(child)
                out = subprocess.run(told, check=True, env=ENV, capture_output=True).stdout
                figures = json.loads(out)
                figures["cpu"] = (cpu(child) - before) / figures["answers"] * 1e6
                found.setdefault(what, []).append(figures)
                first += int(figures["answers"]) if what == "move" else 0
    show(found, connections)
    print(f"a bare transaction: {transactions(folder):,.0f} a second, one row and one commit each")


def show(found: dict[str, list[dict[str, float]]], connections: int) -> None:
    """Prints the medians."""
    names = {
        "check": f"check, {connections} connections",
        "bare": f"a bare route, {connections} connections",
        "move": f"move, {MOVERS} connections",
        "record": f"a bare route that commits in groups, {MOVERS} connections",
    }
    rates = {}
    for what, figures in found.items():
        rate, p50, p99, used = (
            median(each[name] for each in figures) for name in ("rate", "p50", "p99", "cpu")
        )
        rates[what] = rate
        wrong = sum(each["wrong"] for each in figures)
        print(f"{names[what]}: {rate:,.0f} a second, median {p50:.2f} ms, p99 {p99:.2f} ms", end="")
        print(f", {used:,.0f} µs of CPU each", end="")
        print(f"; {wrong:.0f} not answered with 200" if wrong else "")
    print(f"check against the bare route: {rates['check'] / rates['bare']:.2f}")
    print(f"move against bare group commits: {rates['move'] / rates['record']:.2f}")


def transactions(folder: Path) -> float:
    """How many transactions of one row SQLite commits in a second."""
    connection = sqlite3.connect(folder / "one.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)")
    begun, number = time.perf_counter(), 0
    while time.perf_counter() - begun < 1:
        connection.execute("INSERT INTO rows (text) VALUES (?)", ("x" * 300,))
        number += 1
    return number / (time.perf_counter() - begun)


# Servers

ENV = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT / "engine")}
PLAYGATE = [sys.executable, "-m", "playgate.cli.main"]


class serving:  # noqa: N801  (it reads as what it does)
    """A server that runs as long as this lasts."""

    def __init__(self, words: list[str]) -> None:
        self._words = words

    def __enter__(self) -> int:
        self._child = subprocess.Popen(self._words, env=ENV)
        return self._child.pid

    def __exit__(self, *_: object) -> None:
        self._child.send_signal(signal.SIGTERM)
        self._child.wait(30)


def cpu(process: int) -> float:
    """The seconds that a process has used, of all its threads; on Linux."""
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def bare(file: str, port: int) -> None:
    """A route that answers a constant, and one that adds three rows and answers after the
    commit."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    writer = Committing(file)

    async def constant(request: Request) -> Response:
        await request.body()
        return Response(b'{"ok": true}', media_type="application/json")

    async def record(request: Request) -> Response:
        await writer.add((await request.body()).decode())
        return Response(b'{"ok": true}', media_type="application/json")

    routes = [
        Route("/v1/bare", constant, methods=["POST"]),
        Route("/v1/record", record, methods=["POST"]),
    ]
    uvicorn.run(
        Starlette(routes=routes), port=port, log_level="critical", access_log=False, ws="none"
    )


class Committing:
    """A thread that commits what waits together."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._waiting: queue.SimpleQueue[tuple[str, asyncio.Future[None]]] = queue.SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    async def add(self, text: str) -> None:
        """Adds a row of a log, of events and of decisions."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put((text, future))
        await future

    def _run(self) -> None:
        connection = sqlite3.connect(self._file, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        for table in ("log", "events", "decisions"):
            connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, text TEXT)")
        while True:
            some = [self._waiting.get()]
            while len(some) < 200:
                try:
                    some.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            connection.execute("BEGIN IMMEDIATE")
            for table in ("log", "events", "decisions"):
                connection.executemany(
                    f"INSERT INTO {table} (text) VALUES (?)",  # noqa: S608
                    [(text,) for text, _ in some],
                )
            connection.execute("COMMIT")
            loop = some[0][1].get_loop()
            loop.call_soon_threadsafe(lambda some=some: [f.set_result(None) for _, f in some])


# Who asks


class Client(asyncio.Protocol):
    """Asks one request after the other on a connection."""

    def __init__(self, ask: Ask, end: float, took: list[float], ended: Callable[[], None]) -> None:
        self._ask = ask
        self._end = end
        self._took = took
        self._ended = ended
        self._got = b""
        self.wrong = 0

    def connection_made(self, transport: Any) -> None:
        """Begins."""
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """Takes an answer, and asks again."""
        self._got += data
        head = self._got.find(b"\r\n\r\n")
        if head < 0:
            return
        place = self._got.find(b"content-length: ") + 16
        length = int(self._got[place : self._got.find(b"\r\n", place)])
        if len(self._got) < head + 4 + length:
            return
        self.wrong += not self._got.startswith(b"HTTP/1.1 200")
        self._got = b""
        now = time.perf_counter()
        self._took.append(now - self._begun)
        if now < self._end:
            self._next()
        else:
            self._transport.close()
            self._ended()

    def _next(self) -> None:
        self._begun = time.perf_counter()
        self._transport.write(next(self._ask))


async def load(
    what: str, port: str, connections: str, seconds: str, token: str, first: str
) -> dict[str, float]:
    """Asks for some seconds, and returns what that came to."""
    loop = asyncio.get_running_loop()
    ask = requests(what, token, int(first))
    took: list[float] = []
    left = int(connections)
    done = loop.create_future()

    def ended() -> None:
        nonlocal left
        left -= 1
        if not left:
            done.set_result(None)

    begun = time.perf_counter()
    end = begun + float(seconds)
    clients = []
    for _ in range(int(connections)):
        _, client = await loop.create_connection(
            lambda: Client(ask, end, took, ended), "127.0.0.1", int(port)
        )
        clients.append(client)
    await done
    wall = time.perf_counter() - begun
    took.sort()
    return {
        "rate": len(took) / wall,
        "answers": len(took),
        "p50": took[len(took) // 2] * 1000,
        "p99": took[int(len(took) * 0.99)] * 1000,
        "wrong": sum(client.wrong for client in clients),
    }


def requests(what: str, token: str, first: int) -> Ask:
    """Yields requests of a kind, as they are sent."""
    if what == "move":
        # Each deal is moved to and fro; the gate lets every other one through.
        deals, stages = count(first), cycle(("proposal",))
        bodies: Iterator[bytes] = (
            json.dumps({"deal": f"D-{next(deals) % DEALS:05}", "stage": stage}).encode()
            for stage in stages
        )
    else:
        deals = count(0)
        bodies = (
            json.dumps({"deal": f"D-{next(deals) * 7 % DEALS:05}", "stage": "proposal"}).encode()
            for _ in count()
        )
    for body in bodies:
        yield (
            f"POST /v1/{what} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        ).encode() + body


if __name__ == "__main__":
    main()
