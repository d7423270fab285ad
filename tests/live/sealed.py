"""What the tests of heads, proofs and copies share: keys, and a ledger in which much happened."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gate import say
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from live.on_server import raw
from playgate.documents.shipped import shipped
from playgate.ledger.apply import apply
from playgate.ledger.database import database_of
from playgate.ledger.entries import Entry
from playgate.ledger.log import Log
from playgate.ledger.store import Ledger

__all__ = ["busy", "decision_ids", "new_key", "of_schema", "rewritten", "signed", "written_again"]


def busy(db: Path) -> list[str]:
    """Let much happen to deal `d`, and return the ids of its decisions."""
    for words in (
        ("log", "d", "call"),
        ("move", "d", "b"),
        ("set", "d", "note=a first note", "amount=1200"),
        ("move", "d", "b", "note=said with the move"),
        ("move", "d", "won", "amount=900", "--by", "ann"),
    ):
        assert say(*words, db=db).status in (0, 1), words
    return decision_ids(db)


def decision_ids(db: Path) -> list[str]:
    """The ids of the decisions about deal `d`, the first first."""
    entries = json.loads(say("history", "d", "--format", "json", db=db).out)["entries"]
    return [each["decision_id"] for each in entries if each["kind"] == "decision"]


def new_key(folder: Path, name: str = "audit") -> Path:
    """A private key, with the public one beside it."""
    path = folder / f"{name}.key"
    assert say("ledger", "key", "new", str(path), db=folder / "none.db").status == 0
    return path


def signed(db: Path, key: Path, name: str = "now") -> Path:
    """A head of the ledger, signed."""
    path = db.parent / f"{name}.head"
    said = say("ledger", "head", "--sign", str(key), "-o", str(path), db=db)
    assert (said.status, said.out) == (0, ""), said
    return path


def of_schema(name: str, data: Any) -> Any:
    """The data, which fit a schema."""
    schemas = {
        path.name: json.loads(path.read_bytes()) for path in shipped("schemas").glob("*.json")
    }
    registry: Registry[Any] = Registry().with_resources(
        (each["$id"], Resource.from_contents(each)) for each in schemas.values() if "$id" in each
    )
    Draft202012Validator(schemas[f"{name}.schema.json"], registry=registry).validate(data)
    return data


def rewritten(db: Path, seq: int, change: Callable[[Any], Any]) -> None:
    """Change what an entry says, column by column, as whoever can write the file can: with new
    salts, all hashes computed again, and the tables made again from the log."""
    with Ledger.open(db) as ledger:
        entries = [entry for _, entry in ledger.log.entries()]
    told = entries[seq - 1]
    entries[seq - 1] = type(told)(
        *(tuple(map(change, each)) if isinstance(each, tuple) else each for each in told)
    )
    assert entries[seq - 1] != told
    written_again(db, entries)


def written_again(db: Path, entries: list[Entry]) -> None:
    """Make a ledger whole and sound in itself, of other entries."""
    with raw(db) as connection:
        connection.execute("BEGIN")
        connection.execute("DELETE FROM log")
        database_of(connection).empty(connection)
        apply(connection, Log(connection).append(entries))
        connection.execute("COMMIT")
