"""The audit of a history: files, a table where an engine is, or events that are given as values.

Which engine judges, and how it is read, is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from playgate.audit.fault import FaultError
from playgate.audit.parts import audit_parts
from playgate.audit.result import AuditResult
from playgate.audit.run import Audit, audit_spool
from playgate.audit.selection import Selection
from playgate.audit.verdict_rows import VerdictSink
from playgate.audit.verified import Verified
from playgate.auditing.by_arms import audit_arms
from playgate.auditing.by_columns import ColumnsAudit, is_worth_it
from playgate.auditing.memory import MEMORY
from playgate.auditing.reading import (
    Watch,
    ahead_of,
    fill,
    processes,
    refuse_problems,
    uncollected,
    unwatched,
)
from playgate.auditing.select import Scope, check_deals, check_rules, find_actors
from playgate.errors import InputError
from playgate.history.event import Event, Problem
from playgate.history.mapping import Mapping
from playgate.history.part import PartOfDeals
from playgate.history.source import is_parquet
from playgate.history.spool import Spool
from playgate.model.playbook import Playbook
from playgate.records import Record

__all__ = ["IN_PLACE", "HistoryAudit"]

IN_PLACE = ("auto", "judge", "columns")
"""The engines that need no address."""


class HistoryAudit(Record, kw_only=True):
    """What is to be audited, by what, and how."""

    playbook: Playbook
    scope: Scope
    history: Sequence[str] = ()
    """The names of files."""
    events: Iterable[Event] | None = None
    """The history in place of files; problems name `events` and the place among them, from 1."""
    mapping: Mapping | None = None
    problems: Sequence[Problem] = ()
    """Those that are known before."""
    engine: str = "auto"
    """`judge`, `columns`, `duckdb`, the address of an engine, or `auto`: columns for what is
    large."""
    table: str | None = None
    """The history is this table where the engine is."""
    jobs: int | None = None
    strict: bool = False
    """Whether a problem stops it."""
    shown: bool = False
    """Whether only what people are shown is needed: the first findings, counts of the rest."""
    verdicts: VerdictSink | None = None
    watch: Watch = unwatched
    verified: Verified = "some"
    """Of what columns judge, deals with about so many events are judged by the judge as well;
    `None` means all."""
    memory: int = MEMORY
    """Bytes that the rows of columns take in memory; beyond it they wait on disk."""
    on_fault: Callable[[BaseException | None], None] | None = None
    """Hears of a bug of the columns, or where the judge says otherwise; what the judge says is
    returned."""

    @uncollected()
    def run(self) -> AuditResult:
        """Judges every deal and returns the result; raises `InputError` for what cannot be used."""
        check_rules(self.scope.rules, self.playbook)
        try:
            result = self._by_arms() or self._by_columns() or self._by_engine() or self._by_judge()
        except FaultError as fault:
            if self.on_fault is not None:
                self.on_fault(fault.__cause__)
            result = self._by_judge()
        if self.strict:
            refuse_problems(result.problems)
        return result

    def _by_arms(self) -> AuditResult | None:
        """Returns the audit by the judge where experiments run, which no other engine knows; `None`
        where none does."""
        if not self.playbook.experiments:
            return None
        if self.events is None and self.engine not in IN_PLACE:
            raise InputError(
                f"{self.engine.partition('://')[0]} cannot judge by this playbook: experiments run"
                " in it, and each deal is judged by the version of its arm",
                hint="--engine judge can",
                code="engine-cannot",
            )
        return self._by_judge()

    def _by_columns(self) -> AuditResult | None:
        """Returns the audit over columns, or `None` where it is for another to do."""
        if self.events is not None or self.engine not in ("auto", "columns"):
            return None
        is_asked = self.engine == "columns"
        if not is_asked and (self.strict or self.jobs or not is_worth_it(self.history)):
            return None
        audit = ColumnsAudit(
            playbook=self.playbook,
            scope=self.scope,
            history=self.history,
            mapping=self.mapping,
            problems=self.problems,
            shown=self.shown and not self.strict,
            watch=self.watch,
            verdicts=self.verdicts,
            verified=self.verified,
            memory=self.memory,
        )
        # Where our own reader reads and all is worded, several processes of the judge are as fast.
        is_for_any = is_asked or self.shown or any(map(is_parquet, self.history))
        return audit.run() if is_for_any else audit.if_plain()

    def _by_engine(self) -> AuditResult | None:
        """Returns the audit by a relational engine, or `None` where none is asked for."""
        if self.events is not None or self.engine in IN_PLACE:
            return None
        from playgate.auditing.by_engine import BulkAudit

        audit = BulkAudit(
            playbook=self.playbook,
            history=self.history,
            mapping=self.mapping,
            people=self.scope.people,
            as_of=self.scope.as_of,
            until=self.scope.until,
            selection=self.scope.selection(frozenset(self.scope.reps)),
            problems=self.problems,
            shown=self._shown,
            watch=self.watch,
            verdicts=self.verdicts,
        )
        return audit.by(self.engine, self.table)

    def _by_judge(self) -> AuditResult:
        """Returns the audit deal by deal, by several processes where that is worth it."""
        scope = self.scope
        alone = bool(self.playbook.experiments) or self.events is not None
        if not (scope.deals or scope.reps or self.strict or alone):
            shared = processes(self.jobs, self.history)
            if shared > 1:
                return self._shared(shared)
        with Spool(until=scope.until) as spool:
            problems = [*self.problems, *self._read(spool, None, watch=self.watch)]
            if self.strict:
                refuse_problems(problems)
            check_deals(scope.deals, spool)
            selection = scope.selection(find_actors(scope.reps, spool, scope.people))
            instant = spool.latest if scope.as_of is None else scope.as_of
            if not self.playbook.experiments:
                return self._judged(self.playbook, spool, problems, selection, instant)
            told = iter((problems,))  # they are those of all arms together
            return audit_arms(
                self.playbook,
                spool,
                lambda version, deals: self._judged(
                    version, deals, next(told, ()), selection, instant
                ),
                people=scope.people,
                until=scope.until,
                as_of=instant,
                shown=self._shown,
            )

    def _judged(
        self,
        playbook: Playbook,
        spool: Spool,
        problems: Sequence[Problem],
        selection: Selection,
        as_of: int | None,
    ) -> AuditResult:
        scope = self.scope
        with self.watch("judging", spool.events) as progress:
            return audit_spool(
                playbook,
                spool,
                people=scope.people,
                as_of=as_of,
                sources=self._sources,
                problems=problems,
                selection=selection,
                verdicts=self.verdicts,
                shown=self._shown,
                progress=progress,
            )

    def _shared(self, jobs: int) -> AuditResult:
        """Returns the audit, shared by several processes."""
        scope = self.scope

        def read(spool: Spool, part: PartOfDeals, first: bool) -> list[Problem]:
            found = self._read(spool, part, watch=self.watch if first else unwatched)
            return [*self.problems, *found] if first else found

        def start(as_of: int | None, sink: VerdictSink | None) -> Audit:
            return Audit(
                self.playbook,
                people=scope.people,
                as_of=as_of,
                sources=self.history,
                selection=Selection(rules=scope.rules, since=scope.since),
                verdicts=sink,
                shown=self._shown,
            )

        return audit_parts(
            read,
            start,
            jobs=jobs,
            as_of=scope.as_of,
            until=scope.until,
            verdicts=self.verdicts,
            watch=self.watch,
        )

    @property
    def _shown(self) -> bool:
        """Whether the summary is enough; a strict audit looks at each problem."""
        return self.shown and not self.strict

    @property
    def _sources(self) -> Sequence[str]:
        return self.history if self.events is None else ("events",)

    def _read(self, spool: Spool, part: PartOfDeals | None, *, watch: Watch) -> list[Problem]:
        as_of = self.scope.as_of
        if self.events is not None:
            numbered = enumerate(self.events, 1)
            spool.extend(each._replace(source=0, line=line) for line, each in numbered)
            return list(ahead_of(spool, self._sources, as_of))
        return fill(
            spool,
            self.history,
            self.mapping,
            as_of=as_of,
            part=part,
            stable_ids=not self.shown,
            watch=watch,
        )
