"""Services as they behave: they send again what was not answered well, in another order, and
somebody else sends what they once sent. And addresses as they are written by who means no good."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hooked import KEY, SECRET, event, events_of, signed, stub
from served import AT, LONG, Server, serving, until

from live.gate import say
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.serve.calls import call, checked_url
from playgate.serve.settings import Limits

HUBSPOT = "app-secret-of-hubspot"
PUBLIC = "https://gate.example.com"


def listen(db: Path, name: str, kind: str, secret: str) -> None:
    file = db.parent / f"secret-{name}"
    file.write_text(secret)
    words = ("hook", "in", "new", name, "--kind", kind, "--map", "events")
    assert say(*words, "--secret-file", str(file), db=db, clock=AT).status == 0


@pytest.fixture
def there(db: Path) -> Iterator[Server]:
    """A server that takes hooks of two services."""
    listen(db, "std", "standard", SECRET)
    listen(db, "hub", "hubspot", HUBSPOT)
    with serving(db, Limits(rate=1e9), public_url=PUBLIC) as server:
        yield server


def standard(body: bytes, at: int, number: int) -> tuple[str, dict[str, str]]:
    return "/v1/hooks/std", signed(body, at=at, known_id=f"m{number}", key=KEY)


def hubspot(body: bytes, at: int, number: int) -> tuple[str, dict[str, str]]:
    """Signed anew whenever it is sent, as HubSpot does."""
    path, milliseconds = "/v1/hooks/hub", str(at // 1000)
    told = f"POST{PUBLIC}{path}".encode() + body + milliseconds.encode()
    digest = hmac.new(HUBSPOT.encode(), told, hashlib.sha256).digest()
    return path, {
        "X-HubSpot-Request-Timestamp": milliseconds,
        "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
    }


def taken(db: Path, count: int) -> list[tuple[str, str]]:
    """The events that came, once so many are there and nothing waits."""

    def are_there() -> bool:
        with Ledger.open(db, reading=True) as ledger:
            waits = ledger.hooks.deliveries(state="waiting", most=1)
        return not waits and len(events_of(db)) >= count

    until(are_there)
    return events_of(db)


@pytest.mark.parametrize("service", [standard, hubspot])
def test_a_service_that_sends_until_it_hears(there: Server, db: Path, service: Any) -> None:
    """Each hook up to three times, minutes apart and in any order: each event is there, once."""
    chance, count = Random(5), 12
    sent = [number for number in range(count) for _ in range(chance.randint(1, 3))]
    chance.shuffle(sent)
    for number in sent:
        there.clock.on(60)
        body = json.dumps([event(number, day=1 + number % 20)]).encode()
        path, headers = service(body, there.clock.at, number)
        assert there.client.post(path, content=body, headers=headers).status_code == 202
    assert [known for known, _ in taken(db, count)] == sorted(f"e{each}" for each in range(count))


@pytest.mark.parametrize("service", [standard, hubspot])
def test_who_replays_or_forges(there: Server, db: Path, service: Any) -> None:
    body = json.dumps([event(1)]).encode()
    path, headers = service(body, there.clock.at, 1)
    other = "/v1/hooks/hub" if path.endswith("std") else "/v1/hooks/std"
    for _ in range(5):  # at once: it is known
        assert there.client.post(path, content=body, headers=headers).status_code == 202
    assert len(taken(db, 1)) == 1
    forged = json.dumps([event(2)]).encode()
    tries: list[tuple[str, bytes, dict[str, str]]] = [
        (path, forged, headers),
        (other, body, headers),
        (path + "/x", body, headers),
        (path, body, {}),
        (path, body + b" ", headers),
        *((path, body, {**headers, name: "x"}) for name in headers),
    ]
    for where, content, said in tries:
        answer = there.client.post(where, content=content, headers=said)
        assert answer.status_code in (401, 404) or where == path + "/x", (where, said)
    there.clock.on(301)  # later, and by the clock that it was signed by
    assert there.client.post(path, content=body, headers=headers).status_code == 401
    assert len(taken(db, 1)) == 1


# Whom not to call


def is_known(host: str) -> bool:
    """Whether this computer finds an address under a name; of some, that is up to its resolver."""
    try:
        return bool(socket.getaddrinfo(host.strip("[]"), None))
    except (OSError, UnicodeError):
        return False


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.1", "127.0.1", "0"),
        *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:a00:1]", "[::127.0.0.1]"),
        *("[64:ff9b::10.0.0.1]", "[64:ff9b:1::10.0.0.1]", "[fec0::1]", "[fe80::1%25eth0]"),
        *("localhost", "localhost.", "LOCALHOST", "169.254.169.254.", "[::]", "[::1]"),
        *("3232235777", "0xa9fea9fe", "192.0.2.1", "198.18.0.1", "240.0.0.1", "[2001:db8::1]"),
    ],
)
def test_an_address_that_leads_inside(host: str) -> None:
    """However it is written, as this system reads it, nothing inside is called."""
    with stub() as inner:
        port = inner.url.rpartition(":")[2]
        known = is_known(host)
        for scheme in ("https", "http"):
            url = f"{scheme}://{host}:{port}/"
            with pytest.raises(InputError) as refused:
                call(url, headers={}, networks=["203.0.113.0/24"], most=10, seconds=LONG)
            assert refused.value.code == ("not-public" if known else "cannot-connect"), host
        assert inner.asked == []


@pytest.mark.parametrize("url", ["https://a@127.0.0.1/", "https://x\\@y/", "https:/x", "//x/"])
def test_an_address_that_is_read_in_two_ways(url: str) -> None:
    with pytest.raises(InputError):
        call(url, headers={}, networks=[], most=10, seconds=2)


def test_a_redirect_inside_is_no_answer(db: Path) -> None:
    """Neither of a target nor of a record: what it leads to is never asked."""
    with stub() as inner, stub() as outer:
        for status in (301, 302, 303, 307, 308):
            outer.status = status
            outer.headers["location"] = f"{inner.url}/admin"
            told = call(outer.url, headers={}, networks=["127.0.0.0/8"], most=100)
            assert told.status == status
        assert inner.asked == []
    assert checked_url("https://example.com/x", networks=[]).hostname == "example.com"
