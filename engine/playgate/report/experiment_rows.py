"""Experiments as rows of a table: one for what each needs, and one for each of its KPIs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.numbers.experiment.result import Compared, Experiments, Tried

__all__ = ["COLUMNS", "rows"]

_EXPERIMENT = ("experiment", "rule", "change", "method", "phase", "start", "until")
_PLAN = ("value", "detect", "needed", "expected", "per_week", "smallest")
_ARM = ("value", "deals", "open", "before", "before_deals")
COLUMNS = (
    *(*_EXPERIMENT, "role", "kpi"),
    *(f"control_{name}" for name in _ARM),
    *(f"treated_{name}" for name in _ARM),
    *("within", "difference", "low", "high", "reps", "outcome"),
    *(f"plan_{name}" for name in _PLAN),
)


def rows(result: Experiments) -> Iterator[dict[str, Any]]:
    """Yields the rows, by column."""
    for tried in result.experiments:
        head = {name: getattr(tried, name) for name in _EXPERIMENT[1:]} | {"experiment": tried.id}
        yield {**head, "role": "plan", **_plan(tried)}
        if tried.measure is not None:
            yield {**head, "role": "measure", **_compared(tried.measure)}
        for guard in tried.guards:
            yield {**head, "role": "guard", **_compared(guard)}


def _plan(tried: Tried) -> dict[str, Any]:
    deals = {"control_deals": tried.arms[0].deals, "treated_deals": tried.arms[1].deals}
    if tried.plan is None:
        return deals
    return deals | {f"plan_{name}": getattr(tried.plan, name) for name in _PLAN}


def _compared(compared: Compared) -> dict[str, Any]:
    found = {name: getattr(compared, name) for name in COLUMNS if hasattr(compared, name)}
    for arm, value in (("control", compared.control), ("treated", compared.treated)):
        found |= {f"{arm}_{name}": getattr(value, name) for name in _ARM}
    return found
