"""Document → what a playbook looks for in the facts on which its rules are met."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playgate.conditions.durations import Duration
from playgate.documents.document import Document, Route
from playgate.model.numbers import Batch, Quality, SameText

__all__ = ["read_quality"]

_ELAPSED = "write seconds, minutes or hours"


def read_quality(
    document: Document,
    *,
    duration: Callable[[Route], Duration | None],
    share: Callable[[Route], float | None],
    report: Callable[[Route, str, str, str], None],
) -> Quality | None:
    """Reads the section; `None` where the playbook switches it off.

    `report` takes a mistake: its route, message, rule and hint.
    """
    default = Quality()

    def clock(route: Route, usual: Duration) -> Duration:
        """Reads a length by the clock."""
        if document.get(route) is None:
            return usual
        found = duration(route)
        if found is not None and found.elapsed is None:
            report(route, f"{route[-1]} is a time by the clock, not {found}", "duration", _ELAPSED)
        return found or usual

    def looked_for(key: str) -> Any:
        """Returns what stands under a key; `False` where it is not looked for."""
        found = document.get(("quality", key))
        return {} if found is None or found is True else found

    if document.get(("quality",)) is False:
        return None
    just_before: Duration | None = None
    if looked_for("just_before") is not False:
        usual = default.just_before
        assert usual is not None  # noqa: S101  (it is looked for unless it is switched off)
        just_before = clock(("quality", "just_before"), usual)
    same, batch = looked_for("same_text"), looked_for("batch")
    return Quality(
        just_before,
        _same_text(same, share(("quality", "same_text", "share"))) if same is not False else None,
        Batch(
            _whole(batch, "activities", Batch().activities),
            clock(("quality", "batch", "within"), Batch().within),
        )
        if batch is not False
        else None,
        looked_for("at_threshold") is not False,
    )


def _same_text(data: Any, share: float | None) -> SameText:
    usual = SameText()
    deals = _whole(data, "deals", usual.deals or 0) if share is None or "deals" in data else None
    return SameText(deals, share, _whole(data, "letters", usual.letters))


def _whole(data: Any, key: str, usual: int) -> int:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else usual
