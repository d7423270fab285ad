"""The addresses of the page, and what stands before every screen and every form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import parse_qsl

from playgate.errors import InputError
from playgate.language import say, using
from playgate.report.html_parts import View
from playgate.serve.exchange import ClientGoneError, Exchange
from playgate.serve.house import House
from playgate.serve.people import deals, studies, waivers
from playgate.serve.people.deals import one_of
from playgate.serve.people.page import Page, address, local
from playgate.serve.people.tongues import language_for
from playgate.serve.people.visitor import Visitor
from playgate.serve.people.waivers import Form

__all__ = ["Screen", "screens"]

_Shown = Callable[[Page, Exchange, Visitor], Awaitable[None]]
_Taken = Callable[[Page, Exchange, Visitor, Form], Awaitable[None]]
_FORM = "application/x-www-form-urlencoded"


class Screen(NamedTuple):
    """An address of the page."""

    path: str
    method: str
    what: str
    """Its name in logs and figures."""
    answer: Callable[[House, Exchange], Awaitable[None]]


def screens(page: Page) -> Iterator[Screen]:
    """Yields every address of the page."""
    shown: Sequence[tuple[str, _Shown]] = (
        ("/", deals.deals),
        ("/deal", deals.deal),
        ("/today", studies.today),
        ("/waivers", waivers.screen),
        ("/playbooks", studies.playbooks),
        ("/report", studies.report),
    )
    for path, show in shown:
        yield _screen(path, "GET", partial(_show, page, show), page)
    yield _screen("/sign", "GET", partial(_sign, page), page)
    taken: Sequence[tuple[str, _Taken]] = (
        ("/sign-in", _sign_in),
        ("/sign-out", _sign_out),
        ("/waivers/ask", _signed_in(waivers.ask)),
        ("/waivers/approve", _signed_in(partial(waivers.answer, approves=True))),
        ("/waivers/decline", _signed_in(partial(waivers.answer, approves=False))),
    )
    for path, take in taken:
        yield _screen(path, "POST", partial(_take, page, take), page)


def _screen(
    path: str, method: str, do: Callable[[Exchange, Visitor], Awaitable[None]], page: Page
) -> Screen:
    async def answer(house: House, exchange: Exchange) -> None:
        asked = exchange.header(b"accept-language")
        with using(language_for(asked, house.settings.language)):
            visitor: Visitor | None = None
            try:
                visitor = page.door.visitor(exchange)
                await do(exchange, visitor)
            except ClientGoneError:
                raise
            except Exception as error:
                if exchange.status:
                    raise
                await page.tell(exchange, visitor, house.world.meaning(error))

    what = f"page-{path.strip('/').replace('/', '-') or 'deals'}"
    return Screen(path, method, what, answer)


async def _show(page: Page, show: _Shown, exchange: Exchange, visitor: Visitor) -> None:
    """Shows a screen to who is signed in, and to all others where they can."""
    if visitor.asker is None:
        query = exchange.scope["query_string"].decode("latin-1")
        path = exchange.scope["path"]
        await page.lead(exchange, address("/sign", next=f"{path}?{query}" if query else path))
        return
    await show(page, exchange, visitor)


async def _sign(page: Page, exchange: Exchange, visitor: Visitor) -> None:
    to = local(one_of(exchange.query(), "next"))
    if visitor.asker is not None:
        await page.lead(exchange, to)
        return
    await page.draw(exchange, "sign.html", visitor, _sign_view(to))


def _sign_view(to: str, problem: str = "") -> View:
    return {"title": say("Sign in"), "next": to, "problem": problem}


# Forms


async def _take(page: Page, take: _Taken, exchange: Exchange, visitor: Visitor) -> None:
    form = await _form(page, exchange)
    page.door.check_form(exchange, visitor, form.get("form", ""))
    await take(page, exchange, visitor, form)


def _signed_in(take: _Taken) -> _Taken:
    """Returns what takes a form from who is signed in, and leads all others to where they can."""

    async def taken(page: Page, exchange: Exchange, visitor: Visitor, form: Form) -> None:
        if visitor.asker is None:
            await page.lead(exchange, "/sign")
            return
        await take(page, exchange, visitor, form)

    return taken


async def _form(page: Page, exchange: Exchange) -> Form:
    """Returns what a form says; of what it says twice, the first."""
    kind = exchange.header(b"content-type").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise InputError("this is no form", hint=_FORM, code="wrong-value")
    body = await exchange.body()
    if len(body) > page.house.limits.form:
        raise InputError("the form is too long", code="too-large")
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise InputError("the form cannot be read", code="wrong-value") from None
    return dict(reversed(pairs))


async def _sign_in(page: Page, exchange: Exchange, visitor: Visitor, form: Form) -> None:
    to = local(form.get("next", ""))
    try:
        told = page.door.sign_in(exchange, form.get("token", ""))
    except InputError as error:
        if error.code != "no-token":
            raise
        exchange.code = error.code
        problem = say("This is no token, or one that does not count any more.")
        view = _sign_view(to, problem)
        await page.draw(exchange, "sign.html", visitor, view, status=401)
        return
    await page.lead(exchange, to, [told])


async def _sign_out(page: Page, exchange: Exchange, visitor: Visitor, form: Form) -> None:
    if not visitor.signs_out:
        await page.lead(exchange, "/")
        return
    await page.lead(exchange, "/sign", [page.door.sign_out(exchange, visitor)])
