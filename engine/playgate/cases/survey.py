"""Tries mutants: each should make some case fail; those that live are what the cases do not see."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playgate.cases.model import Case, CaseFile, MayLive
from playgate.cases.mutants import Mutant
from playgate.cases.run import Bench
from playgate.model.playbook import Playbook
from playgate.records import Record
from playgate.rules.list import glob_matches
from playgate.versions.compare import compare

__all__ = ["Living", "MutantSurvey", "survey"]


_SAME = "It means the same as the playbook: no deal can tell one from the other."


class Living(Record):
    """A mutant that no case noticed, and why it need not be noticed (empty: it should be)."""

    mutant: Mutant
    why: str = ""


class MutantSurvey(Record):
    """What became of the mutants."""

    caught: int
    living: tuple[Living, ...]
    stale: tuple[MayLive, ...]
    """Entries of `may_live` that match no living mutant."""
    untried: int
    """Mutants for which there was no time."""

    @property
    def total(self) -> int:
        """How many mutants there are."""
        return self.caught + len(self.living) + self.untried

    @property
    def unexcused(self) -> tuple[Mutant, ...]:
        """Living mutants that should have been caught."""
        return tuple(each.mutant for each in self.living if not each.why)

    @property
    def good(self) -> bool:
        """Whether every mutant was caught or may live, and nothing is stale."""
        return not (self.unexcused or self.stale or self.untried)


def survey(
    playbook: Playbook,
    files: Sequence[CaseFile],
    found: Sequence[Mutant],
    *,
    out_of_time: Callable[[], bool],
    progress: Callable[[int], None] | None = None,
) -> MutantSurvey:
    """Tries mutants of a playbook whose cases all pass, as long as there is time, and returns their
    fates."""
    near = [_Nearness(Bench(playbook, file.people), file.cases) for file in files]
    entries = [entry for file in files for entry in file.may_live]
    used: set[MayLive] = set()
    living: list[Living] = []
    tried = 0
    for mutant in found:
        if out_of_time():
            break
        tried += 1
        if not _is_caught(mutant, files, near):
            excuses = [entry for entry in entries if glob_matches(entry.mutant, mutant.name)]
            used.update(excuses)
            why = excuses[0].why if excuses else _why_nobody_can_tell(playbook, mutant)
            living.append(Living(mutant, why))
        if progress is not None:
            progress(1)
    untried = len(found) - tried
    stale = () if untried else tuple(entry for entry in entries if entry not in used)
    return MutantSurvey(tried - len(living), tuple(living), stale, untried)


def _why_nobody_can_tell(playbook: Playbook, mutant: Mutant) -> str:
    """Why no case could notice a mutant, where that can be proven."""
    if mutant.playbook.settings != playbook.settings:
        return ""  # another level, or a date from which a rule is in force, is never the same
    return "" if compare(playbook, mutant.playbook, rules=mutant.rules).changes else _SAME


def _is_caught(mutant: Mutant, files: Sequence[CaseFile], near: Sequence[_Nearness]) -> bool:
    for file, nearness in zip(files, near, strict=True):
        bench = Bench(mutant.playbook, file.people, rules=mutant.rules)
        if any(bench.fails(case) for case in nearness.ordered(mutant.subject)):
            return True
    return False


class _Nearness:
    """Puts those cases of a file first that hear of a rule, as they soonest see that it changed."""

    def __init__(self, bench: Bench, cases: Sequence[Case]) -> None:
        self._cases = cases
        self._heard = [{each.rule.rule.info.id for each in bench.say(case).heard} for case in cases]

    def ordered(self, rule_id: str) -> list[Case]:
        pairs = zip(self._cases, self._heard, strict=True)
        return [case for case, heard in sorted(pairs, key=lambda pair: rule_id not in pair[1])]
