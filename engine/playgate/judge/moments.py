"""Rules that are asked at a moment: at a move, at a matching event, or as of now.

A rule is made of when it is due (`Dues`) and the condition that is asked then; `ask` puts the
answers together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from playgate.conditions.compile import Matches
from playgate.conditions.facts import DealFacts, Holds, Moment
from playgate.history.deal import Deal
from playgate.judge.answers import Answers
from playgate.judge.track import Track
from playgate.judge.verdict import Due, JudgeRule, Verdict, combine

__all__ = [
    "Dues",
    "Scope",
    "answered_anywhere",
    "ask",
    "ask_at_passing",
    "ask_moves",
    "at_end_of_audit",
    "at_entries",
    "at_matches",
    "while_held",
]

Dues = Callable[[Deal], Iterable[Due]]
"""When a rule is due, in order of time."""
_DUES = -2
"""The key of a deal's cache under which the dues of its moves stand."""


class Scope:
    """What lets a rule be judged at all: in force, its stage applies, and who may waive it."""

    __slots__ = ("covers", "starts", "when")

    def __init__(
        self, *, covers: Callable[[str], bool], starts: int | None, when: Holds | None
    ) -> None:
        self.covers = covers
        self.starts = starts
        self.when = when

    def applies(self, deal: Deal, due: Due) -> bool:
        """Whether the rule is in force at the instant, and its `when` holds then."""
        if self.starts is not None and self.starts > due.at:
            return False
        return self.when is None or self.when(deal, due.moment)

    def failed(self, deal: Deal, due: Due, starts: tuple[int, ...] = ()) -> Verdict:
        """The verdict where what was asked does not hold: waived or unmet."""
        waiver = None
        if deal.waivers:
            actor = deal.events[due.position].actor if due.position >= 0 else ""
            waiver = deal.waiver(self.covers, due.moment, actor)
        return Verdict("waived" if waiver else "unmet", due, waiver, starts)


def ask(scope: Scope, dues: Dues, holds: Holds) -> tuple[JudgeRule, JudgeRule]:
    """A rule that is asked at each of its dues; and the same, asked only at the last move."""
    starts, when = scope.starts, scope.when

    def put_together(deal: Deal, found: Iterable[Due]) -> Verdict | None:
        met: Verdict | None = None
        waived: Verdict | None = None
        for due in found:
            at, _, moment = due
            if starts is not None and starts > at:
                continue
            if when is not None and not when(deal, moment):
                continue
            if holds(deal, moment):
                if met is None:
                    met = Verdict("met", due)
                continue
            answer = scope.failed(deal, due)
            if answer.verdict == "unmet":
                return answer
            if waived is None:
                waived = answer
        return waived or met

    def judge(deal: Deal) -> Verdict | None:
        return put_together(deal, dues(deal))

    def at_last_move(deal: Deal) -> Verdict | None:
        position = deal.moves[-1]
        return put_together(deal, [due for due in dues(deal) if due.position == position])

    return judge, at_last_move


def _at_move(deal: Deal, move: int) -> Due:
    """The due at a move, made once for all rules."""
    known: dict[int, Due] | None = deal.cache.get(_DUES)
    if known is None:
        known = deal.cache[_DUES] = {}
    due = known.get(move)
    if due is None:
        due = known[move] = Due(deal.move_at[move], deal.moves[move], deal.move_moment(move))
    return due


