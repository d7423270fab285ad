"""A decision judged again from what the ledger knew then: does it say the same, to the byte?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from playgate.enforce import question
from playgate.enforce.given import told_facts
from playgate.enforce.live import Live
from playgate.enforce.moves import AskedMove, moved
from playgate.enforce.question import Question
from playgate.errors import InputError
from playgate.ledger.as_of import Then
from playgate.ledger.rows import DecisionRow
from playgate.ledger.store import Ledger
from playgate.records import Record

__all__ = ["Difference", "Reproduced", "reproduce"]

_COMPARED = ("playbook", "from_stage", "allowed", "governed", "shadow", "note")


class Difference(Record):
    """Something that is not said again as it was."""

    what: str
    """A column of the decision, or a rule and what differs of its finding."""
    recorded: str
    again: str


class Reproduced(Record, kw_only=True):
    """A decision as it was recorded, and as it is judged again."""

    then: Then
    playbook: str
    version: str
    again: DecisionRow | None
    problem: str
    """Why nothing could be judged again; else empty."""
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether the same was said, to the byte."""
        return not self.differences and not self.problem


def reproduce(then: Then) -> Reproduced:
    """Judges a decision again, from what the ledger knew before it."""
    with Ledger(then.connection, "the ledger as it was") as ledger:
        live = Live(ledger, now=then.decision.recorded_at)
        playbook = live.playbook(then.decision.playbook)
        again, problem = _again(live, then)
    return Reproduced(
        then=then,
        playbook=playbook.name,
        version=str(playbook.version),
        again=again,
        problem=problem,
        differences=() if again is None else tuple(_differences(then.decision, again)),
    )


def _again(live: Live, then: Then) -> tuple[DecisionRow | None, str]:
    """Returns the decision that is made now, or why there is none."""
    row = then.decision
    try:
        if live.record == "crm":
            decision = question.ask(live, _question(row))
        else:
            asked = AskedMove(
                deal=row.deal, stage=row.to_stage, at=row.at, actor=row.actor, fields=_fields(then)
            )
            decision = moved(live, asked, opens=then.opens)
    except InputError as error:
        return None, error.message
    if not decision.recorded:
        return None, decision.note
    return live.ledger.decisions.of(row.deal)[-1], ""


def _fields(then: Then) -> Mapping[str, str]:
    """Returns the values of fields that came with a move."""
    row = then.decision
    if not row.facts:
        return then.came_with
    return {event.name: event.value for event in told_facts(row.deal, json.loads(row.facts))}


def _question(row: DecisionRow) -> Question:
    said: dict[str, Any] = json.loads(row.question)
    return Question(
        deal=row.deal,
        stage=said["stage"],
        actor=said["by"],
        at=said["at"],
        fields=said["fields"],
        facts=said["facts"],
        ignores_unknown=said["ignores_unknown"],
        expected=said["from"],
        known_id=row.decision_id,
        not_governed=said["not_governed"],
    )


def _differences(recorded: DecisionRow, again: DecisionRow) -> Iterator[Difference]:
    for name in _COMPARED:
        one, other = getattr(recorded, name), getattr(again, name)
        if one != other:
            yield Difference(name, _shown(name, one), _shown(name, other))
    if recorded.findings != again.findings:
        found = [*_of_findings(_findings(recorded), _findings(again))]
        yield from found or [Difference("findings", recorded.findings, again.findings)]


def _shown(name: str, value: object) -> str:
    if name in ("allowed", "governed", "shadow"):
        return "true" if value else "false"
    return str(value)


def _findings(row: DecisionRow) -> dict[str, dict[str, Any]]:
    return {each["rule"]: each for each in json.loads(row.findings)}


def _of_findings(
    recorded: Mapping[str, Mapping[str, Any]], again: Mapping[str, Mapping[str, Any]]
) -> Iterator[Difference]:
    """Yields what differs of findings, rule by rule."""
    for rule in dict.fromkeys((*recorded, *again)):
        one, other = recorded.get(rule), again.get(rule)
        if one is None or other is None:
            yield Difference(rule, _state(one), _state(other))
            continue
        for name in dict.fromkeys((*one, *other)):
            if one.get(name) != other.get(name):
                yield Difference(f"{rule} {name}", _text(one.get(name)), _text(other.get(name)))


def _state(finding: Mapping[str, Any] | None) -> str:
    return "no finding" if finding is None else _text(finding.get("state"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
