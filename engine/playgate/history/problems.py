"""Problems of rows: the first with their places, the rest only counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from operator import itemgetter
from typing import NamedTuple

from playgate.history.event import Problem

__all__ = ["MOST", "EarliestProblems", "FirstProblems"]

MOST = 1_000
"""Of so many problems of a reading, or of a history, the places are kept."""
_COUNTED = "from here on problems are only counted"
_HINT = f"the first {MOST} have their places: correct these, or how the file is read"


class FirstProblems:
    """Passes on the first problems of a reading, and of each file how many more there were."""

    def __init__(self, report: Callable[[Problem], None]) -> None:
        self._report = report
        self._left = MOST
        self._further = 0
        self._from: tuple[str, int] = ("", 0)

    def tell(self, file: str, line: int, reason: str, hint: str = "") -> None:
        """Passes a problem on, or counts it."""
        if self._left:
            self._left -= 1
            self._report(Problem(file, line, reason, hint))
            return
        if not self._further:
            self._from = (file, line)
        self._further += 1

    def take(self, problem: Problem) -> None:
        """Passes a problem on, or counts it."""
        self.tell(problem.file, problem.line, problem.reason, problem.hint)

    def end_of_file(self) -> None:
        """Tells how many problems of the file were only counted."""
        if self._further:
            self._report(Problem(*self._from, _COUNTED, _HINT, self._further))
            self._further = 0


class _Kept(NamedTuple):
    file: str
    line: int
    reason: str
    times: int
    make: Callable[[], Problem]


class EarliestProblems:
    """Keeps the problems of a history that come first by file and line, in whatever order they are
    told, and counts the others of each file."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []
        self._further: dict[str, tuple[int, int]] = {}
        """By file, the line of the first that is only counted, and how many there are."""
        self._counted: list[Problem] = []

    def add(
        self, file: str, line: int, reason: str, make: Callable[[], Problem], times: int = 1
    ) -> None:
        """Adds a problem, which is made where it is kept, and how many it stands for."""
        self._kept.append(_Kept(file, line, reason, times, make))
        if len(self._kept) > 2 * MOST:
            self._cut()

    def take(self, problems: Iterable[Problem]) -> None:
        """Adds problems, those among them that are only counted as well."""
        for each in problems:
            if each.often > 1:
                self._counted.append(each)
            else:
                self.add(each.file, each.line, each.reason, partial(_same, each))

    def absorb(self, other: EarliestProblems) -> None:
        """Adds the problems of other deals of the same history."""
        self._kept += other._kept
        self._counted += other._counted
        for file, (line, times) in other._further.items():
            self._count(file, line, times)
        self._cut()

    def told(self) -> list[tuple[Problem, int]]:
        """Returns them by file and line, each with how many it stands for."""
        self._cut()
        counted = [
            Problem(file, line, _COUNTED, _HINT, times)
            for file, (line, times) in self._further.items()
        ]
        found = [(each.make(), each.times) for each in self._kept]
        found += [(each, each.often) for each in (*self._counted, *counted)]
        return sorted(found, key=lambda each: (each[0].file, each[0].line))

    def _cut(self) -> None:
        self._kept.sort(key=_PLACE)
        for file, line, _, times, _ in self._kept[MOST:]:
            self._count(file, line, times)
        del self._kept[MOST:]

    def _count(self, file: str, line: int, times: int) -> None:
        first, known = self._further.get(file, (line, 0))
        self._further[file] = min(first, line), known + times


_PLACE = itemgetter(0, 1, 2)


def _same(problem: Problem) -> Problem:
    return problem
