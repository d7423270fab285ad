"""Narrows results to some reps and teams; those they are compared with stay in the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.people import those_called
from playgate.numbers.people_result import Training
from playgate.numbers.quality_result import QualityResult
from playgate.numbers.result import Kpis, ProductLine, SegmentLine, Segments, TargetResult
from playgate.numbers.survey import Survey
from playgate.numbers.watch_result import CoachPlan
from playgate.records import Record, replace

__all__ = ["EVERYONE", "Chosen", "choose", "narrow"]


class _Scoped(Protocol):
    @property
    def scope(self) -> str: ...
    @property
    def id(self) -> str: ...


_T = TypeVar("_T", bound=_Scoped)
_R = TypeVar("_R", Kpis, TargetResult, Segments, CoachPlan, QualityResult)


class Chosen(Record):
    """The reps (by id) and teams that were asked for; none of both stands for everyone."""

    reps: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()

    def has(self, scope: str, member: str) -> bool:
        """Returns whether a member is shown; the company always is."""
        if scope == "company" or not (self.reps or self.teams):
            return True
        return member in (self.teams if scope == "team" else self.reps)


EVERYONE = Chosen()


def choose(
    survey: Survey, reps: Sequence[str], teams: Sequence[str], *, others: Sequence[str] = ()
) -> Chosen:
    """Returns the reps that are named by id or name, or by team, and of `others` those who are
    named themselves; raises `InputError` where nobody is called so."""
    team = survey.team
    known_teams = {team.team(rep) for rep in team.reps} - {""}
    for name in teams:
        if name not in known_teams:
            raise InputError(
                f'there is no team "{name}"', hint=nearest(name, known_teams), code="unknown-name"
            )
    found = {rep for rep in team.reps if team.team(rep) in teams}
    names = {rep: team.name(rep) for rep in (*team.reps, *others)}
    for wanted in reps:
        found.update(those_called(wanted, names))
    own = {team.team(rep) for rep in found} - {""} if reps else set()
    return Chosen(frozenset(found), frozenset(teams) | own)


def narrow(result: _R, chosen: Chosen) -> _R:
    """Returns the result without the reps and teams that were not asked for."""

    def kept(items: tuple[_T, ...]) -> tuple[_T, ...]:
        return tuple(item for item in items if chosen.has(item.scope, item.id))

    match result:
        case Kpis():
            tables = tuple(
                replace(
                    table,
                    lines=kept(table.lines),
                    apart=tuple(each for each in table.apart if chosen.has("rep", each.id)),
                )
                for table in result.kpis
            )
            return replace(
                result,
                kpis=tables,
                flows=kept(result.flows),
                misses=kept(result.misses),
                people=tuple(each for each in result.people if chosen.has("rep", each.id)),
            )
        case TargetResult():
            return replace(result, goals=kept(result.goals))
        case QualityResult():
            return replace(result, lines=kept(result.lines))
        case Segments():

            def lines(found: tuple[SegmentLine, ...]) -> tuple[SegmentLine, ...]:
                return tuple(replace(line, reps=kept(line.reps)) for line in found)

            products = tuple(
                replace(each, business=lines((each.business,))[0]) if each.business else each
                for each in result.products
            )
            return replace(
                result,
                segments=lines(result.segments),
                profiles=lines(result.profiles),
                products=tuple(_narrowed(each, chosen) for each in products),
            )
    return replace(
        result,
        reps=tuple(page for page in result.reps if chosen.has("rep", page.id)),
        hires=tuple(each for each in result.hires if chosen.has("rep", each.id)),
        planned=tuple(found for each in result.planned for found in _trained(each, chosen)),
    )


def _narrowed(product: ProductLine, chosen: Chosen) -> ProductLine:
    """Returns a product with the reps who are shown, of those who say what sets it apart."""
    said = tuple(
        replace(each, reps=tuple(rep for rep in each.reps if chosen.has("rep", rep.id)))
        for each in product.used
    )
    return replace(product, used=said)


def _trained(training: Training, chosen: Chosen) -> Iterator[Training]:
    """Yields a training with those of its reps who are shown, where there are any."""
    shown = [place for place, rep in enumerate(training.reps) if chosen.has("rep", rep)]
    if shown:
        yield replace(
            training,
            reps=tuple(training.reps[place] for place in shown),
            names=tuple(training.names[place] for place in shown),
        )
