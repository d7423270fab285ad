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
from playgate.conditions.phrases import all_of
from playgate.history.deal import Deal
from playgate.judge.judge import Judge
from playgate.language import say, speaking
from playgate.records import replace

__all__ = ["FEW", "NearAnswers", "Sight", "last_change"]

FEW = 3
"""So many parts of a condition are told at most."""
_LONGEST = 60

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
        if len(told) <= FEW:
            return ", ".join(told)
        return f"{', '.join(told[:FEW])} {say('and {n} more', n=len(told) - FEW)}"


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
            yield _Value(field).of
    elif isinstance(part, tree.Count):
        yield _Counted(judge, part, stage).among_others
    elif isinstance(part, tree.StageEntered):
        yield partial(_entered, part)


class _Value:
    """A field, with what is said of its values."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._empty = say("{field} was empty", field=field)
        self._known = say('{field} was "{value}"')
        self._unread = say('{field} was "{value}" (no value)')

    def of(self, deal: Deal, moment: Moment) -> str:
        """Says what the field was as of a moment."""
        position = last_change(deal, self._field, moment.facts)
        text = deal.events[position].value if position is not None else ""
        if not text.strip():
            return self._empty
        is_known = deal.field(self._field, moment.facts) is not None
        said = self._known if is_known else self._unread
        return said.format(field=self._field, value=text[:_LONGEST])


def _entered(part: tree.StageEntered, deal: Deal, moment: Moment) -> str:
    stage, often = part.stage, deal.move_into[: moment.stages].count(part.stage)
    if part.times > 1 or part.no_more_than is not None:
        return say(
            "{stage} was entered {times} time",
            "{stage} was entered {times} times",
            n=often,
            stage=stage,
            times=often,
        )
    if often:
        return say("{stage} was entered", about="seen", stage=stage)
    return say("{stage} was not entered", stage=stage)


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
        self._latest_on = say("the latest on {day}")
        self._latest_was = say("the latest {what} on {day} {how}")
        self._directed_to = say("was to {value}")
        self._change_of = say("change of {field}")
        self._said: dict[int, str] = {}
        self._every = judge.pattern((every,))
        self._traits = [
            (trait, judge.pattern((replace(pattern, narrowings=(trait,)),)))
            for trait in pattern.traits
        ]
        self._comparisons = [(each, each.compares()) for each in pattern.comparisons]

    def alone(self, deal: Deal, moment: Moment) -> str:
        """Says how many were counted, by what narrows the count: `0 in the last 7 days`."""
        number = self._counter.count(deal, moment)
        said = self._said.get(number) or self._say(number)
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
            return self._latest_on.format(day=self._day(deal, latest))
        return self.told(deal, moment, latest)

    def told(self, deal: Deal, moment: Moment, position: int) -> str:
        """Says when an activity or a change was that is not of the kind that is counted, and how it
        was."""
        what = deal.events[position].name
        if isinstance(self._count, tree.ChangeCount):
            what = self._change_of.format(field=what)
        how = all_of(self.misses(deal, moment, position))
        return self._latest_was.format(what=what, day=self._day(deal, position), how=how)

    def _say(self, number: int) -> str:
        """Says once how many were counted, by what narrows the count."""
        spans = self._spans
        said = f"{_of(self._count, number, has_spans=bool(spans))} {spans}".rstrip()
        self._said[number] = said
        return said

    def _day(self, deal: Deal, position: int) -> str:
        return speaking().spelt_day(to_datetime(deal.happened[position], self._zone).date())

    def all_of(self, deal: Deal, moment: Moment) -> list[int]:
        """Returns the activities of these names, or the changes of the field, whatever narrows
        them."""
        effective, until = deal.effective, moment.facts
        return [each for each in self._every(deal) if effective[each] <= until]

    def misses(self, deal: Deal, moment: Moment, position: int) -> list[str]:
        """Says by what an activity or a change is not of the kind that is counted."""
        found = []
        if self._directed is not None and position not in self._directed(deal):
            found.append(self._directed_to.format(value=_cut(deal.events[position].value)))
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
        return _different(number, times, "" if different.is_of_actors else different.what)
    if has_spans:
        return say("{part} of {whole}", part=number, whole=times) if times > 1 else f"{number}"
    if isinstance(count, tree.ActivityCount):
        if times:
            return say("{number} of {times} done", number=number, times=times)
        return say("{number} done", about="times", number=number)
    if times > 1:
        return say("{number} of {times} times", number=number, times=times)
    return say("{times} time", "{times} times", n=number, times=number)


def _different(number: int, times: int, attribute: str) -> str:
    part = say("{part} of {whole}", part=number, whole=times) if times else f"{number}"
    if attribute:
        return say("{number} different values of {attribute}", number=part, attribute=attribute)
    return say("{number} different actors", number=part)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
