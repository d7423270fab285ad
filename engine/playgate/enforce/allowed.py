"""What moves of a deal would be let through now: what a card in a CRM shows."""

from __future__ import annotations

from playgate.enforce.gate import ask_gate
from playgate.enforce.live import Live
from playgate.enforce.sight import look
from playgate.enforce.values import Allowed, StageAnswer

__all__ = ["allowed"]


def allowed(live: Live, deal: str, *, at: int, actor: str) -> Allowed:
    """Returns what a move into each stage would be answered; nothing is recorded."""
    sight = look(live, deal, at)
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
