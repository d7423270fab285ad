"""All that a manager's report shows, from one history: the numbers, the coaching, the deals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

from playgate.conditions.instants import DAY, day_end, to_datetime
from playgate.documents.document import Document
from playgate.errors import InputError
from playgate.findings import RuleInfo
from playgate.history.event import Problem
from playgate.history.money import Rates
from playgate.history.people import People
from playgate.model.playbook import Playbook
from playgate.numbers.alarms import alarms
from playgate.numbers.coach import coach
from playgate.numbers.control import Control, controls
from playgate.numbers.experiment.result import Experiments
from playgate.numbers.experiment.trial import try_experiments
from playgate.numbers.forecast.forecast import forecast
from playgate.numbers.forecast.result import Forecast
from playgate.numbers.goal_forecast import GoalForecast, goal_forecast
from playgate.numbers.history import History
from playgate.numbers.kpi import company_tables, kpis
from playgate.numbers.peers import Peers
from playgate.numbers.practices.learn import Learnt, learn
from playgate.numbers.practices.result import Practices
from playgate.numbers.quality import noted_of, quality_of
from playgate.numbers.quality_result import QualityResult
from playgate.numbers.result import Kpis, KpiTable, Segments, TargetResult
from playgate.numbers.segments import segments
from playgate.numbers.survey import Survey, survey
from playgate.numbers.target import target
from playgate.numbers.trends import Trend, trends
from playgate.numbers.watch_result import Alarms, CoachPlan
from playgate.numbers.work_result import Worklist
from playgate.numbers.worklist import worklist
from playgate.records import Record
from playgate.rules.list import list_rules

__all__ = ["Compared", "Review", "RuleCounts", "RuleShare", "review"]

_LENGTHS = (90, 30, 7)
"""Days of the period that is compared with the one before, where none is named."""


_MOST_STUDIED = 4_000
"""Of more deals, so many are drawn in which practices are looked for."""

RuleCounts = tuple[int, int, int]
"""How often a rule was met, unmet and waived."""


class RuleShare(Record):
    """A rule, and how often it was met, unmet and waived in the period."""

    rule: RuleInfo
    counts: RuleCounts
    own: dict[tuple[str, str], RuleCounts]
    """The same of each team and rep, by scope and id."""


class Compared(Record):
    """The company's KPIs in a period."""

    period: str
    kpis: tuple[KpiTable, ...]


class Review(Record, kw_only=True):
    """What a report is made of. `now` and `before` are two periods of one length, side by side,
    each as it stood at its end: else the earlier one had more time to be decided, and the later
    one would be judged by what is decided quickly. `None` where the history is too short for two.
    """

    playbook: Playbook
    kpis: Kpis
    rules: tuple[RuleShare, ...]
    coaching: CoachPlan
    target: TargetResult | None
    """The way to the goal; `None` where the playbook declares none."""
    alarms: Alarms
    quality: QualityResult | None
    """Marks on what counts as met; `None` where the playbook switches that off."""
    experiments: Experiments | None
    """`None` where the playbook declares none."""
    controls: tuple[Control, ...]
    segments: Segments
    trends: tuple[Trend, ...]
    work: Worklist
    forecast: Forecast | None
    """What is likely to come; `None` where the playbook declares no forecast."""
    practices: Practices | None
    """What winners do otherwise; `None` where the playbook does not declare to look for it."""
    did: Mapping[str, Mapping[str, bool]]
    """Which practices deals did and left: by deal, and by the id of the practice's rule."""
    now: Compared | None
    before: Compared | None
    is_live: bool
    """Whether the deals are a ledger's, on which commands can be run."""
    names: dict[str, str]
    teams: dict[str, str]


