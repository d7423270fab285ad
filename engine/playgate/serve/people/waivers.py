"""The screen of waivers, and the forms by which one is asked for, approved and declined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from playgate.enforce.commands import Request
from playgate.enforce.values import WaiverRequest
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.people import AGENT
from playgate.language import message, say
from playgate.report.figures import minute
from playgate.report.html_parts import View
from playgate.serve.exchange import Exchange
from playgate.serve.people.deals import one_of
from playgate.serve.people.page import Page, address, link, paged
from playgate.serve.people.reading import Everything, one_deal, waivers
from playgate.serve.people.sight import Sight
from playgate.serve.people.visitor import Visitor

__all__ = ["Form", "answer", "ask", "screen"]

Form = Mapping[str, str]
_EACH = 30
_SHOWN = {
    "": message("Waiting for an answer"),
    "answered": message("Answered"),
    "given": message("Exceptions given"),
}
_DONE = {
    "approved": message("The waiver is approved."),
    "declined": message("The waiver is declined."),
}


async def screen(page: Page, exchange: Exchange, visitor: Visitor) -> None:
    """Shows the waivers that wait for an answer, those that have one, or those that were made."""
    query = exchange.query()
    show, done = one_of(query, "show"), one_of(query, "done")
    known = await page.everything()
    found = await page.voice.work(waivers)
    sight = known.seen_by(visitor.actor)
    asked = [each for each in found.asked[::-1] if _is_seen(each, known, sight, visitor)]
    waiting = [each for each in asked if not each.row.answer]
    choices: Mapping[str, Sequence[Event | WaiverRequest]] = {
        "": waiting,
        "answered": [each for each in asked if each.row.answer],
        "given": [each for each in found.given if sight.has(_owner(each.deal, known))],
    }
    shown = choices.get(show, waiting)
    part = paged(len(shown), one_of(query, "page"), _EACH, "/waivers", show=show)
    view = {
        "title": say("Waivers"),
        "rows": [
            _given(each, known) if isinstance(each, Event) else _request(each, known, visitor)
            for each in shown[part["start"] : part["end"]]
        ],
        "part": part,
        "show": show,
        "shown": [(key, say(_SHOWN[key])) for key in _SHOWN],
        "summary": say(
            "{n} request waits for an answer.", "{n} requests wait for an answer.", n=len(waiting)
        ),
        "notice": say(_DONE[done]) if done in _DONE else "",
    }
    await page.draw(exchange, "waivers.html", visitor, view)


def _is_seen(each: WaiverRequest, known: Everything, sight: Sight, visitor: Visitor) -> bool:
    is_own = bool(visitor.actor) and each.row.actor == visitor.actor
    return is_own or sight.has(_owner(each.deal, known))


def _owner(deal: str, known: Everything) -> str:
    return known.owners.get(deal, "")


def _request(each: WaiverRequest, known: Everything, visitor: Visitor) -> View:
    row = each.row
    roles = known.people.roles(visitor.actor, known.at) if known.people else frozenset()
    may = each.may_answer is None or not roles.isdisjoint(each.may_answer)
    is_own = row.actor.strip().casefold() == visitor.actor.strip().casefold()
    return {
        **_asked(row.deal, row.rule, row.reason),
        "id": each.id,
        "told": [*_told(each, known)],
        "may_answer": not row.answer and may and not is_own and bool(visitor.actor),
    }


def _told(each: WaiverRequest, known: Everything) -> Iterator[str]:
    """Yields who asked for an exception, until when, and what was answered by whom."""
    row = each.row
    who = known.name(row.actor) or say("nobody named")
    at = minute(row.at, known.zone)
    yield (
        say("Asked by {who}, a program, {at}", who=who, at=at)
        if row.origin == AGENT
        else say("Asked by {who}, {at}", who=who, at=at)
    )
    if row.expires:
        yield say("until {day}", day=row.expires)
    if row.answered_at is not None:
        by = known.name(row.answered_by) or say("nobody named")
        at = minute(row.answered_at, known.zone)
        said = (
            say("approved by {who}, {at}", who=by, at=at)
            if row.answer == "approved"
            else say("declined by {who}, {at}", who=by, at=at)
        )
        yield (
            say("{said}: {reason}", said=said, reason=row.answer_reason)
            if (row.answer_reason)
            else said
        )
    elif each.may_answer:
        yield say("to be answered by: {roles}", roles=", ".join(each.may_answer))


def _given(each: Event, known: Everything) -> View:
    who = known.name(each.actor) or say("nobody named")
    at = minute(each.recorded_at, known.zone)
    return {
        **_asked(each.deal, each.name, each.value),
        "told": [say("Given by {who}, {at}", who=who, at=at)],
        "may_answer": False,
    }


def _asked(deal: str, rule: str, reason: str) -> View:
    return {"deal": deal, "href": link("/deal", id=deal), "rule": rule, "reason": reason}


# What comes back


async def ask(page: Page, exchange: Exchange, visitor: Visitor, form: Form) -> None:
    """Records that somebody asks for an exception."""
    deal = unquote(form.get("deal", ""))
    await _refuse_unseen(page, visitor, deal)
    request = {
        "command": "waiver-request",
        "deal": deal,
        "rule": form.get("rule", ""),
        "reason": form.get("reason", ""),
        **({"expires": form["expires"]} if form.get("expires") else {}),
    }
    await _record(page, visitor, request)
    await page.lead(exchange, address("/deal", id=deal, done="asked"))


async def answer(
    page: Page, exchange: Exchange, visitor: Visitor, form: Form, *, approves: bool
) -> None:
    """Records what somebody says to a request."""
    known_id = form.get("request", "")
    found = await page.voice.work(waivers)
    deal = next((each.deal for each in found.asked if each.id == known_id), None)
    if deal is None:
        message, hint = say("there is no such request"), say("load the page again")
        raise InputError(message, hint=hint, code="no-decision")
    await _refuse_unseen(page, visitor, deal)
    request = {"command": "waiver-approve", "request": known_id}
    if not approves:
        reason = form.get("reason", "")
        request = {"command": "waiver-decline", "request": known_id, "reason": reason}
    await _record(page, visitor, request)
    done = "approved" if approves else "declined"
    await page.lead(exchange, address("/waivers", done=done))


async def _refuse_unseen(page: Page, visitor: Visitor, deal: str) -> None:
    """Raises `InputError` for a deal that somebody is not shown."""
    await page.voice.work(lambda desk: one_deal(desk, deal, visitor.actor))


async def _record(page: Page, visitor: Visitor, request: Request) -> None:
    if not visitor.actor:
        command = "playgate token new --scope page --by ACTOR"
        raise InputError(
            say("your token does not say who you are"),
            hint=say("{command} makes one that does", command=command),
            code="may-not",
        )
    (told,) = await page.house.writer.answer([{**request, "by": visitor.actor}])
    if isinstance(told, Exception):
        raise told
