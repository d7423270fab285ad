"""The audit: a whole history judged deal by deal, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

from playgate.audit.assemble import add_notes, assemble
from playgate.audit.blind_spots import BlindSpots, Seen
from playgate.audit.findings_store import FindingStore
from playgate.audit.found import Shown
from playgate.audit.result import AuditResult, BlindSpot, HistoryFacts, UngatedMove
from playgate.audit.selection import Selection
from playgate.audit.summary import kinds_of
from playgate.audit.tally import Counts, Tally
from playgate.audit.ungated import MetGate, ungated_moves
from playgate.audit.unjudged import unjudged
from playgate.audit.verdict_rows import VerdictRow, VerdictSink
from playgate.history.deal import Deal, no_roles
from playgate.history.event import Event, Problem
from playgate.history.people import People
from playgate.history.problems import EarliestProblems
from playgate.history.spool import Spool
from playgate.history.walk import Walked, walk
from playgate.judge.judge import Judge
from playgate.model.playbook import Playbook
from playgate.rules.list import glob_matches

__all__ = ["Audit", "audit", "audit_spool"]

_ACTOR = itemgetter(5)


def audit(
    playbook: Playbook,
    events: Iterable[Event],
    *,
    people: People | None = None,
    as_of: int | None = None,
    sources: Sequence[str] = (),
    problems: Sequence[Problem] = (),
    selection: Selection | None = None,
    verdicts: VerdictSink | None = None,
) -> AuditResult:
    """Audits `events`, which are in the order of their source; see `audit_spool`."""
    with Spool() as spool:
        spool.extend(events)
        return audit_spool(
            playbook,
            spool,
            people=people,
            as_of=as_of,
            sources=sources,
            problems=problems,
            selection=selection,
            verdicts=verdicts,
        )


def audit_spool(
    playbook: Playbook,
    spool: Spool,
    *,
    people: People | None = None,
    as_of: int | None = None,
    sources: Sequence[str] = (),
    problems: Sequence[Problem] = (),
    selection: Selection | None = None,
    met_gate: Callable[[str], MetGate | None] | None = None,
    verdicts: VerdictSink | None = None,
    shown: bool = False,
    progress: Callable[[int], None] | None = None,
) -> AuditResult:
    """Judges every deal as of `as_of` (default: the latest `happened_at`) and returns the result.

    `sources` names the files that events point to, `problems` are those met while reading;
    `met_gate` says whether and how a deal met the gate: moves that were imported since then went
    past it. `verdicts` is given every verdict. With `shown`, findings are put into words only as
    far as the result's summary has them. `progress` hears of each deal how many events it had.
    """
    audit = Audit(
        playbook,
        people=people,
        as_of=spool.latest if as_of is None else as_of,
        sources=sources,
        selection=selection,
        met_gate=met_gate,
        verdicts=verdicts,
        shown=shown,
    )
    audit.judge(spool, progress)
    return audit.result(problems)


class _Extent:
    """How much was seen of a history."""

    def __init__(self) -> None:
        self.events = self.deals = self.left_out = self.duplicates = 0
        self.first: int | None = None
        self.last: int | None = None

    def with_those(self, other: _Extent) -> _Extent:
        """Returns the sum of both."""
        both = _Extent()
        both.events = self.events + other.events
        both.deals = self.deals + other.deals
        both.left_out = self.left_out + other.left_out
        both.duplicates = self.duplicates + other.duplicates
        both.first = min((at for at in (self.first, other.first) if at is not None), default=None)
        both.last = max((at for at in (self.last, other.last) if at is not None), default=None)
        return both


class FoundInDeals(NamedTuple):
    """What an audit found in its deals."""

    counts: Counts
    blind: Seen
    unknown: Counter[tuple[str, str]]
    problems: EarliestProblems
    ungated: tuple[UngatedMove, ...]
    seen: _Extent
    shown: Shown


class Audit:
    """An audit that goes on, as of an instant (`None` where the history is empty)."""

    def __init__(
        self,
        playbook: Playbook,
        *,
        people: People | None,
        as_of: int | None,
        sources: Sequence[str],
        selection: Selection | None = None,
        met_gate: Callable[[str], MetGate | None] | None = None,
        verdicts: VerdictSink | None = None,
        shown: bool = False,
    ) -> None:
        self._playbook = playbook
        self._people = people
        self._as_of = as_of
        self._sources = sources
        self._selection = selection or Selection()
        self._met_gate = met_gate
        self._ungated: list[UngatedMove] = []
        self._judge = Judge(playbook, has_people=people is not None)
        self._reader = self._judge.reader(people.roles if people else no_roles)
        self._tally = Tally(self._judge, self._selection, verdicts, shown=shown)
        rules = tuple(rule.rule for rule in self._judge.rules)
        self._rule_ids = [rule.info.id for rule in rules]
        self._blind = BlindSpots(playbook, rules)
        self._unknown: Counter[tuple[str, str]] = Counter()
        self._problems = EarliestProblems()
        self._seen = _Extent()

    def judge(self, spool: Spool, progress: Callable[[int], None] | None = None) -> None:
        """Judges the deals of a spool."""
        if self._as_of is None:
            return
        for walked in walk(
            spool.deals(),
            self._reader,
            self._judge.ever_governs,
            as_of=self._as_of,
            only=self._selection.has_deal,
            progress=progress,
        ):
            self._seen.duplicates += walked.duplicates
            if walked.clashes:
                self._problems.take(clash.problem(self._sources) for clash in walked.clashes)
            if walked.events:
                self._one(walked)

    def found(self) -> FoundInDeals:
        """Returns all that was found so far but the store of findings, for another audit to
        absorb."""
        return FoundInDeals(
            self._tally.counts(),
            self._blind.seen(),
            self._unknown,
            self._problems,
            tuple(self._ungated),
            self._seen,
            self._tally.found.shown,
        )

    @property
    def findings(self) -> FindingStore | None:
        """All findings so far, which `found` leaves out; `None` where not all are wanted."""
        return self._tally.found.store

    def pass_on(self, rows: Sequence[VerdictRow]) -> None:
        """Passes on the verdicts of an audit of other deals."""
        if self._tally.pass_on:
            self._tally.pass_on(rows)

    def absorb(self, found: FoundInDeals) -> None:
        """Adds what an audit of other deals of the same history found."""
        self._tally.absorb(found.counts)
        self._tally.found.shown.absorb(found.shown)
        self._blind.absorb(found.blind)
        self._unknown.update(found.unknown)
        self._problems.absorb(found.problems)
        self._ungated.extend(found.ungated)
        self._seen = self._seen.with_those(found.seen)

    def _one(self, walked: Walked) -> None:
        deal = walked.deal
        self._note_history(walked)
        self._blind.observe(deal)
        self._blind.act(map(_ACTOR, walked.events))
        met = self._met_gate(deal.id) if self._met_gate is not None else None
        if met is not None:
            self._ungated.extend(ungated_moves(deal, met))
        self._note(deal)
        if walked.governed:
            self._tally.add(self._judged(deal, walked.events), seen=deal)
        elif walked.is_one:
            self._seen.left_out += 1

    def _judged(self, deal: Deal, events: list[Event]) -> Deal:
        """Returns the deal as it is judged: as of now, or as it was when this playbook's time
        ended."""
        until = self._selection.until
        if until is None or until > deal.as_of:
            return deal
        return self._reader.read(
            deal.id, [event for event in events if event.happened_at < until], until
        )

    def _blind_spots(self) -> tuple[BlindSpot, ...]:
        has_people = self._people is not None
        never = unjudged(self._playbook, self._tally, self._selection, has_people=has_people)
        return (*self._blind.result(self._people), *never)

    def _note_history(self, walked: Walked) -> None:
        seen, events = self._seen, walked.events
        seen.deals += walked.is_one
        seen.events += len(events)
        first, last = events[0].happened_at, events[-1].happened_at
        seen.first = first if seen.first is None else min(seen.first, first)
        seen.last = last if seen.last is None else max(seen.last, last)

    def _note(self, deal: Deal) -> None:
        if deal.unknown:
            self._unknown.update(self._judge.unknown(deal))
        if deal.notes:
            notes = ((each, 1) for each in self._judge.notes(deal))
            add_notes(self._problems, notes, self._sources)
        for waiver in deal.waivers:
            known = any(glob_matches(waiver.glob, rule_id) for rule_id in self._rule_ids)
            if not known and self._judge.governs_at(deal, deal.happened[waiver.position]):
                self._unknown["waiver", waiver.glob] += 1

    def result(self, problems: Sequence[Problem] = ()) -> AuditResult:
        """Returns the result; `problems` are those met while reading."""
        seen = self._seen
        found = self._tally.found
        self._problems.take(problems)
        every = self._problems.told()
        return assemble(
            self._playbook,
            self._tally,
            people=self._people,
            as_of=self._as_of,
            history=HistoryFacts(
                seen.events,
                seen.deals,
                seen.left_out,
                seen.first,
                seen.last,
                tuple(self._sources),
                seen.duplicates,
            ),
            unknown=self._unknown,
            # They are the whole history's: where only some deals were read, none can be told.
            blind_spots=() if self._selection.deals else self._blind_spots(),
            findings=found.ordered(),
            actors=None if found.store is None else found.store.actors,
            problems=[problem for problem, _ in every],
            summary=found.shown.summary(kinds_of(every)),
            ungated=self._ungated,
        )
