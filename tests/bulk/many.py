"""The engine compared with the judge on many generated playbooks, by hand and to be resumed.

In the folder `tests`, with the package and its extra `bulk` installed:

    python -m bulk.many 0 5000 --next next-seed.txt

compares the seeds 0 to 4999, each a playbook over a history of 200 deals, and prints every
disagreement as text that reads as a case. The seed to go on with is kept in a file; where the file
is there, it is where to go on. The exit status is 1 where there was a disagreement.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import ibis

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.running.parts import EVENTS
from support.bulk import both, differences, sayable
from support.parity import Example, as_case, drawn
from support.seeds import compare_seeds

__all__ = ["DEALS", "connected", "disagreements", "example", "is_small", "limit"]

DEALS = 200
_ONE_IN = 20
_PARTS = 3


@contextmanager
def connected() -> Iterator[Any]:
    """A connection to DuckDB, for many small audits one after the other."""
    # Expressions are built of many small objects, none of which is garbage for long.
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET threads = 1")
    yield connection
    gc.set_threshold(*before)
    gc.unfreeze()


def is_small(seed: int) -> bool:
    """Whether the playbook of a seed has few rules; one in twenty is large."""
    return seed % _ONE_IN != 0


def example(seed: int) -> Example:
    """The example of a seed; what no engine can say is left out of it."""
    return sayable(drawn(seed, deals=DEALS, small=is_small(seed)))


def limit(seed: int, example: Example) -> int:
    """How many events are judged at once: one history in three is judged in three parts."""
    return EVENTS if seed % _PARTS else len(example.events) // _PARTS + 1


def disagreements(connection: Any, example: Example, limit: int = EVENTS) -> list[str]:
    """What the judge and the engine say otherwise; an error counts too."""
    try:
        judged, found = both(
            connection,
            example.playbook,
            example.events,
            people=example.team,
            as_of=example.as_of,
            limit=limit,
        )
    except CannotExpressError as error:
        return [f"refused: {error}"]
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    return list(differences(judged, found))


def _of_few_deals(connection: Any, example: Example) -> Example:
    """The example with half of the deals, and half of these, as long as it shows."""
    if example.as_of is None:
        example = replace(example, as_of=max(event.happened_at for event in example.events))
    deals = sorted({event.deal for event in example.events})
    while len(deals) > 1:
        halves = (deals[: len(deals) // 2], deals[len(deals) // 2 :])
        for half in halves:
            events = [event for event in example.events if event.deal in half]
            smaller = replace(example, events=events)
            if disagreements(connection, smaller):
                example, deals = smaller, half
                break
        else:
            break
    return example


def compared(connection: Any, seed: int) -> list[str]:
    """What they say otherwise of a seed, and a case that shows it."""
    whole = example(seed)
    found = disagreements(connection, whole, limit(seed, whole))
    return [*found, as_case(_of_few_deals(connection, whole))] if found else []


if __name__ == "__main__":
    with connected() as connection:
        status = compare_seeds(__doc__ or "", partial(compared, connection))
    sys.exit(status)
