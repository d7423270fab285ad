"""The decisions that a ledger recorded."""

from __future__ import annotations

import sqlite3

from playgate.ledger.rows import DecisionRow

__all__ = ["Decisions"]


class Decisions:
    """The decisions of a ledger, allowed and refused."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, row: DecisionRow) -> None:
        """Records a decision, allowed or refused."""
        self._connection.execute(
            "INSERT INTO decisions (deal, at, recorded_at, actor, from_stage, to_stage, allowed,"
            " playbook, event_id, findings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.deal,
                row.at,
                row.recorded_at,
                row.actor,
                row.from_stage,
                row.to_stage,
                int(row.allowed),
                row.playbook,
                row.event_id,
                row.findings,
            ),
        )
        self._connection.execute(
            "UPDATE deals SET first_decision_at = ? WHERE deal = ? AND first_decision_at IS NULL",
            (row.at, row.deal),
        )

    def of(self, deal: str) -> list[DecisionRow]:
        """Returns the deal's decisions in the order in which they were made."""
        rows = self._connection.execute(
            "SELECT deal, at, recorded_at, actor, from_stage, to_stage, allowed, playbook,"
            " event_id, findings FROM decisions WHERE deal = ? ORDER BY id",
            (deal,),
        )
        return [DecisionRow(*row) for row in rows]
