"""The decisions that a ledger recorded."""

from __future__ import annotations

from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry
from playgate.ledger.log import Log
from playgate.ledger.rows import DecisionRow

__all__ = ["Decisions"]

_COLUMNS = ", ".join(DecisionRow.__match_args__)


class Decisions:
    """The decisions of a ledger, allowed and refused."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    def add(self, row: DecisionRow) -> None:
        """Records a decision; the first live one of a deal says since when the gate knows it."""
        entry = Entry(
            "decision",
            row.at,
            (
                *(row.recorded_at, row.from_stage, row.to_stage, row.allowed),
                *(row.playbook, row.shadow, row.governed),
            ),
            (row.deal, row.event_id, row.decision_id),
            (row.actor,),
            (row.findings, row.note, row.question, row.facts),
        )
        self._log.record(entry)

    def of(self, deal: str) -> list[DecisionRow]:
        """Returns the deal's decisions in the order in which they were made."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM decisions WHERE deal = ? ORDER BY id",  # noqa: S608
            (deal,),
        )
        return [DecisionRow(*row) for row in rows]

    def numbered(self, seq: int) -> DecisionRow | None:
        """Returns the decision that an entry of the log recorded, or `None` where it is none."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM decisions WHERE id = ?",  # noqa: S608
            (seq,),
        ).fetchone()
        return DecisionRow(*row) if row else None

    def get(self, deal: str, decision_id: str) -> DecisionRow | None:
        """Returns the deal's decision of this id, or `None` where there is none."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM decisions"  # noqa: S608
            " WHERE deal = ? AND decision_id = ? AND decision_id <> ''",
            (deal, decision_id),
        ).fetchone()
        return DecisionRow(*row) if row else None

    def count(self, deal: str) -> int:
        """Returns how many decisions of the deal there are."""
        row = self._connection.execute("SELECT count(*) FROM decisions WHERE deal = ?", (deal,))
        return int(row.fetchone()[0])

    def size(self, deal: str) -> tuple[int, int]:
        """Returns how many decisions of the deal there are, and how many characters they say."""
        row = self._connection.execute(
            "SELECT count(*), coalesce(sum(length(findings) + length(note) + length(question)"
            " + length(facts)), 0) FROM decisions WHERE deal = ?",
            (deal,),
        ).fetchone()
        return int(row[0]), int(row[1])

    def in_shadow(self) -> list[DecisionRow]:
        """Returns the decisions that were made in shadow, in the order in which they were made."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM decisions WHERE shadow = 1 ORDER BY id"  # noqa: S608
        )
        return [DecisionRow(*row) for row in rows]

    def counts(self) -> tuple[int, int, int]:
        """Returns how many decisions allowed, refused, and were made in shadow."""
        row = self._connection.execute(
            "SELECT coalesce(sum(allowed * (1 - shadow)), 0),"
            " coalesce(sum((1 - allowed) * (1 - shadow)), 0), coalesce(sum(shadow), 0)"
            " FROM decisions"
        ).fetchone()
        return int(row[0]), int(row[1]), int(row[2])
