"""What the server logs: lines of JSON, without bodies, and without the names of deals or people."""

from __future__ import annotations

from typing import Any

from playgate.conditions.instants import show_instant
from playgate.report.json_text import json_line
from playgate.serve.exchange import Exchange
from playgate.serve.settings import Logged, World

__all__ = ["Log"]

_PROBLEM = 400


class Log:
    """Writes what happened, a line for each thing."""

    def __init__(self, world: World, logged: Logged) -> None:
        self._world = world
        self._logged = logged

    def say(self, event: str, **told: Any) -> None:
        """Logs something about the server itself."""
        found = {"at": show_instant(self._world.now()), "event": event, **told}
        self._world.write(json_line(found) + "\n")

    def answered(self, exchange: Exchange, seconds: float) -> None:
        """Logs an answer, where such answers are logged."""
        if self._logged == "nothing":
            return
        if self._logged == "problems" and 0 < exchange.status < _PROBLEM:
            return
        told: dict[str, Any] = {
            "route": exchange.what,
            "status": exchange.status or None,
            "ms": round(seconds * 1000, 2),
            "token": exchange.asker.id if exchange.asker else None,
        }
        if exchange.code:
            told["code"] = exchange.code
        if exchange.allowed is not None:
            told["allowed"] = exchange.allowed
        self.say("answered", **told)
