"""The track: the stages in the order of the sale."""

from __future__ import annotations

from playgate.model.playbook import Playbook

__all__ = ["Track"]


class Track:
    """Answers where on the track a stage stands, and which stages end a deal."""

    def __init__(self, playbook: Playbook) -> None:
        self.open = [stage.id for stage in playbook.stages if stage.ends is None]
        """The stages that end nothing, in order."""
        self.place = {stage: index for index, stage in enumerate(self.open)}
        """By stage; the won ones share the place after all others, lost ones have none."""
        for stage in playbook.stages:
            if stage.ends == "won":
                self.place[stage.id] = len(self.open)
        self.lost = frozenset(stage.id for stage in playbook.stages if stage.ends == "lost")
        self.ending = frozenset(stage.id for stage in playbook.stages if stage.ends)
        self.optional = frozenset(stage.id for stage in playbook.stages if stage.optional)
