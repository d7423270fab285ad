"""Judges rules with a deadline: met if fulfilled by then, and unmet once it has passed.

Four things make up a deadline: its start (`Starts`), its length, the instant at which what it asks
was fulfilled (`Fulfilled`), and what excuses a deal that missed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import compress
from operator import itemgetter, sub
from typing import Any, NamedTuple

from playgate.conditions.compile import Counter, Matches
from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.facts import DueAt, Moment
from playgate.conditions.patience import LOOK, Patience
from playgate.history.deal import Deal
from playgate.judge.answers import Answers
from playgate.judge.moments import Scope
from playgate.judge.passings import is_skipped, passing
from playgate.judge.verdict import JudgeRule, Verdict, combine
from playgate.rules.due import Excuse
from playgate.rules.track import Track

__all__ = [
    "Begun",
    "Fulfilled",
    "Outcomes",
    "Starts",
    "Until",
    "answered",
    "at_first_entry",
    "at_first_event",
    "at_visits",
    "done",
    "done_again",
    "each_deadline",
    "ended",
    "excused",
    "first_entry",
    "first_event",
    "from_matches",
    "from_steps",
    "gaps",
    "has_passed",
    "is_quiet",
    "left",
    "met_at",
    "patiently",
    "resumed",
    "silence_ends",
    "until",
]

_STEPS = frozenset(("stage", "activity"))
_new: Any = tuple.__new__
_is_step = _STEPS.__contains__
_KIND = itemgetter(2)


class Begun(NamedTuple):
    """A deadline's start."""

    at: int
    position: int
    """The event at which the deadline starts."""
    following: int | None = None
    """The instant of the next move or step, which ends the wait by itself; `None` if none came."""


Starts = Callable[[Deal], Iterator[Begun]]
Until = Callable[[Deal, Begun], int | None]
"""Returns the instant of the deadline; `None` where there is none."""
Fulfilled = Callable[[Deal, Begun, int], int | None]
"""Returns when the deadline was fulfilled; `None` if not by the given instant (at most as of)."""


class Outcomes:
    """Tells what became of missed deadlines, by the positions of the events at which they
    started."""

    __slots__ = ("_deadline_of", "_fulfilled", "_made_good", "_starts")

    def __init__(
        self, starts: Starts, deadline_of: Until, fulfilled: Fulfilled, made_good: Fulfilled
    ) -> None:
        self._starts = starts
        self._deadline_of = deadline_of
        self._fulfilled = fulfilled
        self._made_good = made_good

    def fulfilled(self, deal: Deal, missed: tuple[int, ...], at: int) -> list[int | None]:
        """Returns when each that was missed at an instant was fulfilled after all; `None` if not by
        as of."""
        begun = self._begun(deal, missed)
        if len(missed) > 1:  # else it is the one of which the verdict speaks
            begun = [each for each in begun if self._deadline_of(deal, each) == at]
        return [self._fulfilled(deal, each, deal.as_of) for each in begun]

    def made_good(self, deal: Deal, missed: tuple[int, ...]) -> list[int | None]:
        """Returns when each was made good; `None` if not by as of."""
        return [self._made_good(deal, each, deal.as_of) for each in self._begun(deal, missed)]

    def _begun(self, deal: Deal, missed: tuple[int, ...]) -> list[Begun]:
        return [each for each in self._starts(deal) if each.position in missed]


def each_deadline(
    scope: Scope,
    starts: Starts,
    deadline_of: Until,
    fulfilled: Fulfilled,
    is_excused: Callable[[Deal, int], bool],
) -> tuple[Callable[[Deal], list[Verdict]], JudgeRule]:
    """Returns a function that judges each deadline of a deal and gives its verdicts in order of
    starts, and one that gives them combined."""

    governed = scope.governed
    asks_start = scope.starts is not None or scope.when is not None

    def found(deal: Deal) -> list[int | Verdict]:
        """Returns when each was fulfilled, or the verdict on one that was missed."""
        answers: list[int | Verdict] = []
        whole = governed is None or governed.throughout(deal)
        for begun in starts(deal):
            if asks_start and not _applies(scope, deal, begun):
                continue
            deadline = deadline_of(deal, begun)
            if deadline is None:
                continue
            answer: int | Verdict
            due_at = fulfilled(deal, begun, min(deadline, deal.as_of))
            if due_at is not None:
                answer = due_at = max(due_at, begun[0])
            elif deadline <= deal.as_of and not is_excused(deal, deadline):
                due = _new(DueAt, (deadline, -1, deal.instant_moment(deadline)))
                answer, due_at = scope.failed(deal, due, (begun.position,)), deadline
            else:
                continue
            if whole or (governed is not None and governed.at(deal, due_at)):
                answers.append(answer)
        return answers

    def each(deal: Deal) -> list[Verdict]:
        return [met_at(one) if isinstance(one, int) else one for one in found(deal)]

    def judge(deal: Deal) -> Verdict | None:
        answers = found(deal)
        missed = [one for one in answers if not isinstance(one, int)]
        if missed:
            return combine(missed)
        done = [one for one in answers if isinstance(one, int)]
        return met_at(min(done)) if done else None

    return each, judge


