"""Generated histories, judged on an engine other than DuckDB, as the judge judges them."""

from __future__ import annotations

from typing import Any

from playgate.audit.bulk.run import audit_table
from playgate.audit.bulk.store import table_from_events
from support.bulk import differences
from support.parity import Example, as_case

__all__ = ["check"]


def check(connection: Any, example: Example) -> None:
    """The audit on the connection comes to what the judge says."""
    found = audit_table(
        example.playbook,
        table_from_events(connection, example.events, name="history"),
        connection=connection,
        people=example.team,
        as_of=example.as_of,
    )
    assert list(differences(example.audit(), found)) == [], as_case(example)
