"""What an audit finds while deals stream by: all is counted, and put into words as far as wanted.

People are shown the first findings and how many there are of each kind; what no format shows is
never worded.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from playgate.audit.findings_store import FindingStore
from playgate.audit.summary import DEALS, WAIVERS, ProblemKind, Summary
from playgate.findings import Cause, Finding, RuleInfo, State
from playgate.history.deal import Deal
from playgate.judge.after_verdict import cause_of, state_of
from playgate.judge.explain import Explainer
from playgate.judge.judge import Judge
from playgate.judge.verdict import Verdict

__all__ = ["Found", "Shown", "Unworded"]

_Rank = TypeVar("_Rank", bound=tuple[object, ...])
_Worded = TypeVar("_Worded")


class Unworded(NamedTuple):
    """A finding that is put into words when somebody asks."""

    rule: int
    """The place of its rule."""
    due_at: int
    state: State
    cause: Cause | None
    word: Callable[[], Finding]


class Found:
    """Takes what is found in deals: every finding is worded, or only those that are `shown`."""

    def __init__(self, judge: Judge, *, shown: bool) -> None:
        self._rules = judge.rules
        self._explainer = Explainer(judge)
        infos = [rule.rule.info for rule in judge.rules]
        self.shown = Shown(infos)
        self.store = None if shown else FindingStore(infos)
        """All findings, where they are wanted."""

    def take(self, deal: Deal, failed: Sequence[tuple[int, Verdict]]) -> None:
        """Takes the unmet and waived verdicts of a deal, each with the place of its rule."""
        if failed:
            of = self._unworded if self.store is None else self._worded
            self.shown.take(deal.id, [of(deal, *each) for each in failed])

    def _unworded(self, deal: Deal, place: int, verdict: Verdict) -> Unworded:
        rule = self._rules[place]
        state = state_of(rule, deal, verdict)
        cause = None if state == "waived" else cause_of(rule, deal, verdict)
        word = partial(self._explainer.finding, rule, deal, verdict)
        return Unworded(place, verdict.due.at, state, cause, word)

    def _worded(self, deal: Deal, place: int, verdict: Verdict) -> Unworded:
        assert self.store is not None  # noqa: S101  (the caller asked)
        finding = self._explainer.finding(self._rules[place], deal, verdict)
        self.store.add(finding)
        return Unworded(place, finding.due_at, finding.state, finding.cause, lambda: finding)

    def ordered(self) -> Collection[Finding] | None:
        """Returns all findings in order, or `None` where only some are worded."""
        return None if self.store is None else self.store.ordered()


class Shown:
    """Counts findings deal by deal, and words those that people are shown."""

    def __init__(self, rules: Sequence[RuleInfo]) -> None:
        self._rules = rules
        self._is_block = [rule.level == "block" for rule in rules]
        self._counts: dict[tuple[int, State, Cause | None], int] = {}
        self._open_deals = 0
        self._worst: list[tuple[tuple[int, int, str], tuple[Finding, ...]]] = []
        self._waived: list[tuple[tuple[int, str, int], Finding]] = []

    def take(self, deal: str, found: Iterable[Unworded]) -> None:
        """Takes all that was found in a deal."""
        opened: list[Unworded] = []
        for each in found:
            kind = (each.rule, each.state, each.cause)
            self._counts[kind] = self._counts.get(kind, 0) + 1
            if each.state == "waived":
                rank = (each.due_at, deal, each.rule)
                _keep(self._waived, WAIVERS, rank, each.word)
            elif each.state == "open" and self._rules[each.rule].level != "observe":
                opened.append(each)
        if opened:
            self._open_deals += 1
            blocks = sum([self._is_block[each.rule] for each in opened])
            _keep(self._worst, DEALS, (-blocks, -len(opened), deal), partial(_words, opened))

    def absorb(self, other: Shown) -> None:
        """Adds what was found in other deals."""
        for kind, times in other._counts.items():
            self._counts[kind] = self._counts.get(kind, 0) + times
        self._open_deals += other._open_deals
        for worst, findings in other._worst:
            _keep(self._worst, DEALS, worst, partial(_same, findings))
        for first, finding in other._waived:
            _keep(self._waived, WAIVERS, first, partial(_same, finding))

    def summary(self, problems: tuple[ProblemKind, ...]) -> Summary:
        """Returns what people are shown of it, and of the problems."""
        return Summary(
            {
                (self._rules[rule], state, cause): times
                for (rule, state, cause), times in self._counts.items()
            },
            self._open_deals,
            {deal: findings for (_, _, deal), findings in self._worst},
            tuple(finding for _, finding in self._waived),
            problems,
        )


def _same(worded: _Worded) -> _Worded:
    return worded


def _words(found: list[Unworded]) -> tuple[Finding, ...]:
    return tuple(each.word() for each in sorted(found, key=lambda each: (each.due_at, each.rule)))


def _keep(
    kept: list[tuple[_Rank, _Worded]], limit: int, rank: _Rank, word: Callable[[], _Worded]
) -> None:
    """Puts what has a rank of its own in its place, unless there are enough before it."""
    if len(kept) < limit or rank < kept[-1][0]:
        insort(kept, (rank, word()))
        del kept[limit:]