def met_at(at: int) -> Verdict:
    """Returns the verdict on what was fulfilled at an instant; nothing is told of what was seen
    then."""
    due = _new(DueAt, (at, -1, _new(Moment, (at, at, 0, ""))))
    verdict: Verdict = _new(Verdict, ("met", due, None, ()))
    return verdict


def _applies(scope: Scope, deal: Deal, begun: Begun) -> bool:
    """Whether the rule is in force at the start, and its `when` holds then."""
    if scope.starts is not None and scope.starts > begun.at:
        return False
    if scope.when is None:
        return True
    event = deal.events[begun.position]
    if event.kind == "stage":
        return scope.when(deal, deal.event_moment(begun.position, grace=False))
    return scope.when(deal, deal.instant_moment(begun.at, event.actor))


# How long


def until(length: Duration | None, calendar: Calendar) -> Until:
    """Returns a function that gives the deadline of a start; without a length, the deal's next
    end."""
    if length is None:
        return _next_end
    shift, shortest = length.after(calendar), length.shortest

    def deadline_of(deal: Deal, begun: Begun) -> int:
        # What started just now has its deadline ahead, and stepping day by day takes a while.
        return deal.as_of + 1 if begun.at == deal.as_of and shortest else shift(begun.at)

    return deadline_of


def _next_end(deal: Deal, begun: Begun) -> int | None:
    for move, position in enumerate(deal.moves):
        if (
            position > begun.position
            and deal.move_at[move] >= begun.at
            and deal.move_into[move] in deal.ending
        ):
            return deal.move_at[move]
    return None


def excused(track: Track, excuses: tuple[Excuse, ...], stage: str) -> Callable[[Deal, int], bool]:
    """Returns a function that tells whether a deal is excused although it missed a deadline."""
    by_end, by_passing = "ended" in excuses, "passed" in excuses

    def is_excused(deal: Deal, deadline: int) -> bool:
        if by_passing:
            move = passing(track, deal, stage)
            if move >= 0 and deal.move_at[move] < deadline:
                return True
        return by_end and deal.is_ended_before(deadline)

    return is_excused


# Where it starts


def at_first_entry(track: Track, stage: str) -> Starts:
    """Returns a function that starts a deadline when the stage is first entered."""

    def starts(deal: Deal) -> Iterator[Begun]:
        entry = deal.first_entry.get(stage)
        if entry is not None and not is_skipped(track, deal, stage):
            yield _new(Begun, (deal.move_at[entry], deal.moves[entry], None))

    return starts


def at_visits(track: Track, stage: str) -> Starts:
    """Returns a function that starts a deadline at each move into the stage."""

    def starts(deal: Deal) -> Iterator[Begun]:
        first = deal.first_entry.get(stage)
        if first is None or is_skipped(track, deal, stage):
            return
        moves, move_at, last = deal.moves, deal.move_at, len(deal.moves) - 1
        for move in range(first, last + 1):
            if deal.move_into[move] == stage:
                following = move_at[move + 1] if move < last else None
                yield _new(Begun, (move_at[move], moves[move], following))

    return starts


def from_matches(matches: Matches, *, first_only: bool) -> Starts:
    """Returns a function that starts a deadline at each event of a pattern, or at the first."""

    def starts(deal: Deal) -> Iterator[Begun]:
        effective, as_of = deal.effective, deal.as_of
        for position in matches(deal):
            if effective[position] <= as_of:
                yield _new(Begun, (effective[position], position, None))
                if first_only:
                    return

    return starts


def from_steps(track: Track, stage: str, matches: Matches | None) -> Starts:
    """Returns a function that starts a deadline at each activity (or match) and each move that
    leaves the deal open, or in the stage."""

    def starts(deal: Deal) -> Iterator[Begun]:
        if stage and (stage not in deal.first_entry or is_skipped(track, deal, stage)):
            return iter(())
        return iter(gaps(deal, stage, matches))

    return starts


def patiently(starts: Starts, patience: Patience, length: Duration | None) -> Starts:
    """Counts the steps from each start on: whether the deal ended is looked for in its moves, and
    a calendar may be stepped day by day."""
    stepped = LOOK if length is not None and length.counts_work else 1

    def counted(deal: Deal) -> Iterator[Begun]:
        for begun in starts(deal):
            patience.spend(stepped + len(deal.moves))
            yield begun

    return counted


def at_first_event(deal: Deal) -> Iterator[Begun]:
    """Starts a deadline at the deal's first event."""
    if deal.events:
        yield _new(Begun, (deal.happened[0], 0, None))


