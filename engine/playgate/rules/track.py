"""The track: the stages in the order of the sale."""

from __future__ import annotations

from playgate.model.playbook import Playbook

__all__ = ["Track"]


class Track:
    """Knows each stage's place on the track and which stages end a deal."""

    def __init__(self, playbook: Playbook) -> None:
        self.open = [stage.id for stage in playbook.stages if stage.ends is None]
        """The stages that do not end a deal, in order."""
        self.place = {stage: index for index, stage in enumerate(self.open)}
        """Each stage's place on the track; won stages share the last place, lost ones have none."""
        for stage in playbook.stages:
            if stage.ends == "won":
                self.place[stage.id] = len(self.open)
        self.lost = frozenset(stage.id for stage in playbook.stages if stage.ends == "lost")
        self.ending = frozenset(stage.id for stage in playbook.stages if stage.ends)
        self.optional = frozenset(stage.id for stage in playbook.stages if stage.optional)
