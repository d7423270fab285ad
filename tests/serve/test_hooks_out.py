"""Hooks that go out: each under one id, until it arrives, and to no address that must not be
called."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hooked import KEY, SECRET, Stub, check_hooks, quiet, signed, stub
from hypothesis import given, settings
from hypothesis import strategies as st
from served import AT, LONG, Clock, until

from live.gate import say
from playgate.errors import InputError
from playgate.ledger.hooks import Message
from playgate.ledger.store import Ledger
from playgate.serve import calls, outbox, post_room
from playgate.serve.calls import CallError, call
from playgate.serve.messages import HAPPENINGS, safe
from playgate.serve.outbox import DELAYS, Outbox

LOCAL = ("--private", "127.0.0.0/8")


@pytest.fixture
def receiver() -> Iterator[Stub]:
    """A server that is told."""
    with stub() as running:
        yield running


def new(db: Path, url: str, *on: str, words: tuple[str, ...] = LOCAL) -> str:
    """A target, and its id."""
    secret = db.parent / "secret"
    secret.write_text(SECRET)
    kinds = [word for each in on for word in ("--on", each)]
    words = ("hook", "out", "new", url, *kinds, *words, "--secret-file", str(secret))
    said = say(*words, "--format", "json", db=db, clock=AT)
    assert said.status == 0, said
    assert SECRET not in said.out
    found: str = check_hooks(said.out)["id"]
    return found


def work(db: Path, clock: Clock, times: int = 3) -> None:
    with Ledger.open(db) as ledger:
        outbox = Outbox(ledger, quiet(clock))
        for _ in range(times):
            outbox.work()


def refused(db: Path, deal: str = "d", at: int = AT) -> None:
    assert say("move", deal, "b", "--by", "rep", db=db, clock=at).status == 1


def told(receiver: Stub) -> list[Any]:
    found = []
    for each in receiver.asked:
        at = int(each.headers["webhook-timestamp"]) * 1_000_000
        mine = signed(each.body, at=at, known_id=each.headers["webhook-id"], key=KEY)
        assert each.headers["webhook-signature"] == mine["webhook-signature"]
        found.append(check_hooks(each.body.decode()))
    return found


def messages(db: Path, hook: str) -> list[Message]:
    with Ledger.open(db, reading=True) as ledger:
        return ledger.hooks.messages(hook, most=99)


# What is told


def test_refusals_requests_and_decisions(db: Path, receiver: Stub) -> None:
    refused(db)  # before anybody asked to be told
    new(db, f"{receiver.url}/x", "refused", "waiver-request")
    new(db, f"{receiver.url}/y", "decision")
    refused(db, "e", AT + 1_000_000)
    words = ("waiver", "request", "e", "b/entry/note", "--reason", "<@all> now", "--by", "rep")
    assert say(*words, db=db, clock=AT + 2_000_000).status == 0
    work(db, Clock(AT + 3_000_000))
    by_path = {
        path: [
            each for each, a in zip(told(receiver), receiver.asked, strict=True) if a.path == path
        ]
        for path in ("/x", "/y")
    }
    assert [each["type"] for each in by_path["/x"]] == [
        "playgate.refused",
        "playgate.waiver-request",
    ]
    assert [each["type"] for each in by_path["/y"]] == ["playgate.decision"]
    first, request = by_path["/x"]
    assert first["text"].startswith("e: a → b refused (rep)\n• a/activity/call: ")
    assert (first["data"]["allowed"], first["data"]["deal"]) == (False, "e")
    assert "‹＠all› now" in request["text"]
    assert request["data"]["reason"] == "<@all> now"


def test_what_is_newly_unmet_is_told_once(db: Path, receiver: Stub, tmp_path: Path) -> None:
    """A warning goes out with the move that it comes with, and not with the next, which has it,
    too; what only refuses, or is observed, is no such thing."""
    warned = tmp_path / "warned.yaml"
    warned.write_text(
        "playbook: warned\nversion: 1\nfields: {note: {type: text}, amount: {type: number}}\n"
        "stages:\n  - stage: a\n"
        "  - {stage: b, hold: [{field: note, is: present, level: warn}]}\n"
        "  - {stage: c, entry: [{field: amount, more_than: 0, level: warn}]}\n"
        "  - {stage: won, ends: won}\n  - {stage: lost, ends: lost}\n"
    )
    words = ("open", "w", "--playbook", str(warned), "--by", "rep")
    assert say(*words, db=db, clock=AT).status == 0
    new(db, receiver.url, "finding")
    told_of = []
    for number, stage in enumerate(("b", "c", "b", "c"), start=1):
        at = AT + number * 1_000_000
        said = say("move", "w", stage, "--by", "rep", "--format", "json", db=db, clock=at)
        assert said.status == 0, said
        findings = json.loads(said.out)["findings"]
        told_of.append({each["rule"] for each in findings if each["level"] == "warn"})
    work(db, Clock(AT + 10_000_000))
    expected = [now - before for before, now in zip([set(), *told_of], told_of, strict=False)]
    assert any(told_of)
    assert [each["data"]["to"] for each in told(receiver)] == [
        stage for stage, fresh in zip("bcbc", expected, strict=True) if fresh
    ]
    assert sum(map(bool, expected)) < sum(map(bool, told_of)), "one that is told again is needed"
    assert {each["type"] for each in told(receiver)} == {"playgate.finding"}


def test_due_each_morning_once(db: Path, receiver: Stub) -> None:
    """The playbook wants a call within three days of entering the first stage."""
    new(db, receiver.url, "due")
    day = 86_400_000_000
    midnight = AT // day * day
    clock = Clock(midnight + 2 * day + 6 * 3_600_000_000)
    work(db, clock)
    assert receiver.asked == []
    clock.at = midnight + 2 * day + 8 * 3_600_000_000
    for _ in range(3):  # three servers, or three starts
        work(db, clock)
    (message,) = told(receiver)
    assert {each["deal"] for each in message["data"]["due"]} == {"d", "e"}
    assert message["text"].startswith("2 deadlines within a day\n• d: ")


def test_a_digest_goes_to_whom_wants_it(db: Path, receiver: Stub, tmp_path: Path) -> None:
    assert say("hook", "send", "-", db=db, stdin=b"").status == 2
    new(db, receiver.url, "refused")
    wanting = new(db, receiver.url, "digest")
    file = tmp_path / "digest.txt"
    file.write_text("One\n@channel two")
    said = say("hook", "send", str(file), db=db, clock=AT)
    assert (said.status, wanting in said.out) == (0, True)
    work(db, Clock(AT))
    (message,) = told(receiver)
    assert message["text"] == "One\n＠channel two"


@settings(max_examples=50)
@given(st.text())
def test_no_text_is_a_link_or_a_mention(text: str) -> None:
    shown = safe(text)
    assert not {"<", ">", "\n", "\x1b"} & set(shown)
    assert "](" not in shown
    assert not any(word.startswith("@") for word in shown.split())


# Until it arrives


def test_it_is_tried_again_under_the_same_id(db: Path, receiver: Stub) -> None:
    hook = new(db, receiver.url, "refused")
    refused(db, at=AT + 1)
    refused(db, "e", AT + 2)
    receiver.status = 500
    clock = Clock(AT + 10)
    work(db, clock)
    assert len(receiver.asked) == 1  # the second waits as well: nobody listens
    listed = check_hooks(say("hook", "list", "--format", "json", db=db).out)
    assert (listed["out"][0]["waiting"], "500" in listed["out"][0]["failing"]) == (2, True)
    receiver.status = 204
    clock.on(DELAYS[0])
    work(db, clock)
    ids = [each.headers["webhook-id"] for each in receiver.asked]
    assert (len(ids), len(set(ids)), ids[0] == ids[1]) == (3, 2, True)
    assert {each.state for each in messages(db, hook)} == {"done"}


def test_it_is_given_up_in_the_end(db: Path, receiver: Stub) -> None:
    hook = new(db, receiver.url, "refused")
    refused(db, at=AT + 1)
    receiver.status = 503
    clock = Clock(AT + 10)
    work(db, clock)
    while (message := messages(db, hook)[0]).state == "waiting":
        clock.at = message.next_at
        work(db, clock, 1)
    assert (message.state, len(receiver.asked)) == ("dead", len(DELAYS) + 1)
    receiver.status = 410
    refused(db, "e", AT + 3)
    work(db, clock)
    assert [each.state for each in messages(db, hook)] == ["dead", "dead"]
    assert say("hook", "remove", hook, db=db).status == 0
    assert messages(db, hook) == []
    assert say("hook", "remove", hook, db=db).status == 2


def test_a_restart_in_between_sends_nothing_twice(db: Path, receiver: Stub) -> None:
    """What was sent is not sent again; what was claimed by one that died is sent under its id."""
    hook = new(db, receiver.url, "refused")
    for number in range(3):
        refused(db, at=AT + number)
    clock = Clock(AT + 10)
    for _ in range(4):
        work(db, clock, 1)
    ids = [each.headers["webhook-id"] for each in receiver.asked]
    assert len(ids) == len(set(ids)) == 3
    refused(db, "e", AT + 20)
    with Ledger.open(db) as ledger:
        Outbox(ledger, quiet(clock))._tell(ledger.hooks.targets()[0])
        (waiting,) = (each for each in messages(db, hook) if each.state == "waiting")
        with ledger.writing():
            assert ledger.hooks.claim(waiting, until=clock.at + 60_000_000)
        with ledger.writing():
            assert not ledger.hooks.claim(waiting, until=clock.at + 60_000_000)
    work(db, clock)
    assert len(receiver.asked) == 3
    clock.on(60)
    work(db, clock)
    assert [each.headers["webhook-id"] for each in receiver.asked[3:]] == [waiting.id]


def test_who_hangs_is_left(receiver: Stub) -> None:
    receiver.hang.clear()
    begun = time.monotonic()
    with pytest.raises(CallError, match="did not answer in time"):
        call(receiver.url, headers={}, networks=["127.0.0.1"], most=10, seconds=0.3)
    assert time.monotonic() - begun < LONG


@contextmanager
def listening(answers: Callable[[socket.socket], object]) -> Iterator[str]:
    """The host and port of a server that answers so who connects first."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with suppress(OSError):  # who asks may have gone, or never come
            connection, _ = listener.accept()
            with connection:
                answers(connection)

    threading.Thread(target=run, daemon=True).start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def drip(connection: socket.socket, piece: bytes) -> None:
    while True:
        connection.sendall(piece)
        time.sleep(0.05)


