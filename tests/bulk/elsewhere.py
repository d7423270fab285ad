"""Generated histories, judged on an engine other than DuckDB, as the judge judges them."""

from __future__ import annotations

from dataclasses import replace
from itertools import count as counted
from typing import Any

from many import is_small

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.judging.refusals import refuse_misread
from playgate.bulk.reading.event_table import table_from_events
from playgate.bulk.running.table_audit import audit_table
from playgate.history.event import event_id
from playgate.rules.list import list_rules
from support.bulk import differences
from support.parity import Example, as_case, drawn

__all__ = ["check", "example", "expressible", "with_derived_ids"]

DEALS = 40


def example(seed: int) -> Example:
    """The example of a seed, of few deals: what takes long is compiling."""
    return drawn(seed, deals=DEALS, small=is_small(seed))


def expressible(backend: str, count: int) -> list[int]:
    """The first seeds of playbooks with no regular expression that the backend reads otherwise."""
    found: list[int] = []
    for seed in counted():
        playbook = example(seed).playbook
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


def with_derived_ids(example: Example) -> Example:
    """The example with events without an id a second time, with the id that derives from them."""
    bare = [event for event in example.events if not event.event_id][:40]
    twins = [event._replace(event_id=event_id(event), line=event.line + 10_000) for event in bare]
    assert twins
    return replace(example, events=[*example.events, *twins])
