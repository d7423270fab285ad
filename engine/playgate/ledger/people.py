"""Who is who, and since when, as a ledger was told."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from playgate.history.people import People, Person

__all__ = ["Team"]


class Team:
    """The people of a ledger."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

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
        ended = [(at, number) for key, number in current.items() if key not in wanted]
        begun = [
            (*key, at if known else None, told_by) for key in sorted(wanted) if key not in current
        ]
        self._connection.executemany("UPDATE people SET until = ? WHERE id = ?", ended)
        self._connection.executemany(
            "INSERT INTO people (actor, name, role, team, manager, started, since, told_by)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            begun,
        )
        return len(begun), len(ended)

    def all(self) -> People | None:
        """Returns everybody who is or was on the team, or `None` where nobody is."""
        persons = self.persons()
        return People(persons) if persons else None

    def persons(self) -> tuple[Person, ...]:
        """Returns everybody who is or was on the team, the present rows first."""
        rows = self._connection.execute(
            "SELECT actor, name, role, team, manager, started, since, until FROM people"
            " ORDER BY until IS NOT NULL, id"
        )
        return tuple(Person(*row) for row in rows)
