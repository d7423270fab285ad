"""Hooks of a ledger: where they come from and go to, and what of them is on its way. They stand in
no log, as their secrets and what strangers send must be able to go."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeVar

from playgate.ledger.connection import Connection
from playgate.records import Record

__all__ = ["Burden", "Delivery", "HookIn", "HookOut", "Hooks", "Message", "State"]

_Row = TypeVar("_Row", bound=Record)
State = Literal["waiting", "done", "dead"]
_KEPT = 90 * 24 * 3600 * 1_000_000
"""How long it is kept what was done, in microseconds: 90 days."""
_MOST_DONE = 50_000
"""How many deliveries before one are kept that were done."""
_MOST_DEAD = 10_000
"""How many messages are kept that could not be sent."""


class HookIn(Record):
    """Where hooks come from, and what becomes of them."""

    name: str
    at: int
    kind: str
    secret: str
    mapping: str
    playbook: str
    """The hash of the one that judges new deals; empty for the ledger's only one."""
    files: str
    """Files that are read beside what came, one on a line."""
    written_as: str
    """The name of the file in which the mapping finds what came."""
    about: str
    """The path of what tells of which record a body speaks; empty where each is mapped alone."""
    record_url: str
    """Where the record itself is read; empty where a body has all."""
    record_token: str
    """The variable of the environment that has the token for it."""
    record_in: str
    """The key of a list in which the mapping finds a record; empty where it stands alone."""
    networks: str


class HookOut(Record):
    """Where hooks go to, and what of."""

    id: str
    at: int
    url: str
    happenings: str
    """Separated by spaces."""
    secret: str
    name: str
    networks: str
    """Those of which private addresses may be connected to, separated by spaces."""
    seen: int
    """The last entry of the log that it was told of, or that was nothing for it."""


class Delivery(Record):
    """A hook that came: raw, and what became of it."""

    id: int
    source: str
    delivery: str
    about: str
    at: int
    body: bytes
    state: State
    tries: int
    next_at: int
    said: str
    """Why it could not be taken in, the last time."""


class Message(Record):
    """A hook that goes out; its id is the same however often it is sent."""

    id: str
    hook: str
    at: int
    body: str
    state: State
    tries: int
    next_at: int
    said: str


class Burden(NamedTuple):
    """What is on its way in one direction."""

    waiting: int
    dead: int
    oldest: int | None
    """When that came, or was made, which waits longest."""


