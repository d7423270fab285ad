"""The live commands: what each may be told, what it needs, whether it records, what answers it.

The commands themselves, the quick path and `--batch` all read this one table. Every start of the
command line does, so what an answer takes is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from playgate.documents.document import composed
from playgate.records import Record, replace

if TYPE_CHECKING:
    from playgate.cli.requests import LiveResult, OneResult
    from playgate.enforce.live import Live
    from playgate.model.playbook import Playbook

__all__ = ["LIVE", "MORE_THAN_TEXT", "LiveCommand", "Request", "composed_request", "run"]

Request = Mapping[str, Any]
"""One thing to do: `command` and what it takes, from the command line or a line of a batch."""


class LiveCommand(Record, kw_only=True):
    """What a live command may be told, and what answers it."""

    words: tuple[str, ...]
    """Its arguments, by their names in a request; `fields` are all FIELD=VALUE that follow."""
    needs: tuple[str, ...]
    """What a request cannot be without."""
    options: Mapping[str, str]
    """Its options, each with its name in a request."""
    records: bool
    """Whether it writes into the ledger."""
    answer: Callable[[Live, Request], OneResult]
    """Answers a request; where it records, the ledger must be open for writing."""
    many: bool = False
    """Whether one request may name several `deals`, each of which is answered by itself."""


MORE_THAN_TEXT = frozenset(("fields", "with", "attrs", "all"))
"""What in a request is no text: mappings, a list and a switch."""
_DEEPEST = 20


def run(live: Live, request: Request) -> LiveResult:
    """Does what a request asks; what records must be called inside a transaction."""
    answer = LIVE[request["command"]].answer
    request = composed_request(request)
    if "deals" not in request:
        return answer(live, request)
    from playgate.enforce.many import each_by_itself

    return each_by_itself(
        live, request["deals"], lambda deal: answer(live, {**request, "deal": deal})
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
    from playgate.cli.requests import happened, zone_of

    records = LIVE[request["command"]].records
    return happened(request["at"], zone_of(live, request["deal"]), live.now, records=records)


def _open(live: Live, request: Request) -> OneResult:
    from playgate.cli.requests import happened, playbook_in, published_last
    from playgate.enforce.moves import open_deal

    if request.get("playbook"):
        playbook, document, content = playbook_in(request["playbook"])
        live.keep(playbook, document, content)
    else:
        playbook = live.playbook(published_last(live.ledger))
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
    from playgate.enforce.facts import set_fields
    from playgate.enforce.values import nothing_known

    playbook = live.pinned(live.row(request["deal"]))
    fields, ignored = _known_fields(playbook, request)
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

    return move(
        live,
        request["deal"],
        request["stage"],
        at=_at(live, request),
        actor=request["by"],
        expected=request.get("from"),
        known_id=request.get("id") or "",
    )


def _check(live: Live, request: Request) -> OneResult:
    from playgate.enforce.moves import check

    decision, _ = check(
        live, request["deal"], request["stage"], at=_at(live, request), actor=request["by"]
    )
    return decision


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


_WHO_AND_WHEN = {"--by": "by", "--at": "at"}
_EVENT = {**_WHO_AND_WHEN, "--id": "id"}
_UNKNOWN = {"--unknown": "unknown"}

LIVE: Mapping[str, LiveCommand] = {
    "open": LiveCommand(
        words=("deal", "fields"),
        needs=("deal",),
        options={"--playbook": "playbook", "--stage": "stage", **_UNKNOWN, **_EVENT},
        records=True,
        answer=_open,
    ),
    "log": LiveCommand(
        words=("deal", "activity", "outcome"),
        needs=("deal", "activity"),
        options={"--with": "with", "--attr": "attrs", **_EVENT},
        records=True,
        answer=_log,
    ),
    "set": LiveCommand(
        words=("deal", "fields"),
        needs=("deal", "fields"),
        options={**_UNKNOWN, **_EVENT},
        records=True,
        answer=_set,
    ),
    "move": LiveCommand(
        words=("deal", "stage"),
        needs=("deal", "stage"),
        options={"--from": "from", **_EVENT},
        records=True,
        answer=_move,
        many=True,
    ),
    "check": LiveCommand(
        words=("deal", "stage"),
        needs=("deal", "stage"),
        options=_WHO_AND_WHEN,
        records=False,
        answer=_check,
        many=True,
    ),
    "waive": LiveCommand(
        words=("deal", "rule"),
        needs=("deal", "rule", "reason"),
        options={"--reason": "reason", "--expires": "expires", "--all": "all", **_EVENT},
        records=True,
        answer=_waive,
    ),
    "next": LiveCommand(
        words=("deal",), needs=("deal",), options=_WHO_AND_WHEN, records=False, answer=_next
    ),
    "history": LiveCommand(
        words=("deal",),
        needs=("deal",),
        options={"--by": "only", "--at": "at"},
        records=False,
        answer=_history,
    ),
}
"""Every live command by its name."""
