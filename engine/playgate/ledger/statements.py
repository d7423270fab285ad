"""Statements of pay that were kept: what was said once stays, and later ones correct it."""

from __future__ import annotations

from collections.abc import Sequence

from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry
from playgate.ledger.log import Log
from playgate.ledger.rows import StatementLineRow, StatementRow
from playgate.records import Record

__all__ = ["Since", "Statements"]

_STATEMENT = ", ".join(StatementRow.__match_args__)
_LINE = ", ".join(StatementLineRow.__match_args__)


class Since(Record):
    """What became of a deal since a statement was kept, as the log has it."""

    recorded: tuple[str, ...]
    """The ids of events that were recorded later."""
    retracted: tuple[str, ...]
    """The ids of events that were said later never to have happened."""


class Statements:
    """The statements of pay that a ledger keeps."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    def add(self, statement: StatementRow, lines: Sequence[StatementLineRow]) -> None:
        """Records a statement with its lines; its number is that of its entry."""
        self._log.record(
            Entry(
                "statement",
                statement.kept_at,
                (
                    *(statement.playbook, statement.sha256, statement.plan_sha256),
                    *(statement.starts, statement.ends, statement.as_of, statement.currency),
                ),
                (),
                (statement.rep, statement.kept_by),
            )
        )
        number, _ = self._log.end()
        self._log.record_all(
            Entry(
                "statement-line",
                line.at,
                (
                    *(number, line.kind, line.part, line.corrects, line.amount),
                    *(line.withheld, line.place),
                ),
                (line.deal, line.event_id),
                (),
                (line.said, line.rules),
            )
            for line in lines
        )

    def of(self, playbook: str) -> list[StatementRow]:
        """Returns what was kept by a playbook, whatever its version, from the first to the last:
        statements, and what was corrected of them later."""
        rows = self._connection.execute(
            f"SELECT {_STATEMENT} FROM statements WHERE playbook = ? ORDER BY id",  # noqa: S608
            (playbook,),
        )
        return [StatementRow(*row) for row in rows]

    def lines(self, statement: int) -> tuple[StatementLineRow, ...]:
        """Returns the lines that were kept with a statement."""
        rows = self._connection.execute(
            f"SELECT {_LINE} FROM statement_lines WHERE statement = ? ORDER BY id",  # noqa: S608
            (statement,),
        )
        return tuple(StatementLineRow(*row) for row in rows)

    def since(self, statement: int, deal: str) -> Since:
        """Returns what became of a deal since a statement was kept."""
        recorded, retracted = (
            tuple(str(each) for (each,) in self._connection.execute(query, (deal, statement)))
            for query in (
                "SELECT event_id FROM events WHERE deal = ? AND seq > ? ORDER BY seq",
                "SELECT event_id FROM retractions WHERE deal = ? AND id > ? ORDER BY id",
            )
        )
        return Since(recorded, retracted)

    def erased(self) -> frozenset[str]:
        """Returns the deals that were erased, under the names that they have now."""
        rows = self._connection.execute("SELECT deal FROM deals WHERE erased = 1")
        return frozenset(str(deal) for (deal,) in rows)

    def last_erased(self) -> int:
        """Returns the number of the last entry that erased a deal, or 0."""
        (found,) = self._connection.execute(
            "SELECT max(seq) FROM log WHERE kind = 'erase' AND open LIKE '\"deal\",%'"
        ).fetchone()
        return int(found or 0)
