"""The last parts of rule ids: given ids stand, the rest is named after what it asks."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["name_all"]


def name_all(given: Sequence[object], own: Sequence[str]) -> list[str]:
    """One name for each item; where its own is taken, `-2`, `-3` … follow (given ids first)."""
    taken = {name for name in given if isinstance(name, str)}
    names = []
    for chosen, name in zip(given, own, strict=True):
        if isinstance(chosen, str):
            names.append(chosen)
            continue
        free = name
        number = 2
        while free in taken:
            free = f"{name}-{number}"
            number += 1
        taken.add(free)
        names.append(free)
    return names
