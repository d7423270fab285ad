"""Compares as many drawn examples as one likes, and goes on where it stopped."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["compare_seeds"]


def compare_seeds(about: str, compare: Callable[[int], Sequence[str]], *, every: int = 1) -> int:
    """Reads the seeds from the command line, prints what `compare` says of each (nothing where all
    agree) and returns a status; `every` so many seeds it is noted where to go on."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("first", type=int, help="the first seed")
    parser.add_argument("end", type=int, help="the seed to stop before")
    parser.add_argument("--next", type=Path, metavar="FILE", help="keeps the seed to go on with")
    given = parser.parse_args()
    first, place = given.first, given.next
    if place is not None and place.exists():
        first = max(first, int(place.read_text(encoding="utf-8")))
    status, began = 0, time.monotonic()
    for seed in range(first, given.end):
        found = compare(seed)
        if found:
            status = 1
            print(f"seed {seed}:", *found, sep="\n", flush=True)
        if place is not None and (found or seed % every == 0 or seed == given.end - 1):
            place.write_text(f"{seed + 1}\n", encoding="utf-8")
    print(f"compared seeds {first} to {given.end - 1} in {time.monotonic() - began:.0f} s")
    return status
