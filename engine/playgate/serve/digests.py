"""The digests that hooks are told by themselves: each morning one of a day, each Monday of a week.

What is told lies between two mornings at seven, by the playbooks' clock, so that whoever makes it,
and whenever, tells the same.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import time, timedelta

from playgate.auditing.ledger_history import spool_ledger
from playgate.conditions.instants import Zone, from_datetime, to_datetime
from playgate.errors import InputError
from playgate.history.spool import Spool
from playgate.ledger.store import Ledger
from playgate.records import Record

__all__ = ["DAYS", "MORNING", "Span", "digest_of", "span_of"]

DAYS = {"daily": 1, "weekly": 7}
"""So many days are told of."""
MORNING = 7
"""The hour at which it is told."""
_WIDTH = 100


class Span(Record):
    """From which instant on, and up to which, a digest tells."""

    since: int
    until: int
    which: str
    """The day on which it is told, such as `weekly_2026-03-02`."""


def span_of(kind: str, now: int, zone: Zone) -> Span:
    """Returns what the latest digest of a kind tells, as of now."""
    moment = to_datetime(now, zone)
    day = moment.date() - timedelta(days=moment.hour < MORNING)
    if kind == "weekly":
        day -= timedelta(days=day.weekday())
    ends = (day - timedelta(days=DAYS[kind]), day)
    since, until = (
        from_datetime(moment.combine(each, time(MORNING), tzinfo=zone)) for each in ends
    )
    return Span(since, until, f"{kind}_{day.isoformat()}")


def digest_of(ledger: Ledger, span: Span, *, now: int) -> str:
    """Returns the digest of all playbooks of a ledger, as `playgate digest` has it for managers;
    nothing where nothing changed."""
    with ledger.reading():
        names = dict.fromkeys(row.name for row in ledger.playbooks.all())
    return "\n".join(text for name in names if (text := _of(ledger, name, span, now)))


def _of(ledger: Ledger, name: str, span: Span, now: int) -> str:
    try:
        return "".join(_pieces(ledger, name, span, now))
    except InputError as error:  # said where it is missed
        hint = f" ({error.hint})" if error.hint else ""
        return f"{name}: there is no digest: {error.message}{hint}\n"


def _pieces(ledger: Ledger, name: str, span: Span, now: int) -> Iterator[str]:
    if importlib.util.find_spec("scipy") is None:
        raise InputError(
            "it needs more libraries", hint="pip install 'playgate[numbers]'", code="not-installed"
        )
    from playgate.numbers.changes import changes  # SciPy takes a second
    from playgate.report import changes_text

    with Spool(until=span.until) as spool:
        kept = spool_ledger(ledger, spool, now=now, name=name)
        with ledger.reading():
            requests = list(ledger.waiver_requests.all(open_only=False))
        found = changes(
            kept.playbook,
            spool,
            people=kept.people,
            since=span.since,
            as_of=span.until,
            readers="manager",
            requests=requests,
        )
        titles = {stage.id: stage.title for stage in kept.playbook.stages}
        if not found.is_empty:
            yield from changes_text.render(found, titles, width=_WIDTH)
