"""Finds where a deal passes the stages of the track: at its first move into a later stage."""

from __future__ import annotations

from playgate.history.deal import Deal
from playgate.rules.track import Track

__all__ = ["is_skipped", "passed", "passes", "passing"]

_PASSES = -1
"""The key in a deal's cache that holds its passings; conditions are numbered from 0."""


def passes(track: Track, deal: Deal) -> list[int]:
    """Returns the moves that passed the stages, in track order, as far as the deal has come."""
    found: list[int] | None = deal.cache.get(_PASSES)
    if found is None:
        found = deal.cache[_PASSES] = _passes(track, deal)
    return found


def _passes(track: Track, deal: Deal) -> list[int]:
    """Returns these moves newly computed; a move passes all stages before the one that it leads
    to."""
    found: list[int] = []
    for move, into in enumerate(deal.move_into):
        place = track.place.get(into, 0)
        while len(found) < place:
            found.append(move)
    return found


def passing(track: Track, deal: Deal, stage: str) -> int:
    """Returns the first move into a stage later on the track; -1 where there is none."""
    found = passes(track, deal)
    place = track.place.get(stage, len(track.open))
    return found[place] if place < len(found) else -1


def passed(track: Track, deal: Deal) -> list[str]:
    """Returns the stages that the deal has passed."""
    return track.open[: len(passes(track, deal))]


def is_skipped(track: Track, deal: Deal, stage: str) -> bool:
    """Whether the stage is optional and was not entered by the time the deal passed it."""
    if stage not in track.optional:
        return False
    move = passing(track, deal, stage)
    if move < 0:
        return False
    seen = deal.due_at(move).moment.stages
    return deal.first_entry.get(stage, seen) >= seen