@pytest.mark.parametrize("resolving", [0.0, 0.6])
def test_who_drips_is_left(monkeypatch: pytest.MonkeyPatch, resolving: float) -> None:
    """A byte now and then keeps no connection open, not even one that begins late."""
    found = socket.getaddrinfo

    def slowly(*told: Any, **more: Any) -> Any:
        time.sleep(resolving)
        return found(*told, **more)

    monkeypatch.setattr(calls.socket, "getaddrinfo", slowly)
    with listening(lambda connection: drip(connection, b"H")) as host:
        begun = time.monotonic()
        with pytest.raises(CallError, match="did not answer in time"):
            call(f"http://{host}/", headers={}, networks=["127.0.0.1"], most=10, seconds=0.5)
        assert time.monotonic() - begun < LONG


def test_who_answers_for_names_may_be_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is never resolved holds nobody, however often it is asked for."""
    go_on = threading.Event()

    def never(*_: object, **__: object) -> Any:
        go_on.wait()
        return []

    monkeypatch.setattr(calls.socket, "getaddrinfo", never)

    def resolving() -> int:
        return sum(each.name == "resolving" for each in threading.enumerate())

    until(lambda: not resolving())
    begun = time.monotonic()
    for _ in range(calls._MOST_RESOLVING + 4):
        with pytest.raises(CallError, match="did not answer in time"):
            call("https://slow.example/", headers={}, networks=[], most=10, seconds=0.05)
    assert time.monotonic() - begun < LONG
    assert 0 < resolving() <= calls._MOST_RESOLVING
    go_on.set()
    until(lambda: not resolving())


def test_who_drips_a_handshake_is_left() -> None:
    """The time that TLS takes counts, too: a long record that comes byte by byte."""

    def answers(connection: socket.socket) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")
        drip(connection, b"\x02")

    with listening(answers) as host:
        begun = time.monotonic()
        with pytest.raises(CallError, match="did not answer in time"):
            call(f"https://{host}/", headers={}, networks=["127.0.0.1"], most=10, seconds=0.5)
        assert time.monotonic() - begun < LONG


@pytest.mark.parametrize("length", [b"", b"Content-Length: 9\r\n"])
@pytest.mark.parametrize("waits", [False, True])
def test_an_answer_that_is_cut_off_is_none(length: bytes, waits: bool) -> None:
    """Neither by who answers, nor where the time is over."""
    go_on = threading.Event()

    def answers(connection: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked and (piece := connection.recv(4096)):
            asked += piece
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + length + b'\r\n{"a":')
        go_on.wait(LONG if waits else 0)

    def asked(host: str) -> bytes:
        seconds = 0.5 if waits else LONG
        where = {"networks": ["127.0.0.1"], "most": 10, "seconds": seconds}
        return call(f"http://{host}/", headers={}, **where).body  # type: ignore[arg-type]

    with listening(answers) as host:
        if waits or length:
            with pytest.raises(CallError, match="in time" if waits else "IncompleteRead"):
                asked(host)
        else:  # who says no length says the end by hanging up
            assert asked(host) == b'{"a":'
    go_on.set()


def test_a_long_answer_is_not_read(receiver: Stub) -> None:
    receiver.answer = b"x" * 1000
    with pytest.raises(CallError, match="too much"):
        call(receiver.url, headers={}, networks=["127.0.0.1"], most=999)
    assert len(call(receiver.url, headers={}, networks=["127.0.0.1"], most=1000).body) == 1000


def test_a_server_that_stops_waits_for_nobody(
    db: Path, receiver: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits goes out when one starts; what is being sent is sent again, under its id."""
    monkeypatch.setattr(post_room, "_STOPPING", 0.2)
    hook = new(db, receiver.url, "decision")
    receiver.hang.clear()
    for number in range(3):
        refused(db, at=AT + number)
    monkeypatch.setattr(outbox, "call", partial(call, seconds=LONG))
    room = post_room.PostRoom(lambda: Ledger.open(db), quiet(Clock()))
    until(lambda: receiver.asked)
    begun = time.monotonic()
    room.close()
    assert time.monotonic() - begun < LONG / 2
    receiver.hang.set()
    for thread in room._threads:
        thread.join(LONG)
    assert len(receiver.asked) == 1
    assert sum(each.state == "waiting" for each in messages(db, hook)) == 2


