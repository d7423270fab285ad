"""A long history is judged some deals at a time: with the same result, however it is parted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("ibis")
pytest.importorskip("duckdb")

from many import connected

from playgate.audit.result import AuditResult
from playgate.audit.watch import unwatched
from playgate.bulk.engine.steps import Steps
from playgate.bulk.running.parts import in_parts
from playgate.bulk.running.table_audit import audit_table
from playgate.bulk.values.expressions import summed
from playgate.history.event import START, Event
from playgate.report import audit_text
from support.bulk import both, differences, event_table
from support.parity import Example, drawn

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    with connected() as connection:
        yield connection


def compare(connection: Any, example: Example, **options: Any) -> AuditResult:
    judged, found = both(
        connection,
        example.playbook,
        example.events,
        people=example.team,
        as_of=example.as_of,
        **options,
    )
    assert judged.findings
    if options.get("shown"):
        assert "".join(audit_text.render(found)) == "".join(audit_text.render(judged))
    else:
        assert list(differences(judged, found)) == []
    return judged


@pytest.mark.parametrize("shown", [False, True], ids=["all", "shown"])
@pytest.mark.parametrize("limit", [pytest.param(40, marks=pytest.mark.thorough), 400, 4_000])
def test_of_parts_of_any_size(connection: Any, limit: int, shown: bool) -> None:
    compare(connection, drawn(4, deals=60, small=True), limit=limit, shown=shown)


def test_where_one_part_alone_has_events_twice(connection: Any) -> None:
    example = drawn(9, deals=40, small=True)
    once: dict[Any, Event] = {}
    for each in example.events:
        if each.happened_at != START and not each.event_id.startswith("e-"):
            once.setdefault((each.deal, each.event_id or each._replace(source=0, line=0)), each)
    again = next(event for event in once.values() if event.deal == "d7")
    example = replace(example, events=[*once.values(), again])
    assert compare(connection, example, limit=len(once) // 5).history.duplicates == 1


def test_where_all_events_are_of_one_deal(connection: Any) -> None:
    example = drawn(4, deals=60, small=True)
    alone = [event for event in example.events if event.deal == "d7"]
    compare(connection, replace(example, events=alone), limit=3)


def test_who_waits_hears_of_each_part(connection: Any) -> None:
    heard: list[tuple[str, int, list[int]]] = []

    @contextmanager
    def watch(what: str, events: int) -> Iterator[Any]:
        steps: list[int] = []
        heard.append((what, events, steps))
        yield steps.append

    example = drawn(4, deals=60, small=True)
    count = len(example.events)
    audit_table(
        example.playbook,
        event_table(connection, example.events),
        connection=connection,
        people=example.team,
        as_of=example.as_of,
        watch=watch,
        limit=count // 4 + 1,
    )
    (what, events, steps), *others = heard
    assert (what, events, len(steps), sum(steps)) == ("judging", count, 4, count)
    assert [each for each, _, _ in others] == ["explaining"]


def test_parts_have_whole_deals_and_every_row_once(connection: Any) -> None:
    events = drawn(4, deals=60, small=True).events
    given = event_table(connection, events)
    parts: list[set[str]] = []
    built: list[int] = []
    with Steps(connection) as steps:

        def decide(part: Any) -> int:
            parts.append({row["deal"] for row in steps.rows(part.select("deal").distinct())})
            return len(parts) % 2

        def build(part: Any, key: int) -> dict[str, Any]:
            built.append(key)
            kept = steps.keep("kinds", part.group_by("kind").agg(n=part.count()))
            return {"kinds": kept.mutate(twice=kept.n * 2)}

        found = in_parts(
            steps, given, len(events), decide=decide, build=build, watch=unwatched, limit=200
        )["kinds"]
        rows = steps.rows(summed(found, "kind"))
    assert len(parts) > 4
    assert built == [1, 0]  # all other parts run the same statements again
    assert sum(map(len, parts)) == len(set().union(*parts)) == len({each.deal for each in events})
    kinds = [event.kind for event in events]
    assert {row["kind"]: (row["n"], row["twice"]) for row in rows} == {
        kind: (kinds.count(kind), 2 * kinds.count(kind)) for kind in kinds
    }
