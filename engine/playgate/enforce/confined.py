"""Requests of somebody who may ask about the deals of some playbooks only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from playgate.enforce.commands import Request
from playgate.enforce.keyed import Keyed
from playgate.enforce.live import Live
from playgate.enforce.values import LiveResult
from playgate.enforce.waiver_requests import waiver_request
from playgate.errors import InputError
from playgate.records import Record

__all__ = ["Confined", "naming_no_others", "refuse_after", "refuse_before"]

_DEALS = ("deal", "into")


class Confined(Record):
    """A request that counts only for deals which one of some playbooks judges."""

    request: Request | Keyed
    playbooks: frozenset[str]
    """By their names, in any version."""


def naming_no_others(playbooks: Collection[str] | None) -> AbstractContextManager[None]:
    """Takes out of an error which deals are called nearly so, where there are playbooks: they may
    be those of others."""
    return _OPEN if playbooks is None else _naming_no_others(playbooks)


_OPEN = nullcontext()


@contextmanager
def _naming_no_others(playbooks: Collection[str]) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        if error.code != "no-deal":
            raise
        hint = f"this token is for deals of {', '.join(sorted(playbooks))}"
        raise InputError(error.message, hint=hint, code=error.code) from None


def refuse_before(live: Live, request: Mapping[str, Any], playbooks: Collection[str]) -> None:
    """Raises `InputError` where a request is about a deal that another playbook judges."""
    _refuse(live, (request[key] for key in _DEALS if key in request), playbooks)
    if "request" in request:
        asked = waiver_request(live, request["request"])
        _refuse(live, (asked.deal,) if asked else (), playbooks)


def refuse_after(live: Live, told: LiveResult, playbooks: Collection[str]) -> None:
    """Raises `InputError` where an answer is about such a deal.

    A deal that is new has its playbook only then, and a request may name its deal by something
    else; what was recorded is taken back.
    """
    deals = (getattr(told, key, None) for key in _DEALS)
    _refuse(live, (deal for deal in deals if deal is not None), playbooks)
    said = getattr(told, "playbook", None)
    if said and said not in playbooks:
        raise _not_for(playbooks)


def _refuse(live: Live, deals: Iterable[str], playbooks: Collection[str]) -> None:
    for deal in deals:
        row = live.known_row(live.known_as(deal))
        if row is not None and live.pinned(row).name not in playbooks:
            raise _not_for(playbooks)


def _not_for(playbooks: Collection[str]) -> InputError:
    return InputError(
        "this token is not for deals of this playbook",
        hint=f"it is for those of {', '.join(sorted(playbooks))}",
        code="may-not",
    )
