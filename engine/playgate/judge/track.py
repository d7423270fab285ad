"""The track: the stages in the order of the sale, and where a deal passes each of them."""

from __future__ import annotations

from playgate.history.deal import Deal
from playgate.playbook.model import Playbook

__all__ = ["Track"]

_PASSES = -1
"""The key of a deal's cache under which its passings stand; conditions count from 0."""


class Track:
    """Answers where on the track a stage stands, and by which move a deal passes it."""

    def __init__(self, playbook: Playbook) -> None:
        self.open = [stage.id for stage in playbook.stages if stage.ends is None]
        self.place = {stage: index for index, stage in enumerate(self.open)}
        for stage in playbook.stages:
            if stage.ends == "won":
                self.place[stage.id] = len(self.open)
        self.lost = frozenset(stage.id for stage in playbook.stages if stage.ends == "lost")
        self.ending = frozenset(stage.id for stage in playbook.stages if stage.ends)
        self.optional = frozenset(stage.id for stage in playbook.stages if stage.optional)

    def passes(self, deal: Deal) -> list[int]:
        """By place on the track: the move that passed it, as far as the deal has come."""
        passes: list[int] | None = deal.cache.get(_PASSES)
        if passes is None:
            passes = deal.cache[_PASSES] = self._passes(deal)
        return passes

    def passing(self, deal: Deal, stage: str) -> int:
        """The first move into a stage later on the track; -1 where there is none."""
        passes = self.passes(deal)
        place = self.place.get(stage, len(self.open))
        return passes[place] if place < len(passes) else -1

    def passed(self, deal: Deal) -> list[str]:
        """The stages that the deal has passed."""
        return self.open[: len(self.passes(deal))]

    def _passes(self, deal: Deal) -> list[int]:
        """By track place, as far as the deal has come: a move passes all stages before it."""
        passes: list[int] = []
        for move, into in enumerate(deal.move_into):
            place = self.place.get(into, 0)
            while len(passes) < place:
                passes.append(move)
        return passes

    def is_skipped(self, deal: Deal, stage: str) -> bool:
        """Whether the stage is optional and was not entered by the time the deal passed it."""
        if stage not in self.optional:
            return False
        move = self.passing(deal, stage)
        if move < 0:
            return False
        seen = deal.due_at(move).moment.stages
        return deal.first_entry.get(stage, seen) >= seen
