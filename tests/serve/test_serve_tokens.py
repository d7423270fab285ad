"""Who may ask, and for what: tokens, by the command line and at the server."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from served import AT, Clock, check, serving, token

from live.gate import say
from playgate.enforce.commands import COMMANDS
from playgate.ledger.store import Ledger
from playgate.serve.scopes import SCOPES, held

DAY = 24 * 3600


def asked(server: object, said: str | None, command: str = "next") -> tuple[int, str]:
    headers = {} if said is None else {"authorization": said}
    answer = server.client.post(f"/v1/{command}", json={"deal": "d"}, headers=headers)  # type: ignore[attr-defined]
    return answer.status_code, answer.json().get("code", "")


def test_without_a_token_nothing_is_answered(db: Path, rep: str) -> None:
    kind, known_id, secret = rep.split("_", 2)
    wrong = (
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {rep}",
        f"Bearer {kind}_{known_id}",
        f"Bearer {kind}_{known_id}_",
        f"Bearer {kind}_{known_id}_{secret[:-1]}",
        f"Bearer {kind}_{known_id}_{secret}x",
        f"Bearer {kind}_aaaaaaaa_{secret}",
        f"Bearer {kind}_{known_id}_{secret.swapcase()}",
        f"Bearer {kind}_{'a' * 100_000}_{secret}",
        f"Bearer {kind}_%00_{secret}",
    )
    with serving(db) as server:
        for said in wrong:
            assert asked(server, said) == (401, "no-token"), said
        answer = server.client.get("/v1/deals")
        assert answer.headers["www-authenticate"] == 'Bearer realm="playgate"'
        assert asked(server, f"bearer {rep}") == (200, "")


def test_only_a_hash_is_kept(db: Path, rep: str) -> None:
    secret = rep.split("_", 2)[2]
    content = b"".join(path.read_bytes() for path in db.parent.glob("deals.db*"))
    assert secret.encode() not in content
    with Ledger.open(db) as ledger:
        assert all(re.fullmatch("[0-9a-f]{64}", row.hash) for row in ledger.tokens.all())
        assert ledger.verify().fault is None


def test_a_token_expires_and_is_revoked(db: Path) -> None:
    clock, at = Clock(), [0.0]
    soon, other = token(db, "read", expires="2 days"), token(db, "read", expires="never")
    with serving(db, clock=clock, at=lambda: at[0]) as server:
        clock.on(2 * DAY - 1)
        assert asked(server, f"Bearer {soon}") == (200, "")
        clock.on(1)
        assert asked(server, f"Bearer {soon}") == (401, "no-token")
        clock.on(1000 * DAY)
        assert asked(server, f"Bearer {other}") == (200, "")
        revoked = say("token", "revoke", other.split("_")[1], db=db)
        assert revoked.status == 0
        at[0] += 1.01  # as long as a token is known without looking
        assert asked(server, f"Bearer {other}") == (401, "no-token")


@pytest.mark.parametrize("scope", ["read", "write", *COMMANDS])
def test_a_scope_lets_through_what_it_names(db: Path, scope: str) -> None:
    key = token(db, scope)
    with serving(db) as server:
        for command in COMMANDS:
            status, code = asked(server, f"Bearer {key}", command)
            assert (code != "may-not") is (command in held([scope])), command
            assert status != 401
        for path in ("deals", "deals/d/card"):
            status = server.get(f"/v1/{path}", key).status_code
            assert (status == 200) is (scope == "read")


def test_every_scope_is_said(db: Path) -> None:
    shown = say("token", "new", "--help", db=db).out
    for scope in SCOPES.keys() - COMMANDS.keys():
        assert f"`{scope}`" in shown, scope


def test_who_acts(db: Path) -> None:
    pinned, trusted = token(db, "write"), token(db, "write", "as-anybody", by="")
    both = token(db, "write", "as-anybody", by="ann")
    with serving(db) as server:
        server.clock.on(1)

        def actor(key: str, **said: str) -> str | None:
            told = server.ask("log", key, deal="d", activity="call", **said)
            if told.status_code != 200:
                code: str = told.json()["code"]
                return code
            server.clock.on(1)
            with Ledger.open(db) as ledger:
                return ledger.events.of("d")[-1].actor

        assert actor(pinned) == "rep"
        assert actor(pinned, by="rep") == "rep"
        assert actor(pinned, by="ann") == "may-not"
        assert actor(trusted) == "missing-key"
        assert actor(trusted, by="mia") == "mia"
        assert actor(both) == "ann"
        assert actor(both, by="mia") == "mia"


def test_a_card_is_looked_at_by_who_may(db: Path) -> None:
    pinned, trusted = token(db, "card"), token(db, "card", "as-anybody", by="")
    with serving(db) as server:
        assert server.get("/v1/deals/d/card?by=mia", pinned).status_code == 403
        assert server.get("/v1/deals/d/card?by=mia", trusted).status_code == 200


def test_tokens_by_the_command_line(db: Path) -> None:
    key = token(db, "move", "read", expires="90d", name="Odoo, \x1b[31mproduction")
    known_id = key.split("_")[1]
    with serving(db) as server:
        server.clock.on(60)
        assert asked(server, f"Bearer {key}") == (200, "")
    told = json.loads(say("token", "list", "--format", "json", db=db, clock=AT).out)
    check(told)
    (one,) = told["tokens"]
    assert (one["id"], one["scopes"], one["by"], one["state"]) == (
        known_id,
        ["move", "read"],
        "rep",
        "counts",
    )
    assert one["used_at"] == "2026-02-25T06:14:20Z"  # kept when the server stops
    shown = say("token", "list", db=db, clock=AT).out
    assert "\\x1b[31mproduction" in shown
    assert "\x1b" not in shown
    revoked = say("token", "revoke", known_id, "--format", "json", db=db, clock=AT)
    check(json.loads(revoked.out))
    again = say("token", "revoke", known_id, db=db, clock=AT + 1_000_000)
    assert "revoked at 2026-02-25T06:13:20Z by rep" in again.out
    late = say("token", "list", db=db, clock=AT + 100 * DAY * 1_000_000).out
    assert "revoked at" in late


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "a token without a scope may do nothing"),
        (("--scope", "mvoe"), "'mvoe' is not one of"),
        (("--scope", "move"), "who acts by this token?"),
        (("--scope", "move", "--by", " "), "who acts by this token?"),
        (("--scope", "read", "--expires", "soon"), "is no length of time"),
        (("--scope", "read", "--expires", "0 days"), "is no length of time"),
        (("--scope", "read", "--expires", "5 business days"), "is no length of time"),
        (("--scope", "read", "--expires", "99999999999999999d"), "is no length of time"),
    ],
)
def test_a_token_that_is_none(db: Path, words: tuple[str, ...], said: str) -> None:
    found = say("token", "new", *words, db=db)
    assert found.status == 2
    assert said in found.err
    with Ledger.open(db) as ledger:
        assert ledger.tokens.all() == []


def test_a_token_that_is_not_known(db: Path, rep: str) -> None:
    found = say("token", "revoke", rep.split("_")[1][:-1], db=db)
    assert found.status == 2
    assert f'did you mean "{rep.split("_")[1]}"?' in found.err
