"""The same audit by a relational engine, where the history lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from playgate.audit.result import AuditResult
from playgate.audit.selection import Selection
from playgate.audit.verdict_rows import VerdictSink
from playgate.auditing.reading import Watch
from playgate.bulk.engine.connect import backend_of, connect
from playgate.bulk.errors import CannotExpressError
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.mapping import Mapping
from playgate.history.people import People
from playgate.history.source import is_parquet
from playgate.model.playbook import Playbook
from playgate.records import Record, replace

__all__ = ["BulkAudit"]


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
            return self._run(engine, table)
        except CannotExpressError as error:
            raise InputError(
                f"{engine.partition('://')[0]} cannot judge by this playbook: {error}",
                hint="--engine judge can",
                code="engine-cannot",
            ) from None

    def _run(self, engine: str, table: str | None) -> AuditResult:
        connection = connect(engine)
        from playgate.bulk.engine.steps import Steps
        from playgate.bulk.reading.parquet import damage_in
        from playgate.bulk.running.table_audit import audit_table

        problems = list(self.problems)
        packed = [] if table else list(filter(is_parquet, self.history))
        with damage_in(packed), Steps(connection, prefix="history") as steps:
            events = self._events(connection, table, steps, problems)
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
        self, connection: Any, table: str | None, steps: Any, problems: list[Problem]
    ) -> Any:
        """Returns the history as a table: Parquet is read by DuckDB, all other files by our own
        reader."""
        from playgate.bulk.reading.event_table import table_from_events
        from playgate.bulk.reading.events_of_files import read_any
        from playgate.bulk.reading.history_table import table_of_parquet, table_on

        mapping = self.mapping
        report = problems.append
        if table is not None:
            return table_on(connection, table, steps=steps, mapping=mapping, report=report)
        inside = mapping is not None and mapping.looks_inside()
        if backend_of(connection) == "duckdb" and all(map(is_parquet, self.history)) and not inside:
            return table_of_parquet(
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
        """Returns the selection with the ids of actors; raises `InputError` for a deal or rep not
        there."""
        deals, reps = self.selection.deals, self.selection.actors
        if deals:
            there = events.filter(events.deal.isin(sorted(deals)))
            found = steps.rows(there.select("deal").distinct())
            for deal in sorted(deals - {row["deal"] for row in found}):
                raise InputError(f'the history has no deal "{deal}"', code="no-deal")
        called = {rep: self.people.called(rep) if self.people else () for rep in reps}
        others = {rep for rep, actors in called.items() if not actors}
        for rep in sorted(others - set(_acting(events, steps, sorted(others)))):
            also = " nor do the people" if self.people else ""
            said = f'the history does not know the rep "{rep}"{also}'
            raise InputError(said, code="unknown-name")
        actors = frozenset(actor for rep in reps for actor in called[rep] or (rep,))
        return replace(self.selection, actors=actors)


def _acting(events: Any, steps: Any, reps: list[str]) -> Iterator[str]:
    """Yields those who did something, or owned a deal."""
    if not reps:
        return
    owns = (events.kind == "field") & (events.name == "owner") & events["value"].isin(reps)
    for row in steps.rows(events.filter(events.actor.isin(reps)).select("actor").distinct()):
        yield row["actor"]
    for row in steps.rows(events.filter(owns).select("value").distinct()):
        yield row["value"]
