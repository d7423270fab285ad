"""What the tests of the live gate share: the command line run here or as a process of its own."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from live.on_server import given_name, is_there
from playgate.cli.main import main
from playgate.enforce.reproduce import reproduce
from playgate.ledger.as_of import before_decision
from playgate.ledger.store import Ledger

__all__ = [
    "Said",
    "check_reproduced",
    "check_schema",
    "environment",
    "events_of",
    "opened",
    "process",
    "say",
]

SCHEMAS = Path(__file__).parent.parent.parent / "schemas"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The one line of JSON on standard output, which must fit its schema."""
        data: dict[str, Any] = json.loads(self.out)
        check_schema(data)
        return data

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The answers of a batch, which must fit their schema."""
        found = [json.loads(line) for line in self.out.splitlines()]
        for data in found:
            check_schema(data)
        return found


@contextmanager
def _clock(at: int | None) -> Iterator[None]:
    """The clock stands at an instant (microseconds); `None` leaves it alone."""
    if at is None:
        yield
        return
    with mock.patch.object(time, "time_ns", return_value=at * 1000):
        yield


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Variables have other values; the others stay as they are throughout, for who looks at them in
    another thread."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def say(
    *args: str,
    db: Path,
    stdin: bytes = b"",
    clock: int | None = None,
    env: dict[str, str] | None = None,
) -> Said:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    words = ["playgate", *args]
    pipe = io.TextIOWrapper(io.BytesIO(stdin))
    settings = {"PLAYGATE_DB": str(db), "PLAYGATE_BY": "rep", **(env or {})}
    with (
        mock.patch.object(sys, "argv", words),
        mock.patch.object(sys, "stdin", pipe),
        _environment(settings),
        _clock(clock),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as stopped:
            status = int(stopped.code or 0)
    return Said(status, out.getvalue(), err.getvalue())


def environment(db: Path) -> dict[str, str]:
    """The environment of a process that uses a ledger."""
    path = os.pathsep.join([*sys.path, os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PLAYGATE_DB": given_name(db), "PLAYGATE_BY": "rep", "PYTHONPATH": path}


def process(
    *args: str, db: Path, stdin: bytes = b"", **options: Any
) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "playgate.cli.main", *args]
    return subprocess.run(
        command, env=environment(db), input=stdin, capture_output=True, check=False, **options
    )


def opened(db: Path, playbook: Path, *deals: str) -> None:
    """Open deals in the playbook's first stage."""
    for deal in deals:
        said = say("open", deal, "--playbook", str(playbook), db=db)
        assert said.status == 0, said


def events_of(db: Path, deal: str) -> list[tuple[str, str, str]]:
    """Kind, name and value of the deal's events in the order of the ledger."""
    with Ledger.open(db) as ledger:
        return [(event.kind, event.name, event.value) for event in ledger.events.of(deal)]


def check_reproduced(db: Path) -> int:
    """Every decision of a ledger is the same, to the byte, judged again from what was known then;
    returns how many there are."""
    if not is_there(db):
        return 0
    with Ledger.open(db, reading=True) as ledger, ledger.reading():
        asked = ledger.connection.execute("SELECT decision_id, deal FROM decisions").fetchall()
        for known_id, deal in asked:
            found = reproduce(before_decision(ledger.connection, known_id, deal=deal))
            assert found.same, (known_id, found.problem, found.differences)
    return len(asked)


def check_schema(data: dict[str, Any]) -> None:
    """The answer fits the schema of its kind."""
    name = _OF_KIND.get(data["kind"], "decision")
    errors = [f"{error.json_path}: {error.message}" for error in _validator(name).iter_errors(data)]
    assert not errors, errors


def without_hash(answer: str) -> str:
    """An answer without the hash of its head, which no two ledgers share."""
    return re.sub(r'"hash": "[0-9a-f]{64}"', '"hash": "…"', answer)


_OF_KIND = {
    "deals": "deals",
    "standing": "deal",
    "history": "deal",
    "allowed": "deal",
    "error": "error",
    "ledger": "ledger",
    "reconcile": "reconcile",
}


@cache
def _validator(name: str) -> Draft202012Validator:
    schemas = {
        each: json.loads((SCHEMAS / f"{each}.schema.json").read_bytes())
        for each in ("decision", "deal", "deals", "error", "ledger", "reconcile")
    }
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()
    )
    kinds = schemas[name]
    return Draft202012Validator(kinds, registry=registry)
