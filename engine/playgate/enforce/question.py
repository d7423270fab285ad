"""Questions, where the CRM keeps the record: the gate answers, and only the answer is recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Literal

from playgate.conditions.instants import read_instant
from playgate.enforce.facts import field_events
from playgate.enforce.gate import ask_gate
from playgate.enforce.given import (
    FactRow,
    fact_rows,
    new_facts,
    passed_over,
    read_facts,
    same_content,
)
from playgate.enforce.kept import kept_findings, restored
from playgate.enforce.live import Live
from playgate.enforce.moves import decision_id, decision_row, pin
from playgate.enforce.sight import Sight, look
from playgate.enforce.values import Decision
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.ledger.rows import DecisionRow
from playgate.model.playbook import Playbook
from playgate.records import Record, replace

__all__ = ["NotGoverned", "Question", "ask", "refuse_elsewhere"]

NotGoverned = Literal["refuse", "allow"]
"""What to answer where the playbook does not govern the deal."""


class Question(Record, kw_only=True):
    """What is asked: may this deal be moved there, given these facts?"""

    deal: str
    stage: str
    actor: str
    at: int | None = None
    """When the move would be made; `None` where nobody said, which means now."""
    fields: Mapping[str, str]
    facts: Sequence[FactRow] = ()
    ignores_unknown: bool = False
    """Whether facts of names that the playbook does not know are passed over."""
    expected: str | None = None
    known_id: str = ""
    not_governed: NotGoverned = "refuse"


def ask(live: Live, question: Question, *, playbook: Playbook | None = None) -> Decision:
    """Answers a question and records the decision, with the facts that came with it as evidence;
    must be called inside a transaction.

    A deal that the ledger does not know is pinned to `playbook`. The same id and question again
    get the same decision.
    """
    refuse_elsewhere(live)
    if playbook is not None:
        begins, rep = _beginning(live, question)
        pin(live, question.deal, playbook, begins=begins, rep=rep)
    said = _said(question, live.origin)
    if question.known_id:
        row = live.ledger.decisions.get(question.deal, question.known_id)
        if row is not None:
            if row.question != said:
                raise InputError(
                    f"{question.known_id} is the id of another question about {question.deal}",
                    hint="the same id is for the same question, asked again",
                    code="id-taken",
                )
            return _again(live, question, row)
    sight, facts, news, ignored = _told(live, question)
    fields = field_events(
        live, question.deal, sight.playbook, question.fields, sight.at, question.actor, ""
    )
    decision, ruling = ask_gate(
        live,
        sight,
        question.stage,
        actor=question.actor,
        facts=_news(sight, fields),
        brought=news,
        expected=question.expected,
    )
    decision = replace(decision, is_question=True, event_id="", ignored=ignored)
    if ruling is None:
        return decision
    if not ruling.governed and question.not_governed == "allow":
        decision = replace(decision, allowed=True, would_refuse=False)
    own = question.known_id or decision_id(live, decision)
    decision = replace(decision, recorded=True, decision_id=own)
    row = decision_row(decision, live.now, question=said, facts=fact_rows([*facts, *fields]))
    live.ledger.decisions.add(replace(row, findings=kept_findings(decision)))
    return decision


def _beginning(live: Live, question: Question) -> tuple[int, str]:
    """Returns when a deal begins of which only this question is known, and whose it is then."""
    told = [read_instant(str(fact.get("happened_at")), UTC) for fact in question.facts]
    at = live.now if question.at is None else question.at
    owners = [
        str(fact.get("value"))
        for fact in question.facts
        if (fact.get("kind"), fact.get("name")) == ("field", "owner") and fact.get("value")
    ]
    owner = question.fields.get("owner") or next(iter(owners), "")
    return min((each for each in told if each is not None), default=at), owner or question.actor


def _again(live: Live, question: Question, row: DecisionRow) -> Decision:
    """Returns the decision on a question that is asked again, as it was given."""
    decision = restored(live, row)
    if not question.ignores_unknown:
        return decision
    ignored = passed_over(live.playbook(row.playbook), question.facts)
    return replace(decision, ignored=ignored)


def refuse_elsewhere(live: Live) -> None:
    """Raises `InputError` where the ledger keeps the record itself, so that nobody need ask."""
    if live.record != "crm":
        raise InputError(
            "this ledger keeps the record itself, so a question alone records nothing in it",
            hint="playgate move asks and moves, playgate check only asks; playgate ledger new"
            " --record crm makes a ledger for which the CRM keeps the record",
            code="wrong-record",
        )


def _said(question: Question, origin: str) -> str:
    """Returns the question as it was said, so that it can be known again, and from where it was
    asked, where that is told."""
    return json.dumps(
        {
            "stage": question.stage,
            "by": question.actor,
            "at": question.at,
            "from": question.expected,
            "fields": dict(question.fields),
            "facts": [dict(fact) for fact in question.facts],
            "not_governed": question.not_governed,
            "ignores_unknown": question.ignores_unknown,
            **({"origin": origin} if origin else {}),
        },
        sort_keys=True,
        ensure_ascii=False,
        default=str,
    )


def _told(
    live: Live, question: Question
) -> tuple[Sight, list[Event], list[Event], tuple[str, ...]]:
    """Returns what is known of the deal with the facts of a question, these facts, those that are
    new, and the names that were passed over."""
    deal = question.deal
    playbook = live.pinned(live.row(deal))
    facts, ignored = read_facts(
        live, deal, playbook, question.facts, ignores_unknown=question.ignores_unknown
    )
    latest = max((fact.happened_at for fact in facts), default=live.now)
    at = max(live.now, latest) if question.at is None else question.at
    if latest > at and question.at is not None and facts:
        raise InputError(
            "a fact of the question happened later than the move that it asks for",
            hint="leave it out, or ask for a move after it",
            code="wrong-value",
        )
    known = live.events(live.row(deal))
    news = new_facts(playbook, known, facts)
    return look(live, deal, at, facts=news), facts, news, tuple(ignored)


def _news(sight: Sight, fields: Sequence[Event]) -> list[Event]:
    """Returns the values that say something new: a field that has its value already is not set
    again."""
    same = same_content(sight.playbook)
    latest = {
        event.name: event
        for event in sorted(sight.events, key=lambda event: event.happened_at)
        if event.kind == "field" and event.happened_at <= sight.at
    }
    return [each for each in fields if each.name not in latest or not same(latest[each.name], each)]
