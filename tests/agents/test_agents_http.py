"""The door for agents over HTTP, behind the tokens of the server."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from agents_desk import AT, called
from jsonschema import Draft202012Validator
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from openapi_spec_validator import OpenAPIV31SpecValidator

from live.gate import say
from playgate.agents.there import HttpDoor
from playgate.agents.tools import TOOLS
from playgate.cli.errors import Bugs
from playgate.ledger.store import Ledger
from playgate.serve.app import App
from playgate.serve.openapi import document
from playgate.serve.settings import Limits, Settings, World

HERE = "http://desk.example/mcp"


def token(db: Path, *scopes: str, by: str = "scout") -> str:
    """A new token, by the command line."""
    words = [each for scope in scopes for each in ("--scope", scope)]
    words += ["--by", by] if by else ["--scope", "as-anybody"]
    said = say("token", "new", *words, "--expires", "never", "--format", "json", db=db, clock=AT)
    assert said.status == 0, said
    found: str = json.loads(said.out)["token"]
    return found


def visited(
    db: Path,
    visit: Callable[[httpx2.AsyncClient], Coroutine[Any, Any, Any]],
    *,
    token: str = "",
    limits: Limits | None = None,
) -> list[dict[str, Any]]:
    """Serves the ledger to a visit, which takes no time; returns what was logged."""
    ticks = iter(range(AT + 1_000_000, AT + 10**12, 1_000_000))
    log = list[str]()
    world = World(
        now=lambda: next(ticks),
        clock=lambda: 0.0,
        meaning=Bugs().meaning,
        write=log.append,
        random=os.urandom,
    )
    settings = Settings(db=str(db), limits=limits or Limits())
    app = App(settings, world, [HttpDoor()])

    async def run() -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        transport = httpx2.ASGITransport(app)
        async with app._life(None), httpx2.AsyncClient(transport=transport, headers=headers) as web:
            await visit(web)

    anyio.run(run)
    return [json.loads(line) for line in log]


def client(web: httpx2.AsyncClient, mode: str = "auto") -> Client:
    return Client(streamable_http_client(HERE, http_client=web), mode=mode)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_token_says_who_acts_and_what_it_may(db: Path, mode: str) -> None:
    async def visit(web: httpx2.AsyncClient) -> None:
        async with client(web, mode) as agent:
            shown = {each.name for each in (await agent.list_tools()).tools}
            assert shown == {
                *("next", "allowed", "check", "history", "deals", "explain_rule"),
                *("log", "move"),
            }
            found = await called(agent, "log", deal="D-1", activity="research")
            assert found["status"] == "recorded"
            found = await called(agent, "set", deal="D-1", fields={"website": "x"})
            assert found["data"]["error"]["code"] == "may-not"
            found = await called(agent, "move", deal="D-1", stage="contacted")
            assert found["status"] == "refused"
            step = found["mends"][0]["to_do"][0]
            assert (step["tool"], step["only_a_person"]) == (None, False)
            assert "[not by a tool that you may use]" in found["words"]
            uris = [each.uri for each in (await agent.list_resources()).resources]
            assert uris == ["playgate://playbooks/agents@1"]
            with pytest.raises(Exception, match="may not read this"):
                await agent.read_resource("playgate://reports/audit")

    log = visited(db, visit, token=token(db, "read", "log", "move"))
    assert {each["route"] for each in log} == {"mcp"}
    with Ledger.open(db, reading=True) as ledger:
        last = list(ledger.events.of("D-1"))[-1]
        assert (last.actor, json.loads(last.attrs)["origin"]) == ("scout", "agent")


@pytest.mark.parametrize("by", ["rory.walsh", ""])
def test_a_token_of_no_agent_records_nothing(db: Path, by: str) -> None:
    async def visit(web: httpx2.AsyncClient) -> None:
        async with client(web) as agent:
            for tool, more in (
                ("log", {"activity": "research"}),
                ("move", {"stage": "contacted"}),
                ("request_waiver", {"rule": "found/by", "reason": "because"}),
            ):
                found = await called(agent, tool, deal="D-1", **more)
                assert found["data"]["error"]["code"] == "may-not"

    visited(db, visit, token=token(db, "read", "write", by=by))


def test_without_a_token_nobody_comes_in(db: Path) -> None:
    async def visit(web: httpx2.AsyncClient) -> None:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        said = {"accept": "application/json, text/event-stream"}
        for headers in ({}, {"authorization": "Bearer pgt_x_y"}):
            answer = await web.post(HERE, json=body, headers={**said, **headers})
            assert (answer.status_code, answer.json()["code"]) == (401, "no-token")
        for method in ("GET", "DELETE"):
            answer = await web.request(method, HERE)
            assert answer.status_code == 405

    log = visited(db, visit)
    assert [each["status"] for each in log] == [401, 401, 405, 405]


def test_what_is_no_message_is_refused(db: Path) -> None:
    known = token(db, "read")

    async def visit(web: httpx2.AsyncClient) -> None:
        said = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
        bodies = (b"", b"{", b"[]", b"null", b'{"jsonrpc": "2.0"}', b"\xff\xfe", b"[" * 100_000)
        for body in bodies:
            answer = await web.post(HERE, content=body, headers=said)
            assert 400 <= answer.status_code < 500, (body[:20], answer.status_code)
        answer = await web.post(HERE, content=b" " * 2_000_000, headers=said)
        assert answer.status_code == 413
        async with client(web) as agent:  # it goes on all the same
            assert (await called(agent, "next", deal="D-1"))["status"] == "told"

    visited(db, visit, token=known)


def test_who_asks_too_often_is_told(db: Path) -> None:
    async def visit(web: httpx2.AsyncClient) -> None:
        body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        said = {"accept": "application/json, text/event-stream"}
        answers = [await web.post(HERE, json=body, headers=said) for _ in range(5)]
        assert answers[-1].status_code == 429

    visited(db, visit, token=token(db, "read"), limits=Limits(rate=1))


def test_all_scopes_give_all_tools(db: Path) -> None:
    async def visit(web: httpx2.AsyncClient) -> None:
        async with client(web) as agent:
            shown = {each.name for each in (await agent.list_tools()).tools}
            assert shown == TOOLS.keys() - {"ask"}
            assert (await called(agent, "audit_summary"))["status"] == "told"

    visited(db, visit, token=token(db, "read", "write", "audit"))


def test_the_servers_description_names_it(db: Path) -> None:
    async def visit(web: httpx2.AsyncClient) -> None:
        told = (await web.get("http://desk.example/openapi.json")).json()
        assert [str(each) for each in OpenAPIV31SpecValidator(told).iter_errors()] == []
        assert told["paths"].keys() - document()["paths"].keys() == {"/mcp"}
        message = told["paths"]["/mcp"]["post"]["requestBody"]["content"]["application/json"]
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        assert Draft202012Validator(message["schema"]).is_valid(ping)

    visited(db, visit)
