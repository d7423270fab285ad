"""The audit over encoded columns: the result that `playgate.audit.run` gives, some deals at a time.

Kernels judge each rule on all these deals at once. A rule that no kernel says is judged by the
judge, who also puts into words what is shown and judges some deals as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from playgate.audit.assemble import add_notes, assemble
from playgate.audit.blind_spots import BlindSpots
from playgate.audit.findings_store import FindingStore
from playgate.audit.result import AuditResult, BlindSpot, HistoryFacts
from playgate.audit.run import audit
from playgate.audit.selection import Selection
from playgate.audit.summary import Summary, added, kinds_of, summarize
from playgate.audit.tally import Tally
from playgate.audit.unjudged import unjudged
from playgate.audit.verdict_rows import VerdictSink
from playgate.audit.verified import Verified
from playgate.audit.watch import Watch, unwatched
from playgate.columns.actors import ActorCounts
from playgate.columns.arrays import none_of
from playgate.columns.check import Check, Drawn
from playgate.columns.deals import Deals
from playgate.columns.findings import explained, summed
from playgate.columns.gathered import Gathered, of_rows
from playgate.columns.kernels import judge_all, without_kernel
from playgate.columns.mentions import Mentions
from playgate.columns.parts import Parts
from playgate.columns.plan import Plan, Readings
from playgate.columns.rows import Rows
from playgate.columns.settled import settled_rows
from playgate.columns.tallies import Found, Tallies
from playgate.history.event import Problem, in_the_future
from playgate.history.people import People
from playgate.history.problems import EarliestProblems
from playgate.judge.explain import Explainer
from playgate.judge.judge import Judge
from playgate.judge.vocabulary import vocabulary
from playgate.model.playbook import Playbook

__all__ = ["EVENTS", "audit_rows"]

EVENTS = 200_000
"""About so many events are judged at once: they fit into a processor's cache."""


def audit_rows(
    playbook: Playbook,
    rows: Rows | Gathered,
    *,
    people: People | None = None,
    as_of: int | None = None,
    until: int | None = None,
    selection: Selection | None = None,
    sources: Sequence[str] = (),
    problems: Sequence[Problem] = (),
    shown: bool = False,
    verdicts: VerdictSink | None = None,
    watch: Watch = unwatched,
    verified: Verified = "some",
    limit: int = EVENTS,
) -> AuditResult:
    """Judges every deal of a history, whose rows are in memory or gathered in parts.

    What happens after `until` is the future. `verdicts` is given every verdict. With `shown`,
    findings and problems are given only as far as the result's summary has them. Deals with
    `verified` events are judged by the judge as well; `DisagreementError` is raised where it says
    otherwise.
    """
    gathered = rows if isinstance(rows, Gathered) else of_rows(rows, until)
    ahead = Ahead(sources, until, as_of)
    instant = gathered.latest if as_of is None else as_of
    if instant is None:
        found = [*problems, *(each for part in gathered.parts() for each in ahead.of(part))]
        return audit(playbook, (), people=people, sources=sources, problems=found)
    run = _ColumnsAudit(
        playbook,
        gathered.size,
        people=people,
        as_of=instant,
        ahead=ahead,
        selection=selection or Selection(),
        sources=sources,
        problems=problems,
        verdicts=verdicts,
        shown=shown,
        verified=verified,
        limit=limit,
    )
    with watch("judging", gathered.size) as progress:
        for judged in run.judge(gathered.parts()):
            if progress is not None:
                progress(judged)
    return run.result()


class Ahead(NamedTuple):
    """Tells what happens after `until`, where the audit's instant does not reach it."""

    sources: Sequence[str]
    until: int | None
    as_of: int | None

    def of(self, rows: Rows) -> Iterator[Problem]:
        """Yields the rows that lie in the future, as problems."""
        if self.until is None:
            return
        after = self.until if self.as_of is None else max(self.until, self.as_of)
        for place in np.flatnonzero(rows.at > after).tolist():
            file = self.sources[int(rows.source[place])]
            yield in_the_future(int(rows.at[place]), file, int(rows.line[place]))


