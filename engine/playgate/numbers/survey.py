"""From a playbook and a history to all that the numbers are made of, and who they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from playgate.audit.chances import chances_of
from playgate.audit.fault import FaultError, faults
from playgate.audit.share import share, share_over_deals
from playgate.conditions.instants import DAY, Zone
from playgate.conditions.tree import ActivityPattern
from playgate.errors import InputError
from playgate.history.event import Problem, how_many
from playgate.history.money import NO_CURRENCY, Rates, in_words
from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.language import say
from playgate.model.numbers import Kpi, Numbers, Occurrence
from playgate.model.playbook import Playbook
from playgate.numbers.gather import ADHERENCE, gather
from playgate.numbers.history import History, no_events
from playgate.numbers.incidence import incidence
from playgate.numbers.people_measures import people_measures
from playgate.numbers.period import Period, read_period
from playgate.numbers.result import Basis, Figure
from playgate.numbers.samples import Gathered, Measure, Sample, total
from playgate.numbers.statistics import mean_interval, rate_interval, survival
from playgate.numbers.team import Member, Team
from playgate.records import Record, replace
from playgate.versions.arms import check_arms

__all__ = ["Survey", "adherence_in", "check_period", "figure", "survey", "usual_kpis"]


_EARLIEST, _LATEST = -718_796 * DAY, 2_567_000 * DAY
"""The years 2 and 9000: at the calendar's ends a period may begin or end nowhere."""


class Survey(Record):
    """What was counted in a history, ready to be put together."""

    playbook: Playbook
    numbers: Numbers
    basis: Basis
    gathered: Gathered
    team: Team
    as_of: int
    earliest: int
    """When the first event happened."""

    def sample(self, kpi_id: str, member: Member) -> Sample:
        """Returns what a member's figure rests on."""
        samples = self.gathered.samples[kpi_id]
        found = total(samples[actor] for actor in self.team.actors(member) if actor in samples)
        if kpi_id == ADHERENCE and member.scope != "rep":
            # A deal that several worked on is one deal of theirs together.
            found.chances = self.gathered.followed[member.scope, member.id]
        return found

    def figure(self, measure: Measure, member: Member) -> Figure:
        """Returns a KPI's figure for a member."""
        weeks = self.team.weeks(member.reps, measure.period)
        return figure(measure, self.sample(measure.kpi.id, member), weeks)

    def measure(self, kpi_id: str) -> Measure:
        """Returns the measure of a KPI."""
        return next(each for each in self.gathered.measures if each.kpi.id == kpi_id)


def survey(
    playbook: Playbook,
    history: History,
    *,
    people: People | None = None,
    as_of: int | None = None,
    period: str = "",
    problems: Sequence[Problem] = (),
    rates: Rates | None = None,
    progress: Callable[[int], None] | None = None,
) -> Survey:
    """Counts what happened up to `as_of` (default: the latest event), and returns the survey; by
    `rates` amounts in several currencies are made one.

    `period` overrides the KPIs' own; raises `InputError` where it is none.
    """
    numbers = playbook.numbers or Numbers()
    instant = history.latest if as_of is None else as_of
    if instant is None:
        raise no_events()
    if not _EARLIEST <= instant <= _LATEST:
        raise InputError(
            "the numbers reach from the year 2 to 9000",
            hint="--as-of 2026-03-31",
            code="wrong-value",
        )
    earliest = instant if history.earliest is None else history.earliest
    first = max(_EARLIEST, min(instant, earliest))
    check_arms(playbook, people)
    whole = _period(period, first, instant, playbook.zone)
    measures = (
        *_measures(playbook, numbers, whole, period, first, instant),
        *people_measures(playbook, numbers, whole, instant),
    )
    found = _gathered(
        playbook,
        history,
        measures=measures,
        period=whole,
        people=people,
        as_of=instant,
        rates=rates,
        progress=progress,
    )
    _part_currencies(found)
    basis = Basis.of(
        playbook,
        period=whole,
        as_of=instant,
        deals=found.deals,
        events=found.events,
        left_out=found.left_out,
        problems=found.problems + how_many(problems),
        not_added=found.not_added,
    )
    team = Team(playbook, found, people, instant)
    return Survey(playbook, numbers, basis, found, team, instant, first)


def _part_currencies(found: Gathered) -> None:
    """Adds behind each measure one for each other currency that the KPI's values are in."""
    measures = []
    for measure in found.measures:
        measures.append(measure)
        samples = found.samples[measure.kpi.id]
        for currency in sorted({each for sample in samples.values() for each in sample.apart}):
            kpi = replace(
                measure.kpi,
                id=f"{measure.kpi.id}/{currency}",
                title=f"{measure.kpi.title} {in_words(currency)}",
                unit=currency.removeprefix(NO_CURRENCY),
                at_least=None,
                at_most=None,
                tips=(),
            )
            measures.append(replace(measure, kpi=kpi))
            found.weekly[kpi.id] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
            own = found.samples[kpi.id] = defaultdict(Sample)
            for rep, sample in samples.items():
                if currency in sample.apart:
                    own[rep].values = sample.apart[currency]
    found.measures = tuple(measures)


