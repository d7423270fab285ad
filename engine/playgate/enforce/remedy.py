"""What would make an unmet rule met: the ways on, as things to do.

What people do comes before what they enter, and every way is named. Nobody is told to enter a value
that would pass: of a missing fact it says to find it out, of a known one what it is and what is
asked.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, assert_never

from playgate.conditions import tree
from playgate.conditions.describe import describe, describe_activity, describe_test
from playgate.conditions.facts import Moment
from playgate.conditions.instants import show_instant
from playgate.conditions.phrases import all_of, somebody
from playgate.history.deal import Deal, no_roles
from playgate.judge.judge import CompiledRule, Judge
from playgate.judge.verdict import Verdict
from playgate.language import say
from playgate.records import Record, replace
from playgate.rules.asks import (
    Answered,
    Done,
    Ended,
    GoesOn,
    HasRole,
    Holds,
    Left,
    Resumed,
    StaysEnded,
)
from playgate.rules.due import AtDeadline, Due, patterns_of

__all__ = ["Remedy", "RemedyKind", "in_shell", "remedies", "ways"]

RemedyKind = Literal["do", "find-out", "wait", "known", "never", "one-of"]
_RANKS: Mapping[RemedyKind, int] = {"do": 0, "find-out": 1, "wait": 2, "known": 3, "never": 4}
"""What is told first."""
_SHOWN = 60


class Remedy(Record):
    """One thing to do: in words, the command where there is one, and who can."""

    words: str
    command: str = ""
    roles: tuple[str, ...] = ()
    """Roles that can do it; empty where anybody can."""
    kind: RemedyKind = "do"
    """What people do, what they find out, wait for, know to be otherwise, cannot undo, or one of
    several ways."""
    one_of: tuple[tuple[Remedy, ...], ...] = ()
    """The ways, each of which is enough, as things to do."""
    is_by_another: bool = False
    """Whether somebody else than who moves the deal is to do it."""

    def command_for(self, deal: str) -> str:
        """Returns the command with its deal."""
        return self.command.replace("{deal}", in_shell(deal))


@lru_cache(maxsize=256)
def in_shell(word: str) -> str:
    """Returns a word as a shell reads it back."""
    if word and all(each.isalnum() or each in "@%+=:,./-_…" for each in word):
        return word
    return "'" + word.replace("'", "'\"'\"'") + "'"


def remedies(judge: Judge, rule: CompiledRule, deal: Deal, verdict: Verdict) -> list[Remedy]:
    """Returns what would make the rule met from here on, or nothing where only a waiver can."""
    if isinstance(rule.rule.due, AtDeadline) and not rule.rule.row.made_good:
        return []  # the date is over
    match rule.rule.ask:
        case HasRole(roles):
            return [*_known_people(deal, roles), _by_others(rule.rule.due, roles)]
        case Answered(answers):
            finder = _Finder(judge, rule.rule.info.stage, deal, verdict.due.moment)
            return _one_of([*finder.answer(each)] for each in answers)
        case Holds(condition) | Done(condition):
            finder = _Finder(judge, rule.rule.info.stage, deal, verdict.due.moment)
            return finder.of(condition)
        case Resumed():
            finder = _Finder(judge, rule.rule.info.stage, deal, verdict.due.moment)
            return _one_of([*finder.answer(each)] for each in patterns_of(rule.rule.due))
        case GoesOn() | StaysEnded() | Left() | Ended():
            return []
        case _:
            assert_never(rule.rule.ask)


def _by_others(due: Due, roles: tuple[str, ...]) -> Remedy:
    """Returns who can do what was done by somebody else."""
    who = somebody(roles)
    owned = [each.field for each in patterns_of(due) if isinstance(each, tree.SetPattern)]
    if owned:
        return Remedy(say("let {who} set {field}", who=who, field=owned[0]), roles=roles)
    return Remedy(say("let {who} make the move", who=who), roles=roles)


def ways(judge: Judge, condition: tree.Condition, deal: Deal, moment: Moment) -> list[Remedy]:
    """Returns what would make a condition of the playbook hold."""
    return _Finder(judge, "", deal, moment).of(condition)


class _Finder:
    """Walks a condition that is not as it is wanted, and names what is missing in it."""

    def __init__(self, judge: Judge, stage: str, deal: Deal, moment: Moment) -> None:
        self._judge = judge
        self._stage = stage
        self._deal = deal
        # What is known by now counts, by the clock of the instant that is judged.
        self._moment = moment._replace(facts=deal.as_of, stages=len(deal.moves))

    def of(self, condition: tree.Condition, *, wanted: bool = True) -> list[Remedy]:
        """Returns what would make the condition hold, or with `wanted` false not hold."""
        match condition:
            case tree.FieldTest(field, test):
                return [*self._field(field, test, wanted)]
            case tree.ActivityCount():
                return [*self._count(condition, wanted)]
            case tree.ChangeCount():
                return [_change(condition, wanted)]
            case tree.StageEntered():
                return [_entered(condition, wanted)]
            case tree.SignalRef(name):
                return self.of(self._judge.playbook.signals[name], wanted=wanted)
            case tree.Not(part):
                return self.of(part, wanted=not wanted)
            case tree.All(parts) | tree.Any(parts):
                missing = [each for each in parts if self._holds(each) != wanted]
                found = [self.of(each, wanted=wanted) for each in missing]
                if isinstance(condition, tree.All):
                    return _all_of(found) if wanted else _one_of(found)
                enough = condition.at_least if wanted else len(parts) - condition.at_least + 1
                return _some_of(found, enough - (len(parts) - len(missing)))
            case _:
                assert_never(condition)

    def _holds(self, condition: tree.Condition) -> bool:
        return self._judge.condition(condition, self._stage)(self._deal, self._moment)

    # Activities

    def _count(self, count: tree.ActivityCount, wanted: bool) -> Iterator[Remedy]:
        most = count.no_more_than
        if wanted == (most is not None):
            yield _undone(count)
            return
        done = self._judge.counter(count, self._stage).count(self._deal, self._moment)
        yield from self._log(count, (count.times if most is None else most + 1) - done)

    def _log(self, count: tree.ActivityCount, missing: int) -> Iterator[Remedy]:
        pattern = count.pattern
        ways = [each.way for each in pattern.narrowings]
        said = "".join(f" {in_shell(word)}" for way in ways for word in way.log)
        roles = tuple(role for way in ways for role in way.roles)
        if count.no_more_than is not None:
            count = replace(count, no_more_than=None, times=count.no_more_than + 1)
        yield from _known_people(self._deal, roles)
        words = say("do {activity}", activity=describe_activity(count))
        if count.times > 1:
            words = say("{done} ({missing} more)", done=words, missing=missing)
        another = any(way.is_by_another for way in ways)
        command = f"log {{deal}} {pattern.names[0]}{said}"
        yield Remedy(words, command, roles, is_by_another=another)

    # Fields

    def _field(self, field: str, test: tree.Test, wanted: bool) -> Iterator[Remedy]:
        if not wanted and test.operator in _OPPOSITE:
            test, wanted = replace(test, operator=_OPPOSITE[test.operator]), True
        if self._value(field) is None:
            yield _find_out(field, test)
        others = [each.field for each in test.operands if isinstance(each, tree.FieldRef)]
        missing = [each for each in others if self._value(each) is None]
        yield from map(_find_out, dict.fromkeys(missing))
        if self._value(field) is not None and not missing:
            yield self._later(field, test, wanted) or self._known(field, test, wanted, others)

    def _known(self, field: str, test: tree.Test, wanted: bool, others: Sequence[str]) -> Remedy:
        known = ", ".join(
            say("{field} is {value}", field=each, value=self._shown(each))
            for each in dict.fromkeys((field, *others))
        )
        asked = f"{field} {describe_test(test)}"
        if test.operator == "is":  # absent, that is; present would be so
            asked = say("there is no {field}", field=field)
        elif not wanted:
            asked = say("it is not so that {condition}", condition=asked)
        return Remedy(say("{known}; required: {asked}", known=known, asked=asked), kind="known")

    def _later(self, field: str, test: tree.Test, wanted: bool) -> Remedy | None:
        """Returns from when on a date passes by itself, `None` where it will not."""
        value, length = self._value(field), test.duration
        if not wanted or length is None or not isinstance(value, int):
            return None
        calendar = self._judge.playbook.calendar
        at: int | None = None
        if test.operator == "older_than":
            at = length.after(calendar)(value)
        elif test.operator == "in_next" and value > self._moment.at:
            at = length.before(calendar)(value)
        elif test.operator == "newer_than" and value > self._moment.at:
            at = value
        if at is None:
            return None
        when = show_instant(at, self._judge.playbook.zone)
        words = say(
            "wait: {field} is {value}, and {test} from {instant} on",
            field=field,
            value=self._shown(field),
            test=describe_test(test),
            instant=when,
        )
        return Remedy(words, kind="wait")

    def _value(self, field: str) -> object:
        return self._deal.field(field, self._deal.as_of)

    def _shown(self, field: str) -> str:
        """Returns a value that is known, as it was written."""
        track = self._deal.fields[field]
        position = track.positions[bisect_right(track.instants, self._deal.as_of) - 1]
        text = self._deal.events[position].value.strip()
        return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"

    # Answers

    def answer(self, pattern: tree.Pattern) -> Iterator[Remedy]:
        """Yields how an event comes about that answers."""
        match pattern:
            case tree.ActivityPattern():
                yield from self._log(tree.ActivityCount(pattern), 1)
            case tree.ChangePattern():
                yield _change(tree.ChangeCount(pattern), wanted=True)
            case tree.StagePattern(stage):
                words = say("move the deal into {stage}", stage=stage)
                yield Remedy(words, f"move {{deal}} {stage}")
            case tree.FieldPattern(field, test):
                condition = tree.FieldTest(field, test)
                if self._holds(condition):
                    words = say(
                        "find out whether {field} still {test}; if so, record it again",
                        field=field,
                        test=describe_test(test),
                    )
                    yield Remedy(words, _set(field), kind="find-out")
                else:
                    yield from self.of(condition)
            case tree.SetPattern(field):
                yield _find_out(field)
            case _:
                assert_never(pattern)


_OPPOSITE = {"not_equals": "equals", "none_of": "one_of", "equals": "not_equals"}


def _find_out(field: str, test: tree.Test | None = None) -> Remedy:
    if test is None or test.operator == "is":
        words = say("find out what {field} is, and record it", field=field)
    else:
        words = say(
            "find out whether {field} {test}; if so, record it",
            field=field,
            test=describe_test(test),
        )
    return Remedy(words, _set(field), kind="find-out")


def _set(field: str) -> str:
    return "set {deal} " + in_shell(f"{field}=…")


def _entered(condition: tree.StageEntered, wanted: bool) -> Remedy:
    stage = condition.stage
    if wanted == (condition.no_more_than is not None):
        most = replace(condition, times=1, no_more_than=condition.decisive - 1)
        return _cannot_undo(describe(most))
    words = say("move the deal into {stage} first", stage=stage)
    if condition.decisive > 1:
        words = say("{step}, {times} times in all", step=words, times=condition.decisive)
    return Remedy(words, f"move {{deal}} {stage}")


def _change(count: tree.ChangeCount, wanted: bool) -> Remedy:
    most = count.no_more_than
    if wanted == (most is not None):
        fewer = replace(count, times=1, no_more_than=count.times - 1 if most is None else most)
        return _cannot_undo(describe(fewer), lasts=all(each.lasts for each in count.spans))
    more = replace(count, no_more_than=None, times=count.times if most is None else most + 1)
    roles = tuple(role for each in count.pattern.narrowings for role in each.way.roles)
    field = count.pattern.field
    words = say(
        "find out whether {field} is still the same; if not, record it: {change}",
        field=field,
        change=describe(more),
    )
    return Remedy(words, _set(field), roles, kind="find-out")


def _undone(count: tree.ActivityCount) -> Remedy:
    """Returns what to say of activities that are too many."""
    most = count.times - 1 if count.no_more_than is None else count.no_more_than
    words = describe_activity(replace(count, no_more_than=most, times=1))
    return _cannot_undo(words, lasts=all(each.lasts for each in count.spans))


def _cannot_undo(asked: str, *, lasts: bool = True) -> Remedy:
    """Returns what to say of what people cannot undo; time can where it does not last."""
    if lasts:
        return Remedy(say("nothing undoes it; required: {asked}", asked=asked), kind="never")
    return Remedy(say("only time undoes it; required: {asked}", asked=asked), kind="wait")


def _known_people(deal: Deal, roles: Sequence[str]) -> Iterator[Remedy]:
    if roles and deal.roles is no_roles:
        words = say("say who holds which role: nobody is known to hold one")
        yield Remedy(words, "people …")


# Putting together


def _rank(remedy: Remedy) -> int:
    if remedy.kind == "one-of":
        return min(map(_way_rank, remedy.one_of))
    return _RANKS[remedy.kind]


def _way_rank(way: Sequence[Remedy]) -> int:
    return max(map(_rank, way))


def _all_of(found: Iterable[Sequence[Remedy]]) -> list[Remedy]:
    """Returns all that is to be done, what people do first."""
    return sorted(dict.fromkeys(each for way in found for each in way), key=_rank)


def _some_of(found: Sequence[Sequence[Remedy]], missing: int) -> list[Remedy]:
    """Returns so many of the ways: the choice of one, else those that lead on soonest."""
    ways = [way for way in found if way]
    if missing <= 1:
        return _one_of(ways)
    return _all_of(sorted(ways, key=lambda way: (_way_rank(way), len(way)))[:missing])


def _one_of(found: Iterable[Sequence[Remedy]]) -> list[Remedy]:
    """Returns the one way that there is, or the choice between all that lead on."""
    ways: dict[tuple[Remedy, ...], None] = {}
    for way in filter(None, found):
        nested = way[0].one_of if len(way) == 1 else ()
        ways.update(dict.fromkeys(nested or (tuple(way),)))
    leading = [way for way in ways if _way_rank(way) < _RANKS["never"]] or list(ways)
    leading.sort(key=lambda way: (_way_rank(way), len(way)))
    if len(leading) <= 1:
        return [each for way in leading for each in way]
    words = say("; or ").join(all_of(each.words for each in way) for way in leading)
    return [Remedy(say("one of: {ways}", ways=words), kind="one-of", one_of=tuple(leading))]
