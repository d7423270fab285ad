"""Judges rules that are asked at a moment: at a move, at a matching event, or as of now.

Two things make up a rule: when it is due (`Dues`) and the condition that is asked then; `ask`
combines the answers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Container, Iterable
from functools import cache
from typing import Any

from playgate.conditions.compile import Matches
from playgate.conditions.facts import DealFacts, DueAt, HoldsAt, Moment
from playgate.history.deal import Deal, Waiver
from playgate.judge.answers import Answers
from playgate.judge.governed import Governed
from playgate.judge.passings import is_skipped, passes
from playgate.judge.verdict import JudgeRule, Verdict, combine, met
from playgate.rules.track import Track
from playgate.rules.waiving import Roles

__all__ = [
    "DueOf",
    "Dues",
    "Scope",
    "all_answered",
    "ask",
    "ask_moves",
    "ask_once",
    "at_end_of_audit",
    "at_entries",
    "at_matches",
    "at_passing",
    "has_role",
    "just_before",
    "last_match",
    "never",
    "while_held",
]

Dues = Callable[[Deal, int], Iterable[DueAt]]
"""Yields in order of time when a rule is due; of dues at moves, only those from a given move on."""
DueOf = Callable[[Deal], DueAt | None]
"""Tells when a rule is due that is due at most once; `None` if it is never due."""
_ALL = -1
_new: Any = tuple.__new__  # what a named tuple's own does, without a call in Python


class Scope:
    """Where a rule is judged at all (since when, under which condition, of which deals), and who
    may waive it."""

    __slots__ = ("covers", "governed", "is_always", "may_waive", "starts", "when")

    def __init__(
        self,
        *,
        covers: Callable[[str], bool],
        starts: int | None,
        when: HoldsAt | None,
        governed: Governed | None,
        may_waive: Roles = None,
    ) -> None:
        self.covers = covers
        self.may_waive = may_waive
        self.starts = starts
        self.when = when
        self.governed = governed
        self.is_always = starts is None and when is None and governed is None

    def applies(self, deal: Deal, due: DueAt) -> bool:
        """Whether the rule is in force at the instant, its `when` holds and the deal is governed
        then."""
        if self.starts is not None and self.starts > due.at:
            return False
        if self.governed is not None and not self.governed.when_due(deal, due):
            return False
        return self.when is None or self.when(deal, due.moment)

    def excuses(self, waiver: Waiver, actor: str) -> bool:
        """Whether a waiver is for the rule, by who may waive it, and not of their own event."""
        may = self.may_waive
        if may is not None and (
            may.isdisjoint(waiver.held) or (actor and waiver.approver == actor)
        ):
            return False
        return self.covers(waiver.glob)

    def failed(self, deal: Deal, due: DueAt, starts: tuple[int, ...] = ()) -> Verdict:
        """Returns the verdict where what was asked does not hold: waived or unmet."""
        waiver = None
        if deal.waivers:
            actor = deal.events[due.position].actor if due.position >= 0 else ""
            waiver = deal.waiver(self.excuses, due.moment.facts, actor)
        verdict: Verdict = _new(Verdict, ("waived" if waiver else "unmet", due, waiver, starts))
        return verdict


AtEvents = Callable[[Deal, Container[int]], Verdict | None]
"""Judges a rule only at the events at some positions."""


def ask(scope: Scope, dues: Dues, holds: HoldsAt) -> tuple[JudgeRule, JudgeRule, AtEvents]:
    """Returns a function that asks a rule at each of its dues, one that asks only at the last move,
    and one that asks only at some events."""
    starts, when, governed = scope.starts, scope.when, scope.governed

    def put_together(deal: Deal, found: Iterable[DueAt]) -> Verdict | None:
        first: Verdict | None = None
        waived: Verdict | None = None
        for due in found:
            at, _, moment = due
            if starts is not None and starts > at:
                continue
            if governed is not None and not governed.when_due(deal, due):
                continue
            if when is not None and not when(deal, moment):
                continue
            if holds(deal, moment):
                if first is None:
                    first = met(due)
                continue
            answer = scope.failed(deal, due)
            if answer.verdict == "unmet":
                return answer
            if waived is None:
                waived = answer
        return waived or first

    def judge(deal: Deal) -> Verdict | None:
        return put_together(deal, dues(deal, _ALL))

    def at_last_move(deal: Deal) -> Verdict | None:
        return put_together(deal, dues(deal, len(deal.moves) - 1))

    def at_events(deal: Deal, positions: Container[int]) -> Verdict | None:
        return put_together(deal, [due for due in dues(deal, _ALL) if due.position in positions])

    return judge, at_last_move, at_events


def never(_: Deal) -> Verdict | None:
    """Judges a rule that nobody can be asked to meet."""
    return None


def has_role(roles: frozenset[str]) -> HoldsAt:
    """Returns a function that tells whether who acts at a moment holds one of these roles then."""

    def holds(deal: DealFacts, moment: Moment) -> bool:
        return not roles.isdisjoint(deal.roles(moment.actor, moment.at))

    return holds


def just_before(when: HoldsAt) -> HoldsAt:
    """Returns a function that tells whether a condition holds as of the instants before a
    moment's."""

    def holds(deal: DealFacts, moment: Moment) -> bool:
        at = moment.at - 1
        return when(deal, Moment(at, at, bisect_left(deal.move_at, moment.at), ""))

    return holds


