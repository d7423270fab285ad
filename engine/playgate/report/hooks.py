"""Hooks of a ledger, for people and as JSON (`schemas/hooks.schema.json`); secrets are told nowhere
but where they are new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from playgate.ledger.hooks import Delivery, HookIn, HookOut, Message
from playgate.report.figures import instant
from playgate.report.json_text import json_line
from playgate.report.words import plural, visible

__all__ = [
    "delivery_json",
    "delivery_text",
    "hooks_json",
    "hooks_text",
    "inbox_json",
    "inbox_text",
    "place",
    "source_json",
    "source_text",
    "target_json",
    "target_text",
]

_VERSION = 1


def place(url: str) -> str:
    """Returns the server of an address alone: what stands behind it may be a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…"


def source_json(source: HookIn, *, secret: str = "") -> str:
    """Renders where hooks come from; `secret` is told where it is new."""
    told = {"version": _VERSION, "kind": "hook-in", **_source(source)}
    return json_line({**told, "secret": secret} if secret else told)


def target_json(target: HookOut, *, secret: str = "") -> str:
    """Renders where hooks go to; `secret` is told where it is new."""
    told = {"version": _VERSION, "kind": "hook-out", **_target(target, ())}
    return json_line({**told, "secret": secret} if secret else told)


def hooks_json(
    sources: Sequence[HookIn], targets: Sequence[tuple[HookOut, Sequence[Message]]]
) -> str:
    """Renders the hooks of a ledger."""
    return json_line(
        {
            "version": _VERSION,
            "kind": "hooks",
            "in": [_source(each) for each in sources],
            "out": [_target(*each) for each in targets],
        }
    )


def _source(source: HookIn) -> dict[str, Any]:
    return {
        "name": source.name,
        "signed_as": source.kind,
        "map": source.mapping,
        "made_at": instant(source.at),
        "files": source.files.splitlines(),
        "written_as": source.written_as,
        "about": source.about or None,
        "record": place(source.record_url) if source.record_url else None,
        "private": source.networks.split(),
    }


def _target(target: HookOut, messages: Sequence[Message]) -> dict[str, Any]:
    dead = [each for each in messages if each.state == "dead"]
    failing = next((each.said for each in messages if each.said), None)
    return {
        "id": target.id,
        "name": target.name or None,
        "server": place(target.url),
        "on": target.happenings.split(),
        "made_at": instant(target.at),
        "private": target.networks.split(),
        "waiting": sum(each.state == "waiting" for each in messages),
        "dead": len(dead),
        "failing": failing,
    }


def source_text(source: HookIn, *, secret: str) -> str:
    """Renders a source that is new."""
    behind = "/SECRET" if source.kind == "path" else ""
    lines = [f"{source.name}: POST /v1/hooks/{source.name}{behind}, {source.kind}"]
    lines.append(f"  mapped by {visible(source.mapping)}, as {visible(source.written_as)}")
    return "\n".join((*lines, *_new(secret)))


def target_text(target: HookOut, *, secret: str) -> str:
    """Renders a target that is new."""
    head = f"{target.id}: {visible(place(target.url))}, on {target.happenings}"
    return "\n".join((head, *_new(secret)))


def _new(secret: str) -> tuple[str, ...]:
    return (f"  secret {secret}", "  it is not shown again") if secret else ()


def hooks_text(
    sources: Sequence[HookIn], targets: Sequence[tuple[HookOut, Sequence[Message]]]
) -> str:
    """Renders the hooks of a ledger, each on a line or two."""
    lines = [
        f"in   {each.name}  {each.kind}, mapped by {visible(each.mapping)}" for each in sources
    ]
    for target, messages in targets:
        told = _target(target, messages)
        name = f"  {visible(target.name)}" if target.name else ""
        lines.append(f"out  {target.id}  {visible(told['server'])} on {target.happenings}{name}")
        if told["waiting"] or told["dead"]:
            said = f": {visible(told['failing'])}" if told["failing"] else ""
            lines.append(f"     {told['waiting']} waiting, {told['dead']} given up{said}")
    return (
        "\n".join(lines) or "no hook yet: playgate hook in new and playgate hook out new make one"
    )


def inbox_json(deliveries: Sequence[Delivery]) -> str:
    """Renders what came, without the bodies."""
    told = [_delivery(each) for each in deliveries]
    return json_line({"version": _VERSION, "kind": "inbox", "deliveries": told})


def delivery_json(delivery: Delivery) -> str:
    """Renders one thing that came, with its body."""
    body = bytes(delivery.body).decode("utf-8", "replace")
    return json_line(
        {"version": _VERSION, "kind": "delivery", **_delivery(delivery), "body": body or None}
    )


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "number": delivery.id,
        "source": delivery.source,
        "came_at": instant(delivery.at),
        "state": delivery.state,
        "tries": delivery.tries,
        "next_at": instant(delivery.next_at) if delivery.state == "waiting" else None,
        "said": delivery.said or None,
        "bytes": len(delivery.body),
    }


def inbox_text(deliveries: Sequence[Delivery]) -> str:
    """Renders what came, each on a line or two."""
    lines = [line for each in deliveries for line in _delivery_lines(each)]
    return "\n".join(lines) or "nothing there"


def delivery_text(delivery: Delivery) -> str:
    """Renders one thing that came, with its body."""
    body = visible(bytes(delivery.body).decode("utf-8", "replace"))
    return "\n".join((*_delivery_lines(delivery), body or "  its body is not kept"))


def _delivery_lines(delivery: Delivery) -> tuple[str, ...]:
    tries = f", {plural(delivery.tries, 'try', 'tries')}" if delivery.tries else ""
    head = f"{delivery.id}  {instant(delivery.at)}  {visible(delivery.source)}  {delivery.state}"
    if not delivery.said:
        return (f"{head}{tries}",)
    return f"{head}{tries}", f"  {visible(delivery.said)}"
