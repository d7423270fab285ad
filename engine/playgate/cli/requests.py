"""What the live commands share: the ledger, who, when, and how a result is shown."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from playgate.cli.clock import now
from playgate.documents.addresses import is_address
from playgate.enforce.values import Decision, Decisions, LiveResult
from playgate.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "actor_or_user",
    "db_name",
    "db_path",
    "now",
    "read_attrs",
    "read_fact_file",
    "read_pair",
    "read_pairs",
    "status",
]

CLEAN, FINDINGS, WRONG = 0, 1, 2


def db_path(given: str | None) -> Path | str:
    """Returns the path of the ledger: as given, else `PLAYGATE_DB`, else `playgate.db`; or the
    address of a server."""
    name = db_name(given)
    if is_address(name):
        return name
    from pathlib import Path

    return Path(name)


def db_name(given: str | None) -> str:
    """Returns the same path as text, as importing `pathlib` takes long."""
    return given or os.environ.get("PLAYGATE_DB") or "playgate.db"


def actor_or_user(given: str | None) -> str:
    """Returns who acts: as given, else `PLAYGATE_BY`, else the system's user."""
    names = ("PLAYGATE_BY", "LOGNAME", "USER", "USERNAME")
    return given or next((os.environ[name] for name in names if os.environ.get(name)), "")


def status(result: LiveResult) -> int:
    """Returns 0 where it was done or allowed, 1 where it was refused, 2 where one of several deals
    could not be asked about."""
    if isinstance(result, Decisions):
        return max(status(each) if isinstance(each, Decision) else WRONG for each in result.each)
    return FINDINGS if isinstance(result, Decision) and not result.allowed else CLEAN


def read_pairs(pairs: Iterable[str], option: str) -> dict[str, str]:
    """Returns `NAME=VALUE` arguments as a mapping; raises `InputError` where one is none."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise InputError(f'{option}: "{pair}" is not NAME=VALUE', code="usage")
        if name in found:
            raise InputError(f"{option}: {name} is said twice", code="usage")
        found[name] = value
    return found


def read_pair(text: str, option: str, form: str, example: str) -> tuple[str, str]:
    """Returns the deal and what is said of it, of an option of a form such as `DEAL=STAGE`; raises
    `InputError` where it has another."""
    deal, equals, said = (part.strip() for part in text.rpartition("="))
    if not (deal and equals and said):
        message = f'{option}: "{text}" is not {form}'
        raise InputError(message, hint=f"for example {example}", code="wrong-value")
    return deal, said


def read_attrs(pairs: Iterable[str]) -> dict[str, object]:
    """Returns `NAME=VALUE` attributes as a mapping; a value that is JSON is taken as such."""
    from playgate.report.request_line import no_constant

    attrs: dict[str, object] = {}
    for name, value in read_pairs(pairs, "--attr").items():
        try:
            attrs[name] = json.loads(value, parse_constant=no_constant)
        except (ValueError, RecursionError):
            attrs[name] = value
    return attrs


def read_fact_file(name: str) -> list[dict[str, Any]]:
    """Returns the facts that a file tells, one JSON object a line, `-` being standard input;
    numbers are kept as they are written."""
    import sys

    from playgate.documents.yaml12 import read_bytes
    from playgate.report.request_line import no_constant

    if name == "-":
        content = sys.stdin.buffer.read()
    else:
        from pathlib import Path

        content = read_bytes(Path(name))
    decode = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=no_constant).decode
    found = []
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            data = decode(line.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            message = f"{name}:{number}: a line that is no JSON object"
            raise InputError(message, hint="one event on each line", code="no-json")
        found.append(data)
    return found
