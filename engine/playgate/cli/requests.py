"""What the live commands share: the ledger, who, when, and how a result is shown."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from playgate.conditions.instants import Zone, read_instant, show_instant
from playgate.documents.document import Document
from playgate.enforce.live import Live
from playgate.enforce.values import Course, Decision, Decisions, RecordedFact, Standing
from playgate.errors import InputError
from playgate.model.playbook import Playbook

if TYPE_CHECKING:
    from pathlib import Path

    from playgate.ledger.store import Ledger

__all__ = [
    "LiveResult",
    "OneResult",
    "actor_or_user",
    "db_name",
    "db_path",
    "happened",
    "instant",
    "no_constant",
    "now",
    "playbook_in",
    "published_last",
    "read_attrs",
    "read_pairs",
    "status",
    "zone_of",
]

CLEAN, FINDINGS, WRONG = 0, 1, 2


def now() -> int:
    """Reads the clock, once for a request, here and nowhere below; returns microseconds since 1970
    in UTC."""
    return time.time_ns() // 1000


def db_path(given: str | None) -> Path:
    """Returns the path of the ledger: as given, else `PLAYGATE_DB`, else `playgate.db`."""
    from pathlib import Path

    return Path(db_name(given))


def db_name(given: str | None) -> str:
    """Returns the same path as text, as importing `pathlib` takes long."""
    return given or os.environ.get("PLAYGATE_DB") or "playgate.db"


def actor_or_user(given: str | None) -> str:
    """Returns who acts: as given, else `PLAYGATE_BY`, else the system's user."""
    names = ("PLAYGATE_BY", "LOGNAME", "USER", "USERNAME")
    return given or next((os.environ[name] for name in names if os.environ.get(name)), "")


def instant(text: str | None, zone: Zone, default: int) -> int:
    """Returns the instant that `--at` names, else `default`; raises `InputError` where it is
    none."""
    if text is None:
        return default
    found = read_instant(text, zone)
    if found is None:
        hint = "write 2026-03-31T09:00:00+01:00, or a date for its midnight"
        raise InputError(f'--at: "{text}" is no date', hint=hint, code="wrong-value")
    return found


OneResult = Decision | RecordedFact | Standing | Course
"""What a live command answers about one deal."""
LiveResult = OneResult | Decisions
"""What a live command answers."""

_SKEW = 5 * 60 * 1_000_000
"""How far the clocks of others may be ahead of ours."""


def zone_of(live: Live, deal: str) -> Zone:
    """Returns the time zone of the playbook that judges a deal."""
    return live.pinned(live.row(deal)).zone


def happened(text: str | None, zone: Zone, now: int, *, records: bool) -> int:
    """Returns when something happened; raises `InputError` for the future where it is to be
    recorded."""
    found = instant(text, zone, now)
    if found > now + _SKEW and records:
        hint = f"now is {show_instant(now, zone)}; record it when it has happened"
        message = f'--at: "{text}" lies in the future'
        raise InputError(message, hint=hint, code="in-the-future")
    return found


def published_last(ledger: Ledger) -> str:
    """Returns the digest of the version published last; raises `InputError` unless the ledger has
    one playbook."""
    known = ledger.playbooks.all()
    if len({row.name for row in known}) != 1:
        names = ", ".join(f"{row.name} version {row.version}" for row in known) or "none yet"
        raise InputError(
            "which playbook judges deals that are new?",
            hint=f"--playbook FILE names it (in the ledger: {names})",
            code="which-playbook",
        )
    return known[-1].sha256


def playbook_in(file: str) -> tuple[Playbook, Document, bytes]:
    """Reads and checks the playbook in a file; in a batch it is parsed anew only where it has
    changed."""
    from pathlib import Path

    from playgate.documents.yaml12 import read_bytes

    path = Path(file)
    if not path.is_file():
        return _from_pipe(path)
    content = read_bytes(path)
    return _parsed(content, file, _used(content, file))


@lru_cache(maxsize=16)
def _from_pipe(path: Path) -> tuple[Playbook, Document, bytes]:
    """Returns a playbook that can be read but once."""
    from playgate.documents.yaml12 import read_bytes

    return _parsed(read_bytes(path), str(path), ())


@lru_cache(maxsize=16)
def _parsed(content: bytes, file: str, _: tuple[bytes, ...]) -> tuple[Playbook, Document, bytes]:
    """Returns the playbook; it is parsed anew where one of the files that it uses has changed."""
    from playgate.playbook.load import load_whole

    return *load_whole(content, file), content


def _used(content: bytes, file: str) -> tuple[bytes, ...]:
    """Returns what stands in the files that a playbook uses, so far as they can be read."""
    from pathlib import Path

    from playgate.documents.yaml12 import read_bytes

    found = []
    for name in _names_used(content, file):
        try:
            found.append(read_bytes(Path(file).parent / name))
        except (InputError, ValueError):
            found.append(b"")
    return tuple(found)


@lru_cache(maxsize=16)
def _names_used(content: bytes, file: str) -> tuple[str, ...]:
    from playgate.playbook.use import says_use, used_names

    if not says_use(content):
        return ()
    from playgate.documents.yaml12 import parse

    document, _ = parse(content, file)
    return () if document is None else used_names(document)


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


def read_attrs(pairs: Iterable[str]) -> dict[str, object]:
    """Returns `NAME=VALUE` attributes as a mapping; a value that is JSON is taken as such."""
    attrs: dict[str, object] = {}
    for name, value in read_pairs(pairs, "--attr").items():
        try:
            attrs[name] = json.loads(value, parse_constant=no_constant)
        except (ValueError, RecursionError):
            attrs[name] = value
    return attrs


def no_constant(name: str) -> object:
    """Refuses what Python's reader of JSON takes and JSON does not: NaN and the infinities."""
    raise ValueError(name)
