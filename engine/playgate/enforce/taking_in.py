"""A mapped history is taken into a ledger, as often as one likes: what it has already stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from playgate.conditions.instants import show_instant
from playgate.enforce.arms import pins_of
from playgate.enforce.live import Live
from playgate.enforce.playbook_files import published_last
from playgate.history.event import Event, Problem
from playgate.ledger.store import Ledger

__all__ = ["take_in"]

_TOGETHER = 20_000
"""How many events make a transaction; what was committed stays, whatever comes after."""


def take_in(
    ledger: Ledger,
    deals: Iterator[list[Event]],
    *,
    sha256: str,
    until: int,
    sources: Sequence[str],
    problems: list[Problem],
    now: Callable[[], int],
    progress: Callable[[int], None] | None = None,
) -> tuple[int, int]:
    """Adds what the ledger does not have of settled deals; returns how many events there were, and
    how many were new.

    What happens after `until` is not taken in. `problems` gets the events, of files named by
    `sources`, whose id the ledger has for another. Deals that the ledger does not know are judged
    by the playbook `sha256` from then on (default: the last version of the ledger's only one).
    """
    seen = added = 0
    for together in _together(deals):
        given = [event for each in together for event in each]
        told = [event for event in given if event.happened_at <= until]
        with ledger.writing():
            events = list(ledger.taken_back.under_new_ids(told))
            deals_told = dict.fromkeys(event.deal for event in events)
            if not sha256 and any(ledger.deals.get(deal) is None for deal in deals_told):
                sha256 = published_last(ledger)
            if sha256:
                _begin(ledger, sha256, deals_told, events, now())
            new, taken = ledger.events.add_imported(events)
        added += new
        problems += [_taken(ledger, *each, sources) for each in taken]
        seen += len(given)
        if progress is not None:
            progress(len(given))
    return seen, added


def _begin(
    ledger: Ledger, sha256: str, deals: Iterable[str], events: Sequence[Event], now: int
) -> None:
    """Makes deals known, judged by a version; where experiments run, by that of their arm."""
    live = Live(ledger, now=now)
    playbook = live.playbook(sha256)
    if not playbook.experiments:
        ledger.deals.begin_all(deals, sha256)
        return
    told: dict[str, list[Event]] = {deal: [] for deal in deals if ledger.deals.get(deal) is None}
    for event in sorted(events, key=lambda each: each.happened_at):
        if event.deal in told:
            told[event.deal].append(event)
    for deal, pinned in pins_of(live, playbook, told.values()).items():
        ledger.deals.begin(deal, pinned)


def _taken(ledger: Ledger, known: Event, event: Event, sources: Sequence[str]) -> Problem:
    what = " ".join(filter(None, (known.kind, known.name, known.value)))
    where = f"event {known.line} of {ledger.path} ({what}, {show_instant(known.happened_at)})"
    reason = f'the id "{known.event_id}" is taken: {where} has it with other content'
    hint = "the event in the ledger stays; this row is not taken in"
    return Problem(sources[event.source], event.line, reason, hint)


def _together(deals: Iterator[list[Event]]) -> Iterator[list[list[Event]]]:
    """Yields whole deals, some at a time."""
    group: list[list[Event]] = []
    count = 0
    for events in deals:
        if events:
            group.append(events)
        count += len(events)
        if count >= _TOGETHER:
            yield group
            group, count = [], 0
    if group:
        yield group
