"""From what deals did to what winners do otherwise: looked for in one half of the deals, tried
again in the other."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence

from playgate.documents.document import Document
from playgate.history.people import People
from playgate.model.numbers import Numbers, Practising
from playgate.model.playbook import Playbook
from playgate.numbers.history import History
from playgate.numbers.practices.result import (
    Effect,
    NoDifference,
    Practice,
    PracticeGap,
    Practices,
    Threshold,
)
from playgate.numbers.practices.stratified import stratified
from playgate.numbers.practices.study import Study, practising
from playgate.numbers.result import Basis
from playgate.numbers.statistics import sieved
from playgate.records import Record

__all__ = ["Learnt", "learn", "practices"]

_PROMISING = 0.05
_SURE = 0.05
_RARE = 0.05
"""What fewer do, or leave, is no practice."""
_MARGIN = 0.05
_ALIKE = 0.9
_FEWEST_REPS = 8
_UNASKED = 2
_NO_ID = re.compile(r"[^\w.+-]+")
_LONGEST = 80


class Learnt(Record):
    """What was found, and of the deals that were named whether they did it: by deal, and by the id
    of the practice's rule. Of those that are not decided, nothing is told."""

    result: Practices
    did: Mapping[str, Mapping[str, bool]]


def practices(
    playbook: Playbook,
    document: Document,
    history: History,
    *,
    wanted: Practising,
    people: People | None = None,
    as_of: int,
    problems: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Practices:
    """Returns what deals that came to the outcome had done before the landmark, and others had not.

    `document` is the one that `playbook` was read from. Raises `InputError` where the playbook has
    no stage to look at.
    """
    return learn(
        playbook,
        document,
        history,
        wanted=wanted,
        people=people,
        as_of=as_of,
        problems=problems,
        progress=progress,
    ).result


def learn(
    playbook: Playbook,
    document: Document,
    history: History,
    *,
    wanted: Practising,
    people: People | None = None,
    as_of: int,
    share: float = 1.0,
    named: Collection[str] = (),
    problems: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Learnt:
    """Returns the same from a share of the deals, drawn by their ids, and which of those that are
    named did what was found."""
    minimum = (playbook.numbers or Numbers()).coaching.minimum
    studied = practising(playbook, wanted)
    study = Study(
        playbook,
        document,
        studied=studied,
        wanted=wanted,
        people=people,
        as_of=as_of,
        minimum=minimum,
        share=share,
        named=named,
    )
    study.run(history, progress)
    learner = _Learner(study, minimum)
    found = tuple(learner.found())
    result = Practices(
        basis=Basis.of(
            playbook,
            as_of=as_of,
            deals=study.deals,
            events=study.events,
            left_out=study.left_out,
            problems=problems + study.problems,
        ),
        outcome=studied.outcome or "won",
        landmark=studied.landmark,
        reached=study.reached,
        undecided=study.undecided,
        decided=len(study.decided),
        well=sum(deal.well for deal in study.decided),
        tried=learner.tried,
        promising=learner.promising,
        found=found,
        alike=tuple(learner.alike()),
        margin=_MARGIN,
    )
    return Learnt(result, learner.did())


class _Tried(Record):
    """A candidate that had enough deals on both sides, and what the first half says of it."""

    place: int
    done: bytes
    learnt: Effect


class _Learner:
    def __init__(self, study: Study, minimum: int) -> None:
        self._study = study
        self._minimum = minimum
        self._strata = study.strata()
        self._well = [deal.well for deal in study.decided]
        self._halves = [deal.half for deal in study.decided]
        self._reps = [deal.rep for deal in study.decided]
        self._of_half = [deal.of_half for deal in study.decided]
        self._names = {sequence.id for sequence in study.playbook.sequence}
        self._shown: dict[str, bytes] = {}
        self._thresholds: dict[Hashable, list[Threshold]] = defaultdict(list)
        self.tried = self.promising = 0

    def found(self) -> Iterator[Practice]:
        """Yields what stood the test, that with the surest effect first; of several that the same
        deals did, the one."""
        promising = self._promising()
        self.promising = len(promising)
        again = [(each, self._effect(each.done, self._halves, wanted=True)) for each in promising]
        chances = sieved([effect.chance for _, effect in again])
        sure = [
            (each, effect, chance)
            for (each, effect), chance in zip(again, chances, strict=True)
            if chance <= _SURE and (effect.low or 0.0) > 0
        ]
        shown: list[bytes] = []
        for each, effect, chance in sorted(sure, key=lambda item: -(item[1].low or 0.0)):
            if any(_are_alike(each.done, other) for other in shown):
                continue
            shown.append(each.done)
            yield self._practice(each, effect, chance)

    def _promising(self) -> list[_Tried]:
        """Returns what the first half speaks for: of all that narrows the same thing in the same
        way, the one that it speaks for most."""
        best: dict[Hashable, _Tried] = {}
        for place, candidate in enumerate(self._study.candidates):
            done = bytes(self._study.done(place))
            learnt = self._effect(done, self._halves, wanted=False)
            fewest = max(self._minimum, _RARE * (learnt.done + learnt.left))
            if min(learnt.done, learnt.left) < fewest or learnt.value is None:
                continue
            self.tried += 1
            if candidate.threshold:
                self._thresholds[candidate.alike].append(Threshold(candidate.threshold, learnt))
            found = _Tried(place, done, learnt)
            known = best.get(candidate.alike)
            if learnt.value > 0 and (known is None or learnt.chance < known.learnt.chance):
                best[candidate.alike] = found
        return [each for each in best.values() if each.learnt.chance <= _PROMISING]

    def _effect(
        self, done: Sequence[int], halves: Iterable[bool] | None = None, *, wanted: bool = True
    ) -> Effect:
        """Counts a candidate in one half of the deals, or in all of them."""
        rows: Iterable[tuple[bool, Hashable, int, bool]] = zip(
            halves or [wanted] * len(done), self._strata, done, self._well, strict=True
        )
        counts = Counter(rows)
        return stratified(
            {
                (stratum, bool(did), well): number
                for (half, stratum, did, well), number in counts.items()
                if half == wanted and did != _UNASKED
            }
        )

    def _practice(self, tried: _Tried, confirmed: Effect, chance: float) -> Practice:
        rule, candidate = self._study.rules[tried.place], self._study.candidates[tried.place]
        name = self._name(candidate.name)
        self._shown[name] = tried.done
        halves = [self._effect(tried.done, self._of_half, wanted=each) for each in (True, False)]
        return Practice(
            kind=candidate.look,
            words=rule.info.title,
            rule={"id": name, **candidate.rule, "level": "observe"},
            learnt=tried.learnt,
            confirmed=confirmed,
            chance=chance,
            reps=sum((half.value or 0.0) > 0 for half in halves),
            gap=self._gap(tried.done, confirmed),
            thresholds=tuple(sorted(self._thresholds[candidate.alike], key=_size_of)),
        )

    def _name(self, words: str) -> str:
        """Returns an id for a rule that no other has."""
        name = first = _NO_ID.sub("-", words)[:_LONGEST].strip("-")
        number = 2
        while name in self._names:
            name, number = f"{first}-{number}", number + 1
        self._names.add(name)
        return name

    def did(self) -> Mapping[str, Mapping[str, bool]]:
        """Returns of the deals that are named which practices they did, and which they left."""
        return {
            deal: {
                rule: done[place] == 1
                for rule, done in self._shown.items()
                if done[place] != _UNASKED
            }
            for deal, place in self._study.named.items()
        }

    # The other way round

    def _gap(self, done: Sequence[int], effect: Effect) -> PracticeGap | None:
        """Compares the best quarter of the reps with their middle half; `None` of too few."""
        deals: dict[str, list[int]] = defaultdict(list)
        for place, rep in enumerate(self._reps):
            if rep and done[place] != _UNASKED:
                deals[rep].append(place)
        ranked = sorted(
            (rep for rep, own in deals.items() if len(own) >= self._minimum),
            key=lambda rep: (-sum(self._well[each] for each in deals[rep]) / len(deals[rep]), rep),
        )
        if len(ranked) < _FEWEST_REPS:
            return None
        quarter = len(ranked) // 4
        best = [each for rep in ranked[:quarter] for each in deals[rep]]
        middle = [each for rep in ranked[quarter : len(ranked) - quarter] for each in deals[rep]]
        most, usual = (sum(done[each] for each in own) / len(own) for own in (best, middle))
        gain = max(0.0, most - usual) * max(0.0, effect.value or 0.0) * len(middle)
        return PracticeGap(most, usual, len(middle), gain)

    def alike(self) -> Iterator[NoDifference]:
        """Yields the playbook's own rules of which it is known that they make no difference that
        could matter."""
        for place, rule in enumerate(self._study.own):
            effect = self._effect(self._study.kept(place))
            low, high = effect.low, effect.high
            if low is not None and high is not None and low >= -_MARGIN and high <= _MARGIN:
                yield NoDifference(rule.info.id, effect)


def _size_of(threshold: Threshold) -> int:
    return int(threshold.at.partition(" ")[0])


def _are_alike(one: bytes, other: bytes) -> bool:
    """Returns whether nearly the same deals did two things."""
    both = sum(a == b == 1 for a, b in zip(one, other, strict=True))
    return both >= _ALIKE * max(one.count(1), other.count(1))
