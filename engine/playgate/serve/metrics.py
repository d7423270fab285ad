"""The server's own figures, as Prometheus reads them; they name no deal and nobody."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from playgate.ledger.hooks import Burden
from playgate.version import __version__

__all__ = ["KIND", "Done", "Figures", "of_hooks"]

KIND = b"text/plain; version=0.0.4; charset=utf-8"
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds up to which answers are counted together."""


class Done:
    """Counts what became of hooks since the server began."""

    def __init__(self) -> None:
        self.well = 0
        """How many were taken in, or arrived."""
        self.failed = 0
        """How often one could not be."""


def of_hooks(
    burdens: tuple[Burden, Burden], taken: Done, sent: Done, *, now: int
) -> Iterator[tuple[str, tuple[str, float]]]:
    """Yields the figures of hooks, in and out; `now` is in microseconds."""
    for way, what, burden, done in (
        ("in", "Hooks that came", burdens[0], taken),
        ("out", "Hooks that go out", burdens[1], sent),
    ):
        name = f"playgate_hooks_{way}"
        age = 0.0 if burden.oldest is None else max(now - burden.oldest, 0) / 1_000_000
        last = "were taken in by this server" if way == "in" else "this server sent"
        yield f"{name}_waiting", (f"{what}, and wait.", burden.waiting)
        yield f"{name}_dead", (f"{what}, and are given up.", burden.dead)
        yield f"{name}_oldest_seconds", (f"{what}: the age of that which waits longest.", age)
        yield f"{name}_done_total", (f"{what}, and {last}.", done.well)
        yield f"{name}_failed_total", (f"{what}: failures, each try being one.", done.failed)


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
