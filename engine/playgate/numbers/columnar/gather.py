"""Everything that the numbers count, over columns: what `numbers/gather.py` counts deal by deal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from playgate.audit.verified import Verified
from playgate.columns.arrays import none_of
from playgate.columns.check import Check, Drawn
from playgate.columns.deals import Deals
from playgate.columns.history import ColumnHistory
from playgate.columns.kernels import judge_all, without_kernel
from playgate.columns.mentions import read_apart
from playgate.columns.parts import Parts
from playgate.columns.plan import CannotSayError, Plan, Readings
from playgate.columns.rows import Rows, rows_of_events
from playgate.columns.scope import waivers_of
from playgate.columns.settled import SettledRows, settled_rows
from playgate.history.money import in_currencies
from playgate.history.people import People
from playgate.judge.judge import Judge
from playgate.judge.vocabulary import vocabulary
from playgate.model.numbers import Numbers
from playgate.model.playbook import Playbook
from playgate.numbers.columnar.business import BusinessCounter, count_goal, note_prospects
from playgate.numbers.columnar.flow import count_flows
from playgate.numbers.columnar.kpis import KpiCounter
from playgate.numbers.columnar.part import Owners, Part
from playgate.numbers.columnar.verdicts import VerdictCounter
from playgate.numbers.customers import groups_of
from playgate.numbers.occurrences import sale_stages
from playgate.numbers.period import Period, running, week_reader
from playgate.numbers.samples import Gathered, Measure

__all__ = ["gather_columns"]


def gather_columns(
    playbook: Playbook,
    history: ColumnHistory,
    *,
    measures: tuple[Measure, ...],
    period: Period,
    people: People | None,
    as_of: int,
    progress: Callable[[int], None] | None = None,
    verified: Verified = "some",
) -> Gathered:
    """Counts what the deals come to as of an instant.

    Raises `CannotSayError` before anything is read where no kernel says what a number looks at, and
    `DisagreementError` where the judge says otherwise.
    """
    if in_currencies(playbook):
        raise CannotSayError("amounts in several currencies")
    found = _ColumnsPass(playbook, history, measures, period, people, as_of, verified)
    found.try_on_nothing()
    for events in found.run():
        if progress is not None:
            progress(events)
    return found.gathered


class _ColumnsPass:
    def __init__(
        self,
        playbook: Playbook,
        history: ColumnHistory,
        measures: tuple[Measure, ...],
        period: Period,
        people: People | None,
        as_of: int,
        verified: Verified,
    ) -> None:
        self._history = history
        self._numbers = numbers = playbook.numbers or Numbers()
        self._judge = Judge(playbook, has_people=people is not None)
        self._playbook = playbook
        self._as_of = as_of
        self._readings = Readings(vocabulary(playbook, self._judge.may_waive))
        self._sale = sale_stages(playbook)
        self._drawn = Drawn(verified, history.events)
        self._week = week_reader(playbook.zone)
        self._running = (
            running(numbers.targets.per, as_of, playbook.zone) if numbers.targets else period
        )
        self._people = people
        self._measures, self._period = measures, period
        self._begin(self._nothing())

    def _nothing(self) -> Gathered:
        return Gathered(self._measures, self._period, self._numbers.coaching.minimum)

    def _begin(self, gathered: Gathered) -> None:
        self.gathered = gathered
        groups = groups_of(self._playbook, self._numbers)
        self._kpis = KpiCounter(gathered, groups, self._week)
        self._verdicts = VerdictCounter(gathered, self._judge, self._people)
        self._business = BusinessCounter(gathered, self._numbers, groups)

    def try_on_nothing(self) -> None:
        """Raises `CannotSayError` where something cannot be said, which is tried on no deals."""
        rows = rows_of_events(())
        self._begin_rows(rows)
        nothing = Deals(self._plan, rows, settled_rows(rows, none_of(), none_of(), 0), none_of())
        self._count(Part(nothing, self._sale, self._owners))
        self._begin(self._nothing())

    def run(self) -> Iterator[int]:
        """Counts all deals, some at a time, and yields of how many events they were."""
        for rows in self._history.rows:
            self._begin_rows(rows)
            self._drawn.begin(rows)
            for numbers, row in Parts(rows, self._history.limit, ()).all():
                settled = settled_rows(rows, row, rows.deal[row] - numbers[0], len(numbers))
                part = Part(Deals(self._plan, rows, settled, numbers), self._sale, self._owners)
                self._note(part, settled)
                self._judge_deals(part)
                self._count(part)
                yield len(row)

    def _begin_rows(self, rows: Rows) -> None:
        """Begins with rows that have words of their own."""
        self._plan = Plan(
            self._playbook, self._judge, self._people, rows.words, self._as_of, self._readings
        )
        self._without = without_kernel(self._plan)
        self._owners = Owners(list(rows.words.actors))

    def _note(self, part: Part, settled: SettledRows) -> None:
        found, deals = self.gathered, part.deals
        if settled.clashes:
            ones = {deals.name_of(number) for number in np.flatnonzero(deals.is_one).tolist()}
            found.problems += sum(clash.kept.deal in ones for clash in settled.clashes)
        found.deals += int(part.governed.sum())
        found.left_out += int((deals.is_one & ~part.governed).sum())
        found.events += int(np.diff(deals.start)[part.governed].sum())

    def _judge_deals(self, part: Part) -> None:
        deals = part.deals
        waivers, notes = read_apart(deals)
        self.gathered.problems += len(notes)
        check = Check(deals, self._drawn.of(deals), self._owners)
        self._verdicts.begin(part)
        given = waivers_of(deals, [(number, waiver) for number, waiver, _ in waivers])
        for place, verdicts in judge_all(deals, given, self._without):
            check.take(place, verdicts)
            self._verdicts.take(part, place, verdicts)
        check.run()
        self._verdicts.end(part)

    def _count(self, part: Part) -> None:
        found, numbers = self.gathered, self._numbers
        for measure in found.measures:
            self._kpis.add(part, measure)
        count_flows(part, found)
        self._business.add(part)
        note_prospects(part, found.prospects)
        count_goal(part, found, numbers, self._running, self._kpis.allowed)
        session = numbers.coaching.session
        if session is not None:
            self._sessions(part, part.positions(session))

    def _sessions(self, part: Part, position: np.ndarray) -> None:
        found = self.gathered.sessions
        reps = part.responsible(position).tolist()
        for rep, at in zip(reps, part.deals.happened[position].tolist(), strict=True):
            name = part.owners.name(rep)
            found[name] = max(at, found.get(name, at))
