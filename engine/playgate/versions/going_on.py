"""Finds the rules that go on without a break on a migrated deal: both versions have them alike.

A rule goes on only where it surely says the same of all that happened before: it asks the same, at
the same level, on the same ground, and the earlier moves are the same moves by other names. Where
that is not sure the rule is a new one, in force from the migration on.
"""

from __future__ import annotations

from collections.abc import Mapping

from playgate.conditions.tree import Condition
from playgate.model.playbook import Playbook
from playgate.rules.asks import GoesOn, Resumed
from playgate.rules.due import AsOf, AtMatch, AtPassing
from playgate.rules.list import Rule, list_rules
from playgate.rules.waiving import roles_of
from playgate.versions.meaning import asks, calendar_read, normal, stages_named
from playgate.versions.rules import renamed_id
from playgate.versions.stages import one_to_one, stage_map

__all__ = ["going_on"]


def going_on(old: Playbook, new: Playbook) -> dict[str, Rule]:
    """Returns the rules of `old` that go on in `new`, by the id that they have there."""
    if _ground(old) != _ground(new):
        return {}
    leads = stage_map(old, new)
    renamed = one_to_one(leads)
    moves = _Moves(old, new, leads) if _are_moves_alike(old, new, leads) else None
    known = {renamed_id(rule.info.id, renamed): rule for rule in list_rules(old)}
    found = {}
    for rule in list_rules(new):
        before = known.get(rule.info.id)
        if before is None or before.info.level != rule.info.level:
            continue
        if roles_of(before) != roles_of(rule):
            continue
        asked = asks(rule, new)
        if asks(before, old, renamed) != asked:
            continue
        # A rule due at events does not look at moves, unless it names a stage.
        blind = isinstance(rule.due, AtMatch | AsOf) and not stages_named(asked)
        if isinstance(rule.ask, Resumed) and not old.activities.keys() <= new.activities.keys():
            continue  # what only the older version knows would be missing
        if blind or (moves is not None and moves.are_same_for(rule)):
            found[rule.info.id] = before
    return found


def _ground(playbook: Playbook) -> tuple[object, ...]:
    """Returns what bears on every rule: which deals it governs, how it reads facts."""
    applies: Condition | None = playbook.applies_to
    lengths = playbook.late_after, playbook.grace
    return (
        None if applies is None else normal(applies, playbook.signals),
        playbook.zone_name,
        playbook.reading.placeholders,
        *lengths,
        calendar_read((each for each in lengths if each is not None), playbook.calendar),
    )


def _are_moves_alike(old: Playbook, new: Playbook, leads: Mapping[str, str]) -> bool:
    """Whether the moves differ only in names: none is lost, and no end becomes another."""
    return len(one_to_one(leads)) == len(old.stages) and all(
        stage.ends == new.stage(leads[stage.id]).ends for stage in old.stages
    )


class _Moves:
    """The order of the track, as far as deals under the older version could move on it."""

    def __init__(self, old: Playbook, new: Playbook, leads: Mapping[str, str]) -> None:
        before = [leads[stage.id] for stage in old.track if stage.ends is None]
        known = set(leads.values())
        self._before = before
        self._after = [each.id for each in new.track if each.ends is None and each.id in known]
        self._first = leads[old.track[0].id], new.track[0].id

    def are_same_for(self, rule: Rule) -> bool:
        """Whether a rule falls due at the same moves in both versions."""
        if isinstance(rule.ask, GoesOn):
            return self._before == self._after
        if isinstance(rule.due, AtPassing) and rule.due.whole_deal:
            one, other = self._first
            return one == other and self._is_placed_alike(one)
        return not rule.info.stage or self._is_placed_alike(rule.info.stage)

    def _is_placed_alike(self, stage: str) -> bool:
        """Whether the same stages come later in both versions; an end is later than all stages in
        both."""
        if stage not in self._before or stage not in self._after:
            return stage not in self._before and stage not in self._after
        return _later(self._before, stage) == _later(self._after, stage)


def _later(track: list[str], stage: str) -> set[str]:
    return set(track[track.index(stage) + 1 :])
