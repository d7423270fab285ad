"""The public door: what `import playgate` gives, and nothing else is public.

It means the same as the command line, under the same names. Nothing here prints or reads the
environment; the clock is read only where no `now` is given. What is wrong with an input is raised
as `InputError`, with the codes of the command line.
"""

from __future__ import annotations

import os
import pathlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from playgate.audit.result import AuditResult
from playgate.auditing import of_ledger
from playgate.auditing.memory import bytes_of
from playgate.auditing.of_deals import Judged, VerdictOnRule, judged_deals
from playgate.auditing.of_history import HistoryAudit
from playgate.auditing.select import Scope
from playgate.conditions.instants import day_end, from_datetime, read_instant, to_datetime
from playgate.conditions.patience import SECONDS, within
from playgate.documents.yaml12 import read_bytes
from playgate.enforce.values import (
    Allowed,
    Course,
    Decision,
    Decisions,
    Merged,
    RecordedFact,
    Retracted,
    Standing,
    WaiverRequest,
)
from playgate.enforce.when import bounded
from playgate.errors import InputError, Mistake, Place
from playgate.findings import Finding, RuleInfo
from playgate.history.event import KINDS, Event, Problem
from playgate.history.mapping import Mapping as HistoryMapping
from playgate.history.mapping import find_mapping, parse_mapping
from playgate.history.ndjson import canonical_json
from playgate.history.people import People, read_people
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.playbook.load import load_playbook
from playgate.proof.lint import lint_playbook
from playgate.report.audit_tables import arrow, frame
from playgate.report.verdicts_file import open_verdicts
from playgate.session import Session

if TYPE_CHECKING:
    from playgate.ledger.settings import RecordKeeper
    from playgate.session import When

    Path = str | os.PathLike[str]

__all__ = [
    "Allowed",
    "AuditResult",
    "Course",
    "Decision",
    "Decisions",
    "Event",
    "Finding",
    "HistoryMapping",
    "InputError",
    "Judged",
    "Merged",
    "Mistake",
    "People",
    "Place",
    "Playbook",
    "Problem",
    "RecordedFact",
    "Retracted",
    "RuleInfo",
    "Session",
    "Standing",
    "VerdictOnRule",
    "WaiverRequest",
    "arrow",
    "audit_history",
    "audit_ledger",
    "event",
    "frame",
    "instant",
    "judge_deals",
    "lint",
    "load",
    "load_mapping",
    "load_people",
    "open_ledger",
]


# Playbooks


def load(file: Path) -> Playbook:
    """Reads a playbook and returns it; raises `InputError` with all its mistakes where it has
    any."""
    return load_playbook(pathlib.Path(file))


def lint(file: Path) -> tuple[Mistake, ...]:
    """Returns every mistake and warning in a playbook's file, by place: none where all is well.

    These are the mistakes that keep it from being used, and what the proofs of `playgate lint`
    find.
    """
    path = pathlib.Path(file)
    return tuple(lint_playbook(read_bytes(path), str(path)))


def load_mapping(name: Path) -> HistoryMapping:
    """Reads a mapping from a file, or takes the shipped one of this name."""
    path = find_mapping(os.fspath(name))
    mapping, mistakes = parse_mapping(read_bytes(path), str(path))
    if mapping is None:
        raise InputError(mistakes=[each for each in mistakes if each.level == "error"])
    return mapping


def load_people(file: Path) -> People:
    """Reads who is who from a CSV; raises `InputError` where a row cannot be used."""
    problems: list[Problem] = []
    people = read_people(os.fspath(file), problems.append)
    if problems:
        first = problems[0]
        message = f"{first.file}:{first.line}: {first.reason}"
        raise InputError(message, hint=first.hint, code="wrong-value")
    return people


# Histories


def event(
    deal: str,
    happened_at: When,
    kind: str,
    name: str,
    value: str = "",
    *,
    actor: str = "",
    recorded_at: When | None = None,
    event_id: str = "",
    attrs: Mapping[str, Any] | None = None,
) -> Event:
    """Returns one row of a history, for `judge_deals` and `audit_history`.

    `kind` is `stage`, `activity`, `field` or `waiver`; `recorded_at` is when the CRM learned of it
    (default: when it happened). Instants without an offset are in UTC.
    """
    if kind not in KINDS:
        raise InputError(f'there is no kind "{kind}"', hint=", ".join(KINDS), code="wrong-value")
    for told, what in ((deal, "deal"), (name, "name")):
        if not told.strip():
            raise InputError(f"{what} is empty", code="wrong-value")
    at = _micros(happened_at)
    known = at if recorded_at is None else _micros(recorded_at)
    text = ""
    if attrs:
        text = canonical_json(dict(attrs))
    return Event(deal, at, kind, name, value, actor, known, event_id, text, 0, 0)


def instant(at: int) -> datetime:
    """Returns microseconds since 1970 in UTC, as results have them, as a `datetime`."""
    return to_datetime(at, UTC)


# Judging


