"""`playgate import --db`: take a mapped history into the ledger, as often as one likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from playgate.cli.requests import now, published_last
from playgate.documents.yaml12 import read_bytes
from playgate.enforce.live import Live
from playgate.history.event import Event
from playgate.ledger.store import Ledger
from playgate.playbook.load import load_whole

__all__ = ["import_into"]

_TOGETHER = 20_000
"""How many events make a transaction; what was committed stays, whatever comes after."""


def import_into(
    path: Path,
    deals: Iterator[list[Event]],
    *,
    playbook: str | None,
    progress: Callable[[int], None] | None = None,
) -> tuple[int, int]:
    """Adds what the ledger does not have of settled deals; returns how many events there were, and
    how many were new.

    Deals that the ledger does not know are judged by `playbook` from then on (default: the last
    version of the ledger's only one).
    """
    seen = added = 0
    with Ledger.open(path, create=playbook is not None) as ledger:
        sha256 = _playbook(ledger, playbook)
        for together in _together(deals):
            with ledger.writing():
                ledger.deals.begin_all((events[0].deal for events in together), sha256)
                events = [event for each in together for event in each]
                added += ledger.events.add(events, live=False)
            seen += len(events)
            if progress is not None:
                progress(len(events))
    return seen, added


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


def _playbook(ledger: Ledger, file: str | None) -> str:
    if file is not None:
        content = read_bytes(Path(file))
        loaded, document = load_whole(content, file)
        with ledger.writing():
            Live(ledger, now=now()).keep(loaded, document, content)
        return loaded.sha256
    return published_last(ledger)
