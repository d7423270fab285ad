"""PostgreSQL finds what the judge finds, on generated playbooks."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ibis")

from elsewhere import check, example, expressible, with_derived_ids

from playgate.bulk.reading.event_table import table_from_events
from playgate.bulk.running.table_audit import audit_table

EXAMPLES = 30


@pytest.mark.postgres
@pytest.mark.parametrize("number", range(EXAMPLES))
def test_of_generated_playbooks(postgres: Any, number: int) -> None:
    check(postgres, expressible("postgres", number))


@pytest.mark.postgres
@pytest.mark.parametrize("seed", [1, 2, 5])
def test_what_is_shown(postgres: Any, seed: int) -> None:
    drawn = example(seed)
    found = audit_table(
        drawn.playbook,
        table_from_events(postgres, drawn.events),
        connection=postgres,
        people=drawn.team,
        as_of=drawn.as_of,
        shown=True,
    )
    assert found.summary == drawn.audit().summary


@pytest.mark.postgres
def test_of_ids_that_look_like_derived_ones(postgres: Any) -> None:
    check(postgres, with_derived_ids(expressible("postgres", 0)))
