"""How long one question may be judged: steps are counted, and now and then whoever asked is asked.

Nothing here reads a clock. Steps are about what a condition or an event takes; a few hundred of
them pass between two looks, so that looking costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["LOOK", "SECONDS", "Patience", "within"]

SECONDS = 10.0
"""How long one question may be judged where nobody says otherwise."""

LOOK = 256
"""After so many steps it is asked whether to go on."""


class Patience:
    """Counts the steps of what is judged; without anybody to ask, it has no end."""

    __slots__ = ("_go_on", "_left")

    def __init__(self) -> None:
        self._go_on: Callable[[], None] | None = None
        self._left = LOOK

    def begin(self, go_on: Callable[[], None] | None) -> None:
        """Begins anew; `go_on` raises where it has taken too long."""
        self._go_on = go_on
        self._left = LOOK

    def spend(self, steps: int = 1) -> None:
        """Counts steps, and raises what `go_on` does."""
        self._left -= steps
        if self._left < 0:
            self._left = LOOK
            if self._go_on is not None:
                self._go_on()


def within(seconds: float, clock: Callable[[], float]) -> Callable[[], Callable[[], bool]]:
    """Returns what begins a question, and gives what tells whether these seconds have not gone by
    since, on a clock that is brought along."""

    def begin() -> Callable[[], bool]:
        end = clock() + seconds
        return lambda: clock() < end

    return begin
