"""One request about several deals: each is answered by itself, and none touches the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from playgate.enforce.live import Live
from playgate.enforce.values import Decision, Decisions, NotDecided
from playgate.errors import InputError
from playgate.ledger.store import LedgerError

__all__ = ["each_by_itself"]


def each_by_itself(live: Live, deals: Sequence[str], ask: Callable[[str], Any]) -> Decisions:
    """Asks about each deal in a part of its own of what is under way; what cannot go on at all is
    raised."""
    return Decisions(tuple(_one(live, deal, ask) for deal in deals))


def _one(live: Live, deal: str, ask: Callable[[str], Any]) -> Decision | NotDecided:
    try:
        with live.ledger.part():
            decision: Decision = ask(deal)
            return decision
    except LedgerError:
        raise
    except InputError as error:
        return NotDecided(deal, error)
