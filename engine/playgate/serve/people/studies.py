"""The screens that are counted: somebody's day, playbooks with their adherence, the report."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, NamedTuple

from playgate.errors import InputError
from playgate.language import say
from playgate.report.digest import Section
from playgate.report.html_parts import View
from playgate.serve.exchange import Exchange
from playgate.serve.people.deals import one_of
from playgate.serve.people.page import Page, address, link
from playgate.serve.people.reading import Everything
from playgate.serve.people.sight import Sight
from playgate.serve.people.visitor import Visitor

if TYPE_CHECKING:
    from playgate.numbers.review import Review
    from playgate.numbers.today_result import TodayDeal
    from playgate.serve.people.reviews import Day

__all__ = ["playbooks", "report", "today"]

_NEEDED = ("vl_convert", "scipy")
_MOST_DEALS = 100
_DAY_FOR = 600.0
"""Seconds for which somebody's day is shown again: it is that of now."""


async def today(page: Page, exchange: Exchange, visitor: Visitor) -> None:
    """Shows what somebody is to do today; who leads others may choose one of them."""
    query = exchange.query()
    known = await page.everything()
    sight = known.seen_by(visitor.actor)
    reps = _reps(known, sight)
    rep = _chosen(one_of(query, "rep"), reps, visitor)
    name = _playbook(one_of(query, "playbook"), known)
    view: View = {
        "title": say("Today"),
        "rep": rep,
        "reps": reps,
        "day": None,
        **_names(known, name),
    }
    if rep:
        _check_libraries()
        now, db = page.house.world.now(), page.house.settings.db
        found = await page.voice.counted.get(
            ("today", name, rep), lambda _: _day(db, name, now, rep), lasts=_DAY_FOR
        )
        view |= {
            "day": found,
            "deals": [
                {"href": link("/deal", id=each.deal), "each": each, "what": _said(each, known)}
                for each in found.deals[:_MOST_DEALS]
            ],
            "sections": [_table(each) for each in found.sections],
        }
    await page.draw(exchange, "today.html", visitor, view)


async def playbooks(page: Page, exchange: Exchange, visitor: Visitor) -> None:
    """Shows a playbook as a diagram, with how much of it is followed."""
    known = await page.everything()
    name = _playbook(one_of(exchange.query(), "playbook"), known)
    sight = known.seen_by(visitor.actor)
    found = await _review(page, known, sight, name)
    view = await page.voice.counted.get(
        ("playbook", name, _whose(sight)), lambda _: _diagram(found.review), of=found.which
    )
    version = next(each[1] for each in known.playbooks if each[0] == name)
    title = next(each[2] for each in known.playbooks if each[0] == name)
    shown = {
        "title": title,
        "version": version,
        "whose": _whose_said(known, sight),
        **_names(known, name),
        **view,
    }
    await page.draw(exchange, "playbook.html", visitor, shown)


async def report(page: Page, exchange: Exchange, visitor: Visitor) -> None:
    """Shows the report: of everyone, of the people whom somebody leads, or of one rep."""
    query = exchange.query()
    known = await page.everything()
    sight = known.seen_by(visitor.actor)
    name = _playbook(one_of(query, "playbook"), known)
    rep = visitor.actor if sight.is_one else ""
    found = await _review(page, known, sight, name)
    leads = _leads(known, name)
    text = await page.voice.counted.get(
        ("report", name, _whose(sight), rep),
        lambda _: _report(found.review, rep, leads),
        of=(found.which, leads),
    )
    await page.send_report(exchange, text)


def _leads(known: Everything, name: str) -> tuple[tuple[str, str], ...]:
    """Returns where a report leads to: the other screens, and the reports on other playbooks."""
    screens = ("/", say("All screens"))
    if len(known.playbooks) == 1:
        return (screens,)
    reports = (
        ("" if each == name else address("/report", playbook=each), title)
        for each, _, title in known.playbooks
    )
    return (screens, *reports)


class _Reviewed(NamedTuple):
    review: Review
    which: object
    """What no other review has: what is drawn of one is drawn anew of the next."""


async def _review(page: Page, known: Everything, sight: Sight, name: str) -> _Reviewed:
    _check_libraries()
    owners = _whose(sight)
    deals = None
    if owners is not None:
        deals = frozenset(deal for deal, owner in known.owners.items() if owner in owners)
    db, now = page.house.settings.db, page.house.world.now()

    def count() -> _Reviewed:
        from playgate.serve.people.reviews import reviewed

        return _Reviewed(reviewed(db, name, now, deals=deals, owners=owners or ()), object())

    return await page.voice.counted.get(("review", name, owners), lambda _: count(), of=deals)


# What counts takes a second to import: the thread that counts does it, when somebody asks first.


def _day(db: str, name: str, now: int, rep: str) -> Day:
    from playgate.serve.people.reviews import day_of

    return day_of(db, name, now, rep)


def _diagram(review: Review) -> View:
    from playgate.serve.people.reviews import playbook_view

    return playbook_view(review)


def _report(review: Review, rep: str, leads: tuple[tuple[str, str], ...]) -> str:
    from playgate.serve.people.reviews import report_page

    return report_page(review, rep, leads)


def _check_libraries() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            say("a report needs more libraries: {names}", names=", ".join(missing)),
            hint="pip install 'playgate[serve,report]'",
            code="not-installed",
        )


def _whose(sight: Sight) -> frozenset[str] | None:
    """Returns whose deals are counted: of a rep's own, everybody's are what they are held against,
    and no more of these is shown than their totals."""
    return None if sight.is_one else sight.owners


def _whose_said(known: Everything, sight: Sight) -> str:
    if sight.owners is None or sight.is_one:
        return say("all deals")
    return say("the deals of those whom you lead, and your own")


def _reps(known: Everything, sight: Sight) -> list[tuple[str, str]]:
    actors = {owner for owner in known.owners.values() if owner and sight.has(owner)}
    found = [(each, known.name(each)) for each in actors]
    return sorted(found, key=lambda each: (each[1].casefold(), each[0]))[:500]


def _chosen(asked: str, reps: list[tuple[str, str]], visitor: Visitor) -> str:
    actors = [each for each, _ in reps]
    if asked:
        if asked not in actors:
            hint = say("the list has those whose day you may see")
            raise InputError(say("there is nobody of that name for you"), hint=hint, code="may-not")
        return asked
    return visitor.actor if visitor.actor in actors else next(iter(actors), "")


def _playbook(asked: str, known: Everything) -> str:
    names = [each[0] for each in known.playbooks]
    if asked in names:
        return asked
    if asked or not names:
        known_ones = say("known: {names}", names=", ".join(names))
        hint = known_ones if names else say("{command} brings one", command="playgate publish")
        raise InputError(say("there is no such playbook"), hint=hint, code="no-version")
    used = [line.playbook for line in known.lines]
    return max(names, key=lambda name: (used.count(name), name))


def _names(known: Everything, name: str) -> View:
    return {"playbook": name, "playbooks": [(each[0], each[2]) for each in known.playbooks]}


def _said(each: TodayDeal, known: Everything) -> str:
    line = next((line for line in known.lines if line.deal == each.deal), None)
    return known.say(line, each.what) if line else each.what


def _table(section: Section) -> View:
    return {
        "title": section.title,
        "note": " ".join(filter(None, (section.left_out, section.note))),
        "head": [(column.head, column.kind == "number") for column in section.columns],
        "rows": [
            [[cell] if isinstance(cell, str) else [*cell] for cell in row] for row in section.rows
        ],
    }
