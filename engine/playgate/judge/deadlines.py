"""Rules with a deadline: met when fulfilled by it, unmet at it."""

from __future__ import annotations

from collections.abc import Callable

from playgate.conditions.compile import Counter, Matches
from playgate.conditions.facts import Moment
from playgate.history.deal import Deal
from playgate.judge.answers import Answers
from playgate.judge.moments import Scope
from playgate.judge.track import Track
from playgate.judge.verdict import Due, JudgeRule, Verdict, combine

__all__ = ["after", "age", "gaps", "idle", "time_limit", "within"]

_STEPS = frozenset(("stage", "activity"))

Shift = Callable[[int], int]
"""From the start to the deadline."""


def _met(at: int, moment: Moment) -> Verdict:
    return Verdict("met", Due(at, -1, moment))


def _missed(scope: Scope, deal: Deal, deadline: int, start: int) -> Verdict:
    due = Due(deadline, -1, deal.instant_moment(deadline))
    return scope.failed(deal, due, (start,))


def within(scope: Scope, track: Track, stage: str, counter: Counter, shift: Shift) -> JudgeRule:
    """`S/within/A`: enough activities so long after the stage was first entered."""

    def judge(deal: Deal) -> Verdict | None:
        entry = deal.first_entry.get(stage)
        if entry is None or track.is_skipped(deal, stage):
            return None
        start = Due(deal.move_at[entry], deal.moves[entry], deal.plain_move_moment(entry))
        if not scope.applies(deal, start):
            return None
        deadline = shift(start.at)
        by = min(deadline, deal.as_of)
        counted = counter.counted(deal, Moment(by, by, len(deal.moves), ""))
        if len(counted) >= counter.times:
            nth = sorted(deal.effective[position] for position in counted)[counter.times - 1]
            at = max(nth, start.at)
            return _met(at, deal.instant_moment(at))
        passing = track.passing(deal, stage)
        passed = passing >= 0 and deal.move_at[passing] < deadline
        if deadline > deal.as_of or passed or deal.is_ended_before(deadline):
            return None
        return _missed(scope, deal, deadline, start.position)

    return judge


def time_limit(scope: Scope, track: Track, stage: str, shift: Shift) -> JudgeRule:
    """`S/time`: each visit is left by its deadline."""

    def judge(deal: Deal) -> Verdict | None:
        if stage not in deal.first_entry or track.is_skipped(deal, stage):
            return None
        answers = []
        for move in range(deal.first_entry[stage], len(deal.moves)):
            if deal.move_into[move] != stage:
                continue
            start = Due(deal.move_at[move], deal.moves[move], deal.plain_move_moment(move))
            if not scope.applies(deal, start):
                continue
            deadline = shift(start.at)
            left = deal.move_at[move + 1] if move + 1 < len(deal.moves) else None
            if left is not None and left <= deadline:
                answers.append(_met(left, deal.instant_moment(left)))
            elif deadline <= deal.as_of:
                answers.append(_missed(scope, deal, deadline, start.position))
        return combine(answers)

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
        return _met(at, deal.instant_moment(at))
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


def idle(scope: Scope, shift: Shift) -> JudgeRule:
    """`limit/idle`: an open deal sees another activity or move in time."""

    def judge(deal: Deal) -> Verdict | None:
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
        return _met(met_at, deal.instant_moment(met_at))

    return judge


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
            return _met(ended, deal.instant_moment(ended))
        if deadline > deal.as_of:
            return None
        return _missed(scope, deal, deadline, 0)

    return judge
