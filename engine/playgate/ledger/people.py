"""Who is who, and since when, as a ledger was told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playgate.history.people import People, Person
from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry
from playgate.ledger.log import Log

__all__ = ["Team"]


class Team:
    """The people of a ledger."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    def replace(self, persons: Sequence[Person], at: int, *, told_by: str = "") -> tuple[int, int]:
        """Replaces the team from `at` on: what is new begins then, what is gone ends then.

        The first file holds for all time before it, too. Returns how many rows began and how many
        ended.
        """
        current = {
            tuple(row[1:]): int(row[0])
            for row in self._connection.execute(
                "SELECT id, actor, name, role, team, manager, started FROM people"
                " WHERE until IS NULL"
            )
        }
        known = self._connection.execute("SELECT 1 FROM people LIMIT 1").fetchone() is not None
        wanted = {(p.actor, p.name, p.role, p.team, p.manager, p.started) for p in persons}
        ended = [number for key, number in current.items() if key not in wanted]
        begun = [key for key in sorted(wanted) if key not in current]
        since = at if known else None
        self._log.record_all(Entry("person-left", at, (number,)) for number in ended)
        self._log.record_all(
            Entry("person", since, (role, team), (), (actor, name, manager, told_by), (started,))
            for actor, name, role, team, manager, started in begun
        )
        return len(begun), len(ended)

    def all(self) -> People | None:
        """Returns everybody who is or was on the team, or `None` where nobody is."""
        persons = self.persons()
        return People(persons) if persons else None

    def persons(self) -> tuple[Person, ...]:
        """Returns everybody who is or was on the team, the present rows first."""
        return tuple(Person(*row) for row in self.rows())

    def rows(self) -> Sequence[tuple[Any, ...]]:
        """Returns the same as they stand in the ledger, to be held against those of before."""
        return self._connection.execute(
            "SELECT actor, name, role, team, manager, started, since, until FROM people"
            " ORDER BY until IS NOT NULL, id"
        ).fetchall()
