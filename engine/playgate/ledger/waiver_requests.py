"""The waivers that were asked for, and what became of them."""

from __future__ import annotations

from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry
from playgate.ledger.log import Log
from playgate.ledger.rows import WaiverRequestRow

__all__ = ["WaiverRequests"]

_COLUMNS = ", ".join(WaiverRequestRow.__match_args__)


class WaiverRequests:
    """The requests of a ledger, each with its answer once there is one."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    def add(
        self,
        *,
        deal: str,
        rule: str,
        reason: str,
        expires: str,
        at: int,
        actor: str,
        origin: str = "",
    ) -> WaiverRequestRow:
        """Records a request and returns it with its number; `origin` tells from where it comes."""
        (last,) = self._connection.execute("SELECT max(id) FROM waiver_requests").fetchone()
        number = (last or 0) + 1
        told = (number, rule, expires, *((origin,) if origin else ()))
        self._log.record(Entry("waiver-request", at, told, (deal,), (actor,), (reason,)))
        found = self.get(number)
        assert found is not None  # noqa: S101  (it was just made)
        return found

    def answer(self, number: int, said: str, *, at: int, actor: str, reason: str) -> None:
        """Records what was said to a request: `approved` or `declined`."""
        self._log.record(Entry("waiver-answer", at, (number, said), (), (actor,), (reason,)))

    def get(self, number: int) -> WaiverRequestRow | None:
        """Returns the request of a number, or `None` where there is none."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM waiver_requests WHERE id = ?",  # noqa: S608
            (number,),
        ).fetchone()
        return WaiverRequestRow(*row) if row else None

    def all(self, *, open_only: bool) -> list[WaiverRequestRow]:
        """Returns the requests from the first to the last, or those without an answer; but those
        about deals that were erased."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM waiver_requests WHERE (answer = '' OR ? = 0)"  # noqa: S608
            " AND deal NOT IN (SELECT deal FROM deals WHERE erased = 1) ORDER BY id",
            (open_only,),
        )
        return [WaiverRequestRow(*row) for row in rows]

    def of(self, deal: str) -> list[WaiverRequestRow]:
        """Returns the requests for a deal from the first to the last."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM waiver_requests WHERE deal = ? ORDER BY id",  # noqa: S608
            (deal,),
        )
        return [WaiverRequestRow(*row) for row in rows]
