"""The playbooks that a ledger keeps whole."""

from __future__ import annotations

from playgate.errors import InputError
from playgate.ledger.checking import entry_at
from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry
from playgate.ledger.log import Log
from playgate.ledger.rows import PlaybookRow

__all__ = ["Playbooks"]


class Playbooks:
    """The published playbooks of a ledger."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    def keep(self, row: PlaybookRow, now: int) -> bool:
        """Keeps a playbook whole, and returns whether it is new.

        Raises `InputError` where its name and version have other content already.
        """
        known = self._connection.execute(
            "SELECT sha256 FROM playbooks WHERE name = ? AND version = ?", (row.name, row.version)
        ).fetchone()
        if known is None:
            what = (row.sha256, row.name, row.version, row.file)
            self._log.record(Entry("playbook", now, (*what, row.content.decode(), row.document)))
        elif known[0] != row.sha256:
            raise InputError(
                f"{row.name} version {row.version} stands in the ledger with other content",
                hint=f"give {row.file} a new version: deals go on under the one they began with",
                code="playbook-taken",
            )
        return known is None

    def get(self, sha256: str) -> PlaybookRow:
        """Returns the playbook of this content, which is held against its entry in the log: nothing
        is judged by another; raises `KeyError` where there is none."""
        found = self._connection.execute(
            "SELECT seq, sha256, name, version, file, content, document FROM playbooks"
            " WHERE sha256 = ?",
            (sha256,),
        ).fetchone()
        if found is None:
            raise KeyError(sha256)
        seq, *row = found
        entry = entry_at(self._connection, seq)
        if entry is None or any(each not in entry.open for each in (sha256, row[-1])):
            raise InputError(
                f"the ledger's playbook {row[1]} version {row[2]} is not what was published",
                hint="playgate ledger verify tells what is damaged; restore it from a backup",
                code="ledger-damaged",
            )
        return PlaybookRow(*row)

    def all(self) -> list[PlaybookRow]:
        """Returns all playbooks in the order in which they were published."""
        rows = self._connection.execute(
            "SELECT sha256, name, version, file, content, document FROM playbooks"
            " ORDER BY published_at, seq"
        )
        return [PlaybookRow(*row) for row in rows]
