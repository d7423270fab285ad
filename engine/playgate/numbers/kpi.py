"""`kpi`: every KPI for the company, its teams and its reps, with the peers beside each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from playgate.numbers.figure import standing
from playgate.numbers.misses import clean
from playgate.numbers.peers import Peers, share_figure
from playgate.numbers.person_goals import work_of_all
from playgate.numbers.result import Flow, Kpis, KpiTable, Line, Quarter, Went
from playgate.numbers.samples import Measure
from playgate.numbers.survey import Survey
from playgate.numbers.team import Member
from playgate.records import replace

__all__ = ["company_tables", "kpi_table", "kpis"]


def kpis(survey: Survey, peers: Peers | None = None) -> Kpis:
    """Returns all KPIs, the time in each stage, the rate of each activity, adherence, and the
    flow."""
    peers = peers or Peers(survey)
    return Kpis(
        survey.basis,
        tuple(
            kpi_table(survey, peers, measure)
            for measure in survey.gathered.measures
            if measure.is_listed
        ),
        tuple(_flows(survey)),
        peers.misses,
        clean(survey),
        work_of_all(survey),
    )


def kpi_table(survey: Survey, peers: Peers, measure: Measure) -> KpiTable:
    """Returns the table of one KPI for everyone."""
    lines = tuple(_line(survey, measure, member) for member in survey.team.members())
    # The middle of what is always counted says little; only what somebody chose is compared.
    compared = measure.source in ("playbook", "adherence")
    ranked = peers.rankable(measure, lines) if compared else []
    groups = peers.groups(measure, ranked)
    chances = peers.chances(measure, ranked)
    drawn, real = peers.drawn(measure, ranked)
    tested = {line.id: replace(line, chance=chances.get(line.id)) for line in ranked}
    quarters: dict[str, Quarter] = {rep: group.quarter for group in groups for rep in group.reps}
    return replace(
        _table(
            measure,
            tuple(
                replace(
                    tested.get(line.id, line),
                    quarter=quarters.get(line.id),
                    drawn=drawn.get(line.id),
                )
                if line.scope == "rep"
                else line
                for line in lines
            ),
        ),
        groups=groups,
        apart=peers.apart(measure, list(tested.values())),
        real=real,
    )


def company_tables(survey: Survey) -> tuple[KpiTable, ...]:
    """Returns what a playbook declares, and adherence, of the company alone."""
    company = survey.team.members()[0]
    return tuple(
        _table(measure, (_line(survey, measure, company),))
        for measure in survey.gathered.measures
        if measure.source in ("playbook", "adherence")
    )


def _table(measure: Measure, lines: tuple[Line, ...]) -> KpiTable:
    kpi = measure.kpi
    source: Any = measure.source
    return KpiTable(
        id=kpi.id,
        title=kpi.title,
        kind=kpi.kind,
        source=source,
        unit=kpi.unit,
        period=measure.period.label,
        start=measure.period.start,
        end=measure.period.end,
        at_least=kpi.at_least,
        at_most=kpi.at_most,
        tips=kpi.tips,
        lines=lines,
        groups=(),
        apart=(),
    )


def _line(survey: Survey, measure: Measure, member: Member) -> Line:
    found = survey.figure(measure, member)
    # A goal for a sum is the company's: a team's part of it is nobody's target.
    aimed = measure.kpi.kind != "sum" or member.scope == "company"
    ramps = member.scope == "rep" and member.id not in survey.team.ranked
    kpi = measure.kpi
    aims = aimed and not ramps
    target, sure = standing(found, kpi.at_least, kpi.at_most) if aims else (None, False)
    return Line(member.scope, member.id, member.name, member.team, found, target, sure, ramps=ramps)


def _flows(survey: Survey) -> Iterator[Flow]:
    for member in survey.team.members():
        for stage in survey.playbook.track:
            if stage.ends is not None:
                continue
            by_rep = survey.gathered.flows[stage.id]
            counts: Counter[tuple[str, str]] = Counter()
            for actor in survey.team.actors(member):
                counts.update(by_rep.get(actor, {}))
            still = counts.pop(("", "open"), 0)
            on = sum(times for (_, kind), times in counts.items() if kind in ("next", "skip"))
            left = counts.total()
            yield Flow(
                member.scope,
                member.id,
                stage.id,
                stage.title,
                left + still,
                still,
                replace(share_figure(on, left - on), open=still),
                tuple(_went(survey, counts)),
            )


def _went(survey: Survey, counts: Counter[tuple[str, str]]) -> Iterator[Went]:
    """Yields where deals went on to, in the order of the playbook's stages."""
    places = {stage.id: index for index, stage in enumerate(survey.playbook.stages)}
    for into, kind in sorted(counts, key=lambda each: (places[each[0]], each[1])):
        named: Any = kind
        yield Went(into, named, counts[into, kind])
