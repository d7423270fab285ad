"""Answers `log`, `set` and `waive`."""

from __future__ import annotations

from playgate.enforce import facts
from playgate.enforce.answers.said import known_fields, recorded_at, told_id
from playgate.enforce.commands import Request
from playgate.enforce.live import Live
from playgate.enforce.values import RecordedFact, nothing_known
from playgate.records import replace

__all__ = ["log", "set_fields", "waive"]


def log(live: Live, request: Request) -> RecordedFact:
    """Records that something was done."""
    attrs: dict[str, object] = dict(request.get("attrs") or {})
    if request.get("with"):
        attrs["with"] = request["with"]
    return facts.log(
        live,
        request["deal"],
        request["activity"],
        request.get("outcome") or "",
        at=recorded_at(live, request),
        actor=request["by"],
        attrs=attrs,
        known_id=told_id(request),
    )


def set_fields(live: Live, request: Request) -> RecordedFact:
    """Records that something is known."""
    deal = request["deal"]
    fields, ignored = known_fields(live.pinned(live.row(deal)), request)
    if not fields:
        return nothing_known(deal, ignored)
    at, actor = recorded_at(live, request), request["by"]
    told = facts.set_fields(live, deal, fields, at=at, actor=actor, known_id=told_id(request))
    return replace(told, ignored=ignored)


def waive(live: Live, request: Request) -> RecordedFact:
    """Records an exception."""
    return facts.waive(
        live,
        request["deal"],
        request["rule"],
        request.get("reason") or "",
        at=recorded_at(live, request),
        actor=request["by"],
        expires=request.get("expires") or "",
        whole_glob=bool(request.get("all")),
        known_id=told_id(request),
    )
