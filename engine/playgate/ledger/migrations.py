"""How deals came from one version of their playbook to another."""

from __future__ import annotations

from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry
from playgate.ledger.log import Log
from playgate.ledger.rows import MigrationRow

__all__ = ["Migrations"]


class Migrations:
    """The migrations of a ledger's deals."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    def add(self, row: MigrationRow) -> None:
        """Records that a deal is judged by another version from an instant on."""
        versions = (row.from_playbook, row.to_playbook)
        told = (*versions, row.from_stage, row.to_stage, row.policy)
        self._log.record(Entry("migration", row.at, told, (row.deal,), (row.actor,)))

    def out_of(self, playbook: str) -> list[str]:
        """Returns the deals that were carried over from a version."""
        rows = self._connection.execute(
            "SELECT DISTINCT deal FROM migrations WHERE from_playbook = ?", (playbook,)
        )
        return [str(deal) for (deal,) in rows]

    def of(self, deal: str) -> list[MigrationRow]:
        """Returns the deal's migrations from the first to the last."""
        rows = self._connection.execute(
            "SELECT deal, at, actor, from_playbook, to_playbook, from_stage, to_stage, policy"
            " FROM migrations WHERE deal = ? ORDER BY id",
            (deal,),
        )
        return [MigrationRow(*row) for row in rows]
