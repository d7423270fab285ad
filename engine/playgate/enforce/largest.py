"""How large a deal may become by what strangers record of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playgate.enforce.commands import COMMANDS
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.records import Record

__all__ = ["Largest"]


class Largest(Record):
    """The size of the largest deal that more is recorded of."""

    events: int
    characters: int
    """Of what its events say."""

    def refuse_more(self, live: Live, request: Mapping[str, Any]) -> None:
        """Raises `InputError` for a request that would record more of a deal that is too large."""
        deal = request.get("deal")
        if deal is None or COMMANDS[request["command"]].takes_back:
            return
        count, characters = live.ledger.events.size(deal)
        if count < self.events and characters < self.characters:
            return
        if "id" in request and live.ledger.events.get(deal, request["id"]) is not None:
            return  # it is there already
        raise InputError(
            f"{deal} has {count:,} events of {characters:,} characters: no more are recorded here",
            hint="record less of it, such as what was decided; the command line sets no such bound",
            code="too-large",
        )
