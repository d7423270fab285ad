"""Writes a history of any length: the deals of a shipped sample, over and over, seeded.

    python tests/bench/histories.py EVENTS grouped|shuffled FILE

Each deal is one of the `bank-sales` sample under an id of its own, moved back by whole weeks within
ten years. `grouped` streams deal by deal; `shuffled` holds all rows and leaves no deal together.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[2] / "playbooks" / "bank-sales" / "history.csv"
WEEKS = 520
Row = list[str]


def rows(events: int, seed: int) -> Iterator[Row]:
    """At least `events` rows, the last deal whole."""
    dice = random.Random(seed)
    deals = _sample()
    written = number = 0
    while written < events:
        number += 1
        shift = timedelta(weeks=-dice.randrange(WEEKS))
        deal = dice.choice(deals)
        for row in deal:
            yield [
                f"D-{number:07}",
                _moved(row[1], shift),
                *row[2:6],
                _moved(row[6], shift),
                *row[7:],
            ]
        written += len(deal)


def header() -> Row:
    """The columns of the history table."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def write(file: Path, events: int, *, shuffled: bool, seed: int = 1) -> None:
    """Write a history of `events` rows, or a few more."""
    found: Iterator[Row] | list[Row] = rows(events, seed)
    if shuffled:
        found = list(found)
        random.Random(seed).shuffle(found)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header())
        writer.writerows(found)


def _sample() -> list[list[Row]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        known = sorted(reader, key=itemgetter(0))
    return [list(deal) for _, deal in groupby(known, itemgetter(0))]


def _moved(stamp: str, shift: timedelta) -> str:
    if not stamp:
        return ""
    return (date.fromisoformat(stamp[:10]) + shift).isoformat() + stamp[10:]


if __name__ == "__main__":
    write(Path(sys.argv[3]), int(sys.argv[1]), shuffled=sys.argv[2] == "shuffled")
