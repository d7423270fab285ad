"""Who hears how far a long audit is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

__all__ = ["Watch", "unwatched"]

Watch = Callable[[str, int], AbstractContextManager[Callable[[int], None] | None]]
"""From what is done, and to how many events, what hears how many more it has been done to."""


def unwatched(_: str, __: int) -> AbstractContextManager[None]:
    """Where nobody waits."""
    return nullcontext()
