"""One pass over a history: every deal is read and judged once, and only counts are kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from playgate.conditions.instants import DAY
from playgate.history.deal import Deal, no_roles, responsible
from playgate.history.money import Amounts, Rates
from playgate.history.people import People
from playgate.history.walk import Rows, Walked, walk
from playgate.judge.after_verdict import charged_to, done_at
from playgate.judge.judge import Judge
from playgate.model.numbers import Kpi, Numbers, Occurrence
from playgate.model.playbook import Playbook
from playgate.numbers.customers import Customers, belonging, groups_of
from playgate.numbers.history import History
from playgate.numbers.jumps import Jumps
from playgate.numbers.occurrences import Ending, Reader, value_of
from playgate.numbers.period import Period, running, week_reader
from playgate.numbers.prospects import note_decided, standing
from playgate.numbers.samples import Business, Gathered, Measure, Sample, total
from playgate.versions.arms import JudgedSides

__all__ = ["ADHERENCE", "Apart", "gather", "gather_apart"]

ADHERENCE = "playbook/adherence"
_SLOTS = {"met": 0, "unmet": 1, "waived": 2}
_Add = Callable[[Deal, Ending], None]


def gather(
    playbook: Playbook,
    history: History,
    *,
    measures: tuple[Measure, ...],
    period: Period,
    people: People | None,
    as_of: int,
    rates: Rates | None = None,
    progress: Callable[[int], None] | None = None,
) -> Gathered:
    """Counts what a history's deals come to as of an instant; `progress` hears of the events of
    each deal."""
    found = _GatherPass(playbook, measures, period, people, as_of, Amounts(playbook, rates))
    for _ in found.walk(history.deals(), progress):
        pass
    return found.gathered


class Apart(NamedTuple):
    """A deal, and what it alone comes to."""

    walked: Walked
    samples: Mapping[str, Sample]
    """By KPI."""
    began: Mapping[str, int]
    """By KPI, when what it looks at happened to the deal first."""
    problems: int
    """Of all deals so far."""


def gather_apart(
    playbook: Playbook,
    history: History,
    *,
    measures: tuple[Measure, ...],
    period: Period,
    people: People | None,
    as_of: int,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Apart]:
    """Yields each deal with what it comes to as of an instant; of one that the playbook does not
    govern, nothing is counted."""
    found = _GatherPass(playbook, measures, period, people, as_of, Amounts(playbook, None))
    reader, counted = found.reader, found.gathered.samples
    firsts = {each.kpi.id: reader.positions(each.kpi.first) for each in measures}
    for walked in found.walk(history.deals(), progress):
        deal = walked.deal
        seen = {kpi: first(deal)[:1] for kpi, first in firsts.items() if walked.governed}
        began = {kpi: deal.happened[at[0]] for kpi, at in seen.items() if at}
        samples = {kpi: total(own.values()) for kpi, own in counted.items()}
        yield Apart(walked, samples, began, found.gathered.problems)
        for own in counted.values():
            own.clear()


class _GatherPass:
    def __init__(
        self,
        playbook: Playbook,
        measures: tuple[Measure, ...],
        period: Period,
        people: People | None,
        as_of: int,
        amounts: Amounts,
    ) -> None:
        self._numbers = playbook.numbers or Numbers()
        self.gathered = Gathered(measures, period, self._numbers.coaching.minimum)
        self._amounts = amounts
        self._period = period
        self._as_of = as_of
        self._people = people
        self._playbook = playbook
        self._judge = Judge(playbook, has_people=people is not None)
        self._deals = self._judge.reader(people.roles if people else no_roles)
        self.reader = Reader(self._judge)
        self._customers = Customers(self._judge, groups_of(playbook, self._numbers))
        self._week = week_reader(playbook.zone)
        self._adders = [each for measure in measures if (each := self._adder(measure))]
        self._groups = belonging(self._judge, self._customers, self._numbers)
        self._value = value_of(self._numbers)
        self._sides = JudgedSides(self._judge, self._deals, people)
        self._jumps = Jumps(self._judge)
        self._goal = self._goal_adder()
        session = self._numbers.coaching.session
        self._sessions = self.reader.positions(session) if session else None

    def walk(self, deals: Rows, progress: Callable[[int], None] | None) -> Iterator[Walked]:
        """Reads every deal, counts it, and yields it."""
        for walked in walk(
            deals, self._deals, self._judge.ever_governs, as_of=self._as_of, progress=progress
        ):
            if walked.is_one:
                self._add(walked)
                yield walked
        self.gathered.not_added = self._amounts.not_added()

    def _add(self, walked: Walked) -> None:
        deal, found = walked.deal, self.gathered
        found.problems += len(self._judge.notes(deal)) + len(walked.clashes)
        if not walked.governed:
            found.left_out += 1
            return
        found.deals += 1
        found.events += len(deal.events)
        outcome = self.reader.outcome(deal)
        note_decided(found.prospects, deal, outcome)
        for add in self._adders:
            add(deal, outcome)
        self._flow(deal)
        if ADHERENCE in found.samples:
            self._verdicts(walked)
        self._business(deal, outcome)
        if self._goal is not None:
            self._goal(deal, outcome)
        for position in self._sessions(deal) if self._sessions else ():
            rep, at = responsible(deal, position), deal.happened[position]
            found.sessions[rep] = max(at, found.sessions.get(rep, at))

    # KPIs

    def _adder(self, measure: Measure) -> _Add | None:
        kpi = measure.kpi
        if measure.source == "adherence":
            return None
        if measure.source == "stage":
            return self._stay(kpi, measure.period)
        allowed = self._allowed(kpi)
        match kpi.kind:
            case "ratio":
                return self._ratio(kpi, measure.period, allowed)
            case "time":
                return self._time(kpi, measure.period, allowed)
            case "mean" | "sum":
                return self._values(kpi, measure.period, allowed)
        return self._count(kpi, measure.period, allowed)

    def _allowed(self, kpi: Kpi) -> Callable[[Deal, int], bool]:
        """Returns a test of whether an event of a deal is one that the KPI looks at."""
        among = self._customers.among(kpi.customers) if kpi.customers else None
        when = self.reader.condition(kpi.when)

        def allowed(deal: Deal, position: int) -> bool:
            if among is not None:
                begun = deal.instant_moment(deal.happened[position])
                if not among(deal, begun):
                    return False
            return when is None or when(deal, deal.event_moment(position, grace=False))

        return allowed

    def _ratio(self, kpi: Kpi, period: Period, allowed: Callable[[Deal, int], bool]) -> _Add:
        first, then = self.reader.positions(kpi.first), self.reader.positions(_then(kpi))
        until = kpi.within.after(self._playbook.calendar) if kpi.within else None
        samples, weekly = self.gathered.samples[kpi.id], self.gathered.weekly[kpi.id]

        def add(deal: Deal, outcome: Ending) -> None:
            starts = first(deal)
            if not starts or not allowed(deal, starts[0]):
                return
            start, at = starts[0], deal.happened[starts[0]]
            limit = until(at) if until else None
            done = _following(deal, then(deal), start)
            if done is not None and limit is not None and done > limit:
                done = None
            decided = done
            if done is None:
                ends = [each for each in (outcome.ended, limit) if each is not None]
                decided = max(at, min(ends)) if ends and min(ends) <= self._as_of else None
            rep = self._owner(deal, start)
            if at in period:
                sample = samples[rep]
                sample.part += done is not None
                sample.rest += done is None and decided is not None
                sample.open += decided is None
            if decided is not None:
                week = weekly[rep][self._week(decided)]
                week[0] += done is not None
                week[1] += 1

        return add

    def _time(self, kpi: Kpi, period: Period, allowed: Callable[[Deal, int], bool]) -> _Add:
        first, then = self.reader.positions(kpi.first), self.reader.positions(_then(kpi))
        samples = self.gathered.samples[kpi.id]

        def add(deal: Deal, outcome: Ending) -> None:
            starts = first(deal)
            if not starts or not allowed(deal, starts[0]):
                return
            rep, at = self._owner(deal, starts[0]), deal.happened[starts[0]]
            if at in period:
                done = _following(deal, then(deal), starts[0])
                self._lasted(samples[rep], at, done, outcome.ended)

        return add

    def _owner(self, deal: Deal, position: int) -> str:
        rep = responsible(deal, position)
        self.gathered.owners.add(rep)
        return rep

    def _lasted(self, sample: Sample, start: int, done: int | None, ended: int | None) -> None:
        if done is not None:
            sample.values.append((done - start) / DAY)
        elif ended is not None:
            sample.rest += 1
            sample.ended.append((max(start, ended) - start) / DAY)
        else:
            sample.open += 1
            sample.waiting.append((self._as_of - start) / DAY)

    def _stay(self, kpi: Kpi, period: Period) -> _Add:
        """Returns a counter of the time in a stage, from first coming in to the move that leaves
        it."""
        stage = kpi.first.reached[0]
        samples = self.gathered.samples[kpi.id]

        def add(deal: Deal, outcome: Ending) -> None:
            move = deal.first_entry.get(stage)
            if move is None or deal.move_at[move] not in period:
                return
            left = deal.move_at[move + 1] if move + 1 < len(deal.moves) else None
            sample = samples[responsible(deal, deal.moves[move])]
            self._lasted(sample, deal.move_at[move], left, None)

        return add

    def _values(self, kpi: Kpi, period: Period, allowed: Callable[[Deal, int], bool]) -> _Add:
        first = self.reader.positions(kpi.first)
        samples = self.gathered.samples[kpi.id]

        def add(deal: Deal, outcome: Ending) -> None:
            found = first(deal)
            if not found or not allowed(deal, found[0]):
                return
            rep = self._owner(deal, found[0])
            if deal.happened[found[0]] not in period:
                return
            sample = samples[rep]
            value = self._amounts.of(deal, kpi.field, deal.happened[found[0]])
            if value is None:
                sample.open += 1
            else:
                (sample.apart[value.currency] if value.currency else sample.values).append(
                    value.value
                )

        return add

    def _count(self, kpi: Kpi, period: Period, allowed: Callable[[Deal, int], bool]) -> _Add:
        each = self.reader.positions(kpi.first)
        samples, weekly = self.gathered.samples[kpi.id], self.gathered.weekly[kpi.id]

        def add(deal: Deal, outcome: Ending) -> None:
            found = each(deal)
            for position in found[:1] if kpi.only_first else found:
                if not allowed(deal, position):
                    continue
                at, doer = deal.happened[position], deal.events[position].kind == "activity"
                rep = responsible(deal, position, doer=doer)
                weekly[rep][self._week(at)][0] += 1
                if at in period:
                    samples[rep].part += 1

        return add

    # Flow, verdicts, business

    def _flow(self, deal: Deal) -> None:
        place, lost = self._judge.track.place, self._judge.track.lost
        for stage in self._judge.track.open:
            move = deal.first_entry.get(stage)
            if move is None or deal.move_at[move] not in self._period:
                continue
            into, kind = "", "open"
            if move + 1 < len(deal.moves):
                into = deal.move_into[move + 1]
                if into in lost:
                    kind = "lost"
                elif place[into] < place[stage]:
                    kind = "back"
                else:
                    left_out = self._jumps.left_out(deal, place[stage], move + 1)
                    kind = "skip" if left_out else "next"
            self.gathered.flows[stage][responsible(deal, deal.moves[move])][into, kind] += 1

    def _verdicts(self, walked: Walked) -> None:
        found = self.gathered
        reps: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        samples = found.samples[ADHERENCE]
        side, deal = self._sides.of(walked)
        judged = zip(side.judge.rules, side.places, side.judge.judge(deal), strict=True)
        for rule, place, verdict in judged:
            if verdict is None or done_at(rule, deal, verdict) not in self._period:
                continue
            rep, slot = charged_to(deal, verdict.due), _SLOTS[verdict.verdict]
            if place is not None:
                found.rules[place, rep][slot] += 1
            if slot == 2:
                continue
            if rule.rule.info.level != "observe":
                reps[rep][0] += 1
                reps[rep][1] += slot == 0
                samples[rep].part += slot == 0
                samples[rep].rest += slot == 1
        scopes: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for rep, (n, met) in reps.items():
            samples[rep].chances[n, met] += 1
            for scope in (("company", ""), ("team", self._team(rep))):
                scopes[scope][0] += n
                scopes[scope][1] += met
        for scope, (n, met) in scopes.items():
            found.followed[scope][n, met] += 1

    def _team(self, rep: str) -> str:
        person = self._people.person(rep) if self._people else None
        return person.team if person else ""

    def _business(self, deal: Deal, outcome: Ending) -> None:
        ended = outcome.ended
        if deal.happened[0] >= self._period.end or (
            ended is not None and ended < self._period.start
        ):
            return
        done = Counter(
            responsible(deal, position, doer=True)
            for positions in deal.activities.values()
            for position in positions
            if deal.happened[position] in self._period
        )
        kinds = {
            "segment": self.gathered.segments,
            "profile": self.gathered.profiles,
            "product": self.gathered.products,
        }
        for kind, name in self._groups(deal):
            self._tally(kinds[kind][name], deal, outcome, done)

    def _tally(self, group: Business, deal: Deal, outcome: Ending, done: Counter[str]) -> None:
        group.deals += 1
        group.touched += bool(done)
        is_open = outcome.ended is None
        if is_open and not done:
            group.leave(deal.id)
        for rep, times in done.items():
            group.activities += times
            group.by_rep[rep].activities += times
        if outcome.sold_at is not None and outcome.sold is not None:
            if outcome.sold in self._period:
                worth = self._worth(deal, outcome.sold)
                for each in (group, group.by_rep[responsible(deal, outcome.sold_at)]):
                    each.sold += 1
                    each.value += worth
        elif is_open:
            group.open_value += self._worth(deal, deal.as_of)
        elif outcome.ended is not None and outcome.ended in self._period:
            for each in (group, group.by_rep[responsible(deal, deal.moves[-1])]):
                each.lost += 1

    def _worth(self, deal: Deal, at: int) -> float:
        found = self._amounts.of(deal, self._value, at) if self._value else None
        return (found.own if found else None) or 0.0

    # The goal

    def _goal_adder(self) -> _Add | None:
        targets = self._numbers.targets
        if targets is None:
            return None
        revenue = self._numbers.kpi(targets.revenue)
        opportunity = self._numbers.kpi(targets.opportunities)
        sold, opened = (
            self.reader.positions(revenue.first),
            self.reader.positions(opportunity.first),
        )
        allowed, begins = self._allowed(revenue), self._allowed(opportunity)
        period = running(targets.per, self._as_of, self._playbook.zone)
        found = self.gathered

        def add(deal: Deal, outcome: Ending) -> None:
            sales = sold(deal)
            if sales and deal.happened[sales[0]] in period and allowed(deal, sales[0]):
                sale = self._amounts.of(deal, revenue.field, deal.happened[sales[0]])
                if sale is not None:
                    rep = responsible(deal, sales[0])
                    if sale.currency:
                        found.sold_apart[rep][sale.currency] += sale.value
                    else:
                        found.sold[rep] += sale.value
            starts = opened(deal)
            if not starts or not begins(deal, starts[0]):
                return
            if not sales and outcome.sold is None and outcome.ended is None:
                worth = self._amounts.of(deal, revenue.field, deal.as_of)
                if worth is not None and worth.currency:
                    return  # what it may bring is not told in the goal's currency
                own = found.prospects.open[responsible(deal, starts[0])]
                own[standing(deal)].add(worth.value if worth else None)

        return add


def _then(kpi: Kpi) -> Occurrence:
    assert kpi.then is not None  # noqa: S101  (a ratio and a time have one)
    return kpi.then


def _following(deal: Deal, positions: list[int], start: int) -> int | None:
    """Returns when the first of some events came that is neither the event at `start` nor before
    it."""
    at = deal.happened[start]
    return next(
        (deal.happened[each] for each in positions if each != start and deal.happened[each] >= at),
        None,
    )
