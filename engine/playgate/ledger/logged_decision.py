"""A decision as its entry of the log says it, whatever became of it later."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing

from playgate.conditions.instants import EVENTS_FROM, EVENTS_UNTIL
from playgate.errors import InputError
from playgate.ledger.apply import apply
from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry
from playgate.ledger.rows import DecisionRow
from playgate.ledger.tables import DERIVED, LOG, make

__all__ = ["decision_of", "empty_ledger", "find_decision", "is_decision", "reads"]

_TEXTS = ("deal", "actor", "from_stage", "to_stage", "playbook", "findings", "decision_id", "note")
_COLUMNS = ", ".join(DecisionRow.__match_args__)


def is_decision(entry: Entry) -> bool:
    """Whether an entry is of a decision, be it one of before the log."""
    return entry.kind == "decision" or (entry.kind == "older" and entry.open[0] == "decisions")


def decision_of(seq: int, entry: Entry) -> DecisionRow:
    """Returns the decision that an entry is of."""
    with closing(empty_ledger()) as connection:
        apply(connection, [(seq, entry)])
        row = connection.execute(f"SELECT {_COLUMNS} FROM decisions").fetchone()  # noqa: S608
    return DecisionRow(*row)


def reads(row: DecisionRow) -> bool:
    """Whether a decision is one that a ledger records: what others wrote may be anything."""
    numbers = (row.allowed, row.shadow, row.governed)
    if any(type(each) is not int for each in (row.at, row.recorded_at, *numbers)):
        return False
    if not all(EVENTS_FROM <= each <= EVENTS_UNTIL for each in (row.at, row.recorded_at)):
        return False
    if not all(isinstance(getattr(row, name), str) for name in _TEXTS):
        return False
    findings = json.loads(row.findings)
    return isinstance(findings, list) and all(
        isinstance(each, dict)
        and isinstance(each.get("refuses"), bool)
        and all(isinstance(each.get(name), str) for name in ("rule", "level", "state", "message"))
        for each in findings
    )


def empty_ledger() -> Connection:
    """Returns a ledger in memory, in which nothing was recorded."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    make(connection, LOG)
    make(connection, DERIVED)
    return connection


def find_decision(connection: Connection, known_id: str, *, deal: str = "") -> tuple[int, str]:
    """Returns the number of a decision's entry, and the deal that it is about now; raises
    `InputError` where there is none of this id, or several."""
    rows: Sequence[tuple[int, str]] = connection.execute(
        "SELECT id, deal FROM decisions WHERE decision_id = ?1 AND ?1 <> '' AND ?2 IN ('', deal)"
        " ORDER BY id",
        (known_id, deal),
    ).fetchall()
    if len(rows) == 1:
        return rows[0]
    of = f" of {deal}" if deal else ""
    if not rows:
        hint = "playgate history DEAL --format json tells the ids of its decisions"
        message = f"the ledger has no decision {known_id}{of}"
        raise InputError(message, hint=hint, code="no-decision")
    deals = ", ".join(each for _, each in rows[:5])
    hint = f"say --deal: {deals}"
    raise InputError(f"{len(rows)} deals have a decision {known_id}", hint=hint, code="no-decision")
