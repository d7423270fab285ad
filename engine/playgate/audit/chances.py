"""How many chances deals had, and how many were met: sums that show how far those of a deal hang
together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from playgate.records import Record

__all__ = ["NO_CHANCES", "Chances", "all_chances", "chances_by", "chances_of"]


class Chances(Record):
    """Sums over deals with `n` chances (verdicts met or unmet) each, of which `m` were met."""

    deals: int
    chances: int
    """The sum of `n`."""
    met: int
    """The sum of `m`."""
    squared: int
    """The sum of `n²`."""
    both: int
    """The sum of `n · m`."""
    met_squared: int
    """The sum of `m²`."""


NO_CHANCES = Chances(0, 0, 0, 0, 0, 0)


def chances_of(deals: Mapping[tuple[int, int], int]) -> Chances:
    """Sums up deals, counted by how many chances they had and how many of these were met."""
    rows = [(n, m, times) for (n, m), times in deals.items() if n]
    return Chances(
        sum(times for _, _, times in rows),
        sum(n * times for n, _, times in rows),
        sum(m * times for _, m, times in rows),
        sum(n * n * times for n, _, times in rows),
        sum(n * m * times for n, m, times in rows),
        sum(m * m * times for _, m, times in rows),
    )


def chances_by(deals: Mapping[tuple[str, int, int], int]) -> dict[str, Chances]:
    """Sums up deals by a name that stands before the two numbers."""
    groups: dict[str, dict[tuple[int, int], int]] = {}
    for (name, n, m), times in deals.items():
        groups.setdefault(name, {})[n, m] = times
    return {name: chances_of(group) for name, group in groups.items()}


def all_chances(parts: Iterable[Chances]) -> Chances:
    """Adds up the sums of different deals."""
    fields = Chances.__match_args__
    every = list(parts)
    return Chances(*(sum(getattr(each, field) for each in every) for field in fields))
