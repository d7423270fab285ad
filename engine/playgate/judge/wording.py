"""The messages of a rule's findings, composed of texts that stay and words of each deal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from string import Formatter
from typing import NamedTuple

from playgate.conditions import tree
from playgate.conditions.instants import show_instant
from playgate.findings import Cause
from playgate.history.deal import Deal
from playgate.judge.judge import CompiledRule, Judge
from playgate.judge.seen import NearAnswers, Sight
from playgate.judge.verdict import Verdict
from playgate.rules.asks import Answered, Ask, answers_of
from playgate.rules.due import patterns_of

__all__ = ["Told", "Wording"]


class Told(NamedTuple):
    """What a message tells of."""

    deal: Deal
    verdict: Verdict
    cause: Cause | None
    from_stage: str
    to_stage: str


class Wording:
    """Words the findings of one rule; `parts` are those of the condition that it asks."""

    def __init__(self, judge: Judge, rule: CompiledRule, parts: tuple[tree.Condition, ...]) -> None:
        ask, info = rule.rule.ask, rule.rule.info
        self._zone = judge.playbook.zone
        self._sight = Sight(judge, parts, info.stage, is_said=not rule.rule.is_titled)
        self._near = NearAnswers(judge, answers_of(ask))
        self._starts = judge.pattern(patterns_of(rule.rule.due)) if _is_later(ask) else None
        words: dict[str, str | Callable[[Told], str]] = {
            "title": info.title,
            "stage": info.stage,
            "at": self._at,
            "move": _move,
            "when": self._when,
            "seen": self._seen,
            "but": self._but,
            "actor": _actor,
            "roles": _roles,
            "where": "later in the deal" if _is_later(ask) else "in the whole deal",
        }
        """The words that messages in `rules/families.py` may use."""
        self._pieces = list(_pieces(rule.rule.row.unmet, words))

    def message(self, told: Told) -> str:
        """Returns the message of a finding."""
        return "".join([piece if isinstance(piece, str) else piece(told) for piece in self._pieces])

    def _at(self, told: Told) -> str:
        return show_instant(told.verdict.due.at, self._zone)

    def _when(self, told: Told) -> str:
        return f"at {_move(told) if told.to_stage else self._at(told)}"

    def _seen(self, told: Told) -> str:
        """Says what the history showed in place of what was asked."""
        if told.cause == "logged-late":
            return "done in time, but logged too late to count"
        return self._sight.of(told.deal, told.verdict.due.moment)

    def _but(self, told: Told) -> str:
        """Says of what was done in place of an answer how it was."""
        said = self._near.of(told.deal, told.verdict.due.moment, after=self._first_start(told))
        return f"; {said}" if said else ""

    def _first_start(self, told: Told) -> int:
        """Returns the position of the first event that an answer must come later than; -1 where it
        may come anywhere."""
        deal, verdict = told.deal, told.verdict
        if self._starts is None:
            return -1
        if verdict.starts:
            return min(verdict.starts)
        until = verdict.due.moment.facts
        return min((p for p in self._starts(deal) if deal.effective[p] <= until), default=-1)


def _pieces(
    text: str, words: dict[str, str | Callable[[Told], str]]
) -> Iterator[str | Callable[[Told], str]]:
    """Yields what a message is made of: text, and what gives a word of it."""
    for before, word, _, _ in Formatter().parse(text):
        yield before
        if word is not None:
            yield words[word]


def _move(told: Told) -> str:
    if told.from_stage:
        return f"the move {told.from_stage} → {told.to_stage}"
    return f"the start in {told.to_stage}"


def _actor(told: Told) -> str:
    return told.deal.events[told.verdict.due.position].actor or "nobody named"


def _roles(told: Told) -> str:
    held = told.deal.roles(_actor(told), told.verdict.due.at)
    return ", ".join(sorted(held)) or "no known role"


def _is_later(ask: Ask) -> bool:
    return isinstance(ask, Answered) and ask.later
