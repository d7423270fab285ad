"""A long history is judged some deals at a time, so that what is held does not grow with it.

Expressions take long to build and to compile, so each statement is made for the first part and
runs again for the others: their tables have the same names.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from itertools import pairwise
from typing import TypeVar

from playgate.audit.watch import Watch
from playgate.bulk.engine.steps import Steps
from playgate.bulk.values.expressions import Table

__all__ = ["EVENTS", "in_parts"]

EVENTS = 4_000_000
"""So many events, more or less, are judged at once."""
_MOST = 24
"""Each part reads the whole history, if only for the deals' ids."""
_SAMPLE = 20_000
_DIVIDED = ("duckdb",)
"""The engines in this process; the others have room, and plan for themselves."""

Key = TypeVar("Key", bound=Hashable)


def in_parts(
    steps: Steps,
    history: Table,
    events: int,
    *,
    decide: Callable[[Table], Key],
    build: Callable[[Table, Key], Mapping[str, Table]],
    watch: Watch,
    after: Callable[[], None] = lambda: None,
    limit: int = EVENTS,
) -> Mapping[str, Table]:
    """Returns the tables that `build` makes of a history, with the rows of all parts.

    What `build` does may depend on the part's rows by what `decide` says of them, and no further:
    it may fetch nothing. `after` is called where a part is done, and may fetch what `build` kept.
    """
    count = min(-(-events // limit), _MOST) if steps.backend in _DIVIDED else 1
    if count <= 1:
        whole = build(history, decide(history))
        after()
        return whole
    bounds = _bounds(steps, history, events, count)
    statements: dict[Key, list[str]] = {}
    added: dict[str, Table] = {}
    with watch("judging", events) as progress:
        for number, (first, end) in enumerate(pairwise([None, *bounds, None]), start=1):
            # Nothing but a plain comparison is asked of Parquet before it is unpacked.
            asked = [] if first is None else [history.deal >= first]
            asked += [] if end is None else [history.deal < end]
            part = steps.keep("part", history.filter(asked))
            key = decide(part)
            if key in statements:
                steps.run_again(statements[key])
            else:
                with steps.noting() as statements[key]:
                    for name, table in build(part, key).items():
                        added[name] = steps.add(f"all_{name}", table)
            after()
            if progress is not None:
                progress(events * number // count - events * (number - 1) // count)
    return added


def _bounds(steps: Steps, history: Table, events: int, count: int) -> list[str]:
    """Draws deals between which parts of about as many events lie."""
    deals = history.select("deal")
    if events > _SAMPLE:
        deals = deals.sample(_SAMPLE / events, seed=1)
    drawn = sorted(row["deal"] for row in steps.rows(deals))
    return sorted({drawn[len(drawn) * number // count] for number in range(1, count)})
