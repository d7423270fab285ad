"""Which decision of the gate stands behind a move: here, and in the CRM."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from playgate.history.event import LIVE, Event, read_attrs
from playgate.ledger.rows import DecisionRow

__all__ = ["WINDOW", "behind", "counts", "moves_of"]

WINDOW = 15 * 60 * 1_000_000
"""How far, either way, a move may lie from the decision that let it through."""


def counts(row: DecisionRow) -> bool:
    """Whether a decision can stand behind a move: it allowed one, and not in shadow."""
    return bool(row.allowed) and not row.shadow


def moves_of(events: Sequence[Event], stages: Collection[str]) -> list[Event]:
    """Returns the stage events of a deal that led into another stage, in order."""
    current = ""
    moves = []
    for event in sorted(events, key=lambda event: event.happened_at):
        if event.kind == "stage" and event.name in stages and event.name != current:
            current = event.name
            moves.append(event)
    return moves


def behind(
    moves: Sequence[Event], decisions: Sequence[DecisionRow], *, window: int = WINDOW
) -> Mapping[int, int]:
    """Returns the decision behind each move of one deal that has one, both by their places.

    Behind a move that was recorded here stands the decision that recorded it. Behind one of the CRM
    stands that whose id the CRM wrote back (`attrs.decision`), else the nearest within the window.
    It is into the same stage, and stands behind one move only.
    """
    free = {place for place, row in enumerate(decisions) if counts(row)}
    found: dict[int, int] = {}
    _by_id(found, free, moves, decisions)
    near = sorted(
        (abs(decisions[place].at - move.happened_at), number, place)
        for number, move in enumerate(moves)
        if number not in found and move.source != LIVE
        for place in free
        if decisions[place].to_stage == move.name
    )
    for apart, number, place in near:
        if apart <= window and number not in found and place in free:
            found[number] = place
            free.discard(place)
    return found


def _by_id(
    found: dict[int, int], free: set[int], moves: Sequence[Event], decisions: Sequence[DecisionRow]
) -> None:
    recorded = {decisions[place].event_id: place for place in free}
    asked = {decisions[place].decision_id: place for place in free}
    for number, move in enumerate(moves):
        if move.source == LIVE:
            place = recorded.get(move.event_id)
        else:
            place = asked.get(_written_back(move))
        if place in free and decisions[place].to_stage == move.name:
            found[number] = place
            free.discard(place)


def _written_back(move: Event) -> str:
    """Returns the decision's id that the CRM wrote to its move; no decision has the empty one."""
    written = read_attrs(move).get("decision")
    return written if isinstance(written, str) and written else "\0"
