"""The public door: what `import playgate` gives, and nothing else is public.

It means the same as the command line, under the same names. Nothing here prints or reads the
environment; the clock is read only where no `now` is given. What is wrong with an input is raised
as `InputError`, with the codes of the command line.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, cast

from playgate.audit.result import AuditResult
from playgate.conditions.instants import day_end, from_datetime, to_datetime
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
from playgate.errors import InputError, Mistake, Place
from playgate.findings import Finding, RuleInfo
from playgate.history.event import KINDS, Event, Problem
from playgate.history.mapping import Mapping as HistoryMapping
from playgate.history.people import People, read_people
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.records import Record
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
    from pathlib import Path

    from playgate.playbook.load import load_playbook

    return load_playbook(Path(file))


def lint(file: Path) -> tuple[Mistake, ...]:
    """Returns every mistake and warning in a playbook's file, by place: none where all is well.

    These are the mistakes that keep it from being used, and what the proofs of `playgate lint`
    find.
    """
    from pathlib import Path

    from playgate.documents.yaml12 import read_bytes
    from playgate.proof.lint import lint_playbook

    path = Path(file)
    return tuple(lint_playbook(read_bytes(path), str(path)))


def load_mapping(name: Path) -> HistoryMapping:
    """Reads a mapping from a file, or takes the shipped one of this name."""
    from playgate.documents.yaml12 import read_bytes
    from playgate.history.mapping import find_mapping, parse_mapping

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
        from playgate.history.ndjson import canonical_json

        text = canonical_json(dict(attrs))
    return Event(deal, at, kind, name, value, actor, known, event_id, text, 0, 0)


def instant(at: int) -> datetime:
    """Returns microseconds since 1970 in UTC, as results have them, as a `datetime`."""
    return to_datetime(at, UTC)


# Judging


class VerdictOnRule(Record):
    """What the judge says of one rule on one deal."""

    rule: RuleInfo
    verdict: Literal["met", "unmet", "waived", "not applicable"]
    due_at: int | None
    """When the rule fell due, in microseconds since 1970 in UTC; `None` where it did not."""
    finding: Finding | None
    """What was found, with its evidence; `None` unless it is unmet or waived."""


class Judged(Record):
    """What the judge says of one deal."""

    deal: str
    governed: bool
    """Whether the playbook governs the deal at any time; nothing is judged of one that it does
    not."""
    verdicts: tuple[VerdictOnRule, ...]
    """One for each rule, in the playbook's order."""
    problems: tuple[Problem, ...]
    """Events that could not be used as they stand; `line` counts the given events from 1."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The verdicts that are unmet or waived."""
        return tuple(each.finding for each in self.verdicts if each.finding is not None)


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
    from playgate.audit.assemble import problem_of
    from playgate.history.deal import no_roles
    from playgate.history.walk import walk
    from playgate.judge.explain import Explainer
    from playgate.judge.judge import Judge

    judging = Judge(playbook, has_people=people is not None)
    explainer = Explainer(judging)
    deals: dict[str, list[Event]] = {}
    for place, each in enumerate(events, 1):
        deals.setdefault(each.deal, []).append(each._replace(line=place))
    every = [each.happened_at for rows in deals.values() for each in rows]
    if not every:
        return ()
    until = max(every) if as_of is None else _as_of(as_of, playbook)
    reader = judging.reader(people.roles if people is not None else no_roles)
    sources = ("events",)
    found = []
    for walked in walk(deals.items(), reader, judging.ever_governs, as_of=until):
        deal = walked.deal
        told = judging.judge(deal) if walked.governed else [None] * len(judging.rules)
        verdicts = []
        for rule, verdict in zip(judging.rules, told, strict=True):
            finding = None
            if verdict is not None and verdict.verdict != "met":
                finding = explainer.finding(rule, deal, verdict)
            verdicts.append(
                VerdictOnRule(
                    rule.rule.info,
                    "not applicable" if verdict is None else verdict.verdict,
                    None if verdict is None else verdict.due.at,
                    finding,
                )
            )
        problems = [problem_of(note, sources) for note in judging.notes(deal)]
        problems += [clash.problem(sources) for clash in walked.clashes]
        found.append(Judged(deal.id, walked.governed, tuple(verdicts), tuple(problems)))
    return tuple(found)


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
    jobs: int | None = None,
    verdicts: Path | None = None,
) -> AuditResult:
    """Judges a whole history, as `playgate audit` does: a file, several, or events.

    What happened more than five minutes after `now` (default: the clock's) is the future, and
    counts only where `as_of` reaches it. With `verdicts`, every verdict is written to that file.
    """
    from contextlib import nullcontext

    clock = _now(now)
    instant = None if as_of is None else _as_of(as_of, playbook)
    start = None if since is None else _micros(since)
    files = _files(history)
    if verdicts is None:
        writing: Any = nullcontext()
    else:
        from playgate.report.verdicts_file import open_verdicts

        writing = open_verdicts(os.fspath(verdicts))
    with writing as sink:
        if files is not None:
            from playgate.auditing.of_files import FileAudit

            return FileAudit(
                playbook=playbook,
                history=files,
                now=clock,
                mapping=mapping,
                people=people,
                as_of=instant,
                deals=deals,
                reps=reps,
                rules=tuple(rules),
                since=start,
                engine=engine,
                jobs=jobs,
                verdicts=sink,
            ).run()
        from playgate.auditing.of_events import audit_events

        return audit_events(
            playbook,
            cast("Iterable[Event]", history),
            now=clock,
            people=people,
            as_of=instant,
            deals=deals,
            reps=reps,
            rules=tuple(rules),
            since=start,
            verdicts=sink,
        )


