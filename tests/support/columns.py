"""Both ways to run an audit, side by side: the judge deal by deal, kernels over columns."""

from __future__ import annotations

from collections.abc import Sequence

from playgate.audit.result import AuditResult
from playgate.audit.run import audit
from playgate.audit.selection import Selection
from playgate.columns.rows import rows_of_events
from playgate.columns.run import EVENTS, audit_rows
from playgate.history.event import Event
from playgate.history.people import People
from playgate.model.playbook import Playbook
from support.bulk import Collected

__all__ = ["both"]


def both(
    playbook: Playbook,
    events: Sequence[Event],
    *,
    people: People | None = None,
    as_of: int | None = None,
    selection: Selection | None = None,
    sources: Sequence[str] = (),
    shown: bool = False,
    verified: int | None = 0,
    limit: int = EVENTS,
) -> tuple[AuditResult, AuditResult]:
    """What the judge says, and what columns say; they must agree on every verdict."""
    judges, columns = Collected(), Collected()
    judged = audit(
        playbook,
        events,
        people=people,
        as_of=as_of,
        selection=selection,
        sources=sources,
        verdicts=judges,
    )
    found = audit_rows(
        playbook,
        rows_of_events(events),
        people=people,
        as_of=as_of,
        selection=selection,
        sources=sources,
        shown=shown,
        verdicts=columns,
        verified=verified,
        limit=limit,
    )
    assert sorted(columns.rows) == sorted(judges.rows)
    return judged, found