def gaps(deal: Deal, stage: str = "", matches: Matches | None = None) -> list[Begun]:
    """Returns each activity (or match) and each move that leaves the deal open, or in the stage,
    with when the next one came."""
    as_of = deal.as_of
    counted = None if matches is None else {*matches(deal), *deal.moves}
    steps = [
        (effective, position)
        for position, (effective, kind) in enumerate(
            zip(deal.effective, map(_KIND, deal.events), strict=True)
        )
        if (kind in _STEPS if counted is None else position in counted) and effective <= as_of
    ]
    if deal.effective is not deal.happened:
        steps.sort()  # something was logged late
    found: list[Begun] = []
    opened: tuple[int, int] | None = None
    for at, position in steps:
        if opened is not None:
            found.append(_new(Begun, (*opened, at)))
        event = deal.events[position]
        if event.kind == "activity":
            opened = (at, position) if opened is not None else None
        else:
            waits = event.name == stage if stage else event.name not in deal.ending
            opened = (at, position) if waits else None
    if opened is not None:
        found.append(Begun(*opened))
    return found


# When it was fulfilled


def done(counter: Counter) -> Fulfilled:
    """Returns a function that tells when enough activities were done."""

    def fulfilled(deal: Deal, _: Begun, by: int) -> int | None:
        instants = counter.instants_by(deal, Moment(by, by, len(deal.moves), ""))
        enough = len(instants) >= counter.times and instants[counter.times - 1] <= by
        return instants[counter.times - 1] if enough else None

    return fulfilled


def answered(answers: Answers) -> Fulfilled:
    """Returns a function that tells when an event later in order answered the match."""

    def fulfilled(deal: Deal, begun: Begun, by: int) -> int | None:
        actor = deal.events[begun.position].actor
        return answers.first(deal, begun.position, actor, until=by)

    return fulfilled


def left(_: Deal, begun: Begun, by: int) -> int | None:
    """Tells when the deal left the stage that it had entered."""
    return begun.following if begun.following is not None and begun.following <= by else None


resumed = left
"""Tells when the next activity or move came."""


def done_again(matches: Matches) -> Fulfilled:
    """Returns a function that tells when the next matching activity came, in whatever stage."""

    def fulfilled(deal: Deal, begun: Begun, by: int) -> int | None:
        start = begun.at, begun.position
        found = ((deal.effective[position], position) for position in matches(deal))
        at = min((each[0] for each in found if each > start), default=None)
        return at if at is not None and at <= by else None

    return fulfilled


def ended(deal: Deal, begun: Begun, by: int) -> int | None:
    """Tells when the deal ended."""
    return deal.first_end(begun.at, by)


# Quick looks, before a deal is judged in full


def has_passed(length: Duration, start: Callable[[Deal], int | None]) -> Callable[[Deal], bool]:
    """Returns a function that tells whether a deadline of this length may have passed by as of.

    `start` gives an instant that comes before all starts of the deadline.
    """
    shortest = length.shortest

    def passed(deal: Deal) -> bool:
        begun = start(deal)
        return begun is not None and begun + shortest <= deal.as_of

    return passed


def first_entry(stage: str) -> Callable[[Deal], int | None]:
    """Returns a function that tells when a deal first entered the stage."""

    def start(deal: Deal) -> int | None:
        entry = deal.first_entry.get(stage)
        return None if entry is None else deal.move_at[entry]

    return start


def first_event(deal: Deal) -> int | None:
    """Tells when a deal began."""
    return deal.happened[0] if deal.happened else None


def silence_ends(length: Duration, calendar: Calendar) -> Callable[[Deal], bool]:
    """Returns a function that tells whether a move at as of may end a silence that was too long."""
    shift = length.after(calendar)

    def ends(deal: Deal) -> bool:
        as_of = deal.as_of
        if deal.effective is not deal.happened or length.is_nothing:
            return True  # something was logged late: the judge has to tell
        for position in range(deal.moves[-1] - 1, -1, -1):
            if deal.happened[position] < as_of and deal.events[position].kind in _STEPS:
                return shift(deal.happened[position]) <= as_of
        return False

    return ends


def is_quiet(deal: Deal, elapsed: int) -> Verdict | None:
    """Returns a verdict if the steps of a plain deal all lie closer than `elapsed`, else `None`."""
    steps = _plain_steps(deal)
    if len(steps) > 1 and _widest(deal, steps) < elapsed:
        return met_at(steps[1])
    return None


def _plain_steps(deal: Deal) -> list[int]:
    """Returns the instants of the first move and of all steps after it, until the deal ended.

    The list is empty for an unusual deal: something was logged late, or it went on after an end.
    """
    if deal.effective is not deal.happened or not deal.moves:
        return []
    if not deal.ending.isdisjoint(deal.move_into[:-1]):
        return []
    span = slice(deal.moves[0], None if deal.is_open else deal.moves[-1] + 1)
    return list(compress(deal.happened[span], map(_is_step, map(_KIND, deal.events[span]))))


def _widest(deal: Deal, steps: list[int]) -> int:
    """Returns the longest time between two steps; for an open deal also the time since the last."""
    later = [*steps[1:], deal.as_of] if deal.is_open else steps[1:]
    return max(map(sub, later, steps), default=0)
