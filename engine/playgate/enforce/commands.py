"""The live commands: whether each records, and what answers it.

The command line, batches and the Python API all read this one table. Every start of the command
line does, so what an answer takes is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from playgate.documents.document import composed
from playgate.records import Record, replace

if TYPE_CHECKING:
    from playgate.enforce.live import Live
    from playgate.enforce.values import LiveResult, OneResult
    from playgate.model.playbook import Playbook

__all__ = ["COMMANDS", "Command", "Request", "as_known", "composed_request", "run"]

Request = Mapping[str, Any]
"""One thing to do: `command` and what it takes, as `schemas/request.schema.json` has it."""


_DEEPEST = 20


class Command(Record, kw_only=True):
    """What a live command does."""

    records: bool
    """Whether it writes into the ledger."""
    answer: Callable[[Live, Request], OneResult]
    """Answers a request; where it records, the ledger must be open for writing."""
    takes_back: bool = False
    """Whether it is about deals as they were called before any were merged."""


def run(live: Live, request: Request) -> LiveResult:
    """Does what a request asks; what records must be called inside a transaction."""
    answer = COMMANDS[request["command"]].answer
    request = composed_request(request)
    if "deals" not in request:
        return answer(live, as_known(live, request))
    from playgate.enforce.many import each_by_itself

    return each_by_itself(
        live, request["deals"], lambda deal: answer(live, as_known(live, {**request, "deal": deal}))
    )


def composed_request(request: Request) -> dict[str, Any]:
    """Returns the request, its texts in Unicode's form C, apart from the path of a file."""
    return {
        name: said if name == "playbook" else _composed(said, _DEEPEST)
        for name, said in request.items()
    }


def _composed(said: Any, depth: int) -> Any:
    """Returns what a request says, its texts in Unicode's form C, so far down as is ever read."""
    if isinstance(said, str):
        return composed(said)
    if not depth or not isinstance(said, dict | list | tuple):
        return said
    if isinstance(said, dict):
        return {composed(key): _composed(each, depth - 1) for key, each in said.items()}
    return [_composed(each, depth - 1) for each in said]


def as_known(live: Live, request: Request) -> Request:
    """Returns a request about the deal that its own was merged into, where it was."""
    deal = request.get("deal")
    if deal is None or COMMANDS[request["command"]].takes_back:
        return request
    known = live.known_as(deal)
    return request if known == deal else {**request, "deal": known}


def _known_fields(playbook: Playbook, request: Request) -> tuple[Mapping[str, str], Sequence[str]]:
    """Returns the fields of a request, and the names that it lets pass over as the playbook does
    not know them."""
    fields: Mapping[str, str] = request.get("fields") or {}
    if request.get("unknown") != "ignore":
        return fields, ()
    known = {name: value for name, value in fields.items() if name in playbook.fields}
    return known, tuple(name for name in fields if name not in known)


def _at(live: Live, request: Request) -> int:
    if request.get("at") is None:
        return live.now
    from playgate.enforce.when import happened, zone_of

    records = COMMANDS[request["command"]].records
    return happened(request["at"], zone_of(live, request["deal"]), live.now, records=records)


def _new_deals_playbook(live: Live, request: Request) -> Playbook:
    """Returns the playbook that judges a deal which the ledger does not know, and keeps it."""
    if not request.get("playbook"):
        row = live.ledger.deals.get(request["deal"])
        if row is not None:
            return live.pinned(row)
        from playgate.enforce.which_playbook import which_playbook

        return which_playbook(live, request["deal"], _told_fields(request))
    from playgate.enforce.playbook_files import playbook_in

    playbook, document, content = playbook_in(request["playbook"])
    return live.keep(playbook, document, content)


def _told_fields(request: Request) -> Mapping[str, str]:
    """Returns the values of fields that come with a request, by themselves or among its facts."""
    facts = (fact for fact in request.get("facts") or () if fact.get("kind") == "field")
    told = {str(fact.get("name")): str(fact.get("value") or "") for fact in facts}
    return {**told, **(request.get("fields") or {})}


def _open(live: Live, request: Request) -> OneResult:
    from playgate.enforce.moves import open_deal
    from playgate.enforce.when import happened

    playbook = _new_deals_playbook(live, request)
    fields, ignored = _known_fields(playbook, request)
    opened = open_deal(
        live,
        request["deal"],
        playbook,
        stage=request.get("stage") or "",
        fields=fields,
        at=happened(request.get("at"), playbook.zone, live.now, records=True),
        actor=request["by"],
        known_id=request.get("id") or "",
    )
    return replace(opened, ignored=tuple(ignored))


def _log(live: Live, request: Request) -> OneResult:
    from playgate.enforce.facts import log

    attrs: dict[str, object] = dict(request.get("attrs") or {})
    if request.get("with"):
        attrs["with"] = list(request["with"])
    return log(
        live,
        request["deal"],
        request["activity"],
        request.get("outcome") or "",
        at=_at(live, request),
        actor=request["by"],
        attrs=attrs,
        known_id=request.get("id") or "",
    )


