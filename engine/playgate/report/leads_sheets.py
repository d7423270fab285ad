"""Lists of prospects as the tables of a workbook: who to call, who is known, what is owed, what may
pass on, and what nobody touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from playgate.conditions.instants import load_zone
from playgate.leads.result import Lead, LeadsResult
from playgate.report.sheet import At, Book, Cell, Percent, Sheet

__all__ = ["book"]


def book(result: LeadsResult, rep: str = "") -> Book:
    """Returns the tables of the head's list, or of a rep's."""
    return Book(
        about=list(_about(result, rep)),
        sheets=(sheet for sheet in _sheets(result, rep) if sheet.rows),
        zone=load_zone(result.timezone) or UTC,
        zone_name=result.timezone,
        as_of=result.as_of,
    )


def _about(result: LeadsResult, rep: str) -> Iterator[tuple[str, Cell]]:
    yield "Leads", result.title or result.playbook
    yield "Playbook", f"{result.playbook} version {result.version} ({result.file})"
    yield "Plan", result.plan
    if rep:
        yield "List of", rep
    yield "As of", At(result.as_of)
    yield "Prospects", result.prospects
    yield "Clients", result.clients
    yield "Deals", result.deals
    yield "Complete, and nobody's", result.usable
    yield "At least asked for", result.minimum
    yield "Problems with the data", result.problems


def _sheets(result: LeadsResult, rep: str) -> Iterator[Sheet]:
    leads = [lead for lead in result.leads if rep in ("", lead.rep)]
    yield _prospects(leads)
    if not rep:
        yield Sheet("Known already", _KNOWN, list(_known(leads)))
    yield Sheet("Due", _DUE, list(_due(result, rep)))
    yield Sheet("May pass on", _RELEASE, list(_release(result, rep)))
    if not rep:
        yield Sheet("The market covered", _COVERED, list(_covered(result)))


_OWN = (
    *("Place", "Prospect", "Rank", "Status", "Rep", "Why", "Missing", "Fits", "Fit"),
    *("Nearest profile", "Segment"),
)


def _prospects(leads: list[Lead]) -> Sheet:
    """Returns the list with what was found; the list's own columns stand behind, as text."""
    names = dict.fromkeys(name for lead in leads for name in lead.cells)
    rows: list[list[Cell]] = [
        [
            *(lead.place, lead.name, lead.rank, lead.status, lead.rep, lead.why),
            *(", ".join(lead.missing), ", ".join(lead.fits), Percent(lead.fit)),
            *(lead.nearest, lead.segment),
            *(lead.cells.get(name, "") for name in names),
        ]
        for lead in leads
    ]
    return Sheet("Prospects", (*_OWN, *(f"List: {name}" for name in names)), rows)


_KNOWN = (
    *("Place", "Prospect", "Status", "Is a", "Of", "Rep", "Open", "Seen by", "Value"),
    "Likeness of 100",
)


def _known(leads: list[Lead]) -> Iterator[list[Cell]]:
    for lead in leads:
        for each in lead.matches:
            yield [
                *(lead.place, lead.name, lead.status, each.kind, each.of, each.rep, each.open),
                *(", ".join(each.by), each.value, each.likeness),
            ]


_DUE = (*("Rep", "Name", "Team", "Open deals", "Given", "Done", "Owed", "Left"), "First to call")


def _due(result: LeadsResult, rep: str) -> Iterator[list[Cell]]:
    for each in result.due:
        if rep in ("", each.rep):
            yield [
                *(each.rep, each.name, each.team, each.open_deals, each.given, each.done),
                *(each.at_least, each.left, ", ".join(each.first)),
            ]


_RELEASE = ("Deal", "Rep", "Since", "Stage")


def _release(result: LeadsResult, rep: str) -> Iterator[list[Cell]]:
    for each in result.release:
        if rep in ("", each.rep):
            yield [each.deal, each.rep, At(each.since), each.stage]


_COVERED = (
    *("Segment", "Title", "Prospects", "Clients", "Worked on", "Touched", "Nobody touched"),
    "Such as",
)


def _covered(result: LeadsResult) -> Iterator[list[Cell]]:
    for each in result.covered:
        yield [
            *(each.segment, each.title, each.prospects, each.clients, each.worked_on),
            *(each.touched, each.left, ", ".join(each.untouched)),
        ]
