"""Problems of rows that cannot be read: the first with their places, the rest only counted."""

from __future__ import annotations

from collections.abc import Callable

from playgate.history.event import Problem

__all__ = ["MOST", "FirstProblems"]

MOST = 1_000
"""Of so many problems of a reading the places are kept."""


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
            reason = "from here on problems are only counted"
            hint = f"the first {MOST} have their places: correct these, or how the file is read"
            self._report(Problem(*self._from, reason, hint, self._further))
            self._further = 0
