"""Lists of prospects as the tables of a workbook: who to call, who is known, what is owed, what may
pass on, and what nobody touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from playgate.conditions.instants import load_zone
from playgate.language import say
from playgate.leads.result import Lead, LeadsResult
from playgate.report.leads_words import KINDS, STANDS
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
    named = say("{playbook} version {version}", playbook=result.playbook, version=result.version)
    yield say("Leads"), result.title or result.playbook
    yield say("Playbook"), f"{named} ({result.file})"
    yield say("Plan", about="file"), result.plan
    if rep:
        yield say("List of"), rep
    yield say("As of"), At(result.as_of)
    yield say("Prospects"), result.prospects
    yield say("Clients"), result.clients
    yield say("Deals"), result.deals
    yield say("Complete, and nobody's"), result.usable
    yield say("At least asked for"), result.minimum
    yield say("Problems with the data"), result.problems


def _sheets(result: LeadsResult, rep: str) -> Iterator[Sheet]:
    leads = [lead for lead in result.leads if rep in ("", lead.rep)]
    yield _prospects(leads)
    if not rep:
        yield Sheet(say("Known already"), _known_heads(), list(_known(leads)))
    yield Sheet(say("Due"), _due_heads(), list(_due(result, rep)))
    yield Sheet(say("May pass on"), _release_heads(), list(_release(result, rep)))
    if not rep:
        yield Sheet(say("The market covered"), _covered_heads(), list(_covered(result)))


def _own_heads() -> tuple[str, ...]:
    return (
        say("Place"),
        say("Prospect"),
        say("Rank"),
        say("Status"),
        say("Rep"),
        say("Why"),
        say("Missing"),
        say("Fits"),
        say("Fit"),
        say("Nearest profile"),
        say("Segment"),
    )


def _prospects(leads: list[Lead]) -> Sheet:
    """Returns the list with what was found; the list's own columns stand behind, as text."""
    names = dict.fromkeys(name for lead in leads for name in lead.cells)
    rows: list[list[Cell]] = [
        [
            *(lead.place, lead.name, lead.rank, say(STANDS[lead.status]), lead.rep, lead.why),
            *(", ".join(lead.missing), ", ".join(lead.fits), Percent(lead.fit)),
            *(lead.nearest, lead.segment),
            *(lead.cells.get(name, "") for name in names),
        ]
        for lead in leads
    ]
    listed = (say("List: {name}", name=name) for name in names)
    return Sheet(say("Prospects"), (*_own_heads(), *listed), rows)


def _known_heads() -> tuple[str, ...]:
    return (
        say("Place"),
        say("Prospect"),
        say("Status"),
        say("Is a"),
        say("Of", about="whom"),
        say("Rep"),
        say("Open"),
        say("Seen by"),
        say("Value"),
        say("Likeness of 100"),
    )


def _known(leads: list[Lead]) -> Iterator[list[Cell]]:
    for lead in leads:
        for each in lead.matches:
            yield [
                *(lead.place, lead.name, say(STANDS[lead.status])),
                *(say(KINDS[each.kind]), each.of, each.rep, each.open),
                *(", ".join(each.by), each.value, each.likeness),
            ]


def _due_heads() -> tuple[str, ...]:
    return (
        say("Rep"),
        say("Name"),
        say("Team"),
        say("Open deals"),
        say("Given"),
        say("Done"),
        say("Owed"),
        say("Left", about="owed"),
        say("First to call"),
    )


def _due(result: LeadsResult, rep: str) -> Iterator[list[Cell]]:
    for each in result.due:
        if rep in ("", each.rep):
            yield [
                *(each.rep, each.name, each.team, each.open_deals, each.given, each.done),
                *(each.at_least, each.left, ", ".join(each.first)),
            ]


def _release_heads() -> tuple[str, ...]:
    return (say("Deal"), say("Rep"), say("Since"), say("Stage"))


def _release(result: LeadsResult, rep: str) -> Iterator[list[Cell]]:
    for each in result.release:
        if rep in ("", each.rep):
            yield [each.deal, each.rep, At(each.since), each.stage]


def _covered_heads() -> tuple[str, ...]:
    return (
        say("Segment"),
        say("Title"),
        say("Prospects"),
        say("Clients"),
        say("Worked on"),
        say("Touched", about="prospects"),
        say("Nobody touched"),
        say("Such as"),
    )


def _covered(result: LeadsResult) -> Iterator[list[Cell]]:
    for each in result.covered:
        yield [
            *(each.segment, each.title, each.prospects, each.clients, each.worked_on),
            *(each.touched, each.left, ", ".join(each.untouched)),
        ]