def audit_ledger(
    path: Path,
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
    from playgate.auditing.of_ledger import audit_ledger as run
    from playgate.auditing.reading import unwatched
    from playgate.ledger.store import Ledger

    with Ledger.open(os.fspath(path), reading=True) as ledger:
        return run(
            ledger,
            now=_now(now),
            watch=unwatched,
            playbook=playbook,
            under=under,
            people=people,
            as_of=None if as_of is None else _as_of(as_of, playbook),
            since=None if since is None else _micros(since),
            deals=deals,
            reps=reps,
            rules=tuple(rules),
        )


# Tables

Part = Literal["findings", "rules", "stages", "actors", "problems"]
"""The parts of an audit that are tables."""


def arrow(result: AuditResult, part: Part = "findings") -> Any:
    """Returns a part of an audit as a `pyarrow.Table`, a column for each of its keys in the report
    as JSON; raises `InputError` where pyarrow is not installed."""
    return _library("pyarrow").Table.from_pylist(list(_rows(result, part)))


def frame(result: AuditResult, part: Part = "findings") -> Any:
    """Returns a part of an audit as a `pandas.DataFrame`, a column for each of its keys in the
    report as JSON; raises `InputError` where pandas is not installed."""
    return _library("pandas").DataFrame(list(_rows(result, part)))


def _rows(result: AuditResult, part: str) -> Iterator[dict[str, Any]]:
    from playgate.report.audit_json import render

    report = json.loads("".join(render(result)))
    if not isinstance(report.get(part), list):
        tables = [name for name, value in report.items() if isinstance(value, list)]
        raise InputError(
            f'the report has no table "{part}"', hint=", ".join(tables), code="wrong-value"
        )
    for row in report[part]:
        yield {
            name: json.dumps(value) if isinstance(value, dict | list) else value
            for name, value in row.items()
        }


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        hint = f"python -m pip install {name}"
        raise InputError(f"{name} is not installed", hint=hint, code="not-installed") from None


# The ledger


def open_ledger(
    path: Path,
    *,
    create: bool = False,
    record: RecordKeeper | None = None,
    now: Callable[[], When] | When | None = None,
    by: str = "",
) -> Session:
    """Opens a ledger, on which the live commands are methods; close it, or use it as a context
    manager.

    With `create` it is made where there is none; with `record` (`ledger` or `crm`: who keeps the
    record) it is made, and must not be there. `now` is an instant, or a function that tells it
    (default: the clock); `by` is who acts where a command names nobody.
    """
    name = os.fspath(path)
    opened = Ledger.open(name, create=create) if record is None else Ledger.new(name, record=record)
    return Session(opened, now=lambda: _now(now() if callable(now) else now), by=by)


# What is given


def _now(now: When | None) -> int:
    return time.time_ns() // 1000 if now is None else _micros(now)


def _as_of(at: When, playbook: Playbook | None) -> int:
    """Returns the instant; a bare date is that day's end in the playbook's zone."""
    if not isinstance(at, str):
        return _micros(at)
    found = day_end(at, playbook.zone if playbook is not None else UTC)
    if found is None:
        raise _no_date(at)
    return found


def _micros(at: When) -> int:
    if isinstance(at, int):
        return at
    if isinstance(at, datetime):
        return from_datetime(at if at.tzinfo is not None else at.replace(tzinfo=UTC))
    from playgate.conditions.instants import read_instant

    found = read_instant(at, UTC)
    if found is None:
        raise _no_date(at)
    return found


def _no_date(text: str) -> InputError:
    hint = "write 2026-03-31T09:00:00+01:00, or a date for its midnight"
    return InputError(f'"{text}" is no date', hint=hint, code="wrong-value")


def _files(history: Path | Sequence[Path] | Iterable[Event]) -> list[str] | None:
    """Returns the names of files; `None` where events are given."""
    if isinstance(history, str | os.PathLike):
        return [os.fspath(history)]
    if isinstance(history, list | tuple) and all(
        isinstance(each, str | os.PathLike) for each in history
    ):
        return [os.fspath(each) for each in history]
    return None
