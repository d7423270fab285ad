"""Turns a verdict into a finding: what was asked, what was seen, and the events that show it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from playgate.conditions import tree
from playgate.conditions.compile import Counter
from playgate.conditions.facts import Moment
from playgate.findings import Finding, Witness
from playgate.history.deal import Deal
from playgate.history.event import event_id
from playgate.judge.after_verdict import cause_of, charged_to, made_good_at
from playgate.judge.judge import CompiledRule, Judge
from playgate.judge.seen import FEW, last_change
from playgate.judge.verdict import Verdict
from playgate.judge.wording import Told, Wording
from playgate.rules.asks import condition_of

__all__ = ["Explainer"]

_MOST_WITNESSES = 8
_new: Any = tuple.__new__  # what a named tuple's own does, without a call in Python


_Find = Callable[[Deal, Moment], list[int]]
"""Returns the positions of the events that a part of a condition read as of a moment."""


class _Kept(NamedTuple):
    """What is the same in all findings of a rule."""

    wording: Wording
    found: list[_Find]

    def evidence(self, deal: Deal, verdict: Verdict, *, but: int) -> list[int]:
        """Returns first the event that was judged, then the events that the condition read."""
        _, position, moment = verdict.due
        seen = [position, *verdict.starts[:FEW]]
        for find in self.found:
            seen += find(deal, moment)
        return [each for each in dict.fromkeys(seen) if each >= 0 and each != but][:_MOST_WITNESSES]


class Explainer:
    """Puts the findings of one playbook into words."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._version = str(judge.playbook.version)
        self._deal: Deal | None = None
        self._witnesses: dict[int, Witness] = {}
        self._kept: dict[str, _Kept] = {}

    def finding(
        self, rule: CompiledRule, deal: Deal, verdict: Verdict, *, attempt: int = -1
    ) -> Finding:
        """Returns the finding of an unmet or waived verdict.

        An attempted move, the event at position `attempt`, is no evidence: only what came before it
        is.
        """
        due, waiver = verdict.due, verdict.waiver
        kept = self._kept.get(rule.rule.info.id) or self._keep(rule)
        waived = waiver is not None
        cause = cause_of(rule, deal, verdict)
        good_at = None if waived else made_good_at(rule, deal, verdict)
        from_stage, to_stage = _stages(deal, verdict)
        positions = kept.evidence(deal, verdict, but=attempt)
        if waiver is not None:
            positions.append(waiver.position)
        told = (
            rule.rule.info,
            deal.id,
            charged_to(deal, due),
            due.at,
            from_stage,
            to_stage,
            "waived" if waived else ("open" if good_at is None else "made-good"),
            None if waived else cause,
            good_at,
            kept.wording.message(_new(Told, (deal, verdict, cause, from_stage, to_stage))),
            tuple([self._witness(deal, position) for position in positions]),
            waiver.approver if waiver else "",
            deal.events[waiver.position].value if waiver else "",
            self._version,
        )
        finding: Finding = _new(Finding, told)
        return finding

    def _keep(self, rule: CompiledRule) -> _Kept:
        """Finds out what is the same in all findings of a rule."""
        asked, signals = condition_of(rule.rule.ask), self._judge.playbook.signals
        parts = () if asked is None else tuple(tree.walk(asked, signals))
        stage = rule.rule.info.stage
        found = [find for part in parts if (find := _finder(self._judge, part, stage))]
        kept = self._kept[rule.rule.info.id] = _Kept(Wording(self._judge, rule, parts), found)
        return kept

    def _witness(self, deal: Deal, position: int) -> Witness:
        """Returns an event as evidence; findings of one deal share their witnesses."""
        if deal is not self._deal:
            self._deal, self._witnesses = deal, {}
        found = self._witnesses.get(position)
        if found is None:
            event = deal.events[position]
            said = (event.kind, event.name, event.value, event.actor, event.happened_at)
            found = self._witnesses[position] = _new(Witness, (event_id(event), *said))
        return found


def _stages(deal: Deal, verdict: Verdict) -> tuple[str, str]:
    """Returns the stage left and the one entered; where no move is judged, the stage of then and
    `""`."""
    position = verdict.due.position
    if position >= 0 and deal.events[position].kind == "stage":
        move = bisect_left(deal.moves, position)
        return (deal.move_into[move - 1] if move else ""), deal.move_into[move]
    return deal.stage_at(verdict.due.at), ""


def _finder(judge: Judge, part: tree.Condition, stage: str) -> _Find | None:
    """Returns what finds the events that a part of a condition read; `None` where it read none."""
    if isinstance(part, tree.FieldTest):
        return partial(_value, part.field)
    if isinstance(part, tree.ActivityCount):
        return partial(_done, tuple(dict.fromkeys(part.pattern.names)))
    if isinstance(part, tree.ChangeCount):
        return partial(_changes, judge.counter(part, stage))
    return None


def _value(field: str, deal: Deal, moment: Moment) -> list[int]:
    position = last_change(deal, field, moment.facts)
    return [] if position is None else [position]


def _done(names: tuple[str, ...], deal: Deal, moment: Moment) -> list[int]:
    """Returns the first activities of these names effective by then, whatever narrows them."""
    effective, until = deal.effective, moment.facts
    done = [
        position
        for name in names
        for position in deal.activities.get(name, ())
        if effective[position] <= until
    ]
    return sorted(done)[:FEW]


def _changes(counter: Counter, deal: Deal, moment: Moment) -> list[int]:
    return counter.counted(deal, moment)[-FEW:]
