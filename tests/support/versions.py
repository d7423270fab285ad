"""A newer version of a generated playbook: some random edits, each of them valid."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

from playgate.model.playbook import Playbook
from playgate.playbook.load import parse_playbook

__all__ = ["edited", "loaded"]

Json = Any


def loaded(book: dict[str, Json]) -> Playbook | None:
    """The playbook, or `None` where an edit broke it."""
    playbook, _ = parse_playbook(json.dumps(book).encode(), f"v{book['version']}.yaml")
    return playbook


def edited(book: dict[str, Json], rng: Random) -> dict[str, Json]:
    """The book as its next version, with some edits."""
    new = copy.deepcopy(book)
    new["version"] = 2
    for _ in range(rng.randint(1, 3)):
        tried = copy.deepcopy(new)
        rng.choice(_EDITS)(tried, rng)
        new = tried if loaded(tried) else new
    return new


def _going(book: dict[str, Json]) -> list[dict[str, Json]]:
    return [stage for stage in book["stages"] if "ends" not in stage]


def _rename(book: dict[str, Json], rng: Random) -> None:
    stage = rng.choice(book["stages"])
    old, new = stage["stage"], f"{stage['stage']}x"
    text = json.dumps(book)
    text = text.replace(f'"stage": "{old}"', f'"stage": "{new}"').replace(f'"{old}/', f'"{new}/')
    book.clear()
    book.update(json.loads(text))
    if rng.random() < 0.8:
        _map(book, old, new)


def _map(book: dict[str, Json], old: str, new: str) -> None:
    book.setdefault("migration", {}).setdefault("stage_map", {})[old] = new


def _remove(book: dict[str, Json], rng: Random) -> None:
    stage = rng.choice(_going(book))
    book["stages"].remove(stage)
    rest = [each["stage"] for each in _going(book)]
    if rest and rng.random() < 0.6:
        _map(book, stage["stage"], rng.choice(rest))


def _insert(book: dict[str, Json], rng: Random) -> None:
    place = rng.randint(0, len(_going(book)))
    activity = rng.choice(list(book["activities"]))
    book["stages"].insert(place, {"stage": f"new{place}", "activities": [activity]})


def _swap(book: dict[str, Json], rng: Random) -> None:
    rng.shuffle(book["stages"])


def _drop(book: dict[str, Json], rng: Random) -> None:
    """A key of a stage, or of the playbook's own."""
    stage = rng.choice([book, *book["stages"]])
    keys = [key for key in stage if key not in ("stage", "ends", "playbook", "version", "stages")]
    if keys:
        del stage[rng.choice(keys)]


def _number(book: dict[str, Json], rng: Random) -> None:
    """Some number, duration or level is another."""
    text = json.dumps(book["stages"])
    one, other = rng.choice(
        [
            (": 2", ": 3"),
            ("1 day", "2 days"),
            ("2 days", "1 day"),
            ('"is": "present"', '"is": "absent"'),
        ]
    )
    book["stages"] = json.loads(text.replace(one, other, 1))


def _level(book: dict[str, Json], rng: Random) -> None:
    rng.choice(book["stages"])["level"] = rng.choice(["block", "warn"])


def _end(book: dict[str, Json], rng: Random) -> None:
    """A stage that ended a deal as won ends it as lost."""
    stage = rng.choice([each for each in book["stages"] if "ends" in each])
    stage["ends"] = "lost" if stage["ends"] == "won" else "won"


_EDITS: tuple[Callable[[dict[str, Json], Random], None], ...] = (
    _rename,
    _rename,
    _remove,
    _insert,
    _swap,
    _drop,
    _number,
    _number,
    _level,
    _end,
)
