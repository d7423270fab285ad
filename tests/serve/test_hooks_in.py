"""Hooks that come in: only from whom they say, each once, whatever their order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hooked import KEY, SECRET, check_hooks, event, events_of, quiet, signed, stub
from hypothesis import given
from hypothesis import strategies as st
from served import AT, Server, process, serving, token, until

from live.gate import say
from playgate.errors import InputError
from playgate.ledger.hooks import HookIn
from playgate.ledger.store import Ledger
from playgate.serve import post_room
from playgate.serve.inbox import DELAYS, Inbox
from playgate.serve.settings import Limits
from playgate.serve.signed import Came, delivery_of, signature

MINUTE = 60_000_000


def source(kind: str, secret: str) -> HookIn:
    return HookIn("s", 0, kind, secret, "events", "", "", "webhooks.ndjson", "", "", "", "", "")


def came(headers: dict[str, str], body: bytes = b"{}", path: str = "", url: str = "") -> Came:
    told = {name.lower().encode(): value for name, value in headers.items()}
    return Came(header=lambda name: told.get(name, ""), path_secret=path, url=url, body=body)


def new(db: Path, name: str, *words: str, secret: str = SECRET) -> None:
    file = db.parent / "secret"
    file.write_text(f"{secret}\n")
    words = ("hook", "in", "new", name, *words, "--secret-file", str(file), "--format", "json")
    said = say(*words, db=db, clock=AT)
    assert said.status == 0, said
    check_hooks(said.out)
    assert secret not in said.out + said.err


def standard(db: Path) -> None:
    new(db, "events", "--kind", "standard", "--map", "events")


# From whom


def test_the_vector_of_standard_webhooks() -> None:
    secret, known_id, at = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
    )
    body = b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(secret, known_id, str(at), body) == expected
    headers = {
        "webhook-id": known_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1a,AAAA v1,AAAA {expected}",
    }
    found = delivery_of(source("standard", secret), came(headers, body), now=at * 1_000_000)
    assert found == known_id


def hubspot(secret: str, url: str, body: bytes, at: int) -> dict[str, str]:
    told = f"POST{url}".encode() + body + str(at).encode()
    digest = hmac.new(secret.encode(), told, hashlib.sha256).digest()
    return {
        "X-HubSpot-Request-Timestamp": str(at),
        "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
    }


def test_hubspot_signs_method_address_body_and_time() -> None:
    secret, url, body = "app-secret-of-hubspot", "https://gate.example.com/v1/hooks/s", b"[{}]"
    headers = hubspot(secret, url, body, AT // 1000)
    known = source("hubspot", secret)
    assert delivery_of(known, came(headers, body, url=url), now=AT)
    for other in (
        came(headers, body + b" ", url=url),
        came(headers, body, url=url + "?x=1"),
        came(headers, body, url=""),
        came({**headers, "X-HubSpot-Request-Timestamp": str(AT // 1000 + 1)}, body, url=url),
    ):
        with pytest.raises(InputError) as refused:
            delivery_of(known, other, now=AT)
        assert refused.value.code == "not-signed"


@given(st.integers(-900, 900), st.sampled_from(["standard", "hubspot"]))
def test_clocks_may_differ_by_five_minutes(late: int, kind: str) -> None:
    body, url, secret = b"{}", "https://x.example/v1/hooks/s", "app-secret-of-hubspot"
    headers, known = signed(body, at=AT), source("standard", SECRET)
    if kind == "hubspot":
        headers, known = hubspot(secret, url, body, AT // 1000), source("hubspot", secret)
    try:
        delivery_of(known, came(headers, body, url=url), now=AT + late * 1_000_000)
        is_known = True
    except InputError:
        is_known = False
    assert is_known == (abs(late) <= 300)


@given(st.data())
def test_nothing_forged_passes(data: st.DataObject) -> None:
    """Whatever is changed of what was signed, it is not signed any more."""
    body = b'{"id": 1}'
    headers = signed(body, at=AT)
    name = data.draw(st.sampled_from([*headers, "body"]))
    old = body.decode() if name == "body" else headers[name]
    text = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60)
    new_text = data.draw(text.filter(lambda each: each.strip() != old))
    told = {**headers, name: new_text} if name != "body" else headers
    said = new_text.encode() if name == "body" else body
    with pytest.raises(InputError):
        delivery_of(source("standard", SECRET), came(told, said), now=AT)


def test_pipedrive_and_the_path() -> None:
    body = b'{"meta": {"id": "u-1"}}'
    basic = base64.b64encode(b"gate:a password of many").decode()
    known = source("pipedrive", "gate:a password of many")
    assert delivery_of(known, came({"Authorization": f"Basic {basic}"}, body), now=AT) == "u-1"
    assert delivery_of(known, came({"Authorization": f"basic {basic}"}, b"[1]"), now=AT) == ""
    for wrong in ("", f"Bearer {basic}", f"Basic {basic[:-4]}", "Basic"):
        with pytest.raises(InputError):
            delivery_of(known, came({"Authorization": wrong}, body), now=AT)
    path = source("path", "s" * 20)
    assert delivery_of(path, came({}, path="s" * 20), now=AT) == ""
    for wrong in ("", "s" * 19, "s" * 21, "\udcff"):
        with pytest.raises(InputError):
            delivery_of(path, came({}, path=wrong), now=AT)
    with pytest.raises(InputError):
        delivery_of(None, came({}), now=AT)


# Into the ledger


def post(server: Server, body: bytes, at: int, known_id: str = "m1", **other: Any) -> Any:
    headers = signed(body, at=at, known_id=known_id, **other)
    return server.client.post("/v1/hooks/events", content=body, headers=headers)


def states_of(db: Path) -> list[str]:
    """Returns where each delivery is: what was taken in is recorded first, and called done then."""
    told = check_hooks(say("inbox", "list", "--format", "json", db=db).out)
    return [each["state"] for each in told["deliveries"]]


def test_it_is_kept_and_taken_in(server: Server, db: Path) -> None:
    standard(db)
    body = json.dumps(event(1)).encode()
    first, again = post(server, body, server.clock.at), post(server, body, server.clock.at)
    assert (first.status_code, first.json()["new"]) == (202, True)
    assert (again.status_code, again.json()["new"]) == (202, False)
    until(lambda: states_of(db) == ["done"])
    assert events_of(db) == [("e1", "call")]
    assert check_hooks(say("inbox", "show", "1", "--format", "json", db=db).out)["body"] is None
    assert "its body is not kept" in say("inbox", "show", "1", db=db).out


def test_what_is_refused_leaves_nothing(server: Server, db: Path) -> None:
    standard(db)
    at, body = server.clock.at, b"{}"
    found = [
        (post(server, body, at, key=b"x" * 32), 401, "not-signed"),
        (post(server, body, at - 6 * MINUTE), 401, "not-signed"),
        (post(server, body, at + 6 * MINUTE), 401, "not-signed"),
        (post(server, b"no json", at), 400, "no-json"),
        (post(server, b"[1]", at), 400, "no-json"),
        (post(server, b"[" * 100_000, at), 400, "no-json"),
        (post(server, b" " * (Limits().body + 1), at), 413, "too-large"),
        (server.client.post("/v1/hooks/other", content=body), 401, "not-signed"),
        (server.client.post("/v1/hooks/events/secret", content=body), 401, "not-signed"),
    ]
    assert [(each.status_code, each.json()["code"]) for each, *_ in found] == [
        (status, code) for _, status, code in found
    ]
    assert say("inbox", "list", db=db).out == "nothing there\n"
    assert "whsec" not in "".join(server.log)


def test_a_full_inbox_says_later(server: Server, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    standard(db)
    monkeypatch.setattr(post_room, "MOST_KEPT", 0)
    answer = post(server, b"{}", server.clock.at)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


@pytest.mark.thorough
def test_a_restart_between_loses_nothing(db: Path) -> None:
    """What was acknowledged before a crash is taken in after it, once."""
    standard(db)
    now = time.time_ns() // 1000
    with process(db) as first:
        for number in range(5):
            body = json.dumps(event(number)).encode()
            headers = signed(body, at=now, known_id=f"m{number}")
            connection = first.connection()
            connection.request("POST", "/v1/hooks/events", body, headers)
            assert connection.getresponse().status == 202
        first.child.kill()
        first.child.wait()
    with process(db):
        until(lambda: len(events_of(db)) == 5)
    assert say("ledger", "verify", db=db).status == 0


# Whatever the order


def worked(db: Path, bodies: list[bytes], *, at: int = AT, rounds: int = 1) -> Inbox:
    """Keeps bodies that bring no ids of their own, and takes them in."""
    ledger = Ledger.open(db)
    with ledger.writing():
        for body in bodies:
            ledger.hooks.receive("events", "", "", body, at=at)
    inbox = Inbox(ledger, quiet(lambda: at))
    for _ in range(rounds):
        inbox.work()
    ledger.__exit__()
    return inbox


def test_doubles_and_order_change_nothing(made: Path, tmp_path: Path) -> None:
    events = [event(number, day=number + 1, deal="de"[number % 2]) for number in range(6)]
    bodies = [json.dumps(each).encode() for each in events]
    bodies.append(json.dumps(events[:3]).encode())
    found = set()
    for seed in range(4):
        db = tmp_path / f"{seed}.db"
        db.write_bytes(made.read_bytes())
        standard(db)
        told = bodies * 2
        Random(seed).shuffle(told)
        worked(db, told)
        found.add((tuple(events_of(db, "d")), tuple(events_of(db, "e"))))
        head = say("ledger", "head", db=db).out
        worked(db, told)
        assert say("ledger", "head", db=db).out == head  # nothing was recorded any more
    assert found == {
        (tuple((f"e{n}", "call") for n in (0, 2, 4)), tuple((f"e{n}", "call") for n in (1, 3, 5)))
    }


def pipedrive_bodies() -> list[bytes]:
    folder = Path(__file__).parents[2] / "playbooks" / "crm" / "pipedrive" / "export-webhooks"
    lines = (folder / "webhooks.ndjson").read_bytes().splitlines()
    # Deals that are merged later are one only where all is mapped together.
    return [line for line in lines if line and b"merged_to_id" not in line]


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_hooks_say_what_an_import_of_all_of_them_says(tmp_path: Path, seed: int | None) -> None:
    """Delivered one by one, the sample makes the stages that an import of the file makes."""
    root = Path(__file__).parents[2] / "playbooks" / "crm" / "pipedrive"
    folder = root / "export-webhooks"
    beside = [str(folder / name) for name in ("stages.json", "users.json")]
    ours, theirs = tmp_path / "ours.db", tmp_path / "theirs.db"
    playbook = ("--playbook", str(root / "pipedrive.yaml"))
    file = tmp_path / "webhooks.ndjson"
    file.write_bytes(b"\n".join(pipedrive_bodies()))
    words = ("import", str(file), *beside, "--map", "pipedrive-webhooks")
    assert say(*words, *playbook, "--db", str(theirs), db=theirs).status == 0
    assert say("publish", str(root / "pipedrive.yaml"), db=ours).status == 0
    withs = [word for each in beside for word in ("--with", each)]
    words = ("--kind", "pipedrive", "--map", "pipedrive-webhooks", *withs)
    new(ours, "crm", *words, secret="gate:a password of many")  # noqa: S106
    bodies = pipedrive_bodies()
    if seed is not None:
        Random(seed).shuffle(bodies)
    now = time.time_ns() // 1000
    with Ledger.open(ours) as ledger:
        with ledger.writing():
            for body in bodies:
                about = str(json.loads(body)["meta"]["entity_id"])
                ledger.hooks.receive("crm", "", about, body, at=now)
        inbox = Inbox(ledger, quiet(lambda: now))
        while inbox.work():
            pass
        assert [each.said for each in ledger.hooks.deliveries(state="dead", most=9)] == []

    def stages(db: Path) -> list[Any]:
        with Ledger.open(db) as ledger:
            return ledger.connection.execute(
                "SELECT deal, happened_at, kind, name FROM events WHERE kind <> 'field'"
                " ORDER BY deal, happened_at, kind, name"
            ).fetchall()

    a, b = set(stages(ours)), set(stages(theirs))
    assert b <= a
    if seed is None:
        assert len(stages(ours)) == len(stages(theirs)) > 0
    # Out of order, an end may be told once more: what is later was seen before it.
    ends = {(deal, name) for deal, _, _, name in b if name in ("won", "lost")}
    assert {(deal, name) for deal, _, _, name in a - b} <= ends


# What fails


def test_a_dead_letter_is_shown_and_replayed(db: Path) -> None:
    mapping = db.parent / "ours.mapping.yaml"
    mapping.write_bytes(
        (Path(__file__).parents[2] / "playbooks/crm/events/events.mapping.yaml").read_bytes()
    )
    new(db, "events", "--kind", "standard", "--map", str(mapping))
    good = mapping.read_bytes()
    mapping.write_text("mapping: broken\n")
    body = json.dumps(event(1)).encode()
    worked(db, [body])
    listed = check_hooks(say("inbox", "list", "--state", "dead", "--format", "json", db=db).out)
    assert listed["deliveries"][0]["said"]
    assert (
        check_hooks(say("inbox", "show", "1", "--format", "json", db=db).out)["body"]
        == body.decode()
    )
    mapping.write_bytes(good)
    assert say("inbox", "replay", "--dead", db=db, clock=AT).out.startswith("1 delivery")
    worked(db, [])
    assert events_of(db) == [("e1", "call")]
    assert say("inbox", "replay", "1", db=db).status == 2
    assert say("inbox", "replay", "99", db=db).status == 2
    assert say("inbox", "replay", db=db).status == 2


def test_what_happens_in_the_future_waits(db: Path) -> None:
    """A clock that is ahead loses nothing: it is tried again later."""
    standard(db)
    body = json.dumps(event(1, day=28) | {"time": "2026-03-01T00:00:00Z"}).encode()
    ahead = 1_772_323_200_000_000
    worked(db, [body], at=ahead - 20 * MINUTE)
    (told,) = check_hooks(say("inbox", "list", "--format", "json", db=db).out)["deliveries"]
    assert (told["state"], "too-early" in told["said"]) == ("waiting", True)
    worked(db, [], at=ahead)
    assert events_of(db) == [("e1", "call")]


def test_a_hint_is_read_where_the_record_lies(db: Path) -> None:
    with stub() as crm:
        crm.answer = lambda asked: json.dumps(event(int(asked.path.rpartition("/")[2]))).encode()
        words = ("--kind", "standard", "--map", "events", "--private", "127.0.0.0/8")
        record = ("--record", f"{crm.url}/deals/{{objectId}}", "--record-token", "CRM_TOKEN")
        new(db, "events", *words, *record)
        hints = json.dumps([{"objectId": 7}, {"objectId": 8}, {"objectId": 7}]).encode()
        with Ledger.open(db) as ledger:
            with ledger.writing():
                ledger.hooks.receive("events", "h", "", hints, at=AT)
                ledger.hooks.receive("events", "i", "", b'{"objectId": ".."}', at=AT)
            clock = [AT]
            variables = {"CRM_TOKEN": ""}
            inbox = Inbox(ledger, quiet(lambda: clock[0], lambda name: variables[name]))
            inbox.work()
            assert crm.asked == []  # without its token, nothing is asked
            variables["CRM_TOKEN"] = "t0ken"  # noqa: S105
            crm.status = 500
            clock[0] += DELAYS[0] * 1_000_000
            inbox.work()
            crm.status = 200
            clock[0] += DELAYS[1] * 1_000_000
            inbox.work()
            dead = ledger.hooks.deliveries(state="dead", most=9)
        assert [each.delivery for each in dead] == ["i"]
        assert events_of(db) == [("e7", "call"), ("e8", "call")]
        assert {each.headers["authorization"] for each in crm.asked} == {"Bearer t0ken"}
        assert [each.path for each in crm.asked] == ["/deals/7", "/deals/7", "/deals/8"]


def test_after_the_last_try_it_is_a_dead_letter(db: Path) -> None:
    words = ("--kind", "standard", "--map", "events", "--private", "127.0.0.0/8")
    new(db, "events", *words, "--record", "http://127.0.0.1:1/deals/{objectId}")
    clock = [AT]
    with Ledger.open(db) as ledger:
        with ledger.writing():
            ledger.hooks.receive("events", "h", "", b'{"objectId": 1}', at=AT)
        inbox = Inbox(ledger, quiet(lambda: clock[0]))
        tries = 0
        while (found := ledger.hooks.delivery(1)) is not None and found.state == "waiting":
            clock[0] = found.next_at
            assert inbox.work()
            tries += 1
        assert tries == len(DELAYS) + 1
        assert found is not None
        assert "cannot-connect" in found.said


# What is set by command


@pytest.mark.parametrize(
    "words",
    [
        ("Big Name", "--kind", "standard", "--map", "events"),
        ("s", "--kind", "standard"),
        ("s", "--kind", "standard", "--map", "no-such"),
        ("s", "--kind", "hubspot", "--map", "events"),
        ("s", "--kind", "standard", "--map", "events", "--secret-env", "NOT_SET_HERE"),
        ("s", "--kind", "standard", "--map", "events", "--as", "../x"),
        ("s", "--kind", "standard", "--map", "events", "--with", "no-such-file"),
        ("s", "--kind", "standard", "--map", "events", "--record", "https://{host}/x/{id}"),
        ("s", "--kind", "standard", "--map", "events", "--record", "https://x.example/"),
        ("s", "--kind", "standard", "--map", "events", "--record", "http://x.example/{id}"),
        ("s", "--kind", "standard", "--map", "events", "--record-token", "T"),
        ("s", "--kind", "standard", "--map", "events", "--private", "all"),
        ("s", "--kind", "standard", "--map", "events", "--playbook", "no-such"),
    ],
)
def test_what_cannot_be_set(db: Path, words: tuple[str, ...]) -> None:
    found = say("hook", "in", "new", *words, db=db)
    assert (found.status, found.out) == (2, ""), found
    assert "Traceback" not in found.err


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        ("standard", "whsec_AAAA"),
        ("standard", "not base64 at all, and long"),
        ("path", "with/a/slash/in/it/all"),
        ("path", "short"),
        ("pipedrive", "no-colon-in-this-secret"),
    ],
)
def test_secrets_that_are_none_are_not_told(db: Path, kind: str, secret: str) -> None:
    file = db.parent / "secret"
    file.write_text(secret)
    words = ("hook", "in", "new", "s", "--kind", kind, "--map", "events", "--secret-file")
    found = say(*words, str(file), db=db)
    assert found.status == 2
    assert secret not in found.err + found.out


def test_a_secret_that_is_made_is_shown_once(db: Path) -> None:
    for kind in ("standard", "pipedrive", "path"):
        words = ("hook", "in", "new", kind, "--kind", kind, "--map", "events", "--format", "json")
        secret = check_hooks(say(*words, db=db).out)["secret"]
        listed = say("hook", "list", "--format", "json", db=db).out
        check_hooks(listed)
        assert secret not in listed + say("hook", "list", db=db).out
    db.chmod(0o644)
    said = say("hook", "in", "new", "path", "--kind", "path", "--map", "events", db=db)
    assert "chmod 600" in said.err


def test_rebuilding_keeps_them_and_erasing_forgets(db: Path) -> None:
    standard(db)
    with Ledger.open(db) as ledger:
        with ledger.writing():
            for number, text in enumerate(("about d itself", "of deal_d", "Zoë", "nobody")):
                body = json.dumps({"text": text}).encode()
                ledger.hooks.receive("events", str(number), "", body, at=AT)
        ledger.rebuild()
        assert len(ledger.hooks.deliveries(state=None, most=9)) == 4
        assert ledger.hooks.source("events") is not None
    assert say("erase", "--deal", "d", "--reason", "asked", db=db, clock=AT).status == 0
    with Ledger.open(db) as ledger:
        left = [
            json.loads(each.body)["text"] for each in ledger.hooks.deliveries(state=None, most=9)
        ]
        assert left == ["nobody", "Zoë", "of deal_d"]
        with ledger.writing():
            ledger.hooks.forget(["Zoë"])
        assert len(ledger.hooks.deliveries(state=None, most=9)) == 2
    assert say("ledger", "verify", db=db).status == 0


def test_erasing_forgets_what_was_said_of_them(db: Path) -> None:
    """An error names a deal that a body only hints at."""
    standard(db)
    with Ledger.open(db) as ledger:
        with ledger.writing():
            for number in range(3):
                ledger.hooks.receive("events", str(number), "", b'{"objectId": 7}', at=AT)
            first, second, third = ledger.hooks.due_in(now=AT, most=9)
            ledger.hooks.taken_in(first, at=AT, said="file:1: deal d goes nowhere")
            ledger.hooks.failed_in(second, "deal d is under no playbook", next_at=None)
            ledger.hooks.failed_in(third, "it is odd", next_at=None)
            ledger.hooks.forget(["d"])
        left = [(each.id, each.said) for each in ledger.hooks.deliveries(state=None, most=9)]
        assert left == [(third.id, "it is odd"), (first.id, "")]


def test_two_servers_take_in_once(db: Path) -> None:
    standard(db)
    rep = token(db)
    with serving(db) as one, serving(db) as other:
        for number in range(4):
            body = json.dumps(event(number)).encode()
            for each in (one, other):
                assert post(each, body, AT, known_id=f"m{number}").status_code == 202
        until(lambda: len(events_of(db)) == 4)
        assert one.ask("history", rep, deal="d").status_code == 200
    assert KEY not in db.read_bytes()
