"""The server's own figures, as Prometheus reads them; they name no deal and nobody."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from playgate.version import __version__

__all__ = ["KIND", "Figures"]

KIND = b"text/plain; version=0.0.4; charset=utf-8"
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds up to which answers are counted together."""


class Figures:
    """Counts what was answered, and how long it took."""

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, int]] = Counter()
        self._refused: Counter[str] = Counter()
        self._took: dict[str, list[int]] = defaultdict(lambda: [0] * (len(_BOUNDS) + 1))
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self.lines = 0
        """Lines of batches that were answered."""

    def count(self, what: str, status: int, seconds: float, *, refused: bool) -> None:
        """Counts an answer."""
        self._answers[what, status] += 1
        self._took[what][bisect_left(_BOUNDS, seconds)] += 1
        self._seconds[what] += seconds
        if refused:
            self._refused[what] += 1

    def text(self, now: Mapping[str, tuple[str, float]]) -> Iterator[str]:
        """Yields all figures; `now` are those of this moment, each with what it says."""
        yield from _head("playgate_info", "gauge", "The version of playgate.")
        yield f'playgate_info{{version="{__version__}"}} 1\n'
        name = "playgate_answers_total"
        yield from _head(name, "counter", "Requests that were answered, by route and status.")
        for (what, status), number in sorted(self._answers.items()):
            yield f'{name}{{route="{what}",status="{status}"}} {number}\n'
        name = "playgate_refusals_total"
        yield from _head(name, "counter", "Moves and values that the gate refused, by route.")
        for what, number in sorted(self._refused.items()):
            yield f'{name}{{route="{what}"}} {number}\n'
        yield from self._histogram()
        name = "playgate_batch_lines_total"
        yield from _head(name, "counter", "Lines of batches that were answered.")
        yield f"{name} {self.lines}\n"
        for name, (says, value) in now.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            yield from _head(name, kind, says)
            yield f"{name} {value:g}\n"

    def _histogram(self) -> Iterator[str]:
        name = "playgate_answer_seconds"
        yield from _head(name, "histogram", "Seconds from a request to its answer, by route.")
        for what, counts in sorted(self._took.items()):
            total = 0
            for bound, number in zip((*_BOUNDS, "+Inf"), counts, strict=True):
                total += number
                yield f'{name}_bucket{{route="{what}",le="{bound}"}} {total}\n'
            yield f'{name}_sum{{route="{what}"}} {self._seconds[what]:.6f}\n'
            yield f'{name}_count{{route="{what}"}} {total}\n'


def _head(name: str, kind: str, says: str) -> Iterator[str]:
    yield f"# HELP {name} {says}\n# TYPE {name} {kind}\n"
