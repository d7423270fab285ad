"""The audit of events that are given as values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from playgate.audit.result import AuditResult
from playgate.audit.run import audit_spool
from playgate.audit.selection import Selection
from playgate.audit.verdict_rows import VerdictSink
from playgate.auditing.reading import ahead_of
from playgate.auditing.select import check_deals, check_rules, find_actors
from playgate.conditions.instants import SKEW
from playgate.history.event import Event
from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.model.playbook import Playbook

__all__ = ["audit_events"]

_SOURCES = ("events",)


def audit_events(
    playbook: Playbook,
    events: Iterable[Event],
    *,
    now: int,
    people: People | None,
    as_of: int | None,
    deals: Sequence[str],
    reps: Sequence[str],
    rules: tuple[str, ...],
    since: int | None,
    verdicts: VerdictSink | None,
) -> AuditResult:
    """Judges every deal of the events; problems name `events` and the place among them, from 1."""
    check_rules(rules, playbook)
    with Spool(until=now + SKEW) as spool:
        spool.extend(each._replace(source=0, line=line) for line, each in enumerate(events, 1))
        check_deals(deals, spool)
        selection = Selection(
            deals=frozenset(deals),
            actors=find_actors(reps, spool, people),
            rules=rules,
            since=since,
        )
        return audit_spool(
            playbook,
            spool,
            people=people,
            as_of=as_of,
            sources=_SOURCES,
            problems=list(ahead_of(spool, _SOURCES, as_of)),
            selection=selection,
            verdicts=verdicts,
        )
