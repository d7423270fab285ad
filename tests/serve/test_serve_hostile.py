"""A server as a process, and clients that mean no good: slow, half open, many, and talking
nonsense."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from random import Random

import pytest
from served import LONG, Process, check, process, token, until

from live.gate import say
from playgate.ledger.store import Ledger

NEXT = b'{"deal": "d"}'


@pytest.fixture(scope="module")
def running(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, str]]:
    """A server as a process, and a token."""
    db = Path(shutil.copy(made, tmp_path_factory.mktemp("hostile") / "deals.db"))
    key = token(db)
    with process(db, "--rate", "1e9", "--log", "problems") as server:
        yield server, key


def answers(server: Process, key: str) -> float:
    """It answers; after how many seconds."""
    begun = time.monotonic()
    status, body = server.post("/v1/next", key, NEXT)
    assert (status, json.loads(body)["kind"]) == (200, "standing")
    return time.monotonic() - begun


def said(stream: socket.socket) -> bytes:
    """All that comes until the connection ends."""
    found = b""
    try:
        while piece := stream.recv(65536):
            found += piece
    except ConnectionError:
        pass
    return found


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00" * 1000,
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/next HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/next HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        b"POST /v1/next HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n"
        b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/next HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 500,  # a TLS hello
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_no_request(running: tuple[Process, str], sent: bytes) -> None:
    server, key = running
    with server.raw() as stream:
        stream.sendall(sent)
        with suppress(OSError):  # it may have hung up
            stream.shutdown(socket.SHUT_WR)
        found = said(stream)
    assert not found or found.startswith((b"HTTP/1.1 400", b"HTTP/1.1 401"))
    answers(server, key)


def test_a_head_that_is_too_long(running: tuple[Process, str]) -> None:
    server, key = running
    with server.raw() as stream:
        stream.sendall(b"GET /healthz HTTP/1.1\r\n")
        try:
            for number in range(100_000):
                stream.sendall(b"x-%d: %s\r\n" % (number, b"y" * 1000))
        except ConnectionError:
            pass
        found = said(stream)
    assert not found or found.startswith(b"HTTP/1.1 400")
    answers(server, key)


def test_raw_bodies(running: tuple[Process, str]) -> None:
    """Whatever bytes are sent, there is an answer of the contract, and no bug."""
    server, key = running
    chance, connection = Random(1), server.connection()
    good = b'{"deal": "d", "stage": "b", "fields": {"note": "x", "amount": 1.5}, "tag": [1]}'
    seen = set()
    for number in range(400):
        body = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(body))
            match chance.randrange(4):
                case 0:
                    body[place] = chance.randrange(256)
                case 1:
                    del body[place : place + chance.randint(1, 9)]
                case 2:
                    body[place:place] = chance.randbytes(chance.randint(1, 5))
                case 3:
                    body[place:place] = chance.choice([b'"', b"{", b"[", b"\\u0000", b"1e999"])
            body = body or bytearray(b"x")
        path = "/v1/batch?command=check" if number % 5 == 0 else "/v1/check"
        connection.request("POST", path, bytes(body), {"authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        for line in answer.read().splitlines():
            told = json.loads(line)
            check(told)
            seen.add(told.get("code") or told.get("kind"))
        assert answer.status < 500
    assert {"no-json", "decision"} <= seen
    assert "bug" not in seen
    connection.close()


def test_pipelined_requests_are_answered_in_their_order(running: tuple[Process, str]) -> None:
    server, key = running
    one = (
        f"POST /v1/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
        "content-length: {length}\r\n\r\n"
    )
    with server.raw() as stream:
        for number in range(20):
            body = json.dumps({"deal": "d", "tag": number}).encode()
            stream.sendall(one.format(length=len(body)).encode() + body)
        found = b""
        while len(tags := re.findall(rb'"tag": ([0-9]+)\}', found)) < 20:
            piece = stream.recv(65536)
            assert piece, found
            found += piece
    assert [int(each) for each in tags] == list(range(20))


def test_many_connections_that_ask_nothing(db: Path) -> None:
    """Others are answered long before those are sent away."""
    key = token(db)
    with process(db, "--log", "nothing", head_seconds=LONG) as server:
        streams = [server.raw() for _ in range(500)]
        try:
            for stream in streams[::3]:
                stream.sendall(b"POST /v1/next HTTP/1.1\r\nhost: ")
            assert answers(server, key) < LONG / 2
        finally:
            for stream in streams:
                stream.close()
        answers(server, key)


@pytest.mark.thorough
def test_slow_clients_hold_nothing(db: Path) -> None:
    """A head that comes byte by byte, a body that never ends, an answer that nobody reads."""
    key = token(db)
    lines = "".join(
        json.dumps({"command": "log", "deal": "d", "activity": "call", "id": f"{n}"}) + "\n"
        for n in range(2000)
    )
    with process(db, "--rate", "1e9", "--log", "nothing") as server:
        server.post("/v1/batch", key, lines.encode())
        head = f"POST /v1/history HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
        begun = time.monotonic()
        slow, half, deaf = server.raw(), server.raw(), server.raw()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        half.sendall(f"{head}content-length: 100\r\n\r\n".encode() + b"{")
        for _ in range(30):
            deaf.sendall(f"{head}content-length: 13\r\n\r\n".encode() + NEXT)
        ended = None
        for byte in (head * 100).encode():
            try:
                slow.sendall(bytes([byte]))
            except ConnectionError:
                ended = time.monotonic() - begun
                break
            time.sleep(0.2)
            if time.monotonic() - begun > LONG:
                break
        assert ended is not None
        assert ended > 8
        answers(server, key)
        assert said(half) == b""  # nothing came for so long that the connection was ended
        table = Path(f"/proc/{server.child.pid}/fd")
        if table.exists():
            until(lambda: sockets_in(table) <= 4)
        for stream in (slow, half, deaf):
            stream.close()
        answers(server, key)


def sockets_in(table: Path) -> int:
    """How many sockets a process has, by the table of its files."""
    count = 0
    for each in table.iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            count += "socket" in str(each.readlink())
    return count


def test_it_stops_when_it_is_told_to(db: Path) -> None:
    """What was accepted is answered; then it ends, and says that all is well."""
    key = token(db)
    with process(db) as server:
        found: list[tuple[int, bytes]] = []
        stop = threading.Event()

        def ask() -> None:
            number = 0
            while not stop.is_set():
                body = json.dumps({"deal": "d", "activity": "call", "id": f"c{number}"})
                number += 1
                try:
                    found.append(server.post("/v1/log", key, body.encode()))
                except (OSError, ValueError, HTTPException):
                    return

        threads = [threading.Thread(target=ask) for _ in range(3)]
        idle = server.raw()
        for thread in threads:
            thread.start()
        until(lambda: len(found) >= 5)
        status, log = server.stopped(signal.SIGTERM)
        stop.set()
        for thread in threads:
            thread.join()
        idle.close()
        assert status == 0
        assert json.loads(log[-1])["event"] == "stopped"
    acknowledged = [json.loads(body)["events"][0] for code, body in found if code == 200]
    with Ledger.open(db) as ledger:
        there = [event.event_id for event in ledger.events.of("d")]
        assert ledger.verify().fault is None
    assert set(acknowledged) <= set(there)
    assert all(code in (200, 503) for code, _ in found)


def test_what_it_cannot_begin_with_is_said(db: Path, tmp_path: Path) -> None:
    missing = say("serve", "--db", str(tmp_path / "none.db"), db=db)
    assert (missing.status, "there is no ledger" in missing.err) == (2, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = say("serve", "--port", port, db=db)
        assert (said.status, "cannot listen on 127.0.0.1" in said.err) == (2, True)
    nowhere = say("serve", "--host", "192.0.2.1", "--port", "0", db=db)
    assert "note: 192.0.2.1 is reached from elsewhere" in nowhere.err
    assert nowhere.status == 2


def test_no_settings_of_the_folder_are_read(
    db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "playgate.toml").write_text("nonsense = [")
    assert "there is no ledger" in say("serve", "--db", "none.db", db=db).err
    assert say("token", "list", db=db).status == 0