class Hooks:
    """The hooks of a ledger. Whatever changes them must be called inside a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def burdens(self) -> tuple[Burden, Burden]:
        """Returns what is on its way in, and what out."""
        return self._burden("inbox"), self._burden("outbox")

    def _burden(self, table: str) -> Burden:
        rows = self._connection.execute(
            f"SELECT state, count(*), min(at) FROM {table}"  # noqa: S608  (ours)
            " WHERE state IN ('waiting', 'dead') GROUP BY state"
        )
        told = {str(state): (int(number), int(at)) for state, number, at in rows}
        waiting, oldest = told.get("waiting", (0, None))
        return Burden(waiting, told.get("dead", (0, None))[0], oldest)

    # Where they come from

    def add_source(self, source: HookIn) -> None:
        """Keeps where hooks come from, in place of what had its name."""
        self.remove_source(source.name)
        self._insert("hooks_in", [source])

    def remove_source(self, name: str) -> None:
        """Forgets where hooks come from; what came stays."""
        self._connection.execute("DELETE FROM hooks_in WHERE name = ?", (name,))

    def source(self, name: str) -> HookIn | None:
        """Returns the source of a name, or `None` where there is none."""
        rows = self._rows(HookIn, "hooks_in WHERE name = ?", name)
        return rows[0] if rows else None

    def sources(self) -> list[HookIn]:
        """Returns the sources by their names."""
        return self._rows(HookIn, "hooks_in WHERE name >= ? ORDER BY name", "")

    # What came

    def burden(self) -> tuple[int, int]:
        """Returns how many deliveries are not done, and how many bytes they have."""
        row = self._connection.execute(
            "SELECT count(*), coalesce(sum(length(body)), 0) FROM inbox"
            " WHERE state IN ('waiting', 'dead')"  # by its index: those that are done may be many
        ).fetchone()
        return int(row[0]), int(row[1])

    def receive(self, source: str, delivery: str, about: str, body: bytes, *, at: int) -> bool:
        """Keeps what came; returns whether it is new, which it always is where it brings no id."""
        if delivery and self._rows(
            Delivery, "inbox WHERE source = ? AND delivery = ?", source, delivery
        ):
            return False
        (last,) = self._connection.execute("SELECT max(id) FROM inbox").fetchone()
        number = (last or 0) + 1
        row = Delivery(
            number, source, delivery or f"#{number}", about, at, body, "waiting", 0, at, ""
        )
        self._insert("inbox", [row])
        return True

    def due_in(self, *, now: int, most: int) -> list[Delivery]:
        """Returns what is to be taken in now, in the order in which it came."""
        return self._rows(
            Delivery,
            "inbox WHERE state = 'waiting' AND next_at <= ? ORDER BY id LIMIT ?",
            now,
            most,
        )

    def beside(self, delivery: Delivery, *, most: int) -> list[Delivery]:
        """Returns what else came of the same record and was taken in, from the first to the
        last."""
        found = self._rows(
            Delivery,
            "inbox WHERE source = ? AND about = ? AND id <> ? AND state = 'done'"
            " ORDER BY id DESC LIMIT ?",
            *(delivery.source, delivery.about, delivery.id, most),
        )
        return found[::-1]

    def taken_in(self, delivery: Delivery, *, at: int, said: str = "") -> None:
        """Says that a delivery was taken in; its body is kept only where later ones of the same
        record are mapped with it, or where something is `said` of it."""
        body = delivery.body if delivery.about or said else b""
        self._connection.execute(
            "UPDATE inbox SET state = 'done', said = ?, tries = tries + 1, body = ?, next_at = ?"
            " WHERE id = ?",
            (said, body, at, delivery.id),
        )
        self._connection.execute(
            "DELETE FROM inbox WHERE state = 'done' AND next_at <= ?", (at - _KEPT,)
        )
        self._connection.execute(
            "DELETE FROM inbox WHERE state = 'done' AND id <= ?", (delivery.id - _MOST_DONE,)
        )

    def failed_in(self, delivery: Delivery, said: str, *, next_at: int | None) -> None:
        """Says why a delivery could not be taken in; without another try, it is a dead letter."""
        self._failed("inbox", delivery.id, said, next_at)

    def deliveries(self, *, state: State | None, most: int) -> list[Delivery]:
        """Returns what came last, from the last to the first."""
        return self._rows(
            Delivery, "inbox WHERE state = coalesce(?, state) ORDER BY id DESC LIMIT ?", state, most
        )

    def delivery(self, number: int) -> Delivery | None:
        """Returns the delivery of a number, or `None` where there is none."""
        rows = self._rows(Delivery, "inbox WHERE id = ?", number)
        return rows[0] if rows else None

    def replay(self, number: int, *, at: int) -> None:
        """Lets a delivery be taken in once more."""
        self._connection.execute(
            "UPDATE inbox SET state = 'waiting', tries = 0, next_at = ? WHERE id = ?", (at, number)
        )

    # Where they go to

    def add_target(self, target: HookOut) -> None:
        """Keeps where hooks go to."""
        self._insert("hooks_out", [target])

    def remove_target(self, known_id: str) -> None:
        """Forgets where hooks go to, and what waits to go there."""
        self._connection.execute("DELETE FROM hooks_out WHERE id = ?", (known_id,))
        self._connection.execute("DELETE FROM outbox WHERE hook = ?", (known_id,))

    def targets(self) -> list[HookOut]:
        """Returns where hooks go to, from the first to the last."""
        return self._rows(HookOut, "hooks_out WHERE id >= ? ORDER BY at, id", "")

    def target(self, known_id: str) -> HookOut | None:
        """Returns the target of an id, or `None` where there is none."""
        rows = self._rows(HookOut, "hooks_out WHERE id = ?", known_id)
        return rows[0] if rows else None

    def set_seen(self, known_id: str, seq: int) -> None:
        """Says up to which entry of the log a target was told."""
        self._connection.execute("UPDATE hooks_out SET seen = ? WHERE id = ?", (seq, known_id))

    # What goes

    def waiting(self, known_id: str) -> int:
        """Returns how many messages wait to go to a target."""
        (found,) = self._connection.execute(
            "SELECT count(*) FROM outbox WHERE hook = ? AND state = 'waiting'", (known_id,)
        ).fetchone()
        return int(found)

    def send(self, messages: Sequence[Message]) -> None:
        """Lets messages go, each once under its id."""
        for message in messages:
            if not self.is_known(message.id):
                self._insert("outbox", [message])

    def is_known(self, message: str) -> bool:
        """Returns whether a message was made under an id already."""
        return bool(self._rows(Message, "outbox WHERE id = ?", message))

    def due_out(self, *, now: int, most: int) -> list[Message]:
        """Returns what is to be sent now, the oldest first."""
        return self._rows(
            Message,
            "outbox WHERE state = 'waiting' AND next_at <= ? ORDER BY at, id LIMIT ?",
            now,
            most,
        )

    def delay(self, known_id: str, *, until: int) -> None:
        """Lets all that waits to go to a target wait longer."""
        self._connection.execute(
            "UPDATE outbox SET next_at = ? WHERE hook = ? AND state = 'waiting' AND next_at < ?",
            (until, known_id, until),
        )

    def happened(self, after: int, *, most: int) -> list[tuple[int, str, str]]:
        """Returns number, kind and what is open of the entries of the log behind one."""
        rows = self._connection.execute(
            "SELECT seq, kind, coalesce(open, '') FROM log WHERE seq > ? ORDER BY seq LIMIT ?",
            (after, most),
        )
        return [(int(seq), str(kind), str(opened)) for seq, kind, opened in rows]

    def claim(self, message: Message, *, until: int) -> bool:
        """Lets nobody else send a message for a while; returns whether nobody did meanwhile."""
        row = self._connection.execute(
            "SELECT 1 FROM outbox WHERE id = ? AND state = 'waiting' AND next_at = ?",
            (message.id, message.next_at),
        ).fetchone()
        if row is not None:
            self._connection.execute(
                "UPDATE outbox SET next_at = ? WHERE id = ?", (until, message.id)
            )
        return row is not None

    def sent(self, message: Message, *, at: int) -> None:
        """Says that a message arrived; its text is not kept."""
        self._connection.execute(
            "UPDATE outbox SET state = 'done', said = '', tries = tries + 1, body = '', next_at = ?"
            " WHERE id = ?",
            (at, message.id),
        )
        self._connection.execute(
            "DELETE FROM outbox WHERE state = 'done' AND next_at <= ?", (at - _KEPT,)
        )

    def failed_out(self, message: Message, said: str, *, next_at: int | None) -> None:
        """Says why a message did not arrive; without another try, it is a dead letter."""
        self._failed("outbox", message.id, said, next_at)
        self._connection.execute(
            "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state = 'dead'"
            " ORDER BY at DESC, id LIMIT 1000 OFFSET ?)",
            (_MOST_DEAD,),
        )

    def messages(self, known_id: str, *, most: int) -> list[Message]:
        """Returns what went, or is to go, to a target, from the last to the first."""
        return self._rows(
            Message, "outbox WHERE hook = ? ORDER BY at DESC, id LIMIT ?", known_id, most
        )

    # Erasing

    def forget(self, names: Sequence[str]) -> None:
        """Deletes what came or goes where it, or what was said of it, has one of these names as a
        whole word; and of what was taken in all but that it came."""
        self._connection.execute(
            "UPDATE inbox SET body = ?, about = '', said = '' WHERE state = 'done'", (b"",)
        )
        told = _saying(names)
        for table in ("inbox", "outbox"):
            rows = self._connection.execute(
                f"SELECT id, body, said FROM {table} WHERE state <> 'done'"  # noqa: S608  (ours)
            ).fetchall()
            gone = [
                (known_id,)
                for known_id, body, said in rows
                if told.search(_text(body)) or told.search(said)
            ]
            self._connection.executemany(f"DELETE FROM {table} WHERE id = ?", gone)  # noqa: S608

    def _failed(self, table: str, known_id: int | str, said: str, next_at: int | None) -> None:
        state = "dead" if next_at is None else "waiting"
        self._connection.execute(
            f"UPDATE {table} SET state = ?, tries = tries + 1, said = ?,"  # noqa: S608  (ours)
            " next_at = coalesce(?, next_at) WHERE id = ?",
            (state, said, next_at, known_id),
        )

    def _rows(self, row: type[_Row], where: str, *values: object) -> list[_Row]:
        columns = ", ".join(row.__match_args__)
        found = self._connection.execute(
            f"SELECT {columns} FROM {where}",  # noqa: S608  (names of ours)
            values,
        )
        return [row(*each) for each in found]

    def _insert(self, table: str, rows: Sequence[Record]) -> None:
        columns = rows[0].__match_args__
        self._connection.executemany(
            f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608  (names of ours)
            f" VALUES ({', '.join('?' * len(columns))})",
            [tuple(getattr(row, column) for column in columns) for row in rows],
        )


def _text(body: bytes | str) -> str:
    return body if isinstance(body, str) else bytes(body).decode("utf-8", "replace")


def _saying(names: Sequence[str]) -> re.Pattern[str]:
    """Returns what finds one of the names in a text, written out or as JSON escapes it."""
    forms = [form for name in names for form in (name, json.dumps(name)[1:-1]) if name]
    either = "|".join(re.escape(form) for form in forms) or r"(?!)"
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)")
