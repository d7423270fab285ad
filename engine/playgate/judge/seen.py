"""Says what the history showed in place of what a rule asks.

What has to be known of a rule for it is found out once, and kept: a rule is missed in many deals.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import partial

from playgate.conditions import tree
from playgate.conditions.describe import describe_counted
from playgate.conditions.facts import Moment
from playgate.conditions.instants import to_datetime
from playgate.history.deal import Deal
from playgate.judge.judge import Judge
from playgate.records import replace

__all__ = ["FEW", "NearAnswers", "Sight", "last_change"]

FEW = 3
"""So many parts of a condition are told at most."""
_LONGEST = 60
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

_Tell = Callable[[Deal, Moment], str]
"""Says what a part of a condition found in a deal at a moment."""


class Sight:
    """Says what each part of a condition found; `parts` are the whole and all that it is made of.

    Where it is nothing but one count, and the message `is_said` to tell what is counted, that is
    not said again.
    """

    def __init__(
        self, judge: Judge, parts: tuple[tree.Condition, ...], stage: str, *, is_said: bool
    ) -> None:
        self._alone = None
        self._tell: list[_Tell] = []
        if is_said and len(parts) == 1 and isinstance(parts[0], tree.Count):
            self._alone = _Counted(judge, parts[0], stage)
        else:
            self._tell = [tell for part in parts for tell in _tellers(judge, part, stage)]

    def of(self, deal: Deal, moment: Moment) -> str:
        """Returns what was found in a deal at a moment."""
        if self._alone is not None:
            return self._alone.alone(deal, moment)
        told = list(dict.fromkeys([tell(deal, moment) for tell in self._tell]))
        more = f" and {len(told) - FEW} more" if len(told) > FEW else ""
        return ", ".join(told[:FEW]) + more


class NearAnswers:
    """Says of the latest that was done, but is no answer, when and how it was."""

    def __init__(self, judge: Judge, patterns: tuple[tree.Pattern, ...]) -> None:
        self._counts = [
            _Counted(judge, tree.ActivityCount(each), "")
            for each in patterns
            if isinstance(each, tree.ActivityPattern)
        ]

    def of(self, deal: Deal, moment: Moment, *, after: int) -> str:
        """Returns what is said of what was done behind a position; it is empty where nothing of the
        kind was."""
        told = [
            (position, count)
            for count in self._counts
            for position in count.all_of(deal, moment)
            if position > after and count.misses(deal, moment, position)
        ]
        if not told:
            return ""
        position, count = max(told, key=lambda each: (deal.happened[each[0]], each[0]))
        return count.told(deal, moment, position)


def last_change(deal: Deal, field: str, until: int) -> int | None:
    """Returns the position of the event that gave a field its value as of an instant."""
    track = deal.fields.get(field)
    known = bisect_right(track.instants, until) if track else 0
    return track.positions[known - 1] if track and known else None


def _tellers(judge: Judge, part: tree.Condition, stage: str) -> Iterator[_Tell]:
    """Yields what tells of one part of a condition, apart from its own parts."""
    if isinstance(part, tree.FieldTest):
        others = (each.field for each in part.test.operands if isinstance(each, tree.FieldRef))
        for field in dict.fromkeys((part.field, *others)):
            yield partial(_field, field)
    elif isinstance(part, tree.Count):
        yield _Counted(judge, part, stage).among_others
    elif isinstance(part, tree.StageEntered):
        yield partial(_entered, part)


def _field(field: str, deal: Deal, moment: Moment) -> str:
    position = last_change(deal, field, moment.facts)
    text = deal.events[position].value if position is not None else ""
    if not text.strip():
        return f"{field} was empty"
    is_known = deal.field(field, moment.facts) is not None
    return f'{field} was "{text[:_LONGEST]}"{"" if is_known else " (no value)"}'


def _entered(part: tree.StageEntered, deal: Deal, moment: Moment) -> str:
    often = deal.move_into[: moment.stages].count(part.stage)
    if part.times == 1 and part.no_more_than is None:
        return f"{part.stage} was {'' if often else 'not '}entered"
    return f"{part.stage} was entered {often} time{'' if often == 1 else 's'}"


class _Counted:
    """A count of the playbook, with what it takes to say what was counted, and what was not."""

    def __init__(self, judge: Judge, count: tree.Count, stage: str) -> None:
        pattern = count.pattern
        bare: tree.Counted = replace(pattern, narrowings=())
        every, self._directed = bare, None
        if isinstance(bare, tree.ChangePattern) and bare.to:
            every, self._directed = replace(bare, to=""), judge.pattern((bare,))
        self._count = count
        self._zone = judge.playbook.zone
        self._counter = judge.counter(count, stage)
        self._described = describe_counted(count)
        self._spans = "".join(each.words for each in count.spans).removeprefix(", ")
        self._every = judge.pattern((every,))
        self._traits = [
            (trait, judge.pattern((replace(pattern, narrowings=(trait,)),)))
            for trait in pattern.traits
        ]
        self._comparisons = [(each, each.compares()) for each in pattern.comparisons]

    def alone(self, deal: Deal, moment: Moment) -> str:
        """Says how many were counted, by what narrows the count: `0 in the last 7 days`."""
        number, spans = self._counter.count(deal, moment), self._spans
        said = f"{_of(self._count, number, has_spans=bool(spans))} {spans}".rstrip()
        latest = self._latest(deal, moment, number)
        return f"{said}, {latest}" if latest else said

    def among_others(self, deal: Deal, moment: Moment) -> str:
        """Says how many of what were counted."""
        number = self._counter.count(deal, moment)
        said = f"{number} × {self._described}"
        latest = self._latest(deal, moment, number)
        return f"{said} ({latest})" if latest else said

    def _latest(self, deal: Deal, moment: Moment, number: int) -> str:
        """Says of a count that is too low when the last was that does not count, and how it was.

        One that only came too early is preferred to one of another kind.
        """
        if self._count.no_more_than is not None or number >= self._count.times:
            return ""
        every = self.all_of(deal, moment)
        counted = set(self._counter.counted(deal, moment)) if every else set()
        others = [each for each in every if each not in counted]
        if not others:
            return ""
        fitting = [each for each in others if not self.misses(deal, moment, each)]
        latest = max(fitting or others, key=lambda each: (deal.happened[each], each))
        if fitting:
            return f"the latest {self._day(deal, latest)}"
        return self.told(deal, moment, latest)

    def told(self, deal: Deal, moment: Moment, position: int) -> str:
        """Says when an activity or a change was that is not of the kind that is counted, and how it
        was."""
        what = deal.events[position].name
        what = f"change of {what}" if isinstance(self._count, tree.ChangeCount) else what
        how = " and ".join(self.misses(deal, moment, position))
        return f"the latest {what} {self._day(deal, position)} {how}"

    def _day(self, deal: Deal, position: int) -> str:
        day = to_datetime(deal.happened[position], self._zone)
        return f"on {day.day} {_MONTHS[day.month - 1]} {day.year}"

    def all_of(self, deal: Deal, moment: Moment) -> list[int]:
        """Returns the activities of these names, or the changes of the field, whatever narrows
        them."""
        effective, until = deal.effective, moment.facts
        return [each for each in self._every(deal) if effective[each] <= until]

    def misses(self, deal: Deal, moment: Moment, position: int) -> list[str]:
        """Says by what an activity or a change is not of the kind that is counted."""
        found = []
        if self._directed is not None and position not in self._directed(deal):
            found.append(f"was to {_cut(deal.events[position].value)}")
        for trait, matches in self._traits:
            if position not in matches(deal):
                found.append(_cut(trait.shown(deal, position, self._zone)))
        for comparison, compares in self._comparisons:
            if not compares(deal, position, moment.actor):
                found.append(comparison.shown(deal, position, self._zone))
        return list(dict.fromkeys(found))


def _of(count: tree.Count, number: int, *, has_spans: bool) -> str:
    """Says how many there were, of how many where so many are asked for: `1 of 2 done`."""
    times = 0 if count.no_more_than is not None else count.times
    different = count.pattern.different
    if different is not None:
        what = "actors" if different.is_of_actors else f"values of {different.what}"
        return f"{number}{f' of {times}' if times else ''} different {what}"
    if has_spans:
        return f"{number} of {times}" if times > 1 else f"{number}"
    if isinstance(count, tree.ActivityCount):
        return f"{number} of {times} done" if times else f"{number} done"
    if times > 1:
        return f"{number} of {times} times"
    return f"{number} time{'' if number == 1 else 's'}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
