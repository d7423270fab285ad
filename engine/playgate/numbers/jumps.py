"""Which stages a deal leaves out on its way, though they apply to it."""

from __future__ import annotations

from playgate.history.deal import Deal
from playgate.judge.judge import Judge

__all__ = ["Jumps"]


class Jumps:
    """Tells what a move leaves out; an optional stage is never missed."""

    def __init__(self, judge: Judge) -> None:
        self._track = judge.track
        self._whens = {
            stage.id: None if stage.when is None else judge.condition(stage.when, "")
            for stage in judge.playbook.track
        }

    def left_out(self, deal: Deal, after: int, move: int) -> list[str]:
        """Returns the stages that apply as of a move and lie between a place on the track (-1:
        before it) and where the move leads to."""
        track = self._track
        moment = deal.plain_move_moment(move)
        found = []
        for stage in track.open[after + 1 : track.place[deal.move_into[move]]]:
            when = self._whens[stage]
            if stage not in track.optional and (when is None or when(deal, moment)):
                found.append(stage)
        return found