def ask_at_passing(
    scope: Scope, track: Track, stage: str, holds: Holds, *, whole_deal: bool = False
) -> tuple[JudgeRule, JudgeRule]:
    """A rule that is asked once: at the move by which the deal passes the stage.

    A rule of the `whole_deal` falls due there even where the stage is optional and was skipped.
    """
    starts, when = scope.starts, scope.when
    place = track.place.get(stage, len(track.open))
    may_be_skipped = not whole_deal and stage in track.optional

    def judge(deal: Deal) -> Verdict | None:
        passes = track.passes(deal)
        if place >= len(passes) or (may_be_skipped and track.is_skipped(deal, stage)):
            return None
        due = _at_move(deal, passes[place])
        at, _, moment = due
        if starts is not None and starts > at:
            return None
        if when is not None and not when(deal, moment):
            return None
        return Verdict("met", due) if holds(deal, moment) else scope.failed(deal, due)

    def at_last_move(deal: Deal) -> Verdict | None:
        passes = track.passes(deal)
        is_last = place < len(passes) and passes[place] == len(deal.moves) - 1
        return judge(deal) if is_last else None

    return judge, at_last_move


def at_entries(track: Track, stage: str) -> Dues:
    """At each move into the stage."""

    def dues(deal: Deal) -> Iterable[Due]:
        if stage not in deal.first_entry or track.is_skipped(deal, stage):
            return ()
        return (
            _at_move(deal, move)
            for move in range(deal.first_entry[stage], len(deal.moves))
            if deal.move_into[move] == stage
        )

    return dues


def while_held(track: Track, stage: str) -> Dues:
    """At each move after the stage was entered, bar those into a lost stage; as of, while open."""

    def dues(deal: Deal) -> Iterable[Due]:
        entry = deal.first_entry.get(stage)
        if entry is None or track.is_skipped(deal, stage):
            return
        for move in range(entry + 1, len(deal.moves)):
            if deal.move_into[move] not in track.lost:
                yield _at_move(deal, move)
        if deal.is_open:
            yield Due(deal.as_of, -1, deal.instant_moment(deal.as_of))

    return dues


def ask_moves(scope: Scope, asks: Callable[[str, str], bool]) -> tuple[JudgeRule, JudgeRule]:
    """A rule that is asked, at each move but the first, of the stage left and the one entered."""
    good = cache(asks)

    def put_together(deal: Deal, first: int) -> Verdict | None:
        into = deal.move_into
        answers: list[Verdict] = []
        for move in range(first, len(into)):
            is_good = good(into[move - 1], into[move])
            if is_good and answers:
                continue
            due = _at_move(deal, move)
            if scope.applies(deal, due):
                answers.append(Verdict("met", due) if is_good else scope.failed(deal, due))
        return combine(answers)

    def judge(deal: Deal) -> Verdict | None:
        return put_together(deal, 1)

    def at_last_move(deal: Deal) -> Verdict | None:
        return put_together(deal, max(1, len(deal.moves) - 1))

    return judge, at_last_move


def at_matches(matches: Matches, *, first_only: bool) -> Dues:
    """At each event of a pattern (or the first in order), when it is effective."""

    def dues(deal: Deal) -> Iterable[Due]:
        effective, as_of = deal.effective, deal.as_of
        found = [position for position in matches(deal) if effective[position] <= as_of]
        if first_only:
            found = found[:1]
        if len(found) > 1:
            found.sort(key=effective.__getitem__)
        return (
            Due(effective[position], position, deal.event_moment(position, grace=True))
            for position in found
        )

    return dues


def at_end_of_audit(matches: Matches) -> Dues:
    """As of, where there is an event of a pattern."""

    def dues(deal: Deal) -> Iterable[Due]:
        if any(deal.effective[position] <= deal.as_of for position in matches(deal)):
            return (Due(deal.as_of, -1, deal.instant_moment(deal.as_of)),)
        return ()

    return dues


def answered_anywhere(matches: Matches, answers: Answers, *, first_only: bool) -> Holds:
    """Whether each match (or the first) has an answer anywhere in the deal."""

    def holds(deal: DealFacts, moment: Moment) -> bool:
        assert isinstance(deal, Deal)  # noqa: S101  (the judge asks of whole deals)
        found = [p for p in matches(deal) if deal.effective[p] <= moment.facts]
        if not answers.by_actor:
            found = found[:1]
        return all(
            answers.first(deal, -1, deal.events[match].actor) is not None
            for match in (found[:1] if first_only else found)
        )

    return holds
