"""`segments`: where the effort goes, against where the value is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from playgate.errors import InputError
from playgate.language import say
from playgate.model.numbers import Numbers
from playgate.model.playbook import Playbook
from playgate.numbers.customers import NOT_KNOWN, OUTSIDE
from playgate.numbers.differentiators import used
from playgate.numbers.peers import share_figure
from playgate.numbers.result import PartLine, ProductLine, SegmentLine, Segments
from playgate.numbers.samples import Business, Done
from playgate.numbers.survey import Survey
from playgate.numbers.team import Member
from playgate.records import replace

__all__ = ["check_declared", "segments"]

_Named = tuple[str, str, Business]


def check_declared(playbook: Playbook) -> None:
    """Raises `InputError` where a playbook tells no customers or products apart."""
    numbers = playbook.numbers or Numbers()
    if not (numbers.segments or playbook.profiles or numbers.products):
        raise InputError(
            f"{playbook.name} declares no segments, profiles or products",
            hint="docs/numbers.md shows how",
        )


def segments(survey: Survey) -> Segments:
    """Returns effort and value by segment, by profile (and outside of all profiles), and by
    product."""
    numbers, found = survey.numbers, survey.gathered
    declared = [(each.id, each.title) for each in numbers.segments]
    profiles = [(each.id, each.title) for each in survey.playbook.profiles]
    told = [(each.id, each.title) for each in numbers.products if each.when is not None]
    by_segment = _lines(survey, _named(declared, say("No segment"), found.segments), found.segments)
    by_profile = _lines(
        survey, _named(profiles, say("Outside every profile"), found.profiles), found.profiles
    )
    business = {line.id: _sold(line) for line in _lines(survey, told, found.products)}
    ordered = sorted(numbers.products, key=lambda each: (each.priority is None, each.priority or 0))
    field = (
        numbers.kpi(numbers.targets.revenue).unit
        if numbers.targets
        else next((kpi.unit for kpi in numbers.kpis if kpi.field), "")
    )
    return Segments(
        survey.basis,
        field,
        by_segment,
        by_profile,
        tuple(
            ProductLine(
                each.id,
                each.title,
                each.priority,
                tuple(said.text for said in each.differentiators),
                business.get(each.id),
                tuple(used(survey, each)),
            )
            for each in ordered
        ),
        tuple(
            line.title
            for line in (*by_segment, *by_profile)
            if line.id not in (OUTSIDE, NOT_KNOWN) and not line.activities
        ),
    )


def _named(
    declared: list[tuple[str, str]], outside: str, found: Mapping[str, Business]
) -> list[tuple[str, str]]:
    """Returns the groups that are shown: with those declared what is in none of them, and the
    deals of which nobody knows yet."""
    if not declared:
        return []
    unknown = found.get(NOT_KNOWN)
    hidden = [(NOT_KNOWN, say("Not known yet"))] if unknown is not None and unknown.deals else []
    return [*declared, (OUTSIDE, outside), *hidden]


def _sold(line: SegmentLine) -> SegmentLine:
    """Returns a product's line without the share that was won: what a deal is about is often known
    only once it is sold, so that the share would follow from that."""
    none = share_figure(0, 0)
    reps = tuple(replace(part, closing=none) for part in line.reps)
    return replace(line, closing=none, reps=reps)


def _lines(
    survey: Survey, named: Iterable[tuple[str, str]], found: Mapping[str, Business]
) -> tuple[SegmentLine, ...]:
    groups = [(name, title, found.get(name) or Business()) for name, title in named]
    effort = sum(group.activities for _, _, group in groups)
    value = sum(group.value for _, _, group in groups)
    parts = _parts(survey, groups)
    return tuple(_line(*group, effort, value, parts[group[0]]) for group in groups)


def _line(
    name: str, title: str, group: Business, effort: int, value: float, parts: Sequence[PartLine]
) -> SegmentLine:
    of_effort, of_value = _shares(group, effort, value)
    return SegmentLine(
        id=name,
        title=title,
        deals=group.deals,
        touched=group.touched,
        activities=group.activities,
        effort=of_effort,
        sold=group.sold,
        lost=group.lost,
        value=group.value,
        worth=of_value,
        open_value=group.open_value,
        balance=of_effort / of_value if of_effort is not None and of_value else None,
        closing=share_figure(group.sold, group.lost),
        untouched=tuple(sorted(group.untouched)),
        reps=tuple(parts),
    )


def _shares(done: Done, effort: int, value: float) -> tuple[float | None, float | None]:
    return done.activities / effort if effort else None, done.value / value if value else None


def _parts(survey: Survey, groups: Sequence[_Named]) -> dict[str, list[PartLine]]:
    """Returns each team's and rep's part in each group."""
    found: dict[str, list[PartLine]] = {name: [] for name, _, _ in groups}
    for member in survey.team.members()[1:]:
        own = {name: _of(survey, member, group) for name, _, group in groups}
        effort = sum(done.activities for done in own.values())
        value = sum(done.value for done in own.values())
        for name, done in own.items():
            of_effort, of_value = _shares(done, effort, value)
            found[name].append(
                PartLine(
                    member.scope,
                    member.id,
                    member.name,
                    member.team,
                    done.activities,
                    of_effort,
                    done.sold,
                    done.value,
                    of_value,
                    share_figure(done.sold, done.lost),
                )
            )
    return found


def _of(survey: Survey, member: Member, group: Business) -> Done:
    found = Done()
    for actor in survey.team.actors(member):
        if actor in group.by_rep:
            found.add(group.by_rep[actor])
    return found
