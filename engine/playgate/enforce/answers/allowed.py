"""Answers `allowed`: what moves of a deal would be let through now, as a card in a CRM shows."""

from __future__ import annotations

from playgate.enforce.answers.said import asked_at
from playgate.enforce.commands import Request
from playgate.enforce.gate import ask_gate
from playgate.enforce.live import Live
from playgate.enforce.sight import look
from playgate.enforce.values import Allowed, StageAnswer

__all__ = ["allowed"]


def allowed(live: Live, request: Request) -> Allowed:
    """Returns what a move into each stage would be answered; nothing is recorded."""
    deal, actor = request["deal"], request["by"]
    sight = look(live, deal, asked_at(live, request))
    answers = []
    for stage in sight.playbook.stages:
        decision, _ = ask_gate(live, sight, stage.id, actor=actor)
        answers.append(StageAnswer(stage.id, stage.title, stage.ends or "", decision))
    return Allowed(
        deal=deal,
        playbook=sight.playbook.name,
        version=str(sight.playbook.version),
        at=sight.at,
        actor=actor,
        stage=sight.stage,
        governed=all(each.decision.governed is not False for each in answers),
        record=live.record,
        stages=tuple(answers),
    )
