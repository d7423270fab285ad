"""Measures `playgate serve` beside a bare Starlette route and bare transactions, in one run.

    python tests/bench/serve.py [--seconds 3] [--rounds 3] [--connections 8]

Every server is a process of its own and so is who asks it; they take turns, and the medians are
shown. Who asks is `wrk` where that is installed, which takes less of the computer, else a client of
our own. The bare route answers a constant; the bare writer adds the three rows of a move, those of
a group in one commit, as ours does. Questions are about deals of twenty events under thirty rules,
every second one refused: of 1,000 deals in turn, as people ask who work on them, and `check` of
10,000 in turn, too, none of which is still known when it is asked about again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import queue
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DEALS = 10_000
FEW = 1_000
OURS, THEIRS = 8741, 8742
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
    rate = ["--rate", "1e9", "--log", "problems", "--port", str(OURS)]
    ours = [*PLAYGATE, "serve", "--db", str(ledger), *rate]
    peer = [sys.executable, __file__, "bare", str(folder / "bare.db"), str(THEIRS)]
    with serving(ours) as our, serving(peer) as their:
        wait_for(OURS)
        wait_for(THEIRS)
        found: dict[str, list[dict[str, float]]] = {}
        first = 0
        for _ in range(rounds):
            for what, (route, port, deals, movers) in kinds(connections).items():
                child = our if port == OURS else their
                before = cpu(child)
                figures = answered(
                    folder, route, port, movers, seconds, token["token"], first, deals
                )
                figures["cpu"] = (cpu(child) - before) / figures["answers"] * 1e6
                found.setdefault(what, []).append(figures)
                first += int(figures["answers"]) + movers if what == "move" else 0
    show(found, connections)
    print(f"a bare transaction: {transactions(folder):,.0f} a second, one row and one commit each")


def kinds(connections: int) -> dict[str, tuple[str, int, int, int]]:
    """What is measured: the route, the port, of how many deals in turn, over how many
    connections."""
    return {
        "check": ("check", OURS, FEW, connections),
        "check of many": ("check", OURS, DEALS, connections),
        "allowed": ("allowed", OURS, FEW, connections),
        "next": ("next", OURS, FEW, connections),
        "bare": ("bare", THEIRS, FEW, connections),
        "move": ("move", OURS, DEALS, MOVERS),
        "record": ("record", THEIRS, DEALS, MOVERS),
    }


def answered(
    folder: Path,
    route: str,
    port: int,
    connections: int,
    seconds: float,
    token: str,
    first: int,
    deals: int,
) -> dict[str, float]:
    """Asks for some seconds, and returns what that came to."""
    wrk = shutil.which("wrk")
    if wrk is None:
        asking = [route, port, connections, seconds, token, first, deals]
        told = [sys.executable, __file__, "ask", *map(str, asking)]
        own: dict[str, float] = json.loads(
            subprocess.run(told, check=True, env=ENV, capture_output=True).stdout
        )
        return own
    script = folder / "ask.lua"
    stage = ', "stage": "proposal"' if route in STAGED else ""
    step = 1 if route == "move" else 7
    words = {"TOKEN": token, "FIRST": first, "ROUTE": route, "STEP": step, "DEALS": deals}
    text = LUA
    for name, word in {**words, "STAGE": f"'{stage}'"}.items():
        text = text.replace(name, str(word))
    script.write_text(text)
    told = [wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", str(script)]
    out = subprocess.run(
        [*told, f"http://127.0.0.1:{port}"], check=True, env=ENV, capture_output=True, text=True
    ).stdout
    found: dict[str, float] = json.loads(out[out.rindex("{") :])
    return found


STAGED = ("check", "move", "bare", "record")
LUA = """
wrk.method = "POST"
wrk.headers["authorization"] = "Bearer TOKEN"
local number = FIRST
request = function()
  local body = string.format('{"deal": "D-%05d"%s}', number * STEP % DEALS, STAGE)
  number = number + 1
  return wrk.format(nil, "/v1/ROUTE", nil, body)
end
done = function(summary, latency)
  io.write(string.format('{"rate": %f, "answers": %d, "p50": %f, "p99": %f, "wrong": %d}',
    summary.requests / summary.duration * 1e6, summary.requests, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, summary.errors.status + summary.errors.timeout))
end
"""
"""Asks by `wrk`, and prints what that came to."""


def show(found: dict[str, list[dict[str, float]]], connections: int) -> None:
    """Prints the medians."""
    names = {
        "check": f"check, {connections} connections",
        "check of many": f"check of {DEALS:,} deals in turn, {connections} connections",
        "allowed": f"allowed, {connections} connections",
        "next": f"next, {connections} connections",
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
    print(f"asked by {'wrk' if shutil.which('wrk') else 'a client in Python'}", end="; ")
    print("load of the computer {:.1f}, {:.1f}, {:.1f}".format(*os.getloadavg()))
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

ENV = {
    "PATH": os.environ.get("PATH", os.defpath),
    "LANG": "C.UTF-8",
    "PYTHONPATH": str(ROOT / "engine"),
}
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


def wait_for(port: int) -> None:
    """Waits until something listens, for half a minute at most."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)


def cpu(process: int) -> float:
    """The seconds that a process and its children have used, of all their threads; on Linux."""
    place = Path(f"/proc/{process}")
    words = place.joinpath("stat").read_text().rpartition(")")[2].split()
    children = place.joinpath(f"task/{process}/children").read_text().split()
    own = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(cpu, map(int, children)))


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
    what: str, port: str, connections: str, seconds: str, token: str, first: str, deals: str
) -> dict[str, float]:
    """Asks for some seconds, and returns what that came to."""
    loop = asyncio.get_running_loop()
    ask = requests(what, token, int(first), int(deals))
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


def requests(what: str, token: str, first: int, deals: int) -> Ask:
    """Yields requests of a kind, as they are sent."""
    step = 1 if what == "move" else 7
    stage = {"stage": "proposal"} if what in STAGED else {}
    bodies = (
        json.dumps({"deal": f"D-{number * step % deals:05}", **stage}).encode()
        for number in count(first)
    )
    for body in bodies:
        yield (
            f"POST /v1/{what} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        ).encode() + body


if __name__ == "__main__":
    main()
