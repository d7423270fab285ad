"""What may happen to a deal, as functions from a deal to where among its events it happened."""

from __future__ import annotations

from collections.abc import Callable

from playgate.conditions import tree
from playgate.conditions.facts import HoldsAt
from playgate.history.deal import Deal
from playgate.judge.judge import Judge
from playgate.judge.passings import passing
from playgate.model.numbers import Numbers, Occurrence
from playgate.model.playbook import Playbook

__all__ = ["Ending", "Positions", "Reader", "sale_stages", "value_of"]

Positions = Callable[[Deal], list[int]]
"""The positions of the events that count, in order."""


class Ending:
    """When a deal was sold, and when it ended; instants, `None` where it did not."""

    __slots__ = ("ended", "sold", "sold_at")

    def __init__(self, sold_at: int | None, sold: int | None, ended: int | None) -> None:
        self.sold_at = sold_at
        """The position of the sale among the deal's events."""
        self.sold = sold
        self.ended = ended


class Reader:
    """Compiles what a playbook counts, and answers what became of a deal."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._sale = sale_stages(judge.playbook)
        self._words: dict[str, Positions] = {
            "opened": lambda deal: [0] if deal.events else [],
            "won": self._won,
            "lost": self._lost,
        }

    def positions(self, occurrence: Occurrence) -> Positions:
        """Compiles a function that finds where among a deal's events something happened."""
        parts = [self._words[word] for word in occurrence.words]
        parts += [self._reached(stage) for stage in occurrence.reached]
        if occurrence.patterns:
            parts.append(self._judge.pattern(occurrence.patterns))
        if len(parts) == 1:
            return parts[0]
        return lambda deal: sorted({position for part in parts for position in part(deal)})

    def outcome(self, deal: Deal) -> Ending:
        """Returns when the deal was sold, at its first move into a stage that counts as won, and
        when it ended, at its last move where that leads into a stage that ends it."""
        won = self._won(deal)
        position = won[0] if won else None
        ended = deal.move_at[-1] if deal.moves and not deal.is_open else None
        return Ending(position, None if position is None else deal.happened[position], ended)

    def _won(self, deal: Deal) -> list[int]:
        for position, into in zip(deal.moves, deal.move_into, strict=True):
            if into in self._sale:
                return [position]
        return []

    def _lost(self, deal: Deal) -> list[int]:
        lost = self._judge.track.lost
        return [
            position
            for position, into in zip(deal.moves, deal.move_into, strict=True)
            if into in lost
        ]

    def _reached(self, stage: str) -> Positions:
        track = self._judge.track

        def reached(deal: Deal) -> list[int]:
            entry, passed_by = deal.first_entry.get(stage, -1), passing(track, deal, stage)
            moves = [move for move in (entry, passed_by) if move >= 0]
            return [deal.moves[min(moves)]] if moves else []

        return reached

    def condition(self, condition: tree.Condition | None) -> HoldsAt | None:
        """Compiles a condition, if there is one."""
        return None if condition is None else self._judge.condition(condition, "")


def sale_stages(playbook: Playbook) -> frozenset[str]:
    """Returns the stages in which a deal counts as sold."""
    return frozenset(
        stage.id for stage in playbook.stages if stage.counts_as_won or stage.ends == "won"
    )


def value_of(numbers: Numbers) -> str:
    """Returns the field that says what a deal is worth: that of the goal, else of the first mean or
    sum."""
    if numbers.targets is not None:
        return numbers.kpi(numbers.targets.revenue).field
    return next((kpi.field for kpi in numbers.kpis if kpi.field), "")
