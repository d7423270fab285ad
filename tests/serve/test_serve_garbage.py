"""An answer leaves nothing to the collector of garbage, whose pauses others would wait for."""

from __future__ import annotations

import gc
from types import FunctionType
from typing import Any

import pytest
from served import Server

REQUESTS: dict[str, dict[str, Any]] = {
    "check": {"deal": "d", "stage": "b", "fields": {"note": "x"}},
    "allowed": {"deal": "d"},
    "next": {"deal": "d"},
    "history": {"deal": "d"},
    "log": {"deal": "d", "activity": "call"},
    "move": {"deal": "d", "stage": "b"},
    "set": {"deal": "d", "fields": {"note": "x"}},
}


@pytest.mark.parametrize("command", REQUESTS)
def test_an_answer_leaves_no_garbage(server: Server, rep: str, command: str) -> None:
    body = REQUESTS[command]
    for _ in range(3):
        server.ask(command, rep, **body)
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for _ in range(20):
            server.clock.on(1)
            server.ask(command, rep, **body)
        gc.collect()
        found = [each for each in gc.garbage if is_ours(each)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    assert len(found) < 20, found[:5]


def is_ours(found: object) -> bool:
    """Whether a function, or what is of a class, stands in our code."""
    named = found if isinstance(found, FunctionType) else type(found)
    return str(named.__module__).startswith("playgate.")
