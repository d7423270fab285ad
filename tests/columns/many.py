"""Columns compared with the judge on many generated playbooks, by hand and to be resumed.

In the folder `tests`, with the package and its extra `bulk` installed:

    python -m columns.many 0 100000 --next next-seed.txt

compares the seeds 0 to 99999, each a playbook over a small history, and prints every disagreement
as text that reads as a case. The seed to go on with is kept in a file; where the file is there, it
is where to go on. The exit status is 1 where there was a disagreement.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from playgate.columns.run import EVENTS
from support.bulk import differences
from support.columns import both
from support.parity import Example, as_case, drawn
from support.seeds import compare_seeds

__all__ = ["disagreements", "example", "limit"]

DEALS = 15
_PARTS = 3
_EVERY = 100


def example(seed: int) -> Example:
    """The example of a seed; one playbook in four is large."""
    return drawn(seed, deals=DEALS, small=seed % 4 != 0)


def limit(seed: int, example: Example) -> int:
    """How many events are judged at once: one history in three is judged in three parts."""
    return EVENTS if seed % _PARTS else len(example.events) // _PARTS + 1


def disagreements(example: Example, limit: int = EVENTS) -> list[str]:
    """What the judge and the columns say otherwise; an error counts too."""
    try:
        judged, found = both(
            example.playbook, example.events, people=example.team, as_of=example.as_of, limit=limit
        )
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    return list(differences(judged, found))


def _of_few_deals(example: Example) -> Example:
    """The example with one deal, as long as that shows it."""
    if example.as_of is None:
        example = replace(example, as_of=max(event.happened_at for event in example.events))
    for deal in sorted({event.deal for event in example.events}):
        smaller = replace(example, events=[each for each in example.events if each.deal == deal])
        if disagreements(smaller):
            return smaller
    return example


def compared(seed: int) -> list[str]:
    """What they say otherwise of a seed, and a case that shows it."""
    whole = example(seed)
    found = disagreements(whole, limit(seed, whole))
    return [*found, as_case(_of_few_deals(whole))] if found else []


if __name__ == "__main__":
    sys.exit(compare_seeds(__doc__ or "", compared, every=_EVERY))
