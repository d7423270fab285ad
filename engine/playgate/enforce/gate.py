"""The gate: what a move would be answered, from what is known of the deal; nothing is recorded."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from playgate.conditions.describe import describe
from playgate.conditions.facts import Moment
from playgate.enforce.checks import check_name
from playgate.enforce.decide import Answer, Ruling, decide
from playgate.enforce.facts import may_waive
from playgate.enforce.live import Live
from playgate.enforce.remedy import Remedy
from playgate.enforce.sight import Sight, check_order, moved_there
from playgate.enforce.values import Decision, UnmetRule
from playgate.findings import LEVELS
from playgate.history.deal import Deal
from playgate.history.event import Event, event_id, said
from playgate.judge.judge import Judge
from playgate.model.playbook import Playbook
from playgate.records import replace

__all__ = ["UNNAMED", "ask_gate", "demands", "not_governed", "noted", "why_not_governed"]

UNNAMED = "\0"
"""The id of an attempt that was given none; deriving the ledger's own takes long, so it waits for a
move."""


def ask_gate(
    live: Live,
    sight: Sight,
    stage: str,
    *,
    actor: str,
    facts: Sequence[Event] = (),
    brought: Sequence[Event] = (),
    expected: str | None = None,
    known_id: str = "",
) -> tuple[Decision, Ruling | None]:
    """Returns what a move into `stage` would be answered, with the judge's ruling if it was asked.

    `facts` are known for the question alone, and so is what was `brought` into sight with it.
    `expected` is the stage that the deal was seen in: where it is another now, somebody else moved
    it meanwhile, and nothing is judged.
    """
    events = [*sight.events, *facts]

    def asked_of() -> Hashable:
        told = stage, actor, expected, known_id, len(facts), tuple(said(each) for each in brought)
        return *told, *live.asked_of(), *sight.asked_of

    def judge() -> tuple[Decision, Ruling | None]:
        values = [*brought, *facts]
        return _asked(live, sight, stage, actor, events, values, expected, known_id)

    return live.judged.of(asked_of, events, judge)


def _asked(
    live: Live,
    sight: Sight,
    stage: str,
    actor: str,
    events: Sequence[Event],
    values: Sequence[Event],
    expected: str | None,
    known_id: str,
) -> tuple[Decision, Ruling | None]:
    playbook = sight.playbook
    check_name("stage", stage, [each.id for each in playbook.stages])
    blank = noted(live, sight, stage, actor, known_id or UNNAMED)
    if sight.stage == stage:
        note = f"the deal is in {stage} already, moved there{moved_there(sight)}"
        return replace(blank, note=note), None
    if expected is not None and expected != sight.stage:
        note = f"the deal is not in {expected or 'no stage'} any more: moved to {sight.stage}"
        return replace(blank, note=note + moved_there(sight)), None
    check_order(sight)
    judge = live.judge(playbook)
    attempt = Event(
        blank.deal, sight.at, "stage", stage, "", actor, live.now, blank.event_id, "", 0, 0
    )
    ruling = decide(
        judge,
        live.reader(judge),
        events,
        attempt,
        since=sight.row.first_decision_at,
        now=live.now,
        values=[event_id(event) for event in values if event.kind == "field"],
    )
    deal, allowed, note = ruling.deal, ruling.allowed, ""
    found: tuple[UnmetRule, ...] = ()
    if ruling.governed:
        found = demands(live, judge, deal, ruling.answers, actor, attempt=deal.moves[-1])
    else:
        moment = deal.plain_move_moment(len(deal.moves) - 1)
        note = why_not_governed(live, judge, deal, moment)
    told = replace(
        blank,
        governed=ruling.governed,
        allowed=allowed or live.shadow,
        would_refuse=live.shadow and not allowed,
        note=note,
        demands=found,
    )
    return told, ruling


def noted(
    live: Live, sight: Sight, stage: str, actor: str, event_id: str, *, note: str = ""
) -> Decision:
    """Returns a decision for which nothing was judged."""
    playbook = sight.playbook
    return Decision(
        deal=sight.row.deal,
        playbook=playbook.name,
        version=str(playbook.version),
        sha256=playbook.sha256,
        at=sight.at,
        actor=actor,
        from_stage=sight.stage,
        to_stage=stage,
        allowed=False,
        recorded=False,
        event_id=event_id,
        note=note,
        shadow=live.shadow,
    )


def demands(
    live: Live, judge: Judge, deal: Deal, answers: Sequence[Answer], actor: str, *, attempt: int
) -> tuple[UnmetRule, ...]:
    """Returns the rules that an attempt does not meet, with what to do about each; `attempt` is the
    position of the attempted move, -1 where none is asked for."""
    explainer, remedies = live.explainer(judge), live.remedies(judge)
    in_crm = live.record == "crm"
    told = []
    for answer in answers:
        finding = explainer.finding(answer.rule, deal, answer.verdict, attempt=attempt)
        found: Sequence[Remedy] = ()
        if finding.state != "waived":
            found = remedies.of(answer.rule, deal, answer.verdict)
        if in_crm:  # where it is recorded, no command of ours does it
            found = [replace(each, command="") for each in found]
        waivable_by = answer.rule.rule.may_waive
        asker_may = may_waive(live, answer.rule.scope.may_waive, actor)
        told.append(UnmetRule(finding, answer.refuses, tuple(found), waivable_by, asker_may))
    if len(told) > 1:
        told.sort(key=lambda each: (not each.refuses, LEVELS.index(each.finding.rule.level)))
    return tuple(told)


def why_not_governed(live: Live, judge: Judge, deal: Deal, moment: Moment) -> str:
    """Returns why no rule is asked of a deal, and what would bring it under its playbook."""
    note = not_governed(judge.playbook)
    found = live.remedies(judge).to_be_governed(deal, moment)
    in_crm = live.record == "crm"  # where it is recorded, no command of ours does it
    told = [
        f"{each.words}: playgate {each.command_for(deal.id)}"
        if each.command and not in_crm
        else each.words
        for each in found
    ]
    return f"{note}; {' and '.join(told)}" if told else note


def not_governed(playbook: Playbook) -> str:
    """Returns that a playbook does not govern a deal, and which it does."""
    assert playbook.applies_to is not None  # noqa: S101  (else every deal is governed)
    return f"not governed: {playbook.name} applies where {describe(playbook.applies_to)}"
