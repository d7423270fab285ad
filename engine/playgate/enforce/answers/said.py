"""What requests of several commands say alike: when, and values of fields."""

from __future__ import annotations

from collections.abc import Mapping

from playgate.enforce.commands import Request
from playgate.enforce.live import Live
from playgate.enforce.when import happened, instant, zone_of
from playgate.model.playbook import Playbook

__all__ = ["asked_at", "known_fields", "recorded_at", "told_id"]


def asked_at(live: Live, request: Request) -> int:
    """Returns as of when something is asked; it may lie ahead."""
    if request.get("at") is None:
        return live.now
    return instant(request["at"], zone_of(live, request["deal"]), live.now)


def recorded_at(live: Live, request: Request) -> int:
    """Returns when what is recorded happened; raises `InputError` for the future."""
    if request.get("at") is None:
        return live.now
    return happened(request["at"], zone_of(live, request["deal"]), live.now)


def known_fields(playbook: Playbook, request: Request) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Returns the fields of a request, and the names that it lets pass over as the playbook does
    not know them."""
    fields: Mapping[str, str] = request.get("fields") or {}
    if request.get("unknown") != "ignore":
        return fields, ()
    known = {name: value for name, value in fields.items() if name in playbook.fields}
    return known, tuple(name for name in fields if name not in known)


def told_id(request: Request) -> str:
    """Returns the id that a request brings, or nothing."""
    return request.get("id") or ""
