"""What can still be done about what was missed on a deal, in the order in which it helps, and by
whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from playgate.enforce.remedy import Remedies, Remedy
from playgate.findings import LEVELS
from playgate.history.deal import Deal
from playgate.history.people import People
from playgate.judge.after_verdict import is_made_good
from playgate.judge.judge import CompiledRule, Judge
from playgate.judge.verdict import Verdict
from playgate.numbers.work_result import Step, Told
from playgate.rules.asks import Ask, Ended, Resumed

__all__ = ["StepFinder"]

_MOST_PEOPLE = 2
_TAKEN_UP: Mapping[type[Ask], tuple[Remedy, ...]] = {
    Resumed: (Remedy("take it up again, with any activity or move"),),
    Ended: (Remedy("decide whether it goes on, or end it"),),
}
"""What asks of a deal as a whole come to, where the playbook names no activity."""


class StepFinder:
    """Tells steps that people can take from what only time, luck or nothing changes."""

    def __init__(self, judge: Judge, people: People | None) -> None:
        self._remedies = Remedies(judge)
        self._people = people
        stages = judge.playbook.stages
        self._places = {stage.id: place for place, stage in enumerate(stages)}
        self._ending = {stage.id for stage in stages if stage.ends is not None}

    def can_be_done(self, rule: CompiledRule, deal: Deal, verdict: Verdict) -> bool:
        """Returns whether what was missed can still be done; what an end asks of a deal that was
        opened again is of no use any more."""
        if not rule.rule.row.is_work or rule.rule.info.stage in self._ending:
            return False
        if is_made_good(rule, deal, verdict):
            return False
        return any(map(_is_doable, self.remedies(rule, deal, verdict)))

    def remedies(self, rule: CompiledRule, deal: Deal, verdict: Verdict) -> Sequence[Remedy]:
        """Returns what would make the rule met; of a deal that rests or is too old, what to do
        first."""
        return self.ways(rule, deal, verdict) or _TAKEN_UP.get(type(rule.rule.ask), ())

    def ways(self, rule: CompiledRule, deal: Deal, verdict: Verdict) -> Sequence[Remedy]:
        """Returns what would make the rule met, of what its playbook names."""
        return self._remedies.of(rule, deal, verdict)

    def of(self, told: Iterable[Told], stage: str, owner: str) -> tuple[Step, ...]:
        """Returns the steps on a deal, each once: of one level those of its stage first, then
        those of the stages before, the latest first; of one stage what people do comes first."""
        found = [
            (each, step)
            for each in told
            for remedy in each.remedies
            if _is_doable(remedy)
            for step in _first_way(remedy)
        ]
        found.sort(key=lambda pair: self._rank(pair[0], pair[1], stage))
        steps: dict[str, Step] = {}
        for each, remedy in found:
            step = Step(each.finding, remedy, tuple(self._who(remedy, owner)))
            steps.setdefault(remedy.words, step)
        return tuple(steps.values())

    def _rank(self, told: Told, remedy: Remedy, stage: str) -> tuple[int, float, bool]:
        rule, here = told.finding.rule, self._places.get(stage, 0)
        # What stands to the whole deal comes between its stage and those before.
        place = min(self._places.get(rule.stage, here - 0.5), here)
        return LEVELS.index(rule.level), -place, remedy.kind != "do"

    def _who(self, remedy: Remedy, owner: str) -> Iterator[str]:
        """Yields who can do it: the owner, else those of the owner's team who may, else anyone who
        may."""
        if not remedy.roles:
            yield from () if remedy.is_by_another else filter(None, (owner,))
            return
        if self._people is None:
            return
        able = self._people.having(frozenset(remedy.roles))
        able = tuple(each for each in able if each != owner or not remedy.is_by_another)
        mine = [each for each in able if self._team(each) == self._team(owner)]
        leader = self._people.person(owner)
        first = [each for each in able if leader is not None and each == leader.manager]
        yield from ([owner] if owner in able else first or mine or able)[:_MOST_PEOPLE]

    def _team(self, actor: str) -> str:
        person = self._people.person(actor) if self._people else None
        return person.team if person else ""


def _is_doable(remedy: Remedy) -> bool:
    if remedy.kind == "one-of":
        return any(all(map(_is_doable, way)) for way in remedy.one_of)
    return remedy.kind in ("do", "find-out")


def _first_way(remedy: Remedy) -> Iterator[Remedy]:
    """Yields the steps of the first way that people can take; where there is no choice, the one."""
    if remedy.kind != "one-of":
        yield remedy
        return
    way = next(way for way in remedy.one_of if all(map(_is_doable, way)))
    for each in way:
        yield from _first_way(each)
