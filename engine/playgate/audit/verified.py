"""How much of a history is judged by the judge as well, where columns judge it."""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["Verified", "verified_events"]

Verified: TypeAlias = int | Literal["some"] | None
"""Deals with about so many events, with some of all, or all deals (`None`)."""
_MOST, _LEAST = 20_000, 2_000
_ONE_IN = 200


def verified_events(verified: Verified, size: int) -> int | None:
    """Returns how many of so many events are judged by the judge as well; `None` means all."""
    if verified == "some":
        return min(_MOST, max(_LEAST, size // _ONE_IN))
    return verified
