"""What the language is made of, by its schema, and a few generated playbooks that use most of it.

Two constructs meet where they stand side by side in one mapping, or one within the other. In the
folder `tests`, with the package installed:

    python -m support.constructs

chooses the playbooks anew, each time the one in which most meet for the first time, and prints
their seeds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from support.generate import random_playbook

__all__ = ["CHOSEN", "chosen", "constructs", "in_pool", "meetings_of"]

Json = Any
Meeting = tuple[str, str]

SCHEMA = Path(__file__).parents[2] / "schemas" / "playbook.schema.json"
NO_RULES = {
    *("migration", "kpis", "targets", "segments", "products", "coaching", "quality", "automation"),
    *("practices", "forecast", "experiments", "arm", "onboarding"),
}
"""Keys of a playbook whose contents no audit looks at."""
NOT_DRAWN = {"inputs", "country", "region", "use", "parts", "outcomes", "attributes", "currency"}
"""A text for people, as `tools` is, which is drawn; what a library knows; other files, and what is
declared of activities and amounts, which changes no verdict."""
POOL = range(1000)
_NEW = 8
CHOSEN = (
    *(794, 795, 589, 306, 208, 972, 296, 54, 566, 310),
    *(362, 507, 163, 324, 443, 751, 8, 328, 218, 95),
)
"""Seeds of small playbooks in which every construct stands, and seven in ten pairs meet."""


@cache
def constructs() -> frozenset[str]:
    """Every key that the schema knows in what makes rules."""
    schema = json.loads(SCHEMA.read_bytes())
    top = {name: each for name, each in schema["properties"].items() if name not in NO_RULES}
    top["roles"] = {}  # what roles do and aim at makes no rule
    return frozenset(_keys({"properties": top}, schema["$defs"], set())) - NOT_DRAWN


def _keys(part: Json, defs: Json, seen: set[str]) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _keys(each, defs, seen)
    if not isinstance(part, dict):
        return
    if "$ref" in part and part["$ref"] not in seen:
        seen.add(part["$ref"])
        yield from _keys(defs[part["$ref"].removeprefix("#/$defs/")], defs, seen)
    yield from part.get("properties", ())
    for each in part.get("properties", {}).values():
        yield from _keys(each, defs, seen)
    for name, each in part.items():
        if name not in ("properties", "$defs"):
            yield from _keys(each, defs, seen)


def meetings_of(book: Json) -> set[Meeting]:
    """The pairs of constructs that meet in a playbook."""
    return set(_meetings(book, ()))


def _meetings(part: Json, above: tuple[str, ...]) -> Iterator[Meeting]:
    if isinstance(part, list):
        for each in part:
            yield from _meetings(each, above)
    if not isinstance(part, dict):
        return
    own = sorted(constructs() & part.keys())
    for place, name in enumerate(own):
        for other in (*above, *own[:place]):
            yield (name, other) if name < other else (other, name)
    for name, each in part.items():
        yield from _meetings(each, (*above, name) if name in own else above)


def chosen(met: Mapping[int, set[Meeting]], count: int) -> list[int]:
    """So many seeds, of what meets in the playbook of each, in which most pairs meet.

    A construct that none of those before has is worth several pairs.
    """
    left: set[Meeting] = set().union(*met.values())
    seen: set[str] = set()
    names = {seed: {each for pair in pairs for each in pair} for seed, pairs in met.items()}
    found: list[int] = []
    while len(found) < count:
        worth = {seed: len(met[seed] & left) + _NEW * len(names[seed] - seen) for seed in met}
        found.append(max(worth, key=lambda seed: worth[seed]))
        left -= met[found[-1]]
        seen |= names[found[-1]]
    return found


def in_pool() -> dict[int, set[Meeting]]:
    """What meets in the small playbook of each seed of the pool."""
    return {seed: meetings_of(random_playbook(Random(seed), small=True)) for seed in POOL}


if __name__ == "__main__":
    met = in_pool()
    seeds = chosen(met, len(CHOSEN))
    here = set().union(*(met[seed] for seed in seeds))
    print(*seeds, sep=", ")
    print(f"{len(here)} of {len(set().union(*met.values()))} pairs meet")
