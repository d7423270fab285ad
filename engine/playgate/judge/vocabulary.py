"""What a playbook understands of a history."""

from __future__ import annotations

from playgate.conditions.values import value_reader
from playgate.history.deal import Vocabulary
from playgate.history.undeclared import UndeclaredWords
from playgate.model.playbook import Playbook
from playgate.rules.waiving import MayWaive

__all__ = ["vocabulary"]


def vocabulary(playbook: Playbook, may_waive: MayWaive | None = None) -> Vocabulary:
    """Returns what the playbook understands of a history."""
    calendar = playbook.calendar
    grace = playbook.grace if playbook.grace and not playbook.grace.is_nothing else None
    return Vocabulary(
        stages=frozenset(stage.id for stage in playbook.stages),
        ending=frozenset(stage.id for stage in playbook.stages if stage.ends),
        activities=frozenset(playbook.activities),
        readers={
            name: value_reader(kind, playbook.reading) for name, kind in playbook.fields.items()
        },
        types={name: kind.kind for name, kind in playbook.fields.items()},
        late_after=playbook.late_after.after(calendar) if playbook.late_after else None,
        grace=grace.after(calendar) if grace else None,
        reading=playbook.reading,
        may_waive=may_waive or MayWaive(playbook),
        words=UndeclaredWords(playbook),
    )
