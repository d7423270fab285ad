"""What entries of the log mean for the tables: the one place that writes rows.

What was recorded now and what is read from the log again go through the same functions, in the
same order, so that the tables are what the log says. A row has its entry's number, where it has a
number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from playgate.history.event import KINDS
from playgate.ledger.connection import Connection
from playgate.ledger.entries import Entry, Numbered

__all__ = ["COUNTS", "DOUBLE", "KNOWN", "RETRACTED", "apply"]

COUNTS, RETRACTED, DOUBLE = 0, 1, 2
"""What an event in the ledger is: something that happened, something that never did, or, since two
deals are one, something that stands there once more."""

_Apply = Callable[[Connection, list[Numbered]], None]


def apply(connection: Connection, entries: Iterable[Numbered]) -> None:
    """Makes of the tables what they are after these entries, which follow those before."""
    for how, run in groupby(entries, lambda numbered: _HOW[numbered[1].kind]):
        how(connection, list(run))


def _inserts(table: str, *columns: str, number: str = "id", at: str = "at") -> _Apply:
    """Returns what adds a row for each entry: its number and instant, if the row has columns for
    them, then its open columns, its deal, who, and text, by these names."""
    names = (*filter(None, (number, at)), *columns)
    statement = (
        f"INSERT INTO {table} ({', '.join(names)})"  # noqa: S608  (names of its own)
        f" VALUES ({', '.join('?' * len(names))})"
    )

    def insert(connection: Connection, entries: list[Numbered]) -> None:
        connection.executemany(
            statement,
            (
                (
                    *((seq,) if number else ()),
                    *((each.at,) if at else ()),
                    *(*each.open, *each.deal, *each.who, *each.text),
                )
                for seq, each in entries
            ),
        )

    return insert


def _each(change: Callable[[Connection, int, Entry], None]) -> _Apply:
    """Returns what makes a change for each entry by itself."""

    def change_each(connection: Connection, entries: list[Numbered]) -> None:
        for seq, entry in entries:
            change(connection, seq, entry)

    return change_each


def _then(first: _Apply, second: _Apply) -> _Apply:
    """Returns what does both for all entries; the second does not read what the first writes for
    later ones."""

    def both(connection: Connection, entries: list[Numbered]) -> None:
        first(connection, entries)
        second(connection, entries)

    return both


# Events: a name; then, unless it is as usual, whether live, when recorded, and the digits beyond
# the microsecond. A value, and attributes.

_EVENT = (
    "INSERT INTO events (seq, kind, happened_at, name, live, recorded_at, rest, deal, event_id,"
    " actor, value, attrs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _events(connection: Connection, entries: list[Numbered]) -> None:
    connection.executemany(_EVENT, _event_rows(entries))


def _event_rows(entries: Iterable[Numbered]) -> Iterator[tuple[Any, ...]]:
    for seq, (kind, at, (name, *more), (deal, known_id), who, text) in entries:
        live, recorded_at, rest = (*more, *(0, at, "")[len(more) :]) if more else (0, at, "")
        actor = who[0] if who else ""
        value, attrs = text if len(text) == 2 else (text[0] if text else "", "")
        yield seq, kind, at, name, live, recorded_at, rest, deal, known_id, actor, value, attrs


def _rename(connection: Connection, _: int, entry: Entry) -> None:
    """Gives an event that was imported earlier the id that it has now."""
    connection.execute(
        "UPDATE events SET event_id = ?, bare = 0 WHERE seq = ?", (entry.deal[1], entry.open[0])
    )


def _never_happened(connection: Connection, entries: list[Numbered]) -> None:
    connection.executemany(
        f"UPDATE events SET stands = {RETRACTED} WHERE deal = ? AND event_id = ?",  # noqa: S608
        (each.deal for _, each in entries),
    )


# Decisions and migrations also say something of their deals.


def _first_decisions(connection: Connection, entries: list[Numbered]) -> None:
    connection.executemany(
        "UPDATE deals SET first_decision_at = ? WHERE deal = ? AND first_decision_at IS NULL",
        ((each.at, each.deal[0]) for _, each in entries if not each.open[_SHADOW]),
    )


_DECISION = ("recorded_at", "from_stage", "to_stage", "allowed", "playbook", "shadow")
_SHADOW = _DECISION.index("shadow")


def _migrated(connection: Connection, entries: list[Numbered]) -> None:
    connection.executemany(
        "UPDATE deals SET playbook = ?, migrated_at = ? WHERE deal = ?",
        ((each.open[1], each.at, each.deal[0]) for _, each in entries),
    )


# People, settings, waivers that were asked for, tokens


def _left(connection: Connection, _: int, entry: Entry) -> None:
    connection.execute("UPDATE people SET until = ? WHERE id = ?", (entry.at, *entry.open))


def _set(connection: Connection, _: int, entry: Entry) -> None:
    connection.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        entry.open,
    )


def _requested(connection: Connection, entries: list[Numbered]) -> None:
    """A number, a rule, the end; then, where it is told, from where it was asked."""
    connection.executemany(
        "INSERT INTO waiver_requests (at, id, rule, expires, origin, deal, actor, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (each.at, *each.open, *("",)[len(each.open) - 3 :], *each.deal, *each.who, *each.text)
            for _, each in entries
        ),
    )


def _answered(connection: Connection, _: int, entry: Entry) -> None:
    number, answer = entry.open
    connection.execute(
        "UPDATE waiver_requests SET answer = ?, answered_at = ?, answered_by = ?,"
        " answer_reason = ? WHERE id = ?",
        (answer, entry.at, *entry.who, *entry.text, number),
    )


def _revoked(connection: Connection, _: int, entry: Entry) -> None:
    connection.execute(
        "UPDATE tokens SET revoked_at = ?, revoked_by = ? WHERE id = ?",
        (entry.at, *entry.who, *entry.open),
    )


# Playbooks, whose content is bytes


def _published(connection: Connection, seq: int, entry: Entry) -> None:
    sha256, name, version, file, content, document = entry.open
    connection.execute(
        "INSERT INTO playbooks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (seq, sha256, name, version, file, content.encode(), document, entry.at),
    )


# Deals that are one: what a deal has is the other's


def _merge(connection: Connection, seq: int, entry: Entry) -> None:
    """Makes all that a deal has another's; which of its events are doubles, which are called by
    both names now, and which of the other's never happened stands in the entry."""
    doubles, renamed, retracted = entry.open
    deal, into = entry.deal
    run, run_all = connection.execute, connection.executemany
    for table in ("decisions", "retractions", "statement_lines"):
        run_all(
            f"UPDATE {table} SET event_id = deal || '/' || event_id WHERE deal = ? AND event_id ="  # noqa: S608
            " (SELECT event_id FROM events WHERE seq = ?)",
            ((deal, each) for each in renamed),
        )
    run_all(
        "UPDATE events SET event_id = deal || '/' || event_id WHERE seq = ?",
        ((each,) for each in renamed),
    )
    for stands, which in ((DOUBLE, doubles), (RETRACTED, retracted)):
        run_all("UPDATE events SET stands = ? WHERE seq = ?", ((stands, each) for each in which))
    run(
        "UPDATE decisions SET decision_id = deal || '/' || decision_id WHERE deal = ?1"
        " AND decision_id <> '' AND decision_id IN"
        " (SELECT decision_id FROM decisions WHERE deal = ?2)",
        (deal, into),
    )
    for table in ("events", "decisions", "retractions", "waiver_requests", "statement_lines"):
        run(f"UPDATE {table} SET deal = ? WHERE deal = ?", (into, deal))  # noqa: S608
    run("DELETE FROM migrations WHERE deal = ?", (deal,))  # the same as the other's
    run(
        "UPDATE deals SET first_decision_at = (SELECT min(first_decision_at) FROM deals"
        " WHERE deal IN (?1, ?2)) WHERE deal = ?2",
        (deal, into),
    )
    run("DELETE FROM deals WHERE deal = ?", (deal,))
    run("UPDATE merges SET into_deal = ? WHERE into_deal = ?", (into, deal))
    run(
        "INSERT INTO merges (id, at, deal, into_deal, actor, reason) VALUES (?, ?, ?, ?, ?, ?)",
        (seq, entry.at, deal, into, *entry.who, *entry.text),
    )


