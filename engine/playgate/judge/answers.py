"""Finds the answers that a rule asks for: the events under `need` of `after` and of `if`."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions.compile import Compiler, Matches, comparing
from playgate.conditions.narrowing import Compares
from playgate.conditions.tree import ActivityPattern, Pattern
from playgate.history.deal import Deal

__all__ = ["Answers"]


class Answers:
    """Finds the events of a pattern that answer a match, by the same or another actor."""

    def __init__(self, compiler: Compiler, patterns: tuple[Pattern, ...]) -> None:
        self._patterns: list[tuple[Matches, Compares | None]] = [
            (
                compiler.pattern((pattern,)),
                comparing(pattern.comparisons) if isinstance(pattern, ActivityPattern) else None,
            )
            for pattern in patterns
        ]
        self.by_actor = any(compares for _, compares in self._patterns)

    def first(self, deal: Deal, after: int, actor: str, *, until: int | None = None) -> int | None:
        """Returns the earliest instant at which an answer later in order than position `after`
        counts.

        Only answers effective by `until` (default: as of) count; without one it returns `None`.
        """
        until = deal.as_of if until is None else until
        found = [instant for instant in self._instants(deal, after, actor) if instant <= until]
        return min(found) if found else None

    def _instants(self, deal: Deal, after: int, actor: str) -> Iterator[int]:
        for matches, compares in self._patterns:
            for position in matches(deal):
                if position <= after:
                    continue
                if compares is not None and not compares(deal, position, actor):
                    continue
                yield deal.effective[position]
