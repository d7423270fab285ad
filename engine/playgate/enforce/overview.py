"""What a ledger holds, and what holds for it as a whole."""

from __future__ import annotations

from playgate.ledger.settings import RecordKeeper
from playgate.ledger.store import Ledger
from playgate.records import Record

__all__ = ["Overview", "overview"]


class Overview(Record, kw_only=True):
    """A ledger in a few numbers."""

    path: str
    record: RecordKeeper
    shadow: bool
    playbooks: tuple[tuple[str, str], ...]
    """Name and version of each, in the order in which they were published."""
    deals: int
    erased: int
    """How many of the deals were erased."""
    recorded: int
    """How many events were recorded here."""
    imported: int
    allowed: int
    refused: int
    in_shadow: int
    """How many decisions were made in shadow, and count as none."""
    imported_at: int | None


def overview(ledger: Ledger) -> Overview:
    """Returns what a ledger holds."""
    recorded, imported = ledger.events.counts()
    allowed, refused, in_shadow = ledger.decisions.counts()
    return Overview(
        path=str(ledger.path),
        record=ledger.settings.record(),
        shadow=ledger.settings.shadow(),
        playbooks=tuple((row.name, row.version) for row in ledger.playbooks.all()),
        deals=ledger.deals.count(),
        erased=ledger.deals.count_erased(),
        recorded=recorded,
        imported=imported,
        allowed=allowed,
        refused=refused,
        in_shadow=in_shadow,
        imported_at=ledger.settings.imported_at(),
    )
