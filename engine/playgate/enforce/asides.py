"""What stands in a deal's history beside events, decisions and migrations: what was taken back, and
waivers that were asked for."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.enforce.live import Live
from playgate.enforce.values import CourseEntry, id_of
from playgate.ledger.rows import MergeRow, RetractionRow, WaiverRequestRow

__all__ = ["asides"]


def asides(live: Live, deal: str) -> Iterator[CourseEntry]:
    """Yields the entries, each at the instant at which it was recorded."""
    ledger = live.ledger
    for retraction in ledger.taken_back.retractions(deal):
        yield _retraction(retraction, live)
    for merge in ledger.taken_back.merges_into(deal):
        yield _merge(merge)
    for request in ledger.waiver_requests.of(deal):
        yield from _request(request)


def _retraction(row: RetractionRow, live: Live) -> CourseEntry:
    event = live.ledger.events.get(row.deal, row.event_id)
    what = f"{event.kind} {event.name}" if event else row.event_id
    return _aside("retraction", what, row.reason, row.at, row.actor, row.event_id)


def _merge(row: MergeRow) -> CourseEntry:
    return _aside("merge", row.deal, row.reason, row.at, row.actor)


def _request(row: WaiverRequestRow) -> Iterator[CourseEntry]:
    yield _aside("waiver-request", row.rule, row.reason, row.at, row.actor, id_of(row))
    if row.answer:
        at, by = row.answered_at or 0, row.answered_by
        yield _aside(f"waiver-{row.answer}", row.rule, row.answer_reason, at, by, id_of(row))


def _aside(
    kind: str, name: str, value: str, at: int, actor: str, event_id: str = ""
) -> CourseEntry:
    return CourseEntry(
        at=at,
        recorded_at=at,
        kind=kind,
        name=name,
        value=value,
        actor=actor,
        event_id=event_id,
        live=True,
    )
