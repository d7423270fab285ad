"""What the kinds of names are called where people read them."""

from __future__ import annotations

from collections.abc import Mapping

from playgate.language import message, say

__all__ = ["kind_said"]

_KINDS: Mapping[str, str] = {
    "activity": message("activity"),
    "attribute": message("attribute"),
    "end": message("end"),
    "field": message("field"),
    "outcome": message("outcome"),
    "role": message("role"),
    "rule": message("rule"),
    "stage": message("stage"),
    "waiver": message("waiver"),
}


def kind_said(kind: str) -> str:
    """Returns what a kind of names is called."""
    return say(_KINDS[kind])
