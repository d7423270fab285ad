"""How many of something are to be expected of a rep where each rule goes as it does with all."""

from __future__ import annotations

from collections.abc import Collection, Mapping

__all__ = ["Expected"]

Counts = Mapping[int, tuple[int, int]]
"""By rule: how many chances, and how many of them are counted."""


class Expected:
    """What is to be expected where a rep is like all those compared: each rule at their rate."""

    def __init__(self, by_rep: Mapping[str, Counts], compared: Collection[str]) -> None:
        self._by_rep = by_rep
        self.totals: dict[int, tuple[int, int]] = {}
        for rep in sorted(by_rep):
            for rule, (n, seen) in by_rep[rep].items() if rep in compared else ():
                all_n, all_seen = self.totals.get(rule, (0, 0))
                self.totals[rule] = all_n + n, all_seen + seen

    def rate(self, rule: int) -> float:
        """Returns which share of a rule's chances is counted with all of them."""
        n, seen = self.totals.get(rule, (0, 0))
        return seen / n if n else 0.0

    def moments(self, rep: str, rule: int | None = None) -> tuple[float, float]:
        """Returns how many are to be expected of a rep, over all rules or of one, and how far that
        scatters where chances are independent (the hypergeometric variance of each rule)."""
        expected = variance = 0.0
        for each, (n, _) in self._by_rep.get(rep, {}).items():
            whole, seen = self.totals.get(each, (0, 0))
            if not whole or rule not in (None, each):
                continue
            expected += n * seen / whole
            if whole > 1:
                variance += n * (whole - n) * seen * (whole - seen) / whole**2 / (whole - 1)
        return expected, variance
