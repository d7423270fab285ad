"""`playgate import --db`: take a mapped history into the ledger, as often as one likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from playgate.cli.requests import now
from playgate.documents.yaml12 import parse, read_bytes
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.order import settle
from playgate.history.spool import Spool
from playgate.ledger.store import Ledger
from playgate.playbook.load import load_playbook

__all__ = ["import_into"]

_TOGETHER = 20_000
"""Events to a transaction: what was committed stays, whatever comes after."""


def import_into(
    path: Path,
    spool: Spool,
    *,
    playbook: str | None,
    progress: Callable[[int], None] | None = None,
) -> tuple[int, int]:
    """Add what the ledger does not have yet; how many events there were, and how many were new.

    Deals that the ledger does not know are judged by `playbook` from then on (default: the
    ledger's only one).
    """
    seen = added = 0
    with Ledger.open(path, create=playbook is not None) as ledger:
        sha256 = _playbook(ledger, playbook)
        for deals in _together(spool):
            with ledger.writing():
                ledger.begin_deals((deal for deal, _ in deals), sha256)
                events = [event for _, rows in deals for event in rows]
                added += ledger.add_events(events, live=False)
            seen += len(events)
            if progress is not None:
                progress(len(events))
    return seen, added


def _together(spool: Spool) -> Iterator[list[tuple[str, list[Event]]]]:
    deals: list[tuple[str, list[Event]]] = []
    count = 0
    for deal, rows in spool.deals():
        events, _ = settle(rows)
        deals.append((deal, events))
        count += len(events)
        if count >= _TOGETHER:
            yield deals
            deals, count = [], 0
    if deals:
        yield deals


def _playbook(ledger: Ledger, file: str | None) -> str:
    if file is not None:
        loaded = load_playbook(Path(file))
        content = read_bytes(Path(file))
        document, _ = parse(content, file)
        if document is None:
            raise InputError(f"cannot read {file}")
        with ledger.writing():
            Live(ledger, now=now()).keep(loaded, document, content)
        return loaded.sha256
    known = ledger.playbooks()
    if len(known) != 1:
        names = ", ".join(f"{row.name} version {row.version}" for row in known) or "none yet"
        raise InputError(
            "which playbook judges the deals that are new?",
            hint=f"--playbook FILE names it (in the ledger: {names})",
        )
    return known[0].sha256
