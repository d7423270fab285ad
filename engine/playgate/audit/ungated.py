"""Moves that were made past the gate: imported, on a deal that had met the gate before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from playgate.audit.result import UngatedMove
from playgate.history.deal import Deal
from playgate.history.event import IMPORTED, event_id, read_attrs

__all__ = ["MetGate", "ungated_moves"]


class MetGate(NamedTuple):
    """How a deal met the gate: when first, and which of its events have a decision behind them."""

    first: int
    gated: frozenset[str]


def ungated_moves(deal: Deal, met: MetGate) -> Iterator[UngatedMove]:
    """Yields the deal's moves since it met the gate that no decision stands behind.

    A move that leads nowhere new is none.
    """
    for move, position in enumerate(deal.moves):
        event = deal.events[position]
        if event.source != IMPORTED or event.happened_at < met.first:
            continue
        if event_id(event) in met.gated:
            continue
        origin = read_attrs(event).get("origin")
        yield UngatedMove(
            deal.id,
            event_id(event),
            deal.move_into[move],
            event.happened_at,
            event.actor,
            origin if isinstance(origin, str) else "import",
        )
