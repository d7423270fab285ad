"""A ledger that is carried elsewhere: from a file to a server, back, or to another of its kind.

What is carried is its log, entry by entry as it stands; the tables are made from it there. All of
that is one transaction, at the end of which the new ledger is verified: it is there whole, or not
at all.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from playgate.errors import InputError
from playgate.ledger.connection import Connection
from playgate.ledger.head import Head
from playgate.ledger.log import Log
from playgate.ledger.store import Ledger, LedgerError, make_with, shown_name
from playgate.ledger.verify import verify

__all__ = ["Watching", "carry"]

Watching = Callable[[int], AbstractContextManager[Callable[[int], None] | None]]
"""Watches so many entries being verified: it is told of how many more were read."""


def carry(source: Ledger, target: Path | str, *, watching: Watching) -> Head:
    """Makes a ledger at `target`, where nothing may be yet, of what another holds now, and returns
    its head; others may write meanwhile. Raises `LedgerError` where it does not verify."""
    with source.reading():
        head = source.log.head()

        def fill(connection: Connection) -> None:
            log = Log(connection)
            log.take_over(source.log.rows())
            log.replay()
            with watching(head.seq) as watch:
                found = verify(connection, watch=watch or (lambda _: None))
            if found.fault is not None or found.head != head:
                raise LedgerError(
                    f"the copy does not verify: {found.fault or 'it has another head'}",
                    hint="playgate ledger verify tells more of what was copied",
                    code="ledger-damaged",
                )

        if not make_with(target, fill):
            raise InputError(
                f"{shown_name(target)} is there already",
                hint="a copy never replaces a ledger: name another place",
                code="ledger-exists",
            )
    return head
