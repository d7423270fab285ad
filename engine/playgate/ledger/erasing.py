"""Erasing: personal data goes, and the chain of what was recorded stays.

What names a deal or somebody is deleted from the log with its salts, and a pseudonym put in its
place; the entry that says so names each group that was erased, with the commitment to what stands
there now. The tables are made anew from the log. Then nothing of it is left in the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from playgate.errors import InputError
from playgate.history.event import KINDS
from playgate.ledger.chain import NOTHING, commitment, kept_apart, salts_of
from playgate.ledger.connection import Connection
from playgate.ledger.database import database_of
from playgate.ledger.entries import GROUPS, Columns, Entry, columns_of, encoded
from playgate.ledger.hooks import Hooks
from playgate.ledger.log import Log, Row
from playgate.ledger.pseudonyms import DealNames, PersonNames, blanked
from playgate.ledger.rebuild import rebuild
from playgate.records import Record

__all__ = ["Asked", "Erasure", "erase_actor", "erase_deal"]

_Groups = tuple[Columns, Columns, Columns]
_Changed = tuple[Row, _Groups, _Groups]
"""A row of the log, its groups, and those that stand there from now on."""


class Asked(Record):
    """Who asks to erase, when, and why."""

    at: int
    actor: str
    reason: str


class Erasure(Record):
    """What was erased: the pseudonym that stands there now, how many entries it was."""

    pseudonym: str
    entries: int


def erase_deal(connection: Connection, log: Log, deal: str, asked: Asked) -> Erasure:
    """Erases what names a deal, under the names of deals that were merged into it, too, and what
    was said of it; who acted stays. Must be called inside a transaction."""
    merged = connection.execute(
        "SELECT deal FROM merges WHERE into_deal = ? ORDER BY id", (deal,)
    ).fetchall()
    names = DealNames([deal, *(name for (name,) in merged)], _token(log))
    found = _erased(connection, log, "deal", names.pseudonyms, asked, list(_of_deal(log, names)))
    Hooks(connection).forget([deal, *(name for (name,) in merged)])
    return found


def erase_actor(connection: Connection, log: Log, actor: str, asked: Asked) -> Erasure:
    """Erases what names somebody: as who acted, and in what was said. Must be called inside a
    transaction."""
    token = _token(log)
    known = connection.execute(
        "SELECT DISTINCT name FROM people WHERE actor = ?", (actor,)
    ).fetchall()
    names = PersonNames(actor, (name for (name,) in known), token)
    (by,), (reason,) = names.renamed((asked.actor,)), names.reworded((asked.reason,))
    said = Asked(asked.at, by, reason)
    found = _erased(connection, log, "actor", [token], said, list(_of_actor(log, names)))
    Hooks(connection).forget([actor, *(name for (name,) in known if name)])
    return found


def _token(log: Log) -> str:
    return f"erased-{log.salts(8).hex()}"


def _of_deal(log: Log, names: DealNames) -> Iterator[_Changed]:
    requests: set[int] = set()
    for row in log.rows():
        kind, opened = row[1], columns_of(row[3])
        deal, who, text = old = _groups(row)
        table = opened[0] if kind == "older" else ""
        is_merge = "merge" in (kind, table.removesuffix("s"))
        if names.knows(deal, is_merge=is_merge):
            if kind == "waiver-request" or table == "waiver_requests":
                requests.add(_number(opened))
            now = (names.renamed(deal, is_merge=is_merge), who, _without(kind, text))
        elif kind == "waiver-answer" and opened[0] in requests:
            now = (deal, who, blanked(text))
        else:
            continue
        yield row, old, now


def _without(kind: str, text: Columns) -> Columns:
    """Returns what stands in place of a text; of an event, that it said something is not kept."""
    return () if kind in KINDS else blanked(text)


def _number(opened: Columns) -> int:
    """Returns the number of a request for a waiver."""
    if opened[0] != "waiver_requests":
        return int(opened[0])
    _, columns, *values = opened
    return int(values[columns.index("id")])


def _of_actor(log: Log, names: PersonNames) -> Iterator[_Changed]:
    for row in log.rows():
        deal, who, text = _groups(row)
        is_event = row[1] in KINDS or columns_of(row[3])[:1] == ("events",)
        if is_event and (names.renamed(who), names.reworded(text)) != (who, text):
            names.learn(deal[1])
    for row in log.rows():
        deal, who, text = old = _groups(row)
        now = (names.with_new_ids(deal), names.renamed(who), names.reworded(text))
        if now != old:
            yield row, old, now


def _groups(row: Row) -> _Groups:
    return columns_of(row[4]), columns_of(row[5]), columns_of(row[6])


def _erased(
    connection: Connection,
    log: Log,
    what: str,
    pseudonyms: list[str],
    asked: Asked,
    changed: list[_Changed],
) -> Erasure:
    if not changed:
        hint = "it may be written otherwise, or be erased already"
        raise InputError(f"nothing in the ledger names this {what}", hint=hint, code="unknown-name")
    database_of(connection).begin_erasing(connection)
    named = [
        each for row, old, now in changed for each in _replaced(connection, log, row, old, now)
    ]
    opened = (what, pseudonyms, named)
    log.append([Entry("erase", asked.at, opened, (), (asked.actor,), (asked.reason,))])
    rebuild(connection)
    return Erasure(pseudonyms[0], len(changed))


def _replaced(
    connection: Connection, log: Log, row: Row, old: _Groups, now: _Groups
) -> list[tuple[int, str, str]]:
    """Puts other groups into a row of the log, each under a new salt, and returns the commitments
    to them, by number and group."""
    seq, texts, stored, kept = row[0], row[4:7], row[7], row[8]
    salts = list(salts_of(stored))
    commitments = list(kept_apart(kept) if kept is not None else (NOTHING,) * 3)
    written = list(texts)
    named = []
    for place, group in enumerate(GROUPS):
        if old[place] == now[place]:
            continue
        if commitments[place] == NOTHING:
            commitments[place] = commitment(salts[place], texts[place])
        written[place] = encoded(now[place])
        salts[place] = log.salts(len(salts[place]))
        named.append((seq, group, commitment(salts[place], written[place]).hex()))
    left = (
        salt if text is not None else bytes(16) for salt, text in zip(salts, written, strict=True)
    )
    connection.execute(
        "UPDATE log SET deal = ?, who = ?, text = ?, salts = ?, kept = ? WHERE seq = ?",
        (*written, b"".join(left), b"".join(commitments), seq),
    )
    return named
