"""What a history left without a verdict: rules that were due in no deal, ends that none reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from playgate.audit.result import BlindSpot, RuleTally, StageTally
from playgate.audit.selection import Selection
from playgate.audit.tally import Tally
from playgate.language import say
from playgate.model.playbook import Playbook
from playgate.rules.asks import HasRole
from playgate.rules.list import list_rules

__all__ = ["still_unjudged", "unjudged"]


def unjudged(
    playbook: Playbook, tally: Tally, selection: Selection, *, has_people: bool
) -> tuple[BlindSpot, ...]:
    """Returns the blind spots of what was never judged; none where only a part was counted.

    Without people, rules that ask for a role are named with it.
    """
    if selection != Selection() or not tally.deals:
        return ()
    rules = list_rules(playbook)
    asked = {rule.info.id for rule in rules if has_people or not isinstance(rule.ask, HasRole)}
    entered = {stage.id for stage in tally.stages() if stage.deals}
    missed = [stage.id for stage in playbook.stages if stage.ends and stage.id not in entered]
    ends = (
        BlindSpot("end", stage, say("no deal reaches it"), _of_stage(tally.rules(), stage))
        for stage in missed
    )
    idle = (
        BlindSpot("rule", each.rule.id, say("it was due in no deal"), (each.rule.id,))
        for each in tally.rules()
        if not _verdicts(each) and each.rule.id in asked and each.rule.stage not in missed
    )
    return (*ends, *idle)


def _of_stage(rules: Iterable[RuleTally], stage: str) -> tuple[str, ...]:
    return tuple(each.rule.id for each in rules if each.rule.stage == stage)


def _verdicts(rule: RuleTally) -> int:
    return rule.met + rule.unmet + rule.waived


def still_unjudged(
    spots: Iterable[BlindSpot], rules: Sequence[RuleTally], stages: Sequence[StageTally]
) -> Iterator[BlindSpot]:
    """Yields the blind spots of audits that were added up, but for what another of them judged."""
    judged = {("rule", each.rule.id) for each in rules if _verdicts(each)}
    judged |= {("end", each.id) for each in stages if each.deals}
    return (spot for spot in spots if (spot.kind, spot.name) not in judged)
