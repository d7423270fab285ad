"""How large a deal may become by what strangers record of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playgate.enforce.commands import COMMANDS
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.ledger.decisions import Decisions
from playgate.ledger.events import Events
from playgate.records import Record

__all__ = ["Largest"]


class Largest(Record):
    """The size of the largest deal that more is recorded of."""

    events: int
    """How many events it has; and how many decisions."""
    characters: int
    """Of what its events say, and of what its decisions do."""

    def refuse_more(self, live: Live, request: Mapping[str, Any]) -> None:
        """Raises `InputError` for a request that would record more of a deal that is too large."""
        deal = request.get("deal")
        if deal is None or COMMANDS[request["command"]].takes_back:
            return
        ledger = live.ledger
        sources: dict[str, Events | Decisions] = {
            "events": ledger.events,
            "decisions": ledger.decisions,
        }
        for what, source in sources.items():
            count, characters = source.size(deal)
            if count < self.events and characters < self.characters:
                continue
            if "id" in request and any(
                each.get(deal, request["id"]) is not None for each in sources.values()
            ):
                return  # it is there already
            message = f"{deal} has {count:,} {what} of {characters:,} characters"
            raise InputError(
                f"{message}: no more are recorded here",
                hint="record and ask less of it; the command line sets no such bound",
                code="too-large",
            )
