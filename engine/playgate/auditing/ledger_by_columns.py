"""The audit over columns of a ledger's deals that one version has judged from their beginning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from playgate.audit.fault import FaultError, faults
from playgate.audit.result import AuditResult
from playgate.audit.selection import Selection
from playgate.audit.verdict_rows import VerdictSink, VerdictStore
from playgate.auditing.by_columns import has_columns
from playgate.auditing.reading import Watch
from playgate.history.event import Event
from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.records import Record, replace
from playgate.rules.list import list_rules

__all__ = ["LedgerByColumns", "is_large"]

_WORTH_IT = 200_000
"""Events of a ledger from which on columns take less time than the judge, their import included,
where not all findings are put into words: that takes both as long as all else."""


def is_large(ledger: Ledger, *, shown: bool) -> bool:
    """Whether columns can be had, and take less time than the judge."""
    return shown and has_columns() and sum(ledger.events.counts()) >= _WORTH_IT


class LedgerByColumns(Record, kw_only=True):
    """Audits deals over columns; `None` is returned where it is for the judge to do."""

    people: People | None
    as_of: int | None
    until: int
    """What happens later is the future."""
    selection: Selection
    sources: Sequence[str]
    shown: bool
    watch: Watch
    verdicts: VerdictSink | None
    memory: int
    """Bytes that the rows take in memory; beyond it they wait on disk."""
    on_fault: Callable[[BaseException | None], None] | None
    """Hears of a bug of the columns, or where the judge says otherwise."""

    def audit(self, playbook: Playbook, events: Iterable[Event]) -> AuditResult | None:
        """Returns the audit of events, in the order in which they were recorded."""
        from playgate.columns.gathered import gathered_events
        from playgate.columns.run import audit_rows

        store = VerdictStore() if self.verdicts is not None else None
        try:
            with faults(), Spool(until=self.until) as spool:
                found = audit_rows(
                    playbook,
                    gathered_events(events, spool, self.memory, self.until),
                    people=self.people,
                    as_of=self.as_of,
                    until=self.until,
                    selection=self.selection,
                    sources=self.sources,
                    shown=self.shown,
                    verdicts=store,
                    watch=self.watch,
                )
        except FaultError as fault:
            if self.on_fault is not None:
                self.on_fault(fault.__cause__)
            return None
        if self.verdicts is not None and store is not None:
            infos = [rule.info for rule in list_rules(playbook)]
            store.pass_on(self.verdicts.of(playbook, infos))
        return replace(found, engine="columns")
