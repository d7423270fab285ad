"""Columns compared with the judge on many generated playbooks, by hand and to be resumed.

In the folder `tests`, with the package and its extra `bulk` installed:

    python -m columns.many 0 100000 --next next-seed.txt

compares the seeds 0 to 99999, each a playbook over a small history, and prints every disagreement
as text that reads as a case. The seed to go on with is kept in a file; where the file is there, it
is where to go on. The exit status is 1 where there was a disagreement.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from playgate.columns.run import EVENTS
from support.bulk import differences
from support.columns import both
from support.parity import Example, as_case, drawn

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


def main(first: int, end: int, place: Path | None) -> int:
    """Compares the seeds and prints; the exit status."""
    if place is not None and place.exists():
        first = max(first, int(place.read_text(encoding="utf-8")))
    status, began = 0, time.monotonic()
    for seed in range(first, end):
        whole = example(seed)
        found = disagreements(whole, limit(seed, whole))
        if found:
            status = 1
            smaller = _of_few_deals(whole)
            print(f"seed {seed}:", *found, as_case(smaller), sep="\n", flush=True)
        if place is not None and (found or seed % _EVERY == 0 or seed == end - 1):
            place.write_text(f"{seed + 1}\n", encoding="utf-8")
    print(f"compared seeds {first} to {end - 1} in {time.monotonic() - began:.0f} s")
    return status


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("first", type=int, help="the first seed")
    parser.add_argument("end", type=int, help="the seed to stop before")
    parser.add_argument("--next", type=Path, metavar="FILE", help="keeps the seed to go on with")
    given = parser.parse_args()
    sys.exit(main(given.first, given.end, given.next))
