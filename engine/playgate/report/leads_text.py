"""Lists of prospects for people: one for the head, one for each rep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC

from playgate.conditions.instants import load_zone
from playgate.leads.result import Lead, LeadsResult, Match, Status
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import day, percent
from playgate.report.pages import Head, page, page_markdown
from playgate.report.words import count, plural

__all__ = ["render", "render_markdown"]

_SHOWN = 25
_WORDS: dict[Status, str] = {
    "free": "free to call",
    "incomplete": "incomplete",
    "client": "clients already",
    "taken": "worked on by a colleague",
    "twice": "twice on the list",
    "to-decide": "perhaps somebody known: to be decided",
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
    title = f"Leads of {result.playbook}"
    if result.title not in ("", result.playbook):
        title = f"{title}: {result.title}"
    lines = [
        f"{plural(result.prospects, 'prospect')} against {plural(result.clients, 'client')} and "
        f"{plural(result.deals, 'deal')}, as of {day(result.as_of, zone)}."
    ]
    enough = f"{count(result.usable)} left that are complete and nobody's"
    if result.is_short:
        lines.append(f"ALARM: only {enough}; it must be {count(result.minimum)}.")
    else:
        lines.append(f"{enough}{f', of {count(result.minimum)}' if result.minimum else ''}.")
    if result.problems:
        lines.append(f"{plural(result.problems, 'problem')} with the data.")
    return Head(title, result.plan, tuple(lines))


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
        (words, count(states[status])) for status, words in _WORDS.items() if states[status]
    ]
    return Section("The list", (Column("Prospects", "message"), Column("Count", "number")), rows)


def _calls(result: LeadsResult, rep: str) -> Section:
    leads = [lead for lead in result.leads if lead.status == "free" and rep in ("", lead.rep)]
    columns = (
        Column("Rank", "number"),
        Column("Prospect", "name"),
        Column("Segment", "id"),
        Column("Fits", "message"),
        Column("How to reach" if rep else "Proposed", "message"),
    )
    rows = [
        (str(lead.rank), _who(lead), lead.segment, _fit(lead), _reach(lead) if rep else _rep(lead))
        for lead in leads[:_SHOWN]
    ]
    more = len(leads) - len(rows)
    left_out = f"{count(more)} more: --format csv" if more else ""
    note = "" if rep else "A proposal: it counts when the head has signed it (--signed-by)."
    return Section("Whom to call, first things first", columns, rows, left_out, note)


def _who(lead: Lead) -> Cell:
    return (lead.name or lead.place, lead.place) if lead.name else lead.place


def _fit(lead: Lead) -> str:
    if lead.fits:
        return ", ".join(lead.fits)
    return f"{percent(lead.fit)} of {lead.nearest}" if lead.nearest else "–"


def _rep(lead: Lead) -> Cell:
    return (lead.rep, lead.why) if lead.rep else (lead.why or "–")


def _reach(lead: Lead) -> str:
    return " · ".join(lead.cells[each] for each in _CONTACT[1:] if lead.cells.get(each))


def _due(result: LeadsResult, rep: str) -> Section:
    columns = (
        Column("Rep", "name"),
        Column("Open deals", "number"),
        Column("Given", "number"),
        Column("Done", "number"),
        Column("Owed", "number"),
        Column("Left", "number"),
        Column("First to call", "message"),
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
    return Section("Due in the running period", columns, rows)


def _known(result: LeadsResult) -> Section:
    columns = (
        Column("Prospect", "name"),
        Column("Stands", "id"),
        Column("Seen by", "message"),
        Column("Likeness", "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (_who(lead), lead.status, _seen(match), f"{match.likeness:.0f}")
        for lead in result.leads
        for match in lead.matches
    ]
    left_out = f"{count(len(rows) - _SHOWN)} more: --format csv" if len(rows) > _SHOWN else ""
    note = "Nothing is merged: who is struck off, and by what, stands here."
    if result.likeness is not None:
        note = f"{note} From a likeness of {result.likeness} on, people decide."
    return Section("Who is known already", columns, rows[:_SHOWN], left_out, note)


def _seen(match: Match) -> Cell:
    what = {"client": "client", "deal": "deal", "prospect": "row"}[match.kind]
    whose = f" of {match.rep}" if match.rep else ""
    ended = "" if match.kind != "deal" or match.open else ", ended"
    return f"{what} {match.of}{whose}{ended}", f"{', '.join(match.by)}: {match.value}"


def _missing(result: LeadsResult) -> Section:
    columns = (Column("Prospect", "name"), Column("Missing", "message"))
    leads = [lead for lead in result.leads if lead.missing]
    rows: list[tuple[Cell, ...]] = [
        (_who(lead), ", ".join(lead.missing)) for lead in leads[:_SHOWN]
    ]
    more = len(leads) - len(rows)
    return Section("What is missing", columns, rows, f"{count(more)} more" if more else "")


def _release(result: LeadsResult, rep: str = "") -> Section:
    zone = load_zone(result.timezone) or UTC
    columns = (
        Column("Deal", "name"),
        Column("Rep", "name"),
        Column("Since", "mark"),
        Column("Stage", "id"),
    )
    own = [each for each in result.release if rep in ("", each.rep)]
    rows: list[tuple[Cell, ...]] = [
        (each.deal, each.rep, day(each.since, zone), each.stage) for each in own[:_SHOWN]
    ]
    more = len(own) - len(rows)
    note = "They pass to another rep by the head's decision: --signed-by, --pass-on DEAL=REP."
    left_out = f"{count(more)} more: --format json" if more else ""
    return Section("Worked on for too long without a sale", columns, rows, left_out, note)


def _covered(result: LeadsResult) -> Section:
    columns = (
        Column("Segment", "name"),
        Column("Prospects", "number"),
        Column("Clients", "number"),
        Column("Worked on", "number"),
        Column("Touched", "number"),
        Column("Nobody touched", "number"),
        Column("Such as", "message"),
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
    return Section("The market covered", columns, rows)
