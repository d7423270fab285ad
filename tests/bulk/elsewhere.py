"""Generated histories, judged on an engine other than DuckDB, as the judge judges them."""

from __future__ import annotations

from itertools import count as counted
from typing import Any

from playgate.audit.bulk.run import audit_table, refuse_misread
from playgate.audit.bulk.store import table_from_events
from playgate.audit.bulk.zones import CannotExpressError
from playgate.playbook.rules import list_rules
from support.bulk import differences
from support.parity import Example, as_case, drawn

__all__ = ["check", "expressible"]


def expressible(backend: str, count: int) -> list[int]:
    """The first seeds of playbooks with no regular expression that the backend reads otherwise."""
    found: list[int] = []
    for seed in counted():
        playbook = drawn(seed).playbook
        try:
            refuse_misread(playbook, list_rules(playbook), backend)
        except CannotExpressError:
            continue
        found.append(seed)
        if len(found) == count:
            return found
    raise AssertionError


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
