"""When a playbook governs a deal: `applies_to`, asked at each move, holds until the next."""

from __future__ import annotations

from bisect import bisect_right

from playgate.conditions.facts import DueAt, HoldsAt
from playgate.history.deal import Deal

__all__ = ["Governed"]

_ANSWERS = -2
"""The key in a deal's cache that holds the answers; conditions are numbered from 0."""
_THROUGHOUT = -3
"""The key that holds whether all answers are yes."""


class Governed:
    """Tells when a playbook governs a deal, by the condition under which it applies.

    Each move is asked with what can be seen from it, grace included. The answer holds from there,
    in order, to the next move; before the first move its answer holds. A deal without moves is
    asked once, as of its first event.
    """

    __slots__ = ("_applies",)

    def __init__(self, applies: HoldsAt) -> None:
        self._applies = applies

    def ever(self, deal: Deal) -> bool:
        """Whether it governs the deal at any time."""
        return True in self._answers(deal)

    def throughout(self, deal: Deal) -> bool:
        """Whether it governs the deal all the time."""
        whole: bool | None = deal.cache.get(_THROUGHOUT)
        if whole is None:
            whole = deal.cache[_THROUGHOUT] = False not in self._answers(deal)
        return whole

    def now(self, deal: Deal) -> bool:
        """Whether it governs the deal as of its last move."""
        return self._answers(deal)[-1]

    def at(self, deal: Deal, instant: int) -> bool:
        """Whether it governs the deal at an instant: the last move by then decides."""
        return self._from(deal, bisect_right(deal.move_at, instant))

    def when_due(self, deal: Deal, due: DueAt) -> bool:
        """Whether it governs the deal where a rule falls due: at an event, or at an instant."""
        if self.throughout(deal):
            return True
        if due.position < 0:
            return self.at(deal, due.at)
        return self._from(deal, bisect_right(deal.moves, due.position))

    def _from(self, deal: Deal, moves: int) -> bool:
        return self._answers(deal)[max(moves - 1, 0)]

    def _answers(self, deal: Deal) -> list[bool]:
        """Returns the answer at each move; of a deal without moves the one at its first event."""
        found: list[bool] | None = deal.cache.get(_ANSWERS)
        if found is None:
            found = deal.cache[_ANSWERS] = self._asked(deal)
        return found

    def _asked(self, deal: Deal) -> list[bool]:
        if deal.moves:
            return [
                self._applies(deal, deal.due_at(move).moment) for move in range(len(deal.moves))
            ]
        first = min([*deal.effective[:1], deal.as_of])
        return [self._applies(deal, deal.instant_moment(first))]