def _gathered(playbook: Playbook, history: History, *, rates: Rates | None, **how: Any) -> Gathered:
    """Counts over columns where the history is held as such and kernels say all that is counted,
    else deal by deal; so it is, too, where columns have a bug."""
    if isinstance(history, Spool) or playbook.experiments:
        return gather(playbook, history, rates=rates, **how)
    from playgate.columns.plan import CannotSayError
    from playgate.numbers.columnar.gather import gather_columns

    try:
        with faults(), suppress(CannotSayError):
            return gather_columns(playbook, history, **how)
    except FaultError as fault:
        if history.on_fault is not None:
            history.on_fault(fault.__cause__)
    return gather(playbook, history, rates=rates, **how)


def check_period(text: str, zone: Zone) -> None:
    """Raises `InputError` where a text names no period."""
    _period(text, 0, 0, zone)


def _period(text: str, first: int, as_of: int, zone: Zone) -> Period:
    found = read_period(text, first=first, as_of=as_of, zone=zone)
    if found is None:
        raise InputError(
            f'"{text}" is no period',
            hint="2026, 2026-Q2, 2026-05, 2026-W14, 2026-01-01..2026-03-31, last 90 days",
            code="wrong-value",
        )
    return found


def _measures(
    playbook: Playbook, numbers: Numbers, whole: Period, period: str, first: int, as_of: int
) -> Iterator[Measure]:
    """Yields the KPIs that are declared (some, where none is), and what is always counted."""
    for kpi in numbers.kpis or usual_kpis(playbook):
        text = period or kpi.period
        text = f"this {text}" if text in ("week", "month", "quarter", "year") else text
        yield Measure(kpi, _period(text, first, as_of, playbook.zone))
    for stage in playbook.track:
        if stage.ends is None:
            kpi = Kpi(
                id=f"time-in/{stage.id}",
                title=stage.title,
                kind="time",
                place=stage.place,
                first=Occurrence(reached=(stage.id,)),
            )
            yield Measure(kpi, whole, "stage")
    for name, activity in playbook.activities.items():
        kpi = Kpi(
            id=f"activity/{name}",
            title=activity.title,
            kind="count",
            place=playbook.place,
            first=Occurrence(patterns=(ActivityPattern((name,)),)),
        )
        yield Measure(kpi, whole, "activity")
    yield adherence_in(playbook, whole)


def adherence_in(playbook: Playbook, period: Period) -> Measure:
    """Returns the measure of how many steps were followed."""
    adherence = Kpi(
        id=ADHERENCE,
        title=say("Steps followed"),
        kind="ratio",
        place=playbook.place,
        first=Occurrence(),
    )
    return Measure(adherence, period, "adherence")


def usual_kpis(playbook: Playbook) -> tuple[Kpi, ...]:
    """Returns what is watched where a playbook declares no KPI."""
    opened, won = Occurrence(words=("opened",)), Occurrence(words=("won",))
    return (
        Kpi(
            id="closing-ratio",
            title=say("Closing ratio"),
            kind="ratio",
            place=playbook.place,
            first=opened,
            then=won,
            alarm="low",
        ),
        Kpi(
            id="cycle",
            title=say("Sales cycle"),
            kind="time",
            place=playbook.place,
            first=opened,
            then=won,
            apart=0.3,
        ),
        Kpi(
            id="new-deals",
            title=say("New deals"),
            kind="count",
            place=playbook.place,
            first=opened,
            alarm="low",
        ),
    )


def figure(measure: Measure, sample: Sample, weeks: float) -> Figure:
    """Returns the number that a sample comes to, with its interval; `weeks` are those of all its
    reps."""
    values, decided = sample.values, sample.part + sample.rest
    if measure.source == "adherence":
        chances = chances_of(sample.chances)
        found = share_over_deals(chances)
        return Figure(found.value, found.low, found.high, chances.deals, sample.part)
    match measure.kpi.kind:
        case "ratio":
            found = share(sample.part, sample.rest)
            return Figure(found.value, found.low, found.high, decided, sample.part, sample.open)
        case "time":
            return _stay(sample) if measure.source == "stage" else _time(sample)
        case "count":
            span = rate_interval(sample.part, weeks)
            value = sample.part / weeks if weeks > 0 else None
            return Figure(value, span.low, span.high, sample.part)
        case "sum":
            return Figure(sum(sorted(values)), None, None, len(values), 0, sample.open)
    span = mean_interval(values)
    mean = sum(sorted(values)) / len(values) if len(values) else None
    return Figure(mean, span.low, span.high, len(values), 0, sample.open)


def _time(sample: Sample) -> Figure:
    """Returns how long it takes until something comes, which not every deal lives to see."""
    found = incidence(sample.values, sample.ended, sample.waiting)
    return Figure(
        found.median,
        found.low,
        found.high,
        len(sample.values) + len(sample.ended) + len(sample.waiting),
        len(sample.values),
        sample.open,
        found.lower,
        found.upper,
        found.share,
        found.share_low,
        found.share_high,
    )


def _stay(sample: Sample) -> Figure:
    """Returns how long deals stay in a stage, which each leaves sooner or later."""
    lasted = survival(sample.values, sample.waiting)
    return Figure(
        lasted.median,
        lasted.span.low,
        lasted.span.high,
        len(sample.values) + len(sample.waiting),
        len(sample.values),
        sample.open,
        lasted.lower,
        lasted.upper,
    )
