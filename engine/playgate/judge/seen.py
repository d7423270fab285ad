"""Says what the history showed in place of what a rule asks."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions import tree
from playgate.conditions.compile import Counter
from playgate.conditions.describe import describe_counted
from playgate.conditions.facts import Moment
from playgate.conditions.instants import to_datetime
from playgate.history.deal import Deal
from playgate.judge.judge import Judge
from playgate.records import replace

__all__ = ["FEW", "last_change", "near_answer", "seen"]

FEW = 3
"""So many parts of a condition are told at most."""
_LONGEST = 60
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def seen(
    judge: Judge,
    parts: tuple[tree.Condition, ...],
    stage: str,
    deal: Deal,
    moment: Moment,
    *,
    is_said: bool,
) -> str:
    """Says what each part of a condition found; `parts` are the whole and all that it is made of.

    Where it is nothing but one count, and the message `is_said` to tell what is counted, that is
    not said again.
    """
    look = _Look(judge, stage, deal, moment)
    if is_said and len(parts) == 1 and isinstance(parts[0], tree.Count):
        return look.count_alone(parts[0])
    told = list(dict.fromkeys(each for part in parts for each in look.part(part)))
    more = f" and {len(told) - FEW} more" if len(told) > FEW else ""
    return ", ".join(told[:FEW]) + more


def near_answer(
    judge: Judge, patterns: tuple[tree.Pattern, ...], deal: Deal, moment: Moment, *, after: int
) -> str:
    """Says of the latest that was done behind a position, but is no answer, when and how it was.

    It is empty where nothing of the kind was done.
    """
    look = _Look(judge, "", deal, moment)
    counts = [
        tree.ActivityCount(each) for each in patterns if isinstance(each, tree.ActivityPattern)
    ]
    told = [
        (position, count)
        for count in counts
        for position in look.all_of(count)
        if position > after and look.misses(count, position)
    ]
    if not told:
        return ""
    position, count = max(told, key=lambda each: (deal.happened[each[0]], each[0]))
    return look.told(count, position)


def last_change(deal: Deal, field: str, until: int) -> int | None:
    """Returns the position of the event that gave a field its value as of an instant."""
    track = deal.fields.get(field)
    if track is None:
        return None
    found = None
    for at, position in zip(track.instants, track.positions, strict=True):
        if at <= until:
            found = position
    return found


class _Look:
    """Looks at a deal as of a moment, as a rule of a stage does."""

    def __init__(self, judge: Judge, stage: str, deal: Deal, moment: Moment) -> None:
        self._judge = judge
        self._stage = stage
        self._deal = deal
        self._moment = moment

    def part(self, part: tree.Condition) -> Iterator[str]:
        """Yields what one part of a condition found, apart from its own parts."""
        if isinstance(part, tree.FieldTest):
            others = (each.field for each in part.test.operands if isinstance(each, tree.FieldRef))
            for field in dict.fromkeys((part.field, *others)):
                yield f"{field} was {self._field(field)}"
        elif isinstance(part, tree.Count):
            yield self._count_among_others(part)
        elif isinstance(part, tree.StageEntered):
            yield self._entered(part)

    def count_alone(self, count: tree.Count) -> str:
        """Says how many were counted, by what narrows the count: `0 in the last 7 days`."""
        counter = self._judge.counter(count, self._stage)
        number = counter.count(self._deal, self._moment)
        spans = "".join(each.words for each in count.spans).removeprefix(", ")
        said = f"{_of(count, number, has_spans=bool(spans))} {spans}".rstrip()
        latest = self._latest(count, counter)
        return f"{said}, {latest}" if latest else said

    def _count_among_others(self, count: tree.Count) -> str:
        counter = self._judge.counter(count, self._stage)
        said = f"{counter.count(self._deal, self._moment)} × {describe_counted(count)}"
        latest = self._latest(count, counter)
        return f"{said} ({latest})" if latest else said

    def _latest(self, count: tree.Count, counter: Counter) -> str:
        """Says of a count that is too low when the last was that does not count, and how it was.

        One that only came too early is preferred to one of another kind.
        """
        deal, moment = self._deal, self._moment
        if count.no_more_than is not None or counter.enough(deal, moment):
            return ""
        counted = set(counter.counted(deal, moment))
        others = [each for each in self.all_of(count) if each not in counted]
        misses = {each: self.misses(count, each) for each in others}
        fitting = [each for each in others if not misses[each]]
        if not others:
            return ""
        latest = max(fitting or others, key=lambda each: (deal.happened[each], each))
        return f"the latest {self._day(latest)}" if fitting else self.told(count, latest)

    def told(self, count: tree.Count, position: int) -> str:
        """Says when an activity or a change was that is not of the kind that is counted, and how it
        was."""
        what = self._deal.events[position].name
        what = f"change of {what}" if isinstance(count, tree.ChangeCount) else what
        how = " and ".join(self.misses(count, position))
        return f"the latest {what} {self._day(position)} {how}"

    def _day(self, position: int) -> str:
        day = to_datetime(self._deal.happened[position], self._judge.playbook.zone)
        return f"on {day.day} {_MONTHS[day.month - 1]} {day.year}"

    def all_of(self, count: tree.Count) -> list[int]:
        """Returns the activities of these names, or the changes of the field, whatever narrows
        them."""
        pattern: tree.Counted = replace(count.pattern, narrowings=())
        if isinstance(pattern, tree.ChangePattern):
            pattern = replace(pattern, to="")
        return [each for each in self._matches(pattern) if self._is_known(each)]

    def _is_known(self, position: int) -> bool:
        return self._deal.effective[position] <= self._moment.facts

    def _matches(self, pattern: tree.Counted) -> list[int]:
        return self._judge.pattern((pattern,))(self._deal)

    def misses(self, count: tree.Count, position: int) -> list[str]:
        """Says by what an activity or a change is not of the kind that is counted."""
        pattern, found = count.pattern, []
        directed = isinstance(pattern, tree.ChangePattern) and pattern.to
        if directed and position not in self._matches(replace(pattern, narrowings=())):
            found.append(f"was to {_cut(self._deal.events[position].value)}")
        zone = self._judge.playbook.zone
        for trait in pattern.traits:
            if position not in self._matches(replace(pattern, narrowings=(trait,))):
                found.append(_cut(trait.shown(self._deal, position, zone)))
        for comparison in pattern.comparisons:
            if not comparison.compares()(self._deal, position, self._moment.actor):
                found.append(comparison.shown(self._deal, position, zone))
        return list(dict.fromkeys(found))

    def _entered(self, part: tree.StageEntered) -> str:
        often = self._deal.move_into[: self._moment.stages].count(part.stage)
        if part.times == 1 and part.no_more_than is None:
            return f"{part.stage} was {'' if often else 'not '}entered"
        return f"{part.stage} was entered {often} time{'' if often == 1 else 's'}"

    def _field(self, field: str) -> str:
        position = last_change(self._deal, field, self._moment.facts)
        text = self._deal.events[position].value if position is not None else ""
        if not text.strip():
            return "empty"
        shown = f'"{text[:_LONGEST]}"'
        is_known = self._deal.field(field, self._moment.facts) is not None
        return shown if is_known else f"{shown} (no value)"


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