def judge_deals(
    playbook: Playbook,
    events: Iterable[Event],
    *,
    people: People | None = None,
    as_of: When | None = None,
) -> tuple[Judged, ...]:
    """Judges deals whose events are given, each as of `as_of` (default: the last of all events).

    Events may come in any order and of several deals; the answer has a value for each deal, in the
    order in which they first come.
    """
    until = None if as_of is None else _as_of(as_of, playbook)
    return tuple(judged_deals(playbook, events, people=people, as_of=until))


def audit_history(
    playbook: Playbook,
    history: Path | Sequence[Path] | Iterable[Event],
    *,
    mapping: HistoryMapping | None = None,
    people: People | None = None,
    as_of: When | None = None,
    now: When | None = None,
    deals: Sequence[str] = (),
    reps: Sequence[str] = (),
    rules: Sequence[str] = (),
    since: When | None = None,
    engine: str = "auto",
    memory: str = "1GiB",
    jobs: int | None = None,
    verdicts: Path | None = None,
) -> AuditResult:
    """Judges a whole history, as `playgate audit` does: a file, several, or events.

    What happened more than five minutes after `now` (default: the clock's) is the future, and
    counts only where `as_of` reaches it. Where columns judge, the rows take so much `memory` at
    most, and wait on disk beyond it. With `verdicts`, every verdict is written to that file.
    """
    scope = _scope(playbook, people, as_of, now, deals, reps, rules, since)
    files = _files(history)
    with open_verdicts(os.fspath(verdicts)) if verdicts is not None else nullcontext() as sink:
        return HistoryAudit(
            playbook=playbook,
            scope=scope,
            history=files or (),
            events=None if files is not None else cast("Iterable[Event]", history),
            mapping=mapping,
            engine=engine,
            memory=bytes_of(memory),
            jobs=jobs,
            verdicts=sink,
        ).run()


def audit_ledger(
    path: Path | str,
    *,
    playbook: Playbook | None = None,
    under: str | None = None,
    people: People | None = None,
    as_of: When | None = None,
    now: When | None = None,
    deals: Sequence[str] = (),
    reps: Sequence[str] = (),
    rules: Sequence[str] = (),
    since: When | None = None,
) -> AuditResult:
    """Judges all deals of a ledger, each by the version that it is under; or all of one name by
    `playbook` as it stands, or by the published version `under` (`NAME@VERSION`)."""
    scope = _scope(playbook, people, as_of, now, deals, reps, rules, since)
    with Ledger.open(os.fspath(path), reading=True) as ledger:
        return of_ledger.audit_ledger(ledger, scope, playbook=playbook, under=under)


# The ledger


def open_ledger(
    path: Path | str,
    *,
    create: bool = False,
    record: RecordKeeper | None = None,
    now: Callable[[], When] | When | None = None,
    by: str = "",
    patience: float | None = SECONDS,
) -> Session:
    """Opens a ledger, on which the live commands are methods; close it, or use it as a context
    manager. `path` is that of its file, or its address on a server (`postgresql://…`), as text.

    With `create` it is made where there is none; with `record` (`ledger` or `crm`: who keeps the
    record) it is made, and must not be there. `now` is an instant, or a function that tells it
    (default: the clock); `by` is who acts where a command names nobody. A question that is judged
    for more than `patience` seconds is an error; with `None` there is no end.
    """
    name = os.fspath(path)
    opened = Ledger.open(name, create=create) if record is None else Ledger.new(name, record=record)
    return Session(
        opened,
        now=lambda: _now(now() if callable(now) else now),
        by=by,
        within=None if patience is None else within(patience, time.monotonic),
    )


# What is given


def _scope(
    playbook: Playbook | None,
    people: People | None,
    as_of: When | None,
    now: When | None,
    deals: Sequence[str],
    reps: Sequence[str],
    rules: Sequence[str],
    since: When | None,
) -> Scope:
    return Scope(
        now=_now(now),
        people=people,
        as_of=None if as_of is None else _as_of(as_of, playbook),
        since=None if since is None else _micros(since),
        deals=deals,
        reps=reps,
        rules=tuple(rules),
    )


def _now(now: When | None) -> int:
    return time.time_ns() // 1000 if now is None else _micros(now)


def _as_of(at: When, playbook: Playbook | None) -> int:
    """Returns the instant; a bare date is that day's end in the playbook's zone."""
    if not isinstance(at, str):
        return _micros(at)
    found = day_end(at, playbook.zone if playbook is not None else UTC)
    return bounded("as_of", at, found, _HINT)


def _micros(at: When) -> int:
    found: int | None
    if isinstance(at, int):
        found = at
    elif isinstance(at, datetime):
        found = from_datetime(at if at.tzinfo is not None else at.replace(tzinfo=UTC))
    else:
        found = read_instant(at, UTC)
    return bounded("the instant", str(at), found, _HINT)


_HINT = "write 2026-03-31T09:00:00+01:00, or a date for its midnight"


def _files(history: Path | Sequence[Path] | Iterable[Event]) -> list[str] | None:
    """Returns the names of files; `None` where events are given."""
    if isinstance(history, str | os.PathLike):
        return [os.fspath(history)]
    if isinstance(history, list | tuple) and all(
        isinstance(each, str | os.PathLike) for each in history
    ):
        return [os.fspath(each) for each in history]
    return None
