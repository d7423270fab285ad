"""What the tests of the agents' door share: a ledger with the shipped example, and clients."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import anyio
from mcp.client.client import Client

from live.gate import say
from playgate.agents.here import opened
from playgate.cli.errors import Bugs
from playgate.serve.settings import World

__all__ = ["AT", "EXAMPLE", "PEOPLE", "asked", "called", "ledger", "words"]

AT = 1_772_000_000_000_000
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "playbooks" / "saas" / "agents.playbook.yaml"
PEOPLE = EXAMPLE.with_name("agents.people.csv")
Visit = Callable[[Client], Coroutine[Any, Any, Any]]


def ledger(db: Path, playbook: Path = EXAMPLE, *deals: str) -> Path:
    """A ledger with the example, its people and deals that the agent began."""
    for words in (("publish", str(playbook)), ("people", str(PEOPLE))):
        said = say(*words, db=db, clock=AT)
        assert said.status == 0, said
    for deal in deals:
        said = say("open", deal, "--by", "scout", db=db, clock=AT)
        assert said.status == 0, said
    return db


def asked(db: Path, visit: Visit, *, by: str = "scout", writes: bool = True, at: int = AT) -> Any:
    """What comes of a visit by the SDK's own client, in this process."""
    ticks = iter(range(at + 1_000_000, at + 10**12, 1_000_000))
    log = list[str]()
    world = World(
        now=lambda: next(ticks),
        clock=time.monotonic,
        meaning=Bugs().meaning,
        write=log.append,
        random=os.urandom,
    )

    async def run() -> Any:
        with opened(str(db), actor=by, writes=writes, patience=120, world=world) as server:
            async with Client(server) as client:
                return await visit(client)

    return anyio.run(run)


async def called(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The answer of a tool, whose two forms say the same."""
    result = await client.call_tool(tool, arguments)
    told: dict[str, Any] = result.structured_content
    assert result.is_error == (told["status"] == "wrong")
    assert [each.type for each in result.content] == ["text", "text"]
    return {**told, "words": result.content[0].text, "json": result.content[1].text}


def words(told: dict[str, Any]) -> str:
    """All that is said to the agent, without the data."""
    return "\n".join([told["words"], *told["says"], repr(told["mends"])])
