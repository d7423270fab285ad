"""The last parts of rule ids: given ids stand, the rest is named after what it asks."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["name_all", "own_name"]


def name_all(given: Sequence[object], own: Sequence[str]) -> list[str]:
    """Returns one name for each item; given ids come first, and a name that is taken gets `-2`,
    `-3` …."""
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


def own_name(item: object) -> str:
    """Returns the name that a demand gives its rule: its first word, else how it combines.

    Read from what the author wrote, so that a mistake in it moves no other name.
    """
    if isinstance(item, str):
        return item
    if isinstance(item, list):
        return "all"
    if not isinstance(item, dict):
        return "broken"
    for head in ("do", "field", "changes", "activity", "stage", "signal"):
        if head in item:
            named = item[head]
            first = named[0] if isinstance(named, list) and named else named
            return first if isinstance(first, str) else "broken"
    return next((head for head in ("all", "any", "not") if head in item), "broken")
