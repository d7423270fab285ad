"""The deals that a ledger knows."""

from __future__ import annotations

from collections.abc import Iterable

from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry
from playgate.ledger.log import Log
from playgate.ledger.rows import DealRow

__all__ = ["Deals"]


class Deals:
    """The deals of a ledger: which playbook judges each, and since when the gate knows it."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    def get(self, deal: str) -> DealRow | None:
        """Returns the deal, or `None` where the ledger does not know it."""
        row = self._connection.execute(
            "SELECT deal, playbook, first_decision_at, migrated_at, erased FROM deals"
            " WHERE deal = ?",
            (deal,),
        ).fetchone()
        return DealRow(*row) if row else None

    def near(self, deal: str) -> str:
        """Returns a known deal whose id is like this one (in other case, or a part of it), or
        nothing."""
        row = self._connection.execute(
            "SELECT deal FROM deals WHERE erased = 0"
            " AND (lower(deal) = lower(?) OR lower(deal) LIKE lower(?) ESCAPE '!')"
            " ORDER BY deal LIMIT 1",
            (deal, "%" + deal.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"),
        ).fetchone()
        return str(row[0]) if row else ""

    def beginning_with(self, begun: str, most: int) -> list[str]:
        """Returns the first ids of deals that begin with `begun`, at most `most`."""
        rows = self._connection.execute(
            "SELECT deal FROM deals WHERE deal >= ? AND deal < ? AND erased = 0"
            " ORDER BY deal LIMIT ?",
            (begun, begun + "\U0010ffff", most),
        )
        return [str(deal) for (deal,) in rows]

    def begin(self, deal: str, playbook: str) -> None:
        """Makes a deal known, judged by this playbook."""
        self.begin_all([deal], playbook)

    def begin_all(self, deals: Iterable[str], playbook: str) -> None:
        """Makes deals known that are not, judged by this playbook."""
        new = [deal for deal in dict.fromkeys(deals) if self.get(deal) is None]
        self._log.record_all(Entry("deal", None, (playbook,), (deal,)) for deal in new)

    def under(self, playbook: str, *, migrated: bool = False) -> list[DealRow]:
        """Returns the deals that this playbook judges now, or only those that were migrated to it;
        those that were erased are judged no more."""
        rows = self._connection.execute(
            "SELECT deal, playbook, first_decision_at, migrated_at FROM deals WHERE playbook = ?"
            " AND (migrated_at IS NOT NULL OR ? = 0) AND erased = 0 ORDER BY deal",
            (playbook, migrated),
        )
        return [DealRow(*row) for row in rows]

    def has_own(self, playbook: str) -> bool:
        """Returns whether a deal has been under this playbook from its beginning."""
        found = self._connection.execute(
            "SELECT 1 FROM deals WHERE playbook = ? AND migrated_at IS NULL AND erased = 0 LIMIT 1",
            (playbook,),
        )
        return found.fetchone() is not None

    def count(self) -> int:
        """Returns how many deals there are."""
        return int(self._connection.execute("SELECT count(*) FROM deals").fetchone()[0])

    def count_erased(self) -> int:
        """Returns how many of them were erased."""
        found = self._connection.execute("SELECT count(*) FROM deals WHERE erased = 1")
        return int(found.fetchone()[0])

    def first_decisions(self) -> dict[str, int]:
        """Returns when each deal that met the gate did so first."""
        rows = self._connection.execute(
            "SELECT deal, first_decision_at FROM deals WHERE first_decision_at IS NOT NULL"
            " AND erased = 0"
        )
        return {str(deal): int(at) for deal, at in rows}
