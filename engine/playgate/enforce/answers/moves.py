"""Answers `move` and `check`."""

from __future__ import annotations

from playgate.enforce import moves
from playgate.enforce.answers.said import asked_at, known_fields, recorded_at, told_id
from playgate.enforce.commands import Request
from playgate.enforce.live import Live
from playgate.enforce.moves import AskedMove
from playgate.enforce.values import Decision
from playgate.records import replace

__all__ = ["check", "move"]


def move(live: Live, request: Request) -> Decision:
    """Asks the gate, and moves the deal if it is let through."""
    asked, ignored = _asked(live, request, recorded_at(live, request))
    decision = moves.move(live, asked)
    return replace(decision, ignored=ignored) if ignored else decision


def check(live: Live, request: Request) -> Decision:
    """Returns what a move would be answered."""
    asked, ignored = _asked(live, request, asked_at(live, request))
    decision, _ = moves.check(live, asked)
    return replace(decision, ignored=ignored) if ignored else decision


def _asked(live: Live, request: Request, at: int) -> tuple[AskedMove, tuple[str, ...]]:
    """Returns the move that a request asks for, and the names of fields that are passed over."""
    deal = request["deal"]
    fields, ignored = known_fields(live.pinned(live.row(deal)), request)
    asked = AskedMove(
        deal=deal,
        stage=request["stage"],
        at=at,
        actor=request["by"],
        fields=fields,
        expected=request.get("from"),
        known_id=told_id(request),
    )
    return asked, ignored
