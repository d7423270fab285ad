"""`playgate audit --engine`: the same audit by a relational engine, where the history lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playgate.audit.result import AuditResult
from playgate.audit.selection import Selection
from playgate.cli.load import mapping_from
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.mapping import Mapping
from playgate.history.people import People
from playgate.history.read import read_history
from playgate.playbook.model import Playbook

__all__ = ["audit_bulk"]


def audit_bulk(
    playbook: Playbook,
    history: Sequence[str],
    *,
    engine: str,
    table: str | None,
    mapping: str | None,
    people: People | None,
    as_of: int | None,
    selection: Selection,
    problems: list[Problem],
) -> AuditResult:
    """Audit files with DuckDB, or the `table` on the connection that `engine` is the address of.

    What could not be read goes to `problems` too. `InputError` where the engine cannot say what the
    playbook asks for.
    """
    from playgate.audit.bulk.connect import connect

    connection = connect(engine)
    from playgate.audit.bulk.run import audit_table
    from playgate.audit.bulk.steps import Steps
    from playgate.audit.bulk.table import table_on
    from playgate.audit.bulk.zones import CannotExpressError

    chosen = mapping_from(mapping) if mapping else None
    try:
        with Steps(connection, prefix="history") as steps:
            if table is not None:
                events = table_on(
                    connection, table, steps=steps, mapping=chosen, report=problems.append
                )
            else:
                events = _of_files(connection, history, steps, chosen, problems)
            return audit_table(
                playbook, events, connection=connection, people=people, as_of=as_of,
                selection=selection, sources=[table] if table else history, problems=problems,
            )  # fmt: skip
    except CannotExpressError as error:
        raise InputError(
            f"{engine.partition('://')[0]} cannot judge by this playbook: {error}",
            hint="--engine judge can",
        ) from None


def _of_files(
    connection: Any,
    history: Sequence[str],
    steps: Any,
    mapping: Mapping | None,
    problems: list[Problem],
) -> Any:
    """The files as a table: read by DuckDB, or where that would differ by our own reader."""
    from playgate.audit.bulk.connect import backend_of
    from playgate.audit.bulk.table import CannotReadHereError, table_from_events, table_of_files

    if backend_of(connection) == "duckdb":
        try:
            return table_of_files(
                connection, history, steps=steps, mapping=mapping, report=problems.append
            )
        except CannotReadHereError:
            pass
    return table_from_events(
        connection, read_history(history, mapping=mapping, report=problems.append)
    )
