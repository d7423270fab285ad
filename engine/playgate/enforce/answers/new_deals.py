"""Answers `open` and `ask`, to which a deal may be new."""

from __future__ import annotations

from collections.abc import Mapping

from playgate.enforce import moves, question
from playgate.enforce.answers.said import known_fields, told_id
from playgate.enforce.commands import Request
from playgate.enforce.live import Live
from playgate.enforce.moves import AskedMove
from playgate.enforce.question import Question
from playgate.enforce.values import Decision
from playgate.enforce.when import happened
from playgate.enforce.which_playbook import named_playbook, which_playbook
from playgate.model.playbook import Playbook
from playgate.records import replace

__all__ = ["ask", "open_deal"]


def open_deal(live: Live, request: Request) -> Decision:
    """Opens a deal in the stage that is asked for, or the first."""
    playbook = _playbook(live, request)
    fields, ignored = known_fields(playbook, request)
    asked = AskedMove(
        deal=request["deal"],
        stage=request.get("stage") or "",
        at=happened(request.get("at"), playbook.zone, live.now),
        actor=request["by"],
        fields=fields,
        known_id=told_id(request),
    )
    return replace(moves.open_deal(live, asked, playbook), ignored=ignored)


def ask(live: Live, request: Request) -> Decision:
    """Answers a question, where the CRM keeps the record; a deal that is new begins with it."""
    question.refuse_elsewhere(live)
    row = live.known_row(request["deal"])
    begins = row is None or request.get("playbook")
    playbook = _playbook(live, request) if begins or row is None else live.pinned(row)
    fields, ignored = known_fields(playbook, request)
    at = request.get("at")
    asked = Question(
        deal=request["deal"],
        stage=request["stage"],
        actor=request["by"],
        at=None if at is None else happened(at, playbook.zone, live.now),
        fields=fields,
        facts=request.get("facts") or (),
        ignores_unknown=request.get("unknown") == "ignore",
        expected=request.get("from"),
        known_id=told_id(request),
        not_governed=request.get("not_governed") or "refuse",
    )
    decision = question.ask(live, asked, playbook=playbook if begins else None)
    return replace(decision, ignored=(*ignored, *decision.ignored))


def _playbook(live: Live, request: Request) -> Playbook:
    """Returns the playbook that judges a deal which the ledger does not know, and keeps it."""
    named = request.get("playbook")
    if isinstance(named, str):
        return named_playbook(live, named)
    if named:
        return live.keep(*named)
    row = live.known_row(request["deal"])
    if row is not None:
        return live.pinned(row)
    return which_playbook(live, request["deal"], _told_fields(request))


def _told_fields(request: Request) -> Mapping[str, str]:
    """Returns the values of fields that come with a request, by themselves or among its facts."""
    facts = (fact for fact in request.get("facts") or () if fact.get("kind") == "field")
    told = {str(fact.get("name")): str(fact.get("value") or "") for fact in facts}
    return {**told, **(request.get("fields") or {})}
