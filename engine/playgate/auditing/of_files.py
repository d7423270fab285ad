"""The audit of files, or of a table where an engine is: which engine judges, and how it is read."""

from __future__ import annotations

from collections.abc import Sequence

from playgate.audit.parts import audit_parts
from playgate.audit.result import AuditResult
from playgate.audit.run import Audit, audit_spool
from playgate.audit.selection import Selection
from playgate.audit.verdict_rows import VerdictSink
from playgate.auditing.reading import Watch, fill, processes, refuse_problems, unwatched
from playgate.auditing.select import check_deals, check_rules, find_actors
from playgate.conditions.instants import SKEW
from playgate.history.event import Problem
from playgate.history.mapping import Mapping
from playgate.history.part import PartOfDeals
from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.model.playbook import Playbook
from playgate.records import Record

__all__ = ["IN_PLACE", "FileAudit"]

IN_PLACE = ("auto", "judge")
"""The engines that need no address."""


class FileAudit(Record, kw_only=True):
    """What is to be audited, by what, and how."""

    playbook: Playbook
    history: Sequence[str]
    now: int
    """When it is: what happened more than five minutes later is the future."""
    mapping: Mapping | None = None
    people: People | None = None
    problems: Sequence[Problem] = ()
    """Those that are known before."""
    as_of: int | None = None
    """As of when deals are judged; `None` for the latest event."""
    deals: Sequence[str] = ()
    reps: Sequence[str] = ()
    rules: tuple[str, ...] = ()
    since: int | None = None
    engine: str = "auto"
    """`judge`, `duckdb`, the address of an engine, or `auto`: DuckDB for what is large."""
    table: str | None = None
    """The history is this table where the engine is."""
    jobs: int | None = None
    strict: bool = False
    """Whether a problem stops it."""
    shown: bool = False
    """Whether only what people are shown is needed: the first findings, counts of the rest."""
    verdicts: VerdictSink | None = None
    watch: Watch = unwatched

    def run(self) -> AuditResult:
        """Judges every deal and returns the result; raises `InputError` for what cannot be used."""
        check_rules(self.rules, self.playbook)
        found = None
        by_engine = self.engine == "auto" and not (self.strict or self.jobs)
        if self.engine not in IN_PLACE or by_engine:
            found = self._by_engine()
        result = found or self._by_judge()
        if self.strict:
            refuse_problems(result.problems)
        return result

    def _by_engine(self) -> AuditResult | None:
        """Returns the audit by a relational engine, or `None` where `auto` leaves it to the
        judge."""
        from playgate.auditing.by_engine import BulkAudit, is_worth_it

        if self.engine == "auto" and not is_worth_it(self.history):
            return None
        audit = BulkAudit(
            playbook=self.playbook,
            history=self.history,
            mapping=self.mapping,
            people=self.people,
            as_of=self.as_of,
            until=self.now + SKEW,
            selection=Selection(
                deals=frozenset(self.deals),
                actors=frozenset(self.reps),
                rules=self.rules,
                since=self.since,
            ),
            problems=self.problems,
            shown=self.shown and not self.strict,
            watch=self.watch,
            verdicts=self.verdicts,
        )
        return audit.if_possible() if self.engine == "auto" else audit.by(self.engine, self.table)

    def _by_judge(self) -> AuditResult:
        """Returns the audit deal by deal, by several processes where that is worth it."""
        if not (self.deals or self.reps or self.strict):
            shared = processes(self.jobs, self.history)
            if shared > 1:
                return self._shared(shared)
        with Spool(until=self.now + SKEW) as spool:
            problems = [*self.problems, *self._read(spool, None, watch=self.watch)]
            if self.strict:
                refuse_problems(problems)
            check_deals(self.deals, spool)
            selection = Selection(
                deals=frozenset(self.deals),
                actors=find_actors(self.reps, spool, self.people),
                rules=self.rules,
                since=self.since,
            )
            with self.watch("judging", spool.events) as progress:
                return audit_spool(
                    self.playbook,
                    spool,
                    people=self.people,
                    as_of=self.as_of,
                    sources=self.history,
                    problems=problems,
                    selection=selection,
                    verdicts=self.verdicts,
                    progress=progress,
                )

    def _shared(self, jobs: int) -> AuditResult:
        """Returns the audit, shared by several processes."""

        def read(spool: Spool, part: PartOfDeals, first: bool) -> list[Problem]:
            found = self._read(spool, part, watch=self.watch if first else unwatched)
            return [*self.problems, *found] if first else found

        def start(as_of: int | None, sink: VerdictSink | None) -> Audit:
            return Audit(
                self.playbook,
                people=self.people,
                as_of=as_of,
                sources=self.history,
                selection=Selection(rules=self.rules, since=self.since),
                verdicts=sink,
            )

        return audit_parts(
            read,
            start,
            jobs=jobs,
            as_of=self.as_of,
            until=self.now + SKEW,
            verdicts=self.verdicts,
            watch=self.watch,
        )

    def _read(self, spool: Spool, part: PartOfDeals | None, *, watch: Watch) -> list[Problem]:
        return fill(
            spool,
            self.history,
            self.mapping,
            as_of=self.as_of,
            part=part,
            stable_ids=not self.shown,
            watch=watch,
        )
