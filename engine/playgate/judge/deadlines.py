"""Rules with a deadline: met when fulfilled by it, unmet at it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import compress
from operator import itemgetter, sub
from typing import Any

from playgate.conditions.compile import Counter, Matches
from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.facts import Due, Moment
from playgate.history.deal import Deal
from playgate.judge.answers import Answers
from playgate.judge.moments import Scope
from playgate.judge.track import Track
from playgate.judge.verdict import JudgeRule, Verdict, combine, met

__all__ = [
    "after",
    "age",
    "first_entry",
    "first_event",
    "gaps",
    "has_passed",
    "idle",
    "silence_ends",
    "time_limit",
    "within",
]

_STEPS = frozenset(("stage", "activity"))
_new: Any = tuple.__new__
_is_step = _STEPS.__contains__
_KIND = itemgetter(2)

Shift = Callable[[int], int]
"""From the start to the deadline."""


def _met(at: int) -> Verdict:
    return met(_new(Due, (at, -1, _new(Moment, (at, at, 0, "")))))  # nobody asks what was seen


def _missed(scope: Scope, deal: Deal, deadline: int, start: int) -> Verdict:
    due = Due(deadline, -1, deal.instant_moment(deadline))
    return scope.failed(deal, due, (start,))


def _applies_at_move(scope: Scope, deal: Deal, move: int) -> bool:
    if scope.is_always:
        return True
    at, position = deal.move_at[move], deal.moves[move]
    return scope.applies(deal, Due(at, position, deal.plain_move_moment(move)))


def within(
    scope: Scope, track: Track, stage: str, counter: Counter, length: Duration, calendar: Calendar
) -> JudgeRule:
    """`S/within/A`: enough activities so long after the stage was first entered."""
    shift = length.after(calendar)

    def judge(deal: Deal) -> Verdict | None:
        entry = deal.first_entry.get(stage)
        if entry is None or track.is_skipped(deal, stage):
            return None
        if not _applies_at_move(scope, deal, entry):
            return None
        start, as_of = deal.move_at[entry], deal.as_of
        # Of a stage entered just now the deadline lies ahead, and stepping business days is dear.
        deadline = as_of + 1 if start == as_of and length.amount else shift(start)
        by = min(deadline, as_of)
        instants = counter.instants_by(deal, Moment(by, by, len(deal.moves), ""))
        if len(instants) >= counter.times and instants[counter.times - 1] <= by:
            return _met(max(instants[counter.times - 1], start))
        if deadline > as_of:
            return None
        passing = track.passing(deal, stage)
        passed = passing >= 0 and deal.move_at[passing] < deadline
        if passed or deal.is_ended_before(deadline):
            return None
        return _missed(scope, deal, deadline, deal.moves[entry])

    return judge


def time_limit(scope: Scope, track: Track, stage: str, shift: Shift) -> JudgeRule:
    """`S/time`: each visit is left by its deadline."""
    may_be_skipped = stage in track.optional

    def judge(deal: Deal) -> Verdict | None:
        first = deal.first_entry.get(stage)
        if first is None or (may_be_skipped and track.is_skipped(deal, stage)):
            return None
        move_at, last = deal.move_at, len(deal.moves) - 1
        met_at: int | None = None
        missed = []
        for move in range(first, last + 1):
            if deal.move_into[move] != stage or not _applies_at_move(scope, deal, move):
                continue
            deadline = shift(move_at[move])
            if move < last and move_at[move + 1] <= deadline:
                met_at = move_at[move + 1] if met_at is None else met_at
            elif deadline <= deal.as_of:
                missed.append(_missed(scope, deal, deadline, deal.moves[move]))
        if missed or met_at is None:
            return combine(missed)
        return _met(met_at)

    return judge


def after(
    scope: Scope, matches: Matches, answers: Answers, shift: Shift | None, *, first_only: bool
) -> Callable[[Deal], list[Verdict]]:
    """`sequence/ID` with `after`: each match is answered by its deadline or the deal's end."""

    def each(deal: Deal) -> list[Verdict]:
        found = [p for p in matches(deal) if deal.effective[p] <= deal.as_of]
        verdicts = []
        for match in found[:1] if first_only else found:
            at = deal.effective[match]
            if not scope.is_always:
                start = Due(at, match, deal.event_moment(match, grace=False))
                if not scope.applies(deal, start):
                    continue
            deadline = shift(at) if shift else _next_end(deal, match)
            if deadline is None:
                continue
            verdict = _by_deadline(scope, answers, deal, match, deadline)
            if verdict is not None:
                verdicts.append(verdict)
        return verdicts

    return each


def _by_deadline(
    scope: Scope, answers: Answers, deal: Deal, match: int, deadline: int
) -> Verdict | None:
    actor = deal.events[match].actor
    answered = answers.first(deal, match, actor, until=min(deadline, deal.as_of))
    if answered is not None:
        at = max(answered, deal.effective[match])
        return _met(at)
    if deadline > deal.as_of or deal.is_ended_before(deadline):
        return None
    return _missed(scope, deal, deadline, match)


