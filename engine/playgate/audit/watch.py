"""Says who hears how far a long audit is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

__all__ = ["Watch", "unwatched"]

Watch = Callable[[str, int], AbstractContextManager[Callable[[int], None] | None]]
"""Takes what is done, and to how many events, and gives a listener to how many more were done."""


def unwatched(_: str, __: int) -> AbstractContextManager[None]:
    """Returns a listener for where nobody waits."""
    return nullcontext()
