"""Both ways to run an audit, side by side: the judge deal by deal, an engine over a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from playgate.audit.result import AuditResult
from playgate.audit.run import audit
from playgate.audit.selection import Selection
from playgate.audit.verdict_rows import TakeVerdicts, VerdictRow
from playgate.bulk.running.parts import EVENTS
from playgate.bulk.running.table_audit import audit_table
from playgate.findings import RuleInfo
from playgate.history.event import Event
from playgate.history.people import People
from playgate.model.playbook import Playbook
from support.parity import Example

__all__ = ["both", "differences", "event_table", "sayable"]

_INSTANTS = ("happened_at", "recorded_at", "source", "line")


def event_table(connection: Any, events: Sequence[Event]) -> Any:
    """The events as a table on the connection (DuckDB), in no order."""
    columns = {
        name: pa.array(
            [event[place] for event in reversed(events)],
            pa.int64() if name in _INSTANTS else pa.string(),
        )
        for place, name in enumerate(Event._fields)
    }
    connection.con.register("given", pa.table(columns))
    connection.raw_sql("CREATE OR REPLACE TEMPORARY TABLE history AS SELECT * FROM given")
    return connection.table("history")


class Collected:
    """A sink that keeps all verdicts."""

    def __init__(self) -> None:
        self.rows: list[VerdictRow] = []

    def of(self, playbook: Playbook, rules: Sequence[RuleInfo]) -> TakeVerdicts:
        return self.rows.extend


def both(
    connection: Any,
    playbook: Playbook,
    events: Sequence[Event],
    *,
    people: People | None = None,
    as_of: int | None = None,
    selection: Selection | None = None,
    sources: Sequence[str] = (),
    shown: bool = False,
    limit: int = EVENTS,
) -> tuple[AuditResult, AuditResult]:
    """What the judge says, and what the engine; they must agree on every verdict."""
    judges, engines = Collected(), Collected()
    judged = audit(
        playbook,
        events,
        people=people,
        as_of=as_of,
        selection=selection,
        sources=sources,
        verdicts=judges,
    )
    found = audit_table(
        playbook,
        event_table(connection, events),
        connection=connection,
        people=people,
        as_of=as_of,
        selection=selection,
        sources=sources,
        shown=shown,
        verdicts=engines,
        limit=limit,
    )
    assert sorted(engines.rows) == sorted(judges.rows)
    return judged, found


def differences(judged: AuditResult, found: AuditResult) -> Iterator[str]:
    """What the two say otherwise; problems of one row stand in no order."""
    for name in AuditResult.__match_args__:
        one, other = getattr(judged, name), getattr(found, name)
        if name == "engine":
            continue
        if name == "problems":
            one, other = sorted(one, key=repr), sorted(other, key=repr)
        if one == other:
            continue
        if isinstance(one, tuple | list):
            only = [each for each in one if each not in other]
            more = [each for each in other if each not in one]
            yield f"{name}: only the judge has {only[:3]}, only the engine has {more[:3]}"
        else:
            yield f"{name}: the judge says {one}, the engine {other}"


def sayable(example: Example) -> Example:
    """The example with different actors in place of different values of attributes."""
    text = re.sub(r'"different": "[^"]*"', '"different": "actor"', json.dumps(example.book))
    return replace(example, book=json.loads(text))
