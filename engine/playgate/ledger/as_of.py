"""What a ledger knew before a decision: made again, in memory, from the entries of its log until
then that are about the deal or about all deals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from playgate.errors import InputError
from playgate.ledger.apply import apply
from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry, columns_of, encoded
from playgate.ledger.log import Log
from playgate.ledger.logged_decision import decision_of, empty_ledger, find_decision
from playgate.ledger.rows import DecisionRow
from playgate.records import Record

__all__ = ["Then", "before_decision"]

_OWN = """
    SELECT seq FROM events WHERE deal = ?1
    UNION ALL SELECT id FROM decisions WHERE deal = ?1
    UNION ALL SELECT id FROM migrations WHERE deal = ?1
    UNION ALL SELECT id FROM retractions WHERE deal = ?1
    UNION ALL SELECT id FROM merges
"""
"""The numbers of entries about a deal; merges are all taken, as they are few."""
_ENTRY = "kind, at, open, deal, who, text, kept IS NOT NULL"
_KNOWN = (
    f"SELECT seq, {_ENTRY} FROM log WHERE seq < ?2"  # noqa: S608
    " AND (deal IS NULL OR kind = 'rename'"
    " OR deal IN (SELECT value FROM json_each(?3))"
    f" OR seq IN ({_OWN})) ORDER BY seq"
)


class Then(Record, kw_only=True):
    """A decision, and what the ledger knew before it."""

    connection: Connection
    """To a ledger in memory: what is recorded there is nobody's record."""
    decision: DecisionRow
    """As it was recorded: under the name that its deal had then."""
    seq: int
    """The number of its entry."""
    opens: bool
    """Whether the deal was opened by it."""
    came_with: Mapping[str, str]
    """The values of fields that were recorded with an allowed move."""
    entries: int
    """How many entries there were about the deal, and about all deals."""
    erased: int
    """How many of them do not say any more all that they said."""


def before_decision(connection: Connection, known_id: str, *, deal: str = "") -> Then:
    """Returns what the ledger knew before a decision; raises `InputError` where there is no such
    decision, or where it cannot be told any more."""
    seq, now = find_decision(connection, known_id, deal=deal)
    decision = _decision(connection, seq, known_id)
    how = json.loads(decision.question) if decision.question else {}
    brought = how.get("brought", 0)
    first = seq - brought - 1 if decision.event_id else seq
    came_with, lost = _came_with(connection, first, brought)
    told = [
        (number, *_read(row))
        for number, *row in connection.execute(_KNOWN, (now, first, _names(connection, now)))
    ]
    memory = empty_ledger()
    apply(memory, ((number, entry) for number, entry, _ in told))
    _copy_rows(connection, memory, first)
    return Then(
        connection=memory,
        decision=decision,
        seq=seq,
        opens=bool(how.get("opens")),
        came_with=came_with,
        entries=len(told),
        erased=lost + sum(is_erased for _, _, is_erased in told),
    )


def _copy_rows(connection: Connection, memory: Connection, first: int) -> None:
    """Copies the rows of the log that are asked for: the last, behind which what is recorded in
    memory gets numbers of its own, and those that playbooks are held against."""
    published = [seq for (seq,) in memory.execute("SELECT seq FROM playbooks")]
    log = Log(connection)
    found = map(log.row, sorted({first - 1, *published, *(seq - 1 for seq in published)}))
    Log(memory).take_over(row for row in found if row is not None)


def _decision(connection: Connection, seq: int, known_id: str) -> DecisionRow:
    row = connection.execute(f"SELECT {_ENTRY} FROM log WHERE seq = ?", (seq,)).fetchone()  # noqa: S608
    entry, is_erased = _read(row)
    if is_erased:
        message, hint = f"{known_id} was erased", "its verdicts are not there any more"
        raise InputError(message, hint=hint, code="no-decision")
    if entry.kind == "older":
        raise InputError(
            f"{known_id} was recorded before the ledger had a log",
            hint="what was known then cannot be told for certain",
            code="no-decision",
        )
    return decision_of(seq, entry)


def _came_with(connection: Connection, first: int, brought: int) -> tuple[Mapping[str, str], int]:
    """Returns the values of fields that so many entries tell, and how many were erased."""
    found: dict[str, str] = {}
    lost = 0
    for row in connection.execute(
        f"SELECT {_ENTRY} FROM log WHERE seq >= ? AND seq < ? ORDER BY seq",  # noqa: S608
        (first, first + brought),
    ):
        entry, is_erased = _read(row)
        found[entry.open[0]] = entry.text[0] if entry.text else ""
        lost += is_erased
    return found, lost


def _names(connection: Connection, now: str) -> str:
    """Returns the names that a deal has had, each as entries have it, as a list in JSON."""
    merged = connection.execute("SELECT deal FROM merges WHERE into_deal = ?", (now,))
    return json.dumps([encoded((name,)) for name in (now, *(deal for (deal,) in merged))])


def _read(row: Sequence[Any]) -> tuple[Entry, int]:
    """Returns an entry, and whether some of what it said was erased."""
    kind, at, *texts, is_erased = row
    return Entry(kind, at, *map(columns_of, texts)), is_erased
