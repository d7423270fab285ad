"""The messages of a rule's findings, composed of texts that stay and words of each deal.

They are in the language that is spoken when the rule is first found unmet.
"""

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
from playgate.language import say
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
            "move": self._move,
            "when": self._when,
            "seen": self._seen,
            "but": self._but,
            "actor": self._actor,
            "roles": self._roles,
            "where": say("later in the deal") if _is_later(ask) else say("in the whole deal"),
        }
        """The words that messages in `rules/families.py` may use."""
        self._pieces = list(_pieces(say(rule.rule.row.unmet), words))
        self._named = {
            "move": say("the move {out_of} → {into}"),
            "start": say("the start in {into}"),
            "at move": say("at the move {out_of} → {into}"),
            "at start": say("at the start in {into}"),
            "at": say("at {instant}"),
            "but": say("; {said}"),
            "late": say("done in time, but logged too late to count"),
            "nobody": say("nobody named"),
            "no role": say("no known role"),
        }

    def message(self, told: Told) -> str:
        """Returns the message of a finding."""
        return "".join([piece if isinstance(piece, str) else piece(told) for piece in self._pieces])

    def _at(self, told: Told) -> str:
        return show_instant(told.verdict.due.at, self._zone)

    def _when(self, told: Told) -> str:
        if not told.to_stage:
            return self._named["at"].format(instant=self._at(told))
        return self._moved("at move" if told.from_stage else "at start", told)

    def _move(self, told: Told) -> str:
        return self._moved("move" if told.from_stage else "start", told)

    def _moved(self, name: str, told: Told) -> str:
        return self._named[name].format(out_of=told.from_stage, into=told.to_stage)

    def _actor(self, told: Told) -> str:
        return _done_by(told) or self._named["nobody"]

    def _roles(self, told: Told) -> str:
        held = told.deal.roles(_done_by(told), told.verdict.due.at)
        return ", ".join(sorted(held)) or self._named["no role"]

    def _seen(self, told: Told) -> str:
        """Says what the history showed in place of what was asked."""
        if told.cause == "logged-late":
            return self._named["late"]
        return self._sight.of(told.deal, told.verdict.due.moment)

    def _but(self, told: Told) -> str:
        """Says of what was done in place of an answer how it was."""
        said = self._near.of(told.deal, told.verdict.due.moment, after=self._first_start(told))
        return self._named["but"].format(said=said) if said else ""

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


def _done_by(told: Told) -> str:
    return told.deal.events[told.verdict.due.position].actor


def _is_later(ask: Ask) -> bool:
    return isinstance(ask, Answered) and ask.later
