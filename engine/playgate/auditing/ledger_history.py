"""The deals of a ledger as a history, to be counted by one version of their playbook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from playgate.conditions.instants import SKEW
from playgate.documents.document import Document
from playgate.documents.stored import load
from playgate.enforce.arms import with_pinned
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.playbook.build import build
from playgate.playbook.read_numbers import read_numbers
from playgate.records import Record, replace

__all__ = ["Kept", "spool_ledger"]


class Kept(Record, kw_only=True):
    """What a ledger keeps beside the events that were read."""

    playbook: Playbook
    """The version by which all is counted."""
    document: Document | None
    """The one that it was read from; `None` where the playbook was given."""
    people: People | None
    latest: int | None
    """The last instant at which something happened."""
    actors: frozenset[str] = frozenset()
    """Who did something on the deals, where only some were read."""


def spool_ledger(
    ledger: Ledger,
    spool: Spool,
    *,
    now: int,
    playbook: Playbook | None = None,
    name: str = "",
    check: Callable[[Playbook], None] = lambda _: None,
    deals: Collection[str] | None = None,
) -> Kept:
    """Reads the events of the deals under all versions of one playbook: of the one that is given,
    of the one of a `name`, or of the only one there is; counted by the given or the last version.

    `check` raises `InputError` for a playbook that will not do, before any event is read. With
    `deals`, only those are read.
    """
    with ledger.reading():
        asked = playbook.name if playbook is not None else name
        rows = [row for row in ledger.playbooks.all() if not asked or row.name == asked]
        names = list(dict.fromkeys(row.name for row in rows))
        if len(names) != 1:
            what = f"holds several playbooks: {', '.join(names)}" if names else "has no such deals"
            hint = "name the file of the playbook whose deals are to be counted"
            raise InputError(f"{ledger.path} {what}", hint=hint, code="nothing-to-judge")
        document = None if playbook is not None else load(rows[-1].document)
        counted = _stored(document) if playbook is None and document is not None else playbook
        assert counted is not None  # noqa: S101  (one of the two)
        check(counted)
        live = Live(ledger, now=now)
        counted = with_pinned(live, counted)
        actors: set[str] = set()

        def wanted_of(events: Iterable[Event]) -> Iterable[Event]:
            return events if deals is None else _of(events, deals, actors)

        for row in rows:
            spool.extend(wanted_of(ledger.events.of_playbook(row.sha256)))
            for deal in ledger.deals.under(row.sha256, migrated=True):
                spool.extend(wanted_of(live.events(deal)))
        return Kept(
            playbook=counted,
            document=document,
            people=ledger.people.all(),
            latest=ledger.events.latest(now + SKEW),
            actors=frozenset(actors),
        )


def _of(events: Iterable[Event], deals: Collection[str], actors: set[str]) -> Iterator[Event]:
    """Yields the events of some deals, and notes who acted."""
    for event in events:
        if event.deal in deals:
            actors.add(event.actor)
            yield event


def _stored(document: Document) -> Playbook:
    playbook = build(document, frozenset(), [])
    if playbook is None:
        raise InputError("the ledger's playbook is damaged", code="ledger-damaged")
    return replace(playbook, numbers=read_numbers(document, playbook, frozenset(), []))
