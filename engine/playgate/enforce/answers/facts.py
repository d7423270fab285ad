"""Answers `log` and `waive`."""

from __future__ import annotations

from playgate.enforce import facts
from playgate.enforce.answers.said import recorded_at, told_id
from playgate.enforce.commands import Request
from playgate.enforce.live import Live
from playgate.enforce.values import RecordedFact

__all__ = ["log", "waive"]


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
