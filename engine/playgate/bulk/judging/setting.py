"""The setting of a bulk audit, which all of its steps need to know."""

from __future__ import annotations

from collections.abc import Mapping

from playgate.bulk.engine.steps import Steps
from playgate.bulk.judging.what_rules_read import ReadColumns, read_by_rules
from playgate.bulk.values.expressions import Expr
from playgate.history.people import People
from playgate.model.playbook import Playbook
from playgate.records import Record
from playgate.rules.list import Rule, list_rules
from playgate.rules.track import Track

__all__ = ["Setting", "setting_of"]


class Setting(Record):
    """A setting has the playbook, its rules, and where the intermediate tables go."""

    playbook: Playbook
    rules: tuple[Rule, ...]
    people: People | None
    as_of: Expr
    """The audit's instant."""
    is_latest: bool
    """Whether nothing happened after it."""
    steps: Steps
    reads: ReadColumns
    places: Mapping[str, int]
    """Where on the track a stage stands; the won stages share the last place."""
    open: tuple[str, ...]
    """The stages that end nothing, by place."""
    numbers: Mapping[str, int]
    """The stages, numbered."""

    @property
    def has_grace(self) -> bool:
        """Says whether rules that are due at a move see some time beyond it."""
        return self.playbook.grace is not None and not self.playbook.grace.is_nothing


def setting_of(
    playbook: Playbook, *, people: People | None, as_of: Expr, is_latest: bool, steps: Steps
) -> Setting:
    """Makes the setting of an audit as of that instant."""
    rules, track = list_rules(playbook), Track(playbook)
    return Setting(
        playbook=playbook,
        rules=rules,
        people=people,
        as_of=as_of,
        is_latest=is_latest,
        steps=steps,
        reads=read_by_rules(playbook, rules),
        places=track.place,
        open=tuple(track.open),
        numbers={stage.id: number for number, stage in enumerate(playbook.stages)},
    )
