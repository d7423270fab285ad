"""How the command line says a request: its arguments and options, by their names in the request.

The commands themselves and the quick path read this one table; what a command does stands in
`enforce/commands.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from playgate.records import Record

__all__ = ["LIVE", "MORE_THAN_TEXT", "LiveCommand"]


class LiveCommand(Record, kw_only=True):
    """What a live command may be told on the command line."""

    words: tuple[str, ...]
    """Its arguments, by their names in a request; `fields` are all FIELD=VALUE that follow."""
    needs: tuple[str, ...]
    """What a request cannot be without."""
    options: Mapping[str, str]
    """Its options, each with its name in a request."""
    many: bool = False
    """Whether one request may name several `deals`, each of which is answered by itself."""


MORE_THAN_TEXT = frozenset(("fields", "with", "attrs", "facts", "all"))
"""What in a request is no text: mappings, a list and a switch."""

_WHO = {"--by": "by"}
_WHO_AND_WHEN = {"--by": "by", "--at": "at"}
_EVENT = {**_WHO_AND_WHEN, "--id": "id"}
_UNKNOWN = {"--unknown": "unknown"}

LIVE: Mapping[str, LiveCommand] = {
    "open": LiveCommand(
        words=("deal", "fields"),
        needs=("deal",),
        options={"--playbook": "playbook", "--stage": "stage", **_UNKNOWN, **_EVENT},
    ),
    "log": LiveCommand(
        words=("deal", "activity", "outcome"),
        needs=("deal", "activity"),
        options={"--with": "with", "--attr": "attrs", **_EVENT},
    ),
    "set": LiveCommand(
        words=("deal", "fields"), needs=("deal", "fields"), options={**_UNKNOWN, **_EVENT}
    ),
    "move": LiveCommand(
        words=("deal", "stage", "fields"),
        needs=("deal", "stage"),
        options={"--from": "from", **_UNKNOWN, **_EVENT},
        many=True,
    ),
    "check": LiveCommand(
        words=("deal", "stage", "fields"),
        needs=("deal", "stage"),
        options={**_UNKNOWN, **_WHO_AND_WHEN},
        many=True,
    ),
    "ask": LiveCommand(
        words=("deal", "stage", "fields"),
        needs=("deal", "stage"),
        options={
            "--facts": "facts",
            "--from": "from",
            "--playbook": "playbook",
            "--not-governed": "not_governed",
            **_UNKNOWN,
            **_EVENT,
        },
    ),
    "allowed": LiveCommand(words=("deal",), needs=("deal",), options=_WHO_AND_WHEN),
    "waive": LiveCommand(
        words=("deal", "rule"),
        needs=("deal", "rule", "reason"),
        options={"--reason": "reason", "--expires": "expires", "--all": "all", **_EVENT},
    ),
    "waiver-request": LiveCommand(
        words=("deal", "rule"),
        needs=("deal", "rule", "reason"),
        options={"--reason": "reason", "--expires": "expires", **_WHO},
    ),
    "waiver-approve": LiveCommand(words=("request",), needs=("request",), options=_WHO),
    "waiver-decline": LiveCommand(
        words=("request",), needs=("request", "reason"), options={"--reason": "reason", **_WHO}
    ),
    "retract": LiveCommand(
        words=("deal", "event"),
        needs=("deal", "event", "reason"),
        options={"--reason": "reason", **_WHO},
    ),
    "merge": LiveCommand(
        words=("deal", "into"), needs=("deal", "into"), options={"--reason": "reason", **_WHO}
    ),
    "next": LiveCommand(words=("deal",), needs=("deal",), options=_WHO_AND_WHEN),
    "history": LiveCommand(
        words=("deal",), needs=("deal",), options={"--by": "only", "--at": "at"}
    ),
}
"""Every live command by its name."""
