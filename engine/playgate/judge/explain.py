"""Turns a verdict into a finding: what was asked, what was seen, and the events that show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from playgate.conditions import tree
from playgate.conditions.instants import Zone, show_instant
from playgate.findings import Cause, Finding, Witness
from playgate.history.deal import Deal
from playgate.history.event import event_id
from playgate.judge.after_verdict import cause_of, charged_to, made_good_at
from playgate.judge.judge import CompiledRule, Judge
from playgate.judge.seen import FEW, last_change, near_answer, seen
from playgate.judge.verdict import Verdict
from playgate.rules.asks import Answered, Ask, answers_of, condition_of
from playgate.rules.due import patterns_of

__all__ = ["Explainer"]

_MOST_WITNESSES = 8


class Explainer:
    """Puts the findings of one playbook into words."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._zone: Zone = judge.playbook.zone
        self._signals: Mapping[str, tree.Condition] = judge.playbook.signals
        self._read: dict[str, tuple[tree.Condition, ...]] = {}

    def finding(
        self, rule: CompiledRule, deal: Deal, verdict: Verdict, *, attempt: int = -1
    ) -> Finding:
        """Returns the finding of an unmet or waived verdict.

        An attempted move, the event at position `attempt`, is no evidence: only what came before it
        is.
        """
        due, waiver = verdict.due, verdict.waiver
        waived = verdict.verdict == "waived"
        cause = cause_of(rule, deal, verdict)
        good_at = None if waived else made_good_at(rule, deal, verdict)
        from_stage, to_stage = self._stages(deal, verdict)
        seen = dict.fromkeys(self._evidence(rule, deal, verdict))
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
            message=self._message(rule, deal, verdict, cause),
            evidence=tuple(_witness(deal, position) for position in positions),
            waived_by=waiver.approver if waiver else "",
            waiver_reason=deal.events[waiver.position].value if waiver else "",
            version=str(self._judge.playbook.version),
        )

    @staticmethod
    def _stages(deal: Deal, verdict: Verdict) -> tuple[str, str]:
        """Returns the stage left and the one entered; where no move is judged, the stage of then
        and `""`."""
        position = verdict.due.position
        if position >= 0 and deal.events[position].kind == "stage":
            move = deal.moves.index(position)
            return (deal.move_into[move - 1] if move else ""), deal.move_into[move]
        return deal.stage_at(verdict.due.at), ""

    # Evidence: first the event that was judged, then the events that the condition read

    def _evidence(self, rule: CompiledRule, deal: Deal, verdict: Verdict) -> Iterator[int]:
        due = verdict.due
        if due.position >= 0:
            yield due.position
        yield from verdict.starts[:FEW]
        for part in self._parts(rule):
            if isinstance(part, tree.FieldTest):
                position = last_change(deal, part.field, due.moment.facts)
                if position is not None:
                    yield position
            elif isinstance(part, tree.ActivityCount):
                yield from _done(deal, part, due.moment.facts)[:FEW]
            elif isinstance(part, tree.ChangeCount):
                counter = self._judge.counter(part, rule.rule.info.stage)
                yield from counter.counted(deal, due.moment)[-FEW:]

    def _parts(self, rule: CompiledRule) -> tuple[tree.Condition, ...]:
        rule_id = rule.rule.info.id
        if rule_id not in self._read:
            asked = condition_of(rule.rule.ask)
            walked = () if asked is None else tree.walk(asked, self._signals)
            self._read[rule_id] = tuple(walked)
        return self._read[rule_id]

    # Words

    def _message(
        self, rule: CompiledRule, deal: Deal, verdict: Verdict, cause: Cause | None
    ) -> str:
        at = show_instant(verdict.due.at, self._zone)
        from_stage, to_stage = self._stages(deal, verdict)
        move = f"the move {from_stage} → {to_stage}" if from_stage else f"the start in {to_stage}"
        words = _Words(
            title=lambda: rule.rule.info.title,
            stage=lambda: rule.rule.info.stage,
            at=lambda: at,
            move=lambda: move,
            when=lambda: f"at {move}" if to_stage else f"at {at}",
            seen=lambda: self._seen(rule, deal, verdict, cause),
            but=lambda: self._near(rule, deal, verdict),
            actor=lambda: _actor(deal, verdict),
            roles=lambda: _roles(deal, verdict),
            where=lambda: _where(rule.rule.ask),
        )
        return rule.rule.row.unmet.format_map(words)

    def _seen(self, rule: CompiledRule, deal: Deal, verdict: Verdict, cause: Cause | None) -> str:
        """Says what the history showed in place of what was asked."""
        if cause == "logged-late":
            return "done in time, but logged too late to count"
        stage, moment = rule.rule.info.stage, verdict.due.moment
        said = not rule.rule.is_titled
        return seen(self._judge, self._parts(rule), stage, deal, moment, is_said=said)

    def _near(self, rule: CompiledRule, deal: Deal, verdict: Verdict) -> str:
        """Says of what was done in place of an answer how it was."""
        answers, moment = answers_of(rule.rule.ask), verdict.due.moment
        after = self._first_start(rule, deal, verdict) if _is_later(rule.rule.ask) else -1
        said = near_answer(self._judge, answers, deal, moment, after=after)
        return f"; {said}" if said else ""

    def _first_start(self, rule: CompiledRule, deal: Deal, verdict: Verdict) -> int:
        """Returns the position of the first event that an answer must come later than."""
        if verdict.starts:
            return min(verdict.starts)
        matches = self._judge.pattern(patterns_of(rule.rule.due))(deal)
        known = (each for each in matches if deal.effective[each] <= verdict.due.moment.facts)
        return min(known, default=-1)


class _Words(dict[str, Callable[[], str]]):
    """The words that messages in `rules/families.py` may use; each is made only when it is used."""

    def __getitem__(self, word: str) -> str:  # type: ignore[override]
        return super().__getitem__(word)()


def _actor(deal: Deal, verdict: Verdict) -> str:
    return deal.events[verdict.due.position].actor or "nobody named"


def _roles(deal: Deal, verdict: Verdict) -> str:
    held = deal.roles(_actor(deal, verdict), verdict.due.at)
    return ", ".join(sorted(held)) or "no known role"


def _where(ask: Ask) -> str:
    """Says where an answer was looked for."""
    return "later in the deal" if _is_later(ask) else "in the whole deal"


def _is_later(ask: Ask) -> bool:
    return isinstance(ask, Answered) and ask.later


def _witness(deal: Deal, position: int) -> Witness:
    event = deal.events[position]
    return Witness(
        event_id(event), event.kind, event.name, event.value, event.actor, event.happened_at
    )


def _done(deal: Deal, count: tree.ActivityCount, until: int) -> list[int]:
    """Returns the activities of these names effective by `until`, whatever narrows them."""
    return sorted(
        position
        for name in dict.fromkeys(count.pattern.names)
        for position in deal.activities.get(name, ())
        if deal.effective[position] <= until
    )
