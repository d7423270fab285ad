"""Turns a verdict into a finding: what was asked, what was seen, and the events that show it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from playgate.conditions import tree
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


class Explainer:
    """Puts the findings of one playbook into words."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._version = str(judge.playbook.version)
        self._deal: Deal | None = None
        self._witnesses: dict[int, Witness] = {}
        self._kept: dict[str, tuple[tuple[tree.Condition, ...], Wording]] = {}

    def finding(
        self, rule: CompiledRule, deal: Deal, verdict: Verdict, *, attempt: int = -1
    ) -> Finding:
        """Returns the finding of an unmet or waived verdict.

        An attempted move, the event at position `attempt`, is no evidence: only what came before it
        is.
        """
        due, waiver = verdict.due, verdict.waiver
        parts, wording = self._of(rule)
        waived = verdict.verdict == "waived"
        cause = cause_of(rule, deal, verdict)
        good_at = None if waived else made_good_at(rule, deal, verdict)
        from_stage, to_stage = _stages(deal, verdict)
        seen = dict.fromkeys(self._evidence(rule, parts, deal, verdict))
        positions = [position for position in seen if position != attempt][:_MOST_WITNESSES]
        if waiver is not None:
            positions.append(waiver.position)
        return Finding(
            rule=rule.rule.info,
            deal=deal.id,
            actor=charged_to(deal, due),
            due_at=due.at,
            from_stage=from_stage,
            to_stage=to_stage,
            state="waived" if waived else ("open" if good_at is None else "made-good"),
            cause=None if waived else cause,
            made_good_at=good_at,
            message=wording.message(Told(deal, verdict, cause, from_stage, to_stage)),
            evidence=tuple([self._witness(deal, position) for position in positions]),
            waived_by=waiver.approver if waiver else "",
            waiver_reason=deal.events[waiver.position].value if waiver else "",
            version=self._version,
        )

    def _of(self, rule: CompiledRule) -> tuple[tuple[tree.Condition, ...], Wording]:
        """Returns all parts of the condition that a rule asks, and how its findings are worded."""
        rule_id = rule.rule.info.id
        if rule_id not in self._kept:
            asked, signals = condition_of(rule.rule.ask), self._judge.playbook.signals
            parts = () if asked is None else tuple(tree.walk(asked, signals))
            self._kept[rule_id] = parts, Wording(self._judge, rule, parts)
        return self._kept[rule_id]

    def _evidence(
        self, rule: CompiledRule, parts: tuple[tree.Condition, ...], deal: Deal, verdict: Verdict
    ) -> Iterator[int]:
        """Yields first the event that was judged, then the events that the condition read."""
        due = verdict.due
        if due.position >= 0:
            yield due.position
        yield from verdict.starts[:FEW]
        for part in parts:
            if isinstance(part, tree.FieldTest):
                position = last_change(deal, part.field, due.moment.facts)
                if position is not None:
                    yield position
            elif isinstance(part, tree.ActivityCount):
                yield from _done(deal, part, due.moment.facts)[:FEW]
            elif isinstance(part, tree.ChangeCount):
                counter = self._judge.counter(part, rule.rule.info.stage)
                yield from counter.counted(deal, due.moment)[-FEW:]

    def _witness(self, deal: Deal, position: int) -> Witness:
        """Returns an event as evidence; findings of one deal share their witnesses."""
        if deal is not self._deal:
            self._deal, self._witnesses = deal, {}
        if position not in self._witnesses:
            event = deal.events[position]
            self._witnesses[position] = _new(
                Witness, (event_id(event), event[2], event[3], event[4], event[5], event[1])
            )
        return self._witnesses[position]


def _stages(deal: Deal, verdict: Verdict) -> tuple[str, str]:
    """Returns the stage left and the one entered; where no move is judged, the stage of then and
    `""`."""
    position = verdict.due.position
    if position >= 0 and deal.events[position].kind == "stage":
        move = bisect_left(deal.moves, position)
        return (deal.move_into[move - 1] if move else ""), deal.move_into[move]
    return deal.stage_at(verdict.due.at), ""


def _done(deal: Deal, count: tree.ActivityCount, until: int) -> list[int]:
    """Returns the activities of these names effective by `until`, whatever narrows them."""
    return sorted(
        position
        for name in dict.fromkeys(count.pattern.names)
        for position in deal.activities.get(name, ())
        if deal.effective[position] <= until
    )
