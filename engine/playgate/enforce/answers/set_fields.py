"""Answers `set`."""

from __future__ import annotations

from playgate.enforce import set_fields as values
from playgate.enforce.answers.said import known_fields, recorded_at, told_id
from playgate.enforce.commands import Request
from playgate.enforce.live import Live
from playgate.enforce.values import Decision, RecordedFact, nothing_known
from playgate.records import replace

__all__ = ["set_fields"]


def set_fields(live: Live, request: Request) -> RecordedFact | Decision:
    """Records that something is known, or returns the decision that refuses it."""
    deal = request["deal"]
    fields, ignored = known_fields(live.pinned(live.row(deal)), request)
    if not fields:
        return nothing_known(deal, ignored)
    at, actor = recorded_at(live, request), request["by"]
    told = values.set_fields(live, deal, fields, at=at, actor=actor, known_id=told_id(request))
    return replace(told, ignored=ignored)
