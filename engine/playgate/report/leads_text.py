"""Lists of prospects for people: one for the head, one for each rep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC

from playgate.conditions.instants import load_zone
from playgate.language import message, say
from playgate.leads.result import Lead, LeadsResult, Match, Status
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import day, percent
from playgate.report.leads_words import STANDS
from playgate.report.pages import Head, page, page_markdown
from playgate.report.words import count, plural

__all__ = ["render", "render_markdown"]

_SHOWN = 25
_WORDS: dict[Status, str] = {
    "free": message("free to call"),
    "incomplete": message("incomplete"),
    "client": message("clients already"),
    "taken": message("worked on by a colleague"),
    "twice": message("twice on the list"),
    "to-decide": message("perhaps somebody known: to be decided"),
}
_KINDS = {
    "client": message("client {id}"),
    "deal": message("deal {id}"),
    "prospect": message("row {id}"),
}
_CONTACT = ("name", "contact_name", "phone", "email", "address")


def render(
    result: LeadsResult, rep: str = "", *, width: int = 100, colour: bool = False
) -> Iterator[str]:
    """Yields the head's list, or a rep's, in pieces of text; lines are at most `width` wide."""
    return page(_head(result), _sections(result, rep), width=width, colour=colour)


def render_markdown(result: LeadsResult, rep: str = "") -> Iterator[str]:
    """Yields the head's list, or a rep's, as Markdown."""
    return page_markdown(_head(result), _sections(result, rep))


def _head(result: LeadsResult) -> Head:
    zone = load_zone(result.timezone) or UTC
    title = say("Leads of {playbook}", playbook=result.playbook)
    if result.title not in ("", result.playbook):
        title = say("{title}: {name}", title=title, name=result.title)
    looked_at = say(
        "{prospects} against {clients} and {deals}, as of {day}.",
        prospects=plural(result.prospects, "prospect"),
        clients=plural(result.clients, "client"),
        deals=plural(result.deals, "deal"),
        day=day(result.as_of, zone),
    )
    lines = [looked_at, _enough(result)]
    if result.problems:
        lines.append(say("{problems} with the data.", problems=plural(result.problems, "problem")))
    return Head(title, result.plan, tuple(lines))


def _enough(result: LeadsResult) -> str:
    usable, minimum = count(result.usable), count(result.minimum)
    if result.is_short:
        return say(
            "ALARM: only {usable} left that are complete and nobody's; it must be {minimum}.",
            usable=usable,
            minimum=minimum,
        )
    if result.minimum:
        return say(
            "{usable} left that are complete and nobody's, of {minimum}.",
            usable=usable,
            minimum=minimum,
        )
    return say("{usable} left that are complete and nobody's.", usable=usable)


def _sections(result: LeadsResult, rep: str) -> Iterator[Section]:
    found = [_calls(result, rep), _due(result, rep)]
    if not rep:
        found = [_states(result), *found, _known(result), _missing(result), _release(result)]
        found.append(_covered(result))
    else:
        found.append(_release(result, rep))
    yield from (section for section in found if section.rows)


def _states(result: LeadsResult) -> Section:
    states = Counter(lead.status for lead in result.leads)
    rows: list[tuple[Cell, ...]] = [
        (say(_WORDS[status]), count(states[status])) for status in _WORDS if states[status]
    ]
    return Section(
        say("The list"), (Column(say("Prospects"), "message"), Column(say("Count"), "number")), rows
    )


def _calls(result: LeadsResult, rep: str) -> Section:
    leads = [lead for lead in result.leads if lead.status == "free" and rep in ("", lead.rep)]
    columns = (
        Column(say("Rank"), "number"),
        Column(say("Prospect"), "name"),
        Column(say("Segment"), "id"),
        Column(say("Fits"), "message"),
        Column(say("How to reach") if rep else say("Proposed"), "message"),
    )
    rows = [
        (str(lead.rank), _who(lead), lead.segment, _fit(lead), _reach(lead) if rep else _rep(lead))
        for lead in leads[:_SHOWN]
    ]
    more = len(leads) - len(rows)
    left_out = say("{number} more: --format csv", number=count(more)) if more else ""
    note = "" if rep else say("A proposal: it counts when the head has signed it (--signed-by).")
    return Section(say("Whom to call, first things first"), columns, rows, left_out, note)


def _who(lead: Lead) -> Cell:
    return (lead.name or lead.place, lead.place) if lead.name else lead.place


def _fit(lead: Lead) -> str:
    if lead.fits:
        return ", ".join(lead.fits)
    if not lead.nearest:
        return "–"
    return say("{share} of {profile}", share=percent(lead.fit), profile=lead.nearest)


def _rep(lead: Lead) -> Cell:
    return (lead.rep, lead.why) if lead.rep else (lead.why or "–")


def _reach(lead: Lead) -> str:
    return " · ".join(lead.cells[each] for each in _CONTACT[1:] if lead.cells.get(each))


def _due(result: LeadsResult, rep: str) -> Section:
    columns = (
        Column(say("Rep"), "name"),
        Column(say("Open deals"), "number"),
        Column(say("Given"), "number"),
        Column(say("Done"), "number"),
        Column(say("Owed"), "number"),
        Column(say("Left", about="owed"), "number"),
        Column(say("First to call"), "message"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            due.name,
            count(due.open_deals),
            count(due.given),
            count(due.done),
            count(due.at_least),
            count(due.left),
            ", ".join(due.first[:3]),
        )
        for due in result.due
        if rep in ("", due.rep)
    ]
    return Section(say("Due in the running period"), columns, rows)


def _known(result: LeadsResult) -> Section:
    columns = (
        Column(say("Prospect"), "name"),
        Column(say("Stands"), "id"),
        Column(say("Seen by"), "message"),
        Column(say("Likeness"), "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (_who(lead), say(STANDS[lead.status]), _seen(match), f"{match.likeness:.0f}")
        for lead in result.leads
        for match in lead.matches
    ]
    more = len(rows) - _SHOWN
    left_out = say("{number} more: --format csv", number=count(more)) if more > 0 else ""
    note = say("Nothing is merged: who is struck off, and by what, stands here.")
    if result.likeness is not None:
        likeness = say("From a likeness of {likeness} on, people decide.", likeness=result.likeness)
        note = f"{note} {likeness}"
    return Section(say("Who is known already"), columns, rows[:_SHOWN], left_out, note)


def _seen(match: Match) -> Cell:
    what = say(_KINDS[match.kind], id=match.of)
    if match.rep:
        what = say("{what} of {rep}", what=what, rep=match.rep)
    if match.kind == "deal" and not match.open:
        what = say("{deal}, ended", deal=what)
    return what, say("{what}: {how}", what=", ".join(match.by), how=match.value)


def _missing(result: LeadsResult) -> Section:
    columns = (Column(say("Prospect"), "name"), Column(say("Missing"), "message"))
    leads = [lead for lead in result.leads if lead.missing]
    rows: list[tuple[Cell, ...]] = [
        (_who(lead), ", ".join(lead.missing)) for lead in leads[:_SHOWN]
    ]
    more = len(leads) - len(rows)
    left_out = say("{number} more", number=count(more)) if more else ""
    return Section(say("What is missing"), columns, rows, left_out)


def _release(result: LeadsResult, rep: str = "") -> Section:
    zone = load_zone(result.timezone) or UTC
    columns = (
        Column(say("Deal"), "name"),
        Column(say("Rep"), "name"),
        Column(say("Since"), "mark"),
        Column(say("Stage"), "id"),
    )
    own = [each for each in result.release if rep in ("", each.rep)]
    rows: list[tuple[Cell, ...]] = [
        (each.deal, each.rep, day(each.since, zone), each.stage) for each in own[:_SHOWN]
    ]
    more = len(own) - len(rows)
    note = say("They pass to another rep by the head's decision: --signed-by, --pass-on DEAL=REP.")
    left_out = say("{number} more: --format json", number=count(more)) if more else ""
    return Section(say("Worked on for too long without a sale"), columns, rows, left_out, note)


def _covered(result: LeadsResult) -> Section:
    columns = (
        Column(say("Segment"), "name"),
        Column(say("Prospects"), "number"),
        Column(say("Clients"), "number"),
        Column(say("Worked on"), "number"),
        Column(say("Touched", about="prospects"), "number"),
        Column(say("Nobody touched"), "number"),
        Column(say("Such as"), "message"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.title,
            count(each.prospects),
            count(each.clients),
            count(each.worked_on),
            count(each.touched),
            count(each.left),
            ", ".join(each.untouched[:3]),
        )
        for each in result.covered
    ]
    return Section(say("The market covered"), columns, rows)
