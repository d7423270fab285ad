"""Narrows a forecast to some reps and teams; the sums of all stay."""

from __future__ import annotations

from collections.abc import Sequence

from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.people import People, those_called
from playgate.numbers.forecast.result import Forecast
from playgate.records import replace

__all__ = ["narrowed"]


def narrowed(
    found: Forecast, reps: Sequence[str], teams: Sequence[str], people: People | None
) -> Forecast:
    """Returns the forecast with the lines and deals of the reps that are named by id or name, or by
    team; raises `InputError` where nobody has an open deal and is called so."""
    if not reps and not teams:
        return found
    known = {line.id: line.name for line in found.lines if line.scope == "rep"}
    chosen: set[str] = set()
    for name in reps:
        chosen.update(those_called(name, known, nobody=f'no rep "{name}" has an open deal'))
    known_teams = {line.id for line in found.lines if line.scope == "team"}
    for team in teams:
        if team not in known_teams:
            hint = nearest(team, known_teams)
            raise InputError(f'no team "{team}" has an open deal', hint=hint, code="unknown-name")
        chosen |= {rep for rep in known if _team(rep, people) == team}
    return replace(
        found,
        lines=tuple(
            line
            for line in found.lines
            if line.scope == "company"
            or (line.scope == "rep" and line.id in chosen)
            or (line.scope == "team" and line.id in teams)
        ),
        deals=tuple(each for each in found.deals if each.rep in chosen),
    )


def _team(rep: str, people: People | None) -> str:
    person = people.person(rep) if people else None
    return person.team if person else ""
