"""Moves that were made past the gate: imported, on a deal that had met the gate before."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.audit.result import UngatedMove
from playgate.history.deal import Deal
from playgate.history.event import IMPORTED, event_id, read_attrs

__all__ = ["ungated_moves"]


def ungated_moves(deal: Deal, first_decision: int) -> Iterator[UngatedMove]:
    """Yields the deal's moves since its first live decision that no decision stands behind.

    A move that the gate allowed and the CRM then reports again leads nowhere new, so it is none.
    """
    for move, position in enumerate(deal.moves):
        event = deal.events[position]
        if event.source != IMPORTED or event.happened_at < first_decision:
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
