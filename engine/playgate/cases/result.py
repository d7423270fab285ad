"""What `playgate test` comes to for one playbook: one frozen value that every report renders."""

from __future__ import annotations

from playgate.cases.coverage import Coverage
from playgate.cases.run import CaseOutcome
from playgate.cases.survey import MutantSurvey
from playgate.model.playbook import Playbook
from playgate.records import Record

__all__ = ["CasesResult"]


class CasesResult(Record, kw_only=True):
    """A playbook and the outcomes of its cases; coverage and mutants where they were asked for."""

    playbook: Playbook
    files: tuple[str, ...]
    outcomes: tuple[CaseOutcome, ...]
    left_out: int = 0
    """Cases that were not chosen."""
    coverage: Coverage | None = None
    wanted_percent: float | None = None
    survey: MutantSurvey | None = None
    note: str = ""
    """Why something that was asked for was not done."""

    @property
    def failed(self) -> int:
        """How many cases fail."""
        return sum(not outcome.passed for outcome in self.outcomes)

    @property
    def enough_covered(self) -> bool:
        """Whether no more coverage was asked for than there is."""
        if self.coverage is None or self.wanted_percent is None:
            return True
        return self.coverage.percent >= self.wanted_percent

    @property
    def good(self) -> bool:
        """Whether all is as it should be."""
        return not self.failed and self.enough_covered and (self.survey is None or self.survey.good)
