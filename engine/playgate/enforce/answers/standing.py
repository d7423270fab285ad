"""Answers `next` and `history`: where a deal stands, and how it came there."""

from __future__ import annotations

from playgate.enforce.answers.said import asked_at
from playgate.enforce.commands import Request
from playgate.enforce.live import Live
from playgate.enforce.standing import entries, standing
from playgate.enforce.values import Course, Standing

__all__ = ["history", "stands"]


def stands(live: Live, request: Request) -> Standing:
    """Returns where the deal stands, and the way on."""
    return standing(live, request["deal"], at=asked_at(live, request), actor=request["by"])


def history(live: Live, request: Request) -> Course:
    """Returns what happened to the deal, until an instant, or by one actor."""
    deal, only = request["deal"], request.get("only")
    told = entries(live, deal)
    if request.get("at") is not None:
        until = asked_at(live, request)
        told = [entry for entry in told if entry.at <= until]
    return Course(deal, tuple(each for each in told if only in (None, each.actor)))