# What a ledger had before it had a log


def _older(connection: Connection, seq: int, entry: Entry) -> None:
    """Adds a row of an older ledger as it stood: its table, the names of its columns, and their
    values, those apart that are somebody's."""
    table, columns, *values = entry.open
    values += [*entry.deal, *entry.who, *entry.text]
    row = dict(zip(columns, values, strict=True))
    if table == "playbooks":
        row |= {"seq": None, "content": row["content"].encode()}
    for number in ("seq", "id"):
        if row.get(number, 0) is None:
            row[number] = seq
    connection.execute(
        f'INSERT INTO "{table}" ({", ".join(row)}) VALUES ({", ".join("?" * len(row))})',  # noqa: S608
        tuple(row.values()),
    )


def _erased(connection: Connection, _: int, entry: Entry) -> None:
    """Marks deals that were erased, under the names that they have now."""
    connection.executemany(
        "UPDATE deals SET erased = 1 WHERE deal = ?", ((name,) for name in entry.open[1])
    )


def _nothing(_: Connection, entries: Sequence[Numbered]) -> None:
    """Changes no row."""


_HOW: dict[str, _Apply] = {
    **dict.fromkeys(KINDS, _events),
    "playbook": _each(_published),
    "deal": _inserts("deals", "playbook", "deal", number="", at=""),
    "decision": _then(
        _inserts(
            "decisions",
            *(*_DECISION, "governed", "deal", "event_id", "decision_id"),
            *("actor", "findings", "note", "question", "facts"),
        ),
        _first_decisions,
    ),
    "migration": _then(
        _inserts(
            "migrations",
            *("from_playbook", "to_playbook", "from_stage", "to_stage", "policy"),
            *("deal", "actor"),
        ),
        _migrated,
    ),
    "person": _inserts(
        "people", *("role", "team", "actor", "name", "manager", "told_by", "started"), at="since"
    ),
    "person-left": _each(_left),
    "setting": _each(_set),
    "rename": _each(_rename),
    "retraction": _then(
        _inserts("retractions", "deal", "event_id", "actor", "reason"), _never_happened
    ),
    "merge": _each(_merge),
    "waiver-request": _requested,
    "waiver-answer": _each(_answered),
    "statement": _inserts(
        "statements",
        *("playbook", "sha256", "plan_sha256", "starts", "ends", "as_of", "currency"),
        *("rep", "kept_by"),
        at="kept_at",
    ),
    "statement-line": _inserts(
        "statement_lines",
        *("statement", "kind", "part", "corrects", "amount", "withheld", "place"),
        *("deal", "event_id", "said", "rules"),
    ),
    "token": _inserts(
        "tokens", *("id", "hash", "scopes", "expires_at", "actor", "told_by", "name"), number=""
    ),
    "token-revoked": _each(_revoked),
    "older": _each(_older),
    "seal": _nothing,
    "experiment": _nothing,
    "erase": _each(_erased),
}
KNOWN = frozenset(_HOW)
"""The kinds of entries that there are."""