def _set(live: Live, request: Request) -> OneResult:
    from playgate.enforce.set_fields import set_fields
    from playgate.enforce.values import nothing_known

    fields, ignored = _known_fields(_playbook(live, request), request)
    if not fields:
        return nothing_known(request["deal"], ignored)
    told = set_fields(
        live,
        request["deal"],
        fields,
        at=_at(live, request),
        actor=request["by"],
        known_id=request.get("id") or "",
    )
    return replace(told, ignored=tuple(ignored))


def _move(live: Live, request: Request) -> OneResult:
    from playgate.enforce.moves import move

    fields, ignored = _known_fields(_playbook(live, request), request)
    moved = move(
        live,
        request["deal"],
        request["stage"],
        at=_at(live, request),
        actor=request["by"],
        fields=fields,
        expected=request.get("from"),
        known_id=request.get("id") or "",
    )
    return replace(moved, ignored=tuple(ignored))


def _check(live: Live, request: Request) -> OneResult:
    from playgate.enforce.moves import check

    fields, ignored = _known_fields(_playbook(live, request), request)
    decision, _ = check(
        live,
        request["deal"],
        request["stage"],
        at=_at(live, request),
        actor=request["by"],
        fields=fields,
    )
    return replace(decision, ignored=tuple(ignored))


def _ask(live: Live, request: Request) -> OneResult:
    from playgate.enforce.question import Question, ask, refuse_elsewhere

    refuse_elsewhere(live)
    is_new = live.ledger.deals.get(request["deal"]) is None
    begins = is_new or request.get("playbook")
    pinned = _new_deals_playbook(live, request) if begins else None
    playbook = pinned or _playbook(live, request)
    fields, ignored = _known_fields(playbook, request)
    said = request.get("at")
    if said is not None:
        from playgate.enforce.when import happened

        said = happened(said, playbook.zone, live.now, records=True)
    question = Question(
        deal=request["deal"],
        stage=request["stage"],
        actor=request["by"],
        at=said,
        fields=fields,
        facts=request.get("facts") or (),
        ignores_unknown=request.get("unknown") == "ignore",
        expected=request.get("from"),
        known_id=request.get("id") or "",
        not_governed=request.get("not_governed") or "refuse",
    )
    decision = ask(live, question, playbook=pinned)
    return replace(decision, ignored=(*ignored, *decision.ignored))


def _playbook(live: Live, request: Request) -> Playbook:
    return live.pinned(live.row(request["deal"]))


def _waive(live: Live, request: Request) -> OneResult:
    from playgate.enforce.facts import waive

    return waive(
        live,
        request["deal"],
        request["rule"],
        request.get("reason") or "",
        at=_at(live, request),
        actor=request["by"],
        expires=request.get("expires") or "",
        whole_glob=bool(request.get("all")),
        known_id=request.get("id") or "",
    )


def _allowed(live: Live, request: Request) -> OneResult:
    from playgate.enforce.allowed import allowed

    return allowed(live, request["deal"], at=_at(live, request), actor=request["by"])


def _next(live: Live, request: Request) -> OneResult:
    from playgate.enforce.standing import standing

    return standing(live, request["deal"], at=_at(live, request), actor=request["by"])


def _history(live: Live, request: Request) -> OneResult:
    from playgate.enforce.standing import entries
    from playgate.enforce.values import Course

    told = entries(live, request["deal"])
    if request.get("at") is not None:
        until = _at(live, request)
        told = [entry for entry in told if entry.at <= until]
    only = request.get("only")
    return Course(request["deal"], tuple(each for each in told if only in (None, each.actor)))


def _retract(live: Live, request: Request) -> OneResult:
    from playgate.enforce.taking_back import retract

    return retract(live, request["deal"], request["event"], request["reason"], actor=request["by"])


def _merge(live: Live, request: Request) -> OneResult:
    from playgate.enforce.taking_back import merge

    reason = request.get("reason") or ""
    return merge(live, request["deal"], request["into"], actor=request["by"], reason=reason)


def _waiver_request(live: Live, request: Request) -> OneResult:
    from playgate.enforce.waiver_requests import request_waiver

    return request_waiver(
        live,
        request["deal"],
        request["rule"],
        request["reason"],
        actor=request["by"],
        expires=request.get("expires") or "",
    )


def _waiver_approve(live: Live, request: Request) -> OneResult:
    from playgate.enforce.waiver_requests import approve

    return approve(live, request["request"], actor=request["by"])


def _waiver_decline(live: Live, request: Request) -> OneResult:
    from playgate.enforce.waiver_requests import decline

    return decline(live, request["request"], request["reason"], actor=request["by"])


COMMANDS: Mapping[str, Command] = {
    "open": Command(records=True, answer=_open),
    "log": Command(records=True, answer=_log),
    "set": Command(records=True, answer=_set),
    "move": Command(records=True, answer=_move),
    "check": Command(records=False, answer=_check),
    "ask": Command(records=True, answer=_ask),
    "allowed": Command(records=False, answer=_allowed),
    "waive": Command(records=True, answer=_waive),
    "waiver-request": Command(records=True, answer=_waiver_request),
    "waiver-approve": Command(records=True, answer=_waiver_approve),
    "waiver-decline": Command(records=True, answer=_waiver_decline),
    "retract": Command(records=True, answer=_retract, takes_back=True),
    "merge": Command(records=True, answer=_merge, takes_back=True),
    "next": Command(records=False, answer=_next),
    "history": Command(records=False, answer=_history),
}
"""Every live command by its name."""