def _next_end(deal: Deal, match: int) -> int | None:
    """Without `within` the next move that ends the deal is the deadline."""
    for move, position in enumerate(deal.moves):
        if (
            position > match
            and deal.move_at[move] >= deal.effective[match]
            and deal.move_into[move] in deal.ending
        ):
            return deal.move_at[move]
    return None


def gaps(deal: Deal) -> list[tuple[int, int, int | None]]:
    """Each activity or move that leaves the deal open: position, instant, and the next one's."""
    as_of = deal.as_of
    steps = sorted(
        (effective, position)
        for position, (effective, event) in enumerate(zip(deal.effective, deal.events, strict=True))
        if event[2] in _STEPS and effective <= as_of
    )
    found: list[tuple[int, int, int | None]] = []
    opened: tuple[int, int] | None = None
    for at, position in steps:
        if opened is not None:
            found.append((opened[1], opened[0], at))
        event = deal.events[position]
        if event.kind == "activity":
            opened = (at, position) if opened is not None else None
        else:
            opened = None if event.name in deal.ending else (at, position)
    if opened is not None:
        found.append((opened[1], opened[0], None))
    return found


def idle(scope: Scope, length: Duration, calendar: Calendar) -> JudgeRule:
    """`limit/idle`: an open deal sees another activity or move in time."""
    shift, elapsed = length.after(calendar), length.elapsed

    def judge(deal: Deal) -> Verdict | None:
        if elapsed is not None and scope.starts is None:
            steps = _plain_steps(deal)
            if steps and _widest(deal, steps) < elapsed:
                return _met(steps[1]) if len(steps) > 1 else None
        met_at: int | None = None
        missed = []
        for position, at, following in gaps(deal):
            if scope.starts is not None and scope.starts > at:
                continue
            deadline = shift(at)
            if following is not None and following <= deadline:
                met_at = following if met_at is None else met_at
            elif deadline <= deal.as_of:
                missed.append(_missed(scope, deal, deadline, position))
        if missed or met_at is None:
            return combine(missed)
        return _met(met_at)

    return judge


def has_passed(length: Duration, start: Callable[[Deal], int | None]) -> Callable[[Deal], bool]:
    """Whether a deadline may have passed by as of, so long after a start that comes before all."""
    shortest = length.elapsed or min(length.amount, 1)  # business days end after they began

    def passed(deal: Deal) -> bool:
        begun = start(deal)
        return begun is not None and begun + shortest <= deal.as_of

    return passed


def first_entry(stage: str) -> Callable[[Deal], int | None]:
    """When a deal entered the stage."""

    def start(deal: Deal) -> int | None:
        entry = deal.first_entry.get(stage)
        return None if entry is None else deal.move_at[entry]

    return start


def first_event(deal: Deal) -> int | None:
    """When a deal began."""
    return deal.happened[0] if deal.happened else None


def silence_ends(length: Duration, calendar: Calendar) -> Callable[[Deal], bool]:
    """Whether as of now, when the deal moves, a silence may end that was too long."""
    shift = length.after(calendar)

    def ends(deal: Deal) -> bool:
        as_of = deal.as_of
        if deal.effective is not deal.happened or not length.amount:
            return True  # something was logged late: the judge will tell
        for position in range(deal.moves[-1] - 1, -1, -1):
            if deal.happened[position] < as_of and deal.events[position][2] in _STEPS:
                return shift(deal.happened[position]) <= as_of
        return False

    return ends


def _plain_steps(deal: Deal) -> list[int]:
    """The instants of what opened the deal and of all steps until its end, where it has one.

    None of a deal of an unusual course: something was logged late, or it went on after an end.
    """
    if deal.effective is not deal.happened or not deal.moves:
        return []
    if not deal.ending.isdisjoint(deal.move_into[:-1]):
        return []
    span = slice(deal.moves[0], None if deal.is_open else deal.moves[-1] + 1)
    return list(compress(deal.happened[span], map(_is_step, map(_KIND, deal.events[span]))))


def _widest(deal: Deal, steps: list[int]) -> int:
    """The longest time between steps; of an open deal that since the last one, too."""
    later = [*steps[1:], deal.as_of] if deal.is_open else steps[1:]
    return max(map(sub, later, steps), default=0)


def age(scope: Scope, shift: Shift) -> JudgeRule:
    """`limit/age`: the deal has ended so long after its first event."""

    def judge(deal: Deal) -> Verdict | None:
        if not deal.events:
            return None
        start = deal.happened[0]
        if scope.starts is not None and scope.starts > start:
            return None
        deadline = shift(start)
        ended = deal.first_end(start, min(deadline, deal.as_of))
        if ended is not None:
            return _met(ended)
        if deadline > deal.as_of:
            return None
        return _missed(scope, deal, deadline, 0)

    return judge