def at_passing(track: Track, stage: str, scope: Scope, *, whole_deal: bool) -> DueOf:
    """Returns a function that gives the move by which the deal passes a stage that applies then, if
    it is governed.

    A rule of the `whole_deal` falls due there even if the stage is optional and was skipped.
    """
    place = track.place.get(stage, len(track.open))
    may_be_skipped = not whole_deal and stage in track.optional
    when, governed = scope.when, scope.governed

    def due_of(deal: Deal) -> DueAt | None:
        found = passes(track, deal)
        if place >= len(found) or (may_be_skipped and is_skipped(track, deal, stage)):
            return None
        due = deal.due_at(found[place])
        if governed is not None and not governed.when_due(deal, due):
            return None
        return due if when is None or when(deal, due.moment) else None

    return due_of


def ask_once(scope: Scope, due_of: DueOf, holds: HoldsAt) -> tuple[JudgeRule, JudgeRule]:
    """Returns a function that asks a rule once, and one that does so only if due at the last
    move."""
    starts = scope.starts

    def judge(deal: Deal) -> Verdict | None:
        due = due_of(deal)
        if due is None or (starts is not None and starts > due.at):
            return None
        return met(due) if holds(deal, due.moment) else scope.failed(deal, due)

    def at_last_move(deal: Deal) -> Verdict | None:
        due = due_of(deal)
        return judge(deal) if due is not None and due.position == deal.moves[-1] else None

    return judge, at_last_move


def at_entries(track: Track, stage: str) -> Dues:
    """Returns a function that makes a rule due at each move into the stage."""

    def dues(deal: Deal, first: int) -> Iterable[DueAt]:
        if stage not in deal.first_entry or is_skipped(track, deal, stage):
            return ()
        return [
            deal.due_at(move)
            for move in range(max(first, deal.first_entry[stage]), len(deal.moves))
            if deal.move_into[move] == stage
        ]

    return dues


def while_held(track: Track, stage: str) -> Dues:
    """Returns a function that makes a rule due while the stage's conditions must hold.

    That is at each move after the first entry, except into a lost stage, and as of now while open.
    """

    def dues(deal: Deal, first: int) -> Iterable[DueAt]:
        entry = deal.first_entry.get(stage)
        if entry is None or is_skipped(track, deal, stage):
            return
        for move in range(max(first, entry + 1), len(deal.moves)):
            if deal.move_into[move] not in track.lost:
                yield deal.due_at(move)
        if first == _ALL and deal.is_open:
            yield DueAt(deal.as_of, -1, deal.instant_moment(deal.as_of))

    return dues


def ask_moves(scope: Scope, asks: Callable[[str, str], bool]) -> tuple[JudgeRule, JudgeRule]:
    """Returns functions that judge by the stages left and entered: all moves but the first, or
    only the last."""
    good = cache(asks)

    def judge(deal: Deal) -> Verdict | None:
        into = deal.move_into
        answers: list[Verdict] = []
        for move in range(1, len(into)):
            is_good = good(into[move - 1], into[move])
            if is_good and answers:
                continue
            due = deal.due_at(move)
            if scope.applies(deal, due):
                answers.append(met(due) if is_good else scope.failed(deal, due))
        return combine(answers)

    def at_last_move(deal: Deal) -> Verdict | None:
        into = deal.move_into
        if len(into) < 2:
            return None
        due = deal.due_at(len(into) - 1)
        if not (scope.is_always or scope.applies(deal, due)):
            return None
        return met(due) if good(into[-2], into[-1]) else scope.failed(deal, due)

    return judge, at_last_move


def at_matches(matches: Matches, *, first_only: bool) -> Dues:
    """Returns a function that makes a rule due when each event (or the first) of a pattern takes
    effect."""

    def dues(deal: Deal, first: int) -> Iterable[DueAt]:
        effective, as_of = deal.effective, deal.as_of
        found = [position for position in matches(deal) if effective[position] <= as_of]
        if first_only:
            found = found[:1]
        if first != _ALL:
            found = [position for position in found if position in deal.moves[first:]]
        elif len(found) > 1:
            found.sort(key=effective.__getitem__)
        return [
            _new(DueAt, (effective[position], position, deal.event_moment(position, grace=True)))
            for position in found
        ]

    return dues


def at_end_of_audit(matches: Matches) -> Dues:
    """Returns a function that makes a rule due as of now if the deal has an event of a pattern."""

    def dues(deal: Deal, first: int) -> Iterable[DueAt]:
        if first == _ALL and any(
            deal.effective[position] <= deal.as_of for position in matches(deal)
        ):
            return (DueAt(deal.as_of, -1, deal.instant_moment(deal.as_of)),)
        return ()

    return dues


def last_match(matches: Matches, *, first_only: bool) -> Callable[[Deal], int]:
    """Returns a function that tells when the last event of a pattern (or the first) took effect."""

    def last(deal: Deal) -> int:
        effective, as_of = deal.effective, deal.as_of
        found = [effective[each] for each in matches(deal) if effective[each] <= as_of]
        return found[0] if first_only else max(found)

    return last


def all_answered(matches: Matches, answers: Answers, *, first_only: bool, later: bool) -> HoldsAt:
    """Returns a function that tells whether each match (or the first) is answered anywhere in a
    deal, or `later` in order."""

    def holds(deal: DealFacts, moment: Moment) -> bool:
        assert isinstance(deal, Deal)  # noqa: S101  (the judge asks of whole deals)
        found = [p for p in matches(deal) if deal.effective[p] <= moment.facts]
        if first_only:
            found = found[:1]
        elif not answers.by_actor:  # what answers the last answers all, or the first if anywhere
            found = found[-1:] if later else found[:1]
        return all(
            answers.first(deal, match if later else -1, deal.events[match].actor) is not None
            for match in found
        )

    return holds
