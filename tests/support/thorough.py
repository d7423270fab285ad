"""What of many drawn examples belongs to the ordinary run; the others are thorough."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

__all__ = ["but_every", "but_first"]


def but_first(count: int, values: Iterable[Any]) -> list[Any]:
    """The values as parameters, all but the first so many marked as thorough."""
    listed = list(values)
    rest = (pytest.param(each, marks=pytest.mark.thorough) for each in listed[count:])
    return [*listed[:count], *rest]


def but_every(step: int, values: Iterable[Any]) -> list[Any]:
    """The values as parameters, all but the first of each so many marked as thorough."""
    return [
        each if place % step == 0 else pytest.param(each, marks=pytest.mark.thorough)
        for place, each in enumerate(values)
    ]
