"""The audit of a ledger: its deals, each judged by the version that it is pinned to.

A deal that was migrated is judged twice: by the version before for what fell due until then, so
far as its rules did not go on, and by the version after for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from playgate.audit.merge import merge
from playgate.audit.result import AuditResult, HistoryFacts, UngatedMove
from playgate.audit.run import audit_spool
from playgate.audit.selection import Selection
from playgate.audit.shadow import count_shadow
from playgate.audit.ungated import MetGate, ungated_moves
from playgate.audit.verdict_rows import VerdictSink
from playgate.auditing.by_arms import seeing
from playgate.auditing.ledger_by_columns import LedgerByColumns, is_large
from playgate.auditing.memory import MEMORY
from playgate.auditing.reading import Watch, ahead_of, ledger_sources, unwatched
from playgate.auditing.select import Scope
from playgate.conditions.instants import SKEW
from playgate.enforce.arms import with_pinned
from playgate.enforce.live import Live
from playgate.enforce.migrate import version_in
from playgate.enforce.reconcile import gated_events
from playgate.errors import InputError
from playgate.history.deal import no_roles
from playgate.history.event import Event
from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.history.walk import walk
from playgate.judge.judge import Judge
from playgate.ledger.rows import DealRow, PlaybookRow
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.records import replace
from playgate.versions.carry import Carried, Translate, Until, translator

__all__ = ["audit_ledger"]


def audit_ledger(
    ledger: Ledger,
    scope: Scope,
    *,
    playbook: Playbook | None = None,
    under: str | None = None,
    engine: str = "auto",
    shown: bool = False,
    verdicts: VerdictSink | None = None,
    watch: Watch = unwatched,
    memory: int = MEMORY,
    on_fault: Callable[[BaseException | None], None] | None = None,
) -> AuditResult:
    """Audits all deals as of now or earlier, each by its version; or those under one playbook's
    name, all by `playbook` as it stands or by the published version `under`.

    `engine` is `judge`, `columns` or `auto`: columns for what is large. With `shown`, only findings
    that people are shown are put into words, where that can be told before all are known.
    `on_fault` hears of a bug of the columns, or where the judge says otherwise; what the judge says
    is returned.
    """
    live = Live(ledger, now=scope.now)
    judged_by = version_in(live, under) if under is not None else playbook
    with ledger.reading():
        team = scope.people or ledger.people.all()
        selection = replace(
            scope.selection(_actors(scope.reps, team)),
            deals=frozenset(map(ledger.taken_back.known_as, scope.deals)),
        )
        latest = ledger.events.latest(scope.until) if scope.as_of is None else scope.as_of
        by_columns = LedgerByColumns(
            people=team,
            as_of=latest,
            until=live.now + SKEW,
            selection=selection,
            sources=ledger_sources(ledger.path),
            shown=shown,
            watch=watch,
            verdicts=verdicts,
            memory=memory,
            on_fault=on_fault,
        )
        takes_columns = engine == "columns" or (engine == "auto" and is_large(ledger, shown=shown))
        audits = _Audits(live, by_columns, takes_columns=takes_columns)
        results = [
            result
            for row in ledger.playbooks.all()
            if judged_by is None or row.name == judged_by.name
            for result in audits.of(row, _arm(live, row, judged_by))
        ]
        decided = ledger.decisions.in_shadow()
        if judged_by is not None:
            own = {row.sha256 for row in ledger.playbooks.all() if row.name == judged_by.name}
            decided = [row for row in decided if row.playbook in own]
        shadow = count_shadow(decided, selection, lambda sha256: live.playbook(sha256).name)
    if not results:
        what = f"no deal under {judged_by.name}" if judged_by else "no deal"
        raise InputError(
            f"{ledger.path} has {what}",
            hint="playgate publish PLAYBOOK starts one",
            code="nothing-to-judge",
        )
    found = seeing(results)
    short = set(map(id, audits.in_short))
    in_short = [each for each, of in zip(found, results, strict=True) if id(of) in short]
    result = replace(merge(found, in_short=in_short), shadow=shadow)
    if scope.deals and not result.history.deals:
        raise InputError(f"the ledger has no deal {' or '.join(scope.deals)}", code="no-deal")
    if scope.rules and not result.rules:
        raise InputError(
            f"no rule matches {' or '.join(scope.rules)}",
            hint="playgate show lists the rules",
            code="unknown-name",
        )
    return result


class _Audits:
    """The audits of a ledger's deals, by what judges them."""

    def __init__(self, live: Live, how: LedgerByColumns, *, takes_columns: bool) -> None:
        self._live = live
        self._how = how
        self._takes_columns = takes_columns
        self._first_decisions = live.ledger.deals.first_decisions()
        self.in_short: list[AuditResult] = []
        """Those of which only the summary was asked for; no other has deals of theirs."""

    def of(self, row: PlaybookRow, judged_by: Playbook | None) -> Iterator[AuditResult]:
        """Yields the audits of the deals that are pinned to this version."""
        ledger = self._live.ledger
        migrated = ledger.deals.under(row.sha256, migrated=True)
        own = self._live.playbook(row.sha256)
        into = translator(own, judged_by, drop=False) if judged_by is not None else iter
        for earlier, group in self._groups(migrated):
            if judged_by is None:
                yield from self._carried(earlier, group)
            else:
                yield self._audit(judged_by, self._events(group, earlier.translate, into))
        if ledger.deals.has_own(row.sha256):
            yield self._own(row, judged_by or own, into)

    def _own(self, row: PlaybookRow, playbook: Playbook, into: Translate) -> AuditResult:
        """Audits the deals that have been under a version from their beginning."""
        events = self._live.ledger.events
        found = None
        if self._takes_columns:
            found = self._how.audit(playbook, into(events.of_playbook(row.sha256)))
        if found is not None:
            found = replace(found, ungated=tuple(self._ungated(row, playbook, into)))
        else:
            own = into(events.of_playbook(row.sha256))
            found = self._audit(playbook, own, shown=self._how.shown)
        if self._how.shown:
            self.in_short.append(found)
        return found

    def _ungated(
        self, row: PlaybookRow, playbook: Playbook, into: Translate
    ) -> Iterator[UngatedMove]:
        """Yields the moves past the gate of deals that have met it, which are read one by one."""
        ledger, how = self._live.ledger, self._how
        met = [
            each.deal
            for each in ledger.deals.under(row.sha256)
            if each.migrated_at is None and each.deal in self._first_decisions
        ]
        if how.as_of is None or not met:
            return
        judge = Judge(playbook, has_people=how.people is not None)
        reader = judge.reader(how.people.roles if how.people else no_roles)
        rows = ((deal, list(into(ledger.events.of(deal)))) for deal in met)
        found: list[UngatedMove] = []
        for walked in walk(
            rows, reader, judge.ever_governs, as_of=how.as_of, only=how.selection.has_deal
        ):
            gate = self._met_gate(walked.deal.id)
            if walked.events and gate is not None:
                found += ungated_moves(walked.deal, gate)
        yield from sorted(found, key=lambda each: (each.happened_at, each.deal))

    def _groups(self, deals: list[DealRow]) -> list[tuple[Carried, list[DealRow]]]:
        """Returns deals that were migrated alike, together."""
        groups: dict[int, tuple[Carried, list[DealRow]]] = {}
        for deal in deals:
            carried = self._live.carried(deal.deal)
            groups.setdefault(id(carried), (carried, []))[1].append(deal)
        return list(groups.values())

    def _events(self, deals: list[DealRow], *steps: Translate) -> Iterable[Event]:
        for deal in deals:
            events: Iterable[Event] = self._live.ledger.events.of(deal.deal)
            for step in steps:
                events = step(events)
            yield from events

    def _carried(self, carried: Carried, deals: list[DealRow]) -> Iterator[AuditResult]:
        for until in carried.until:
            if until.rules:
                yield self._until(until, deals)
        yield self._audit(carried.playbook, self._events(deals, carried.translate))

    def _until(self, until: Until, deals: list[DealRow]) -> AuditResult:
        """Audits by the version before what fell due until a migration; the deals are counted
        later."""
        selection = replace(self._how.selection, only=until.rules, until=until.at)
        events = self._events(deals, until.translate)
        found = self._audit(until.playbook, events, selection=selection)
        return replace(
            found,
            playbooks=tuple(replace(facts, deals=0) for facts in found.playbooks),
            stages=tuple(replace(stage, deals=0, passed=0) for stage in found.stages),
            history=HistoryFacts(0, 0, 0, None, None, found.history.sources, 0),
            ungated=(),
            unknown_names=(),
            blind_spots=(),
            problems=(),
        )

    def _audit(
        self,
        playbook: Playbook,
        events: Iterable[Event],
        *,
        selection: Selection | None = None,
        shown: bool = False,
    ) -> AuditResult:
        how = self._how
        with Spool(until=how.until) as spool:
            spool.extend(events)
            with how.watch("judging", spool.events) as progress:
                return audit_spool(
                    playbook,
                    spool,
                    people=how.people,
                    as_of=how.as_of,
                    sources=how.sources,
                    problems=list(ahead_of(spool, how.sources, how.as_of)),
                    selection=selection or how.selection,
                    met_gate=self._met_gate,
                    verdicts=how.verdicts,
                    shown=shown,
                    progress=progress,
                )

    def _met_gate(self, deal: str) -> MetGate | None:
        first = self._first_decisions.get(deal)
        return None if first is None else MetGate(first, gated_events(self._live, deal))


def _arm(live: Live, row: PlaybookRow, judged_by: Playbook | None) -> Playbook | None:
    """Returns what judges the deals that are pinned to a version: of an experiment's arm, the same
    arm in the playbook that judges all."""
    if judged_by is None or not judged_by.experiments:
        return judged_by
    arm = live.playbook(row.sha256).arm
    own = (each.treated for each in with_pinned(live, judged_by).experiments if each.id == arm)
    return next(own, None) or judged_by


def _actors(reps: Sequence[str], people: People | None) -> frozenset[str]:
    """Returns the ids of reps who are named by id, or by name where the ledger knows it."""
    return frozenset(
        actor for rep in reps for actor in (people.called(rep) if people else ()) or (rep,)
    )
