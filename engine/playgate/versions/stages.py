"""Tells which stage of a newer version each stage of an older one is: as told, or as is sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from playgate.model.playbook import Playbook, Stage
from playgate.rules.list import list_rules
from playgate.versions.meaning import Asks, asks

__all__ = ["one_to_one", "stage_map", "stranded", "sure_renames"]


def stage_map(old: Playbook, new: Playbook) -> dict[str, str]:
    """Returns where each stage of `old` leads in `new`: as `migration` says, else to its own id.

    Towards an earlier version, a stage leads to where it came from, if that is one stage. A stage
    that leads nowhere is left out.
    """
    known = {stage.id for stage in new.stages}
    back = {other: one for one, other in one_to_one(old.migration.stage_map).items()}
    told = {**{stage: stage for stage in known}, **new.migration.stage_map}
    found = {stage.id: told.get(stage.id) or back.get(stage.id, "") for stage in old.stages}
    return {stage: target for stage, target in found.items() if target in known}


def one_to_one(leads: Mapping[str, str]) -> dict[str, str]:
    """Returns the part of a stage map in which no two stages lead to the same one."""
    counted = Counter(leads.values())
    return {old: new for old, new in leads.items() if counted[new] == 1}


def stranded(stage: str, leads: Mapping[str, str], new: Playbook) -> str:
    """Says why an open deal in this stage would have no stage in `new`; `""` where it would."""
    if stage not in leads:
        return f"stage {stage} leads nowhere in version {new.version}"
    lead = leads[stage]
    ends = new.stage(lead).ends is not None
    return f"stage {stage} would lead into {lead}, which ends a deal" if ends else ""


def sure_renames(old: Playbook, new: Playbook) -> dict[str, str]:
    """Returns the new ids of stages that surely only changed their id.

    These are what `migration` says, stages equal in all that they ask, and stages with the same
    title at the same place.
    """
    before, after = {each.id for each in old.stages}, {each.id for each in new.stages}
    told = {
        one: other
        for one, other in one_to_one(stage_map(old, new)).items()
        if one not in after and other not in before
    }
    gone = [each for each in old.stages if each.id not in after and each.id not in told]
    came = [each for each in new.stages if each.id not in before and each.id not in told.values()]
    found = dict(told)
    for stage in came:
        alike = [one for one in gone if _is_same(one, old, stage, new)]
        if len(alike) == 1:
            rivals = [each for each in came if _is_same(alike[0], old, each, new)]
            if len(rivals) == 1:
                found[alike[0].id] = stage.id
    return found


def _is_same(one: Stage, old: Playbook, other: Stage, new: Playbook) -> bool:
    """Whether the two differ only in their id, or at the same place in little else."""
    if one.ends != other.ends:
        return False
    body = _body(one, old, one.id)
    is_equal = body == _body(other, new, one.id)
    has_title = one.title == other.title != other.id
    in_place = _neighbours(old, one.id) == _neighbours(new, other.id)
    return (is_equal and len(body) > 1) or (in_place and (is_equal or has_title))


def _body(stage: Stage, playbook: Playbook, name: str) -> frozenset[Asks]:
    """Returns all that a stage asks, as if it were called `name`."""
    return frozenset(
        asks(rule, playbook, {stage.id: name})
        for rule in list_rules(playbook)
        if rule.info.stage == stage.id
    )


def _neighbours(playbook: Playbook, stage: str) -> tuple[str, str]:
    ids = ["", *(each.id for each in playbook.stages), ""]
    place = ids.index(stage)
    return ids[place - 1], ids[place + 1]
