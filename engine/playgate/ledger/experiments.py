"""What came of experiments, as it was when they were over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry, columns_of
from playgate.ledger.log import Log
from playgate.ledger.rows import ExperimentRow

__all__ = ["KeptExperiments"]


class KeptExperiments:
    """The results that a ledger keeps. They stand in its log alone, and name nobody."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    def add(self, row: ExperimentRow) -> bool:
        """Records a result, and returns whether it is new: the same is kept once."""
        told = self._told(row)
        if any(told == self._told(each) for each in self.of(row.playbook)):
            return False
        self._log.record(Entry("experiment", row.at, told))
        return True

    def of(self, playbook: str) -> list[ExperimentRow]:
        """Returns the results under a playbook's name, the first kept first."""
        rows = self._connection.execute(
            "SELECT at, open FROM log WHERE kind = 'experiment' ORDER BY seq"
        )
        found = [_row(at, columns_of(told)) for at, told in rows]
        return [row for row in found if row.playbook == playbook]

    @staticmethod
    def _told(row: ExperimentRow) -> tuple[str | float | None, ...]:
        *told, _ = (getattr(row, name) for name in ExperimentRow.__match_args__)
        return tuple(told)


def _row(at: int, told: Sequence[Any]) -> ExperimentRow:
    values = zip(ExperimentRow.__match_args__, (*told, at), strict=True)
    return ExperimentRow(**dict(values))