def review(
    playbook: Playbook,
    history: History,
    *,
    people: People | None,
    as_of: int | None,
    period: str,
    problems: Sequence[Problem],
    most: int,
    of_each: bool = False,
    rates: Rates | None = None,
    is_live: bool,
    document: Document | None = None,
    step: Callable[[], None],
) -> Review:
    """Counts everything that a report shows; `step` is called after each part: all, two periods,
    the deals, of which it shows `most`, or so many of each owner. `document` is the one that the
    playbook was read from; without it, practices are not looked for."""

    def count(span: str, at: int | None) -> Survey:
        found = survey(
            playbook, history, people=people, as_of=at, period=span, problems=problems, rates=rates
        )
        step()
        return found

    whole = count(period, as_of)
    spans = _spans(whole, history.earliest, named=bool(period))
    now, before = (_compared(count(span, end)) for span, end in spans) if spans else (None, None)
    noted = noted_of(whole, people)
    work = worklist(
        playbook,
        history,
        people=people,
        as_of=whole.as_of,
        period=whole.gathered.period,
        prospects=whole.gathered.prospects,
        most=most,
        noted=noted,
        of_each=of_each,
        rates=rates,
    )
    step()
    actors = {*whole.team.reps, *(each.owner for each in work.dossiers)}
    for dossier in work.dossiers:
        actors.update(event.actor for event in dossier.events)
        actors.update(told.finding.actor for told in dossier.findings)
    ahead = _Ahead(whole, history, people, rates)
    learnt = ahead.learnt(document, {each.deal for each in work.dossiers})
    seen, peers = alarms(whole), Peers(whole)
    found = kpis(whole, peers)
    return Review(
        playbook=playbook,
        kpis=found,
        rules=_rules(whole),
        coaching=coach(whole, peers=peers, tables=found.kpis),
        target=target(whole, {}, ahead.of_goal()) if whole.numbers.targets is not None else None,
        alarms=seen,
        experiments=_experiments(whole, history, people),
        controls=controls(whole, seen),
        quality=None if noted is None else quality_of(whole, noted),
        segments=segments(whole),
        trends=trends(whole, work.followed),
        work=work,
        forecast=ahead.forecast(),
        practices=None if learnt is None else learnt.result,
        did={} if learnt is None else learnt.did,
        now=now,
        before=before,
        is_live=is_live,
        names={actor: whole.team.name(actor) for actor in sorted(actors)},
        teams={actor: whole.team.team(actor) for actor in sorted(actors)},
    )


class _Ahead:
    """What is looked for in the history of a report beside the numbers: what is likely to come, and
    what winners do otherwise. What cannot be told of this playbook is left out."""

    def __init__(
        self, whole: Survey, history: History, people: People | None, rates: Rates | None
    ) -> None:
        self._whole = whole
        self._history = history
        self._people = people
        self._rates = rates

    def forecast(self) -> Forecast | None:
        whole, wanted = self._whole, self._whole.numbers.forecast
        if wanted is None:
            return None
        with suppress(InputError):
            return forecast(
                whole.playbook,
                self._history,
                wanted=wanted,
                people=self._people,
                as_of=whole.as_of,
                rates=self._rates,
            )
        return None

    def of_goal(self) -> GoalForecast | None:
        with suppress(InputError):
            return goal_forecast(
                self._whole.playbook,
                self._history,
                as_of=self._whole.as_of,
                people=self._people,
                rates=self._rates,
            )
        return None

    def learnt(self, document: Document | None, named: Collection[str]) -> Learnt | None:
        whole, wanted = self._whole, self._whole.numbers.practices
        if wanted is None or document is None:
            return None
        with suppress(InputError):
            return learn(
                whole.playbook,
                document,
                self._history,
                wanted=wanted,
                people=self._people,
                as_of=whole.as_of,
                share=_MOST_STUDIED / max(1, whole.basis.deals),
                named=named,
            )
        return None


def _compared(found: Survey) -> Compared:
    return Compared(found.basis.period, company_tables(found))


def _experiments(found: Survey, history: History, people: People | None) -> Experiments | None:
    if not found.playbook.experiments:
        return None
    return try_experiments(found.playbook, history, people=people, as_of=found.as_of)


def _rules(found: Survey) -> tuple[RuleShare, ...]:
    rules = found.gathered.rules
    everyone = sorted({rep for _, rep in rules})

    def counts(place: int, reps: Iterable[str]) -> RuleCounts:
        seen = [rules[place, rep] for rep in reps if (place, rep) in rules]
        met, unmet, waived = (sum(each[slot] for each in seen) for slot in range(3))
        return met, unmet, waived

    members = found.team.members()[1:]
    actors = {(each.scope, each.id): found.team.actors(each) for each in members}
    return tuple(
        RuleShare(
            rule.info,
            counts(place, everyone),
            {key: own for key, reps in actors.items() if any(own := counts(place, reps))},
        )
        for place, rule in enumerate(list_rules(found.playbook))
    )


def _spans(
    found: Survey, earliest: int | None, *, named: bool
) -> tuple[tuple[str, int], tuple[str, int]] | None:
    """Returns the period that is looked at, or the last of the history, and the one before, as far
    as the history reaches; in days, each with its last instant."""
    zone, period = found.playbook.zone, found.gathered.period
    last = to_datetime(period.end - 1, zone).date()
    if earliest is None:
        return None
    first = to_datetime(earliest, zone).date()
    if named:
        length = max(1, round((period.end - period.start) / DAY))
    else:
        reach = (last - first).days + 1
        length = next((days for days in _LENGTHS if 2 * days <= reach), 0)
    start = last - timedelta(days=length - 1)
    before = max(first, start - timedelta(days=length))
    if not length or start <= first:
        return None
    end = f"{start - timedelta(days=1)}"
    until = day_end(end, zone)
    assert until is not None  # noqa: S101  (a date that was written just now)
    return (f"{start}..{last}", period.end - 1), (f"{before}..{end}", until)
