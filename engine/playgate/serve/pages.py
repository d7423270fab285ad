"""What is read at an address: the list of deals, and a deal's card."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from playgate.enforce.deal_list import DealList, list_deals
from playgate.enforce.deals_named import Named, wanted, zone_of_all
from playgate.enforce.live import Live
from playgate.enforce.requests import Requests
from playgate.enforce.values import Standing
from playgate.enforce.when import instant
from playgate.errors import InputError
from playgate.records import replace
from playgate.report import deal_card, deal_list
from playgate.serve.exchange import JSON, Exchange
from playgate.serve.house import House
from playgate.serve.queries import Query, check_query, first_of
from playgate.serve.tokens import Asker

__all__ = ["card", "deals"]

_HTML = b"text/html; charset=utf-8"
_QUIET = ((b"content-security-policy", b"default-src 'none'"),)


async def deals(house: House, exchange: Exchange) -> None:
    """Answers with the deals of the ledger, those that need attention first."""
    asker = house.asker_for(exchange, "deals")
    query = exchange.query()
    check_query(
        query, several=("rep", "team", "stage", "playbook"), single=("due", "at", "all", "limit")
    )
    named = Named(
        reps=query.get("rep", ()),
        teams=query.get("team", ()),
        stages=query.get("stage", ()),
        playbooks=_playbooks(asker, query.get("playbook", ())),
        due=first_of(query, "due"),
        ended=_is_said(query, "all"),
    )
    limit = _number(query, "limit", house.limits.deals)
    at = first_of(query, "at")
    read = partial(_listed, named=named, at=at, limit=limit)
    text = await house.questions.work(lambda desk: "".join(desk.look(read)))
    await exchange.answer(200, text.encode())


def _playbooks(asker: Asker, said: Sequence[str]) -> Sequence[str]:
    """Returns the playbooks whose deals are listed; raises `InputError` for one that the token is
    not for."""
    if not asker.playbooks:
        return said
    if not {each.partition("@")[0] for each in said} <= asker.playbooks:
        hint = f"it is for those of {', '.join(sorted(asker.playbooks))}"
        raise InputError("this token is not for deals of this playbook", hint=hint, code="may-not")
    return said or sorted(asker.playbooks)


def _listed(live: Live, *, named: Named, at: str | None, limit: int) -> list[str]:
    when = instant(at, zone_of_all(live), live.now)
    found: DealList = list_deals(live, wanted(live, named, at=when), at=when)
    return list(deal_list.as_json(replace(found, deals=found.deals[:limit])))


async def card(house: House, exchange: Exchange) -> None:
    """Answers with what a deal lacks for the next stage, as JSON or as a fragment of HTML."""
    asker = house.asker_for(exchange, "card")
    deal = exchange.scope["path_params"]["deal"]
    query = exchange.query()
    check_query(query, single=("format", "by"))
    as_html = _wants_html(query, exchange.header(b"accept"))
    by = asker.actor
    if "by" in query and query["by"][0] != by:
        if not asker.trusted:
            message = f'"{query["by"][0][:60]}" cannot act by this token'
            raise InputError(message, hint="leave by out", code="may-not")
        by = query["by"][0]
    request = {"command": "next", "deal": deal, **({"by": by} if by else {})}

    def shown(desk: Requests) -> str:
        standing = desk.do(asker.confined(request))
        assert isinstance(standing, Standing)  # noqa: S101  (that is what it answers with)
        if as_html:
            return "".join(deal_card.as_html(standing, zone=desk.zone(standing.deal)))
        return deal_card.as_json(standing) + "\n"

    text = await house.questions.work(shown)
    kind, headers = (_HTML, _QUIET) if as_html else (JSON, ())
    await exchange.answer(200, text.encode(), kind, ((b"vary", b"accept"), *headers))


def _wants_html(query: Query, accept: str) -> bool:
    form = first_of(query, "format") or ""
    if form not in ("", "json", "html"):
        hint = "json or html"
        raise InputError(f'format cannot be "{form[:60]}"', hint=hint, code="wrong-value")
    return form == "html" or (not form and _before(accept.lower(), "text/html", "json"))


def _before(accept: str, first: str, second: str) -> bool:
    """Returns whether a kind is wanted, and before another."""
    place, other = accept.find(first), accept.find(second)
    return place >= 0 and (other < 0 or place < other)


def _is_said(query: Query, name: str) -> bool:
    said = query.get(name, ["false"])[0]
    if said not in ("true", "false"):
        raise InputError(f"{name} must be true or false", code="wrong-value")
    return said == "true"


def _number(query: Query, name: str, most: int) -> int:
    said = query.get(name, [str(most)])[0]
    if not (said.isascii() and said.isdecimal() and len(said) < 10 and int(said)):
        raise InputError(f"{name} must be a whole number of at least 1", code="wrong-value")
    return min(int(said), most)