# Whom not to call


def test_a_redirect_is_not_followed(db: Path, receiver: Stub) -> None:
    with stub() as inner:
        receiver.status = 302
        receiver.headers["location"] = f"{inner.url}/admin"
        hook = new(db, receiver.url, "refused")
        refused(db, at=AT + 1)
        work(db, Clock(AT + 10))
        assert (len(receiver.asked), inner.asked) == (1, [])
        assert "status 302" in messages(db, hook)[0].said


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.1"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1"),
        *("::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1", "fe80::1%lo"),
        "2001:0:53aa:64c:0:fbff:80ff:fffe",  # Teredo, to 127.0.0.1
    ],
)
def test_a_name_that_leads_inside_is_not_called(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """What a name resolves to is checked; and all of it."""
    reached: list[Any] = []
    for found in ([address], ["8.8.8.8", address]):
        rows = [(0, 0, 0, "", (each, 443)) for each in found]
        monkeypatch.setattr(calls.socket, "getaddrinfo", lambda *_, rows=rows, **__: rows)
        monkeypatch.setattr(calls.socket, "create_connection", lambda *_, **__: reached.append(1))
        with pytest.raises(InputError) as refusal:
            call("https://innocent.example/", headers={}, networks=[], most=10)
        assert refusal.value.code == "not-public"
    assert reached == []


def test_the_address_that_was_checked_is_the_one_that_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that resolves to something else the next time is of no use."""
    asked: list[Any] = []
    rows = [[(0, 0, 0, "", ("93.184.216.34", 443))], [(0, 0, 0, "", ("127.0.0.1", 443))]]
    monkeypatch.setattr(calls.socket, "getaddrinfo", lambda *_, **__: rows.pop(0))

    def reached(to: tuple[str, int], **_: object) -> socket.socket:
        asked.append(to)
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(calls.socket, "create_connection", reached)
    with pytest.raises(CallError):
        call("https://rebound.example/", headers={}, networks=[], most=10)
    assert (asked, len(rows)) == ([("93.184.216.34", 443)], 1)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://chat.example.com/x", ()),
        ("ftp://chat.example.com/x", LOCAL),
        ("https://user:pass@chat.example.com/x", ()),
        ("https://chat.example.com:0/x", ()),
        ("https://chat.example.com:99999/x", ()),
        ("https://chat.example.com/a b", ()),
        ("https://chat.example.com/\u00e9", ()),
        ("https:///x", ()),
        ("https://chat.example.com/x", ("--private", "all")),
        ("https://chat.example.com/x", ("--on", "nothing")),
    ],
)
def test_what_cannot_be_set(db: Path, url: str, words: tuple[str, ...]) -> None:
    found = say("hook", "out", "new", url, "--on", "due", *words, db=db)
    assert (found.status, found.out) == (2, "")
    assert "Traceback" not in found.err


def test_http_goes_to_named_networks_alone(receiver: Stub) -> None:
    with pytest.raises(InputError) as refusal:
        call(receiver.url, headers={}, networks=["10.0.0.0/8"], most=10)
    assert refusal.value.code == "not-public"


def test_an_address_is_not_shown(db: Path, receiver: Stub) -> None:
    """What stands behind a chat tool's address is a secret."""
    address = f"{receiver.url}/s3cret\n".encode()
    said = say("hook", "out", "new", "-", "--on", "due", *LOCAL, db=db, stdin=address)
    assert said.status == 0, said
    listed = say("hook", "list", db=db).out + say("hook", "list", "--format", "json", db=db).out
    assert "s3cret" not in said.out + said.err + listed
    hook = check_hooks(say("hook", "list", "--format", "json", db=db).out)["out"][0]["id"]
    assert say("hook", "test", hook, db=db).status == 0
    assert check_hooks(receiver.asked[0].body.decode())["type"] == "playgate.test"
    receiver.status = 404
    found = say("hook", "test", hook, db=db)
    assert (found.status, "status 404" in found.err, "s3cret" in found.err) == (2, True, False)


def test_every_happening_is_explained(db: Path) -> None:
    shown = " ".join(say("hook", "out", "new", "--help", db=db).out.split())
    assert all(each in shown for each in HAPPENINGS)
