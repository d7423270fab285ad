"""The same audit by a relational engine, where the history lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from playgate.audit.result import AuditResult
from playgate.audit.selection import Selection
from playgate.audit.verdict_rows import VerdictSink
from playgate.auditing.reading import Watch, unpacked_size
from playgate.bulk.engine.connect import backend_of, connect, is_installed
from playgate.bulk.errors import CannotExpressError, CannotReadHereError
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.mapping import Mapping
from playgate.history.people import People
from playgate.history.source import is_parquet
from playgate.model.playbook import Playbook
from playgate.records import Record, replace

__all__ = ["BulkAudit", "is_worth_asking"]

_WORTH_IT = 16_000_000
"""Bytes of a history from which on DuckDB is faster than two processes of the judge."""


def is_worth_asking(history: Sequence[str]) -> bool:
    """Returns whether DuckDB is there, and would be faster than the judge or can alone read a
    file."""
    if not is_installed() or not all(Path(path).is_file() for path in history):
        return False
    return any(map(is_parquet, history)) or unpacked_size(history) >= _WORTH_IT


class BulkAudit(Record, kw_only=True):
    """An audit by an engine, of files or of a table where the engine is."""

    playbook: Playbook
    history: Sequence[str]
    mapping: Mapping | None
    people: People | None
    as_of: int | None
    until: int
    """What happened later is the future."""
    selection: Selection
    """The selection, with actors still as they were named: by id or name."""
    problems: Sequence[Problem]
    """The problems that were known before."""
    shown: bool
    watch: Watch
    verdicts: VerdictSink | None = None

    def by(self, engine: str, table: str | None) -> AuditResult:
        """Returns the audit by DuckDB, or on the connection that `engine` is the address of."""
        try:
            try:
                return self._run(engine, table, by_itself=True)
            except CannotReadHereError:
                return self._run(engine, table, by_itself=False)
        except CannotExpressError as error:
            raise InputError(
                f"{engine.partition('://')[0]} cannot judge by this playbook: {error}",
                hint="--engine judge can",
                code="engine-cannot",
            ) from None

    def if_possible(self) -> AuditResult | None:
        """Returns the audit by DuckDB, or `None` where that is for the judge to do, or to
        refuse."""
        try:
            return self._run("duckdb", None, by_itself=True)
        except (CannotReadHereError, CannotExpressError, _UnknownError):
            return None

    def _run(self, engine: str, table: str | None, *, by_itself: bool) -> AuditResult:
        connection = connect(engine)
        from playgate.bulk.engine.steps import Steps
        from playgate.bulk.running.table_audit import audit_table

        problems = list(self.problems)
        with Steps(connection, prefix="history") as steps:
            events = self._events(connection, table, steps, problems, by_itself=by_itself)
            result = audit_table(
                self.playbook,
                events,
                connection=connection,
                people=self.people,
                as_of=self.as_of,
                until=self.until,
                selection=self._selected(events, steps),
                sources=[table] if table else self.history,
                problems=problems,
                shown=self.shown,
                verdicts=self.verdicts,
                watch=self.watch,
            )
        return replace(result, engine=backend_of(connection).removeprefix("py"))

    def _events(
        self,
        connection: Any,
        table: str | None,
        steps: Any,
        problems: list[Problem],
        *,
        by_itself: bool,
    ) -> Any:
        """Returns the history as a table, read by the engine or, where that would differ, by our
        own reader."""
        from playgate.bulk.reading.event_table import table_from_events
        from playgate.bulk.reading.events_of_files import read_any
        from playgate.bulk.reading.history_table import table_of_files, table_on

        mapping = self.mapping
        report = problems.append
        if table is not None:
            return table_on(connection, table, steps=steps, mapping=mapping, report=report)
        if by_itself and backend_of(connection) == "duckdb":
            return table_of_files(
                connection,
                self.history,
                steps=steps,
                mapping=mapping,
                report=report,
                stable_ids=not self.shown,
            )
        events = read_any(self.history, mapping=mapping, report=report, stable_ids=not self.shown)
        return table_from_events(connection, events)

    def _selected(self, events: Any, steps: Any) -> Selection:
        """Returns the selection with the ids of actors; raises `_UnknownError` for a deal or rep
        not there."""
        deals, reps = self.selection.deals, self.selection.actors
        if deals:
            there = events.filter(events.deal.isin(sorted(deals)))
            found = steps.rows(there.select("deal").distinct())
            for deal in sorted(deals - {row["deal"] for row in found}):
                raise _UnknownError(f'the history has no deal "{deal}"')
        called = {rep: self.people.called(rep) if self.people else () for rep in reps}
        others = {rep for rep, actors in called.items() if not actors}
        for rep in sorted(others - set(_acting(events, steps, sorted(others)))):
            also = " nor do the people" if self.people else ""
            raise _UnknownError(f'the history does not know the rep "{rep}"{also}')
        actors = frozenset(actor for rep in reps for actor in called[rep] or (rep,))
        return replace(self.selection, actors=actors)


class _UnknownError(InputError):
    """Leaves it to the judge, which knows what was meant, to say it in more words."""


def _acting(events: Any, steps: Any, reps: list[str]) -> Iterator[str]:
    """Yields those who did something, or owned a deal."""
    if not reps:
        return
    owns = (events.kind == "field") & (events.name == "owner") & events["value"].isin(reps)
    for row in steps.rows(events.filter(events.actor.isin(reps)).select("actor").distinct()):
        yield row["actor"]
    for row in steps.rows(events.filter(owns).select("value").distinct()):
        yield row["value"]