class _ColumnsAudit:
    _rows: Rows
    _plan: Plan
    _mentions: Mentions
    _tallies: Tallies
    _parts: Parts

    def __init__(
        self,
        playbook: Playbook,
        size: int,
        *,
        people: People | None,
        as_of: int,
        ahead: Ahead,
        selection: Selection,
        sources: Sequence[str],
        problems: Sequence[Problem],
        verdicts: VerdictSink | None,
        shown: bool,
        verified: Verified,
        limit: int,
    ) -> None:
        self._playbook = playbook
        self._people = people
        self._as_of = as_of
        self._ahead = ahead
        self._selection = selection
        self._sources = sources
        self._problems = EarliestProblems()
        self._problems.take(problems)
        self._limit = limit
        self._judge = judge = Judge(playbook, has_people=people is not None)
        self._readings = Readings(vocabulary(playbook, judge.may_waive))
        self._blind = BlindSpots(playbook, tuple(rule.rule for rule in judge.rules))
        self._unknown: Counter[tuple[str, str]] = Counter()
        self._tally = Tally(judge, selection, verdicts)
        self._actors = ActorCounts(len(judge.rules))
        self._explainer = Explainer(judge)
        self._drawn = Drawn(verified, size)
        self._found: list[Found] = []
        self._summaries: list[Summary] = []
        self._worded = None if shown else FindingStore([rule.rule.info for rule in judge.rules])
        """All findings in words, where they are wanted."""
        self._events = self._deals = self._duplicates = 0
        self._first: int | None = None
        self._last: int | None = None

    def judge(self, rows: Iterable[Rows]) -> Iterator[int]:
        """Judges all deals, some at a time, and yields of how many events they were."""
        for each in rows:
            self._begin(each)
            del each  # the next rows take its place
            for numbers, row in self._parts.all():
                own = self._rows.deal[row] - numbers[0]
                settled = settled_rows(self._rows, row, own, len(numbers))
                self._duplicates += settled.duplicates
                self._problems.take(clash.problem(self._sources) for clash in settled.clashes)
                self._judge_some(Deals(self._plan, self._rows, settled, numbers))
                yield len(row)
            self._end()

    def _begin(self, rows: Rows) -> None:
        """Begins with rows that have words of their own."""
        self._problems.take(self._ahead.of(rows))
        self._rows = rows
        self._plan = Plan(
            self._playbook, self._judge, self._people, rows.words, self._as_of, self._readings
        )
        self._without = without_kernel(self._plan)
        self._mentions = Mentions(self._plan, self._blind)
        with_rows = self._tally.pass_on is not None
        self._tallies = Tallies(self._plan, self._selection, self._actors, with_rows=with_rows)
        self._drawn.begin(rows)
        self._parts = Parts(rows, self._limit, self._selection.deals)

    def _end(self) -> None:
        """Adds up what was found in them, and lets go of them."""
        self._mentions.tell()
        self._unknown.update(self._mentions.unknown)
        self._tally.absorb(self._tallies.counts())
        if self._worded is None:
            self._summaries.append(self._summary())
            self._found.clear()
        del self._rows, self._plan, self._mentions, self._tallies, self._parts

    def _deals_with(self, numbers: Sequence[int]) -> Deals:
        """Returns some deals once more."""
        pieces = [self._parts.rows_of(each) for each in numbers]
        own = np.repeat(np.arange(len(pieces)), [len(each) for each in pieces])
        row = np.concatenate(pieces) if pieces else none_of()
        settled = settled_rows(self._rows, row, own, len(pieces))
        return Deals(self._plan, self._rows, settled, np.array(numbers, np.int64))

    def _judge_some(self, deals: Deals) -> None:
        self._note(deals)
        waivers, notes = self._mentions.take(deals)
        add_notes(self._problems, ((each, 1) for each in notes), self._sources)
        self._tallies.begin(deals)
        check = Check(deals, self._drawn.of(deals), self._tallies.owners)
        found = []
        for place, verdicts in judge_all(deals, waivers, self._without):
            check.take(place, verdicts)
            if self._tallies.selected[place]:
                found.append(self._tallies.take(deals, place, verdicts))
        self._tallies.end()
        check.run()
        if self._tally.pass_on:
            self._tally.pass_on(self._tallies.rows)
        self._keep(deals, Found.joined(found))

    def _keep(self, deals: Deals, found: Found) -> None:
        """Keeps what was found: as columns where little of it is shown, else in words."""
        if self._worded is None:
            self._found.append(found)
            return
        first = int(deals.number[0]) if len(deals.number) else 0
        self._worded.extend(
            explained(
                self._plan,
                self._explainer,
                found,
                lambda number: deals.deal_of(number - first, with_ids=True),
                list(self._tallies.owners),
            )
        )

    def _note(self, deals: Deals) -> None:
        self._events += len(deals.met_row)
        self._deals += int(deals.is_one.sum())
        if len(deals.met_at):
            first, last = int(deals.met_at.min()), int(deals.met_at.max())
            self._first = first if self._first is None else min(self._first, first)
            self._last = last if self._last is None else max(self._last, last)

    def result(self) -> AuditResult:
        """Returns the result."""
        tally = self._tally
        tally.absorb(self._actors.counts())
        facts = HistoryFacts(
            self._events,
            self._deals,
            self._deals - tally.deals,
            self._first,
            self._last,
            tuple(self._sources),
            self._duplicates,
        )
        worded = None if self._worded is None else self._worded.ordered()
        told = self._problems.told()
        problems = [problem for problem, _ in told]
        if worded is None:
            summary = added(self._summaries, kinds_of(told))
        else:
            summary = summarize(worded, problems)
        return assemble(
            self._playbook,
            tally,
            people=self._people,
            as_of=self._as_of,
            history=facts,
            unknown=self._unknown,
            blind_spots=self._blind_spots(),
            findings=worded,
            actors=None if self._worded is None else self._worded.actors,
            problems=problems,
            summary=summary,
        )

    def _summary(self) -> Summary:
        return summed(
            self._plan,
            self._explainer,
            Found.joined(self._found),
            self._deals_with,
            list(self._tallies.owners),
        )

    def _blind_spots(self) -> tuple[BlindSpot, ...]:
        if self._selection.deals:
            return ()
        people = self._people
        never = unjudged(
            self._playbook, self._tally, self._selection, has_people=people is not None
        )
        return (*self._blind.result(people), *never)
