"""What holds for a ledger as a whole: who keeps the record, whether it only shadows, and up to when
the CRM's record came in."""

from __future__ import annotations

from typing import Literal, cast

from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry
from playgate.ledger.log import Log

__all__ = ["RECORDS", "RecordKeeper", "Settings"]

RecordKeeper = Literal["ledger", "crm"]
"""Who keeps the record of facts and moves: this ledger, or the CRM."""

RECORDS: tuple[RecordKeeper, ...] = ("ledger", "crm")


class Settings:
    """The settings of a ledger; one that says nothing keeps the record itself and enforces."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    def record(self) -> RecordKeeper:
        """Returns who keeps the record of facts and moves."""
        return cast(RecordKeeper, self._get("record") or "ledger")

    def shadow(self) -> bool:
        """Returns whether every move is let through, and what would be refused only told."""
        return self._get("shadow") == "on"

    def imported_at(self) -> int | None:
        """Returns when an import into the ledger last ended, or `None` where there was none."""
        found = self._get("imported_at")
        return int(found) if found else None

    def keep_record(self, keeper: RecordKeeper) -> None:
        """Says who keeps the record."""
        self._set("record", keeper)

    def set_shadow(self, on: bool) -> None:
        """Says whether the ledger only shadows."""
        self._set("shadow", "on" if on else "off")

    def set_imported_at(self, at: int) -> None:
        """Says that an import ended."""
        self._set("imported_at", str(at))

    def _get(self, name: str) -> str:
        row = self._connection.execute(
            "SELECT value FROM settings WHERE name = ?", (name,)
        ).fetchone()
        return str(row[0]) if row else ""

    def _set(self, name: str, value: str) -> None:
        self._log.record(Entry("setting", None, (name, value)))
