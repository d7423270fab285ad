"""What would make an unmet rule met: the ways on, as things to do.

What people do comes before what they enter, and every way is named. Nobody is told to enter a value
that would pass: of a missing fact it says to find it out, of a known one what it is and what is
asked.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Literal, assert_never

from playgate.conditions import tree
from playgate.conditions.describe import describe, describe_activity, describe_test
from playgate.conditions.facts import HoldsAt, Moment
from playgate.conditions.instants import show_instant
from playgate.conditions.phrases import all_of, somebody
from playgate.history.deal import Deal, no_roles
from playgate.judge.after_verdict import by_now
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
from playgate.rules.list import Rule

__all__ = ["Remedies", "Remedy", "RemedyKind", "in_shell"]

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


class Remedies:
    """Finds what would make the rules of a playbook met.

    What is the same in all deals is put into words once, in the language that is spoken when a rule
    is first asked about.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._kept: dict[str, _Find] = {}
        self._governing: _Find | None = None

    def of(self, rule: CompiledRule, deal: Deal, verdict: Verdict) -> Sequence[Remedy]:
        """Returns what would make the rule met from here on, or nothing where only a waiver can."""
        find = self._kept.get(rule.rule.info.id) or self._keep(rule.rule)
        return find(deal, by_now(deal, verdict.due.moment))

    def to_be_governed(self, deal: Deal, moment: Moment) -> Sequence[Remedy]:
        """Returns what would bring a deal under the playbook."""
        condition = self._judge.playbook.applies_to
        if self._governing is None and condition is not None:
            self._governing = _Finder(self._judge, "").of(condition)
        return self._governing(deal, by_now(deal, moment)) if self._governing else ()

    def _keep(self, rule: Rule) -> _Find:
        find = self._kept[rule.info.id] = self._find(rule)
        return find

    def _find(self, rule: Rule) -> _Find:
        if isinstance(rule.due, AtDeadline) and not rule.row.made_good:
            return _nothing  # the date is over
        finder = _Finder(self._judge, rule.info.stage)
        match rule.ask:
            case HasRole(roles):
                return _with_people(roles, _by_others(rule.due, roles))
            case Answered(answers):
                return _choice(map(finder.answer, answers))
            case Holds(condition) | Done(condition):
                return finder.of(condition)
            case Resumed():
                return _choice(map(finder.answer, patterns_of(rule.due)))
            case GoesOn() | StaysEnded() | Left() | Ended():
                return _nothing
            case _:
                assert_never(rule.ask)


_Find = Callable[[Deal, Moment], Sequence[Remedy]]
"""Names what is missing in a deal, of which all counts that is known by a moment."""


def _nothing(_: Deal, __: Moment) -> Sequence[Remedy]:
    return ()


def _always(remedy: Remedy) -> _Find:
    told = (remedy,)
    return lambda _, __: told


def _with_people(roles: Sequence[str], remedy: Remedy) -> _Find:
    """Names also that it must be said who holds a role, where it takes one and nobody does."""
    if not roles:
        return _always(remedy)
    words = say("say who holds which role: nobody is known to hold one")
    known, unknown = (remedy,), (Remedy(words, "people …"), remedy)
    return lambda deal, _: unknown if deal.roles is no_roles else known


def _choice(ways: Iterable[_Find]) -> _Find:
    each = tuple(ways)
    return lambda deal, moment: _one_of([find(deal, moment) for find in each])


def _by_others(due: Due, roles: tuple[str, ...]) -> Remedy:
    """Returns who can do what was done by somebody else."""
    who = somebody(roles)
    owned = [each.field for each in patterns_of(due) if isinstance(each, tree.SetPattern)]
    if owned:
        return Remedy(say("let {who} set {field}", who=who, field=owned[0]), roles=roles)
    return Remedy(say("let {who} make the move", who=who), roles=roles)


class _Finder:
    """Makes of a condition what names, where it is not as it is wanted, what is missing in it."""

    def __init__(self, judge: Judge, stage: str) -> None:
        self._judge = judge
        self._stage = stage

    def of(self, condition: tree.Condition, *, wanted: bool = True) -> _Find:
        """Returns what names what would make the condition hold, or with `wanted` false not
        hold."""
        match condition:
            case tree.FieldTest(field, test):
                return self._field(field, test, wanted)
            case tree.ActivityCount():
                return self._count(condition, wanted)
            case tree.ChangeCount():
                return _always(_change(condition, wanted))
            case tree.StageEntered():
                return _always(_entered(condition, wanted))
            case tree.SignalRef(name):
                return self.of(self._judge.playbook.signals[name], wanted=wanted)
            case tree.Not(part):
                return self.of(part, wanted=not wanted)
            case tree.All() | tree.Any():
                return self._several(condition, wanted)
            case _:
                assert_never(condition)

    def _several(self, condition: tree.All | tree.Any, wanted: bool) -> _Find:
        parts = condition.parts
        asked = [(self._holds(each), self.of(each, wanted=wanted)) for each in parts]
        put_together: Callable[[Sequence[Sequence[Remedy]]], list[Remedy]]
        if isinstance(condition, tree.All):
            put_together = _all_of if wanted else _one_of
        else:
            # Of those that are as they should not be, so many may stay so.
            spare = len(parts) - condition.at_least if wanted else condition.at_least - 1
            put_together = partial(_some_of, spare=spare)
        return lambda deal, moment: put_together(
            [find(deal, moment) for holds, find in asked if holds(deal, moment) != wanted]
        )

    def _holds(self, condition: tree.Condition) -> HoldsAt:
        return self._judge.condition(condition, self._stage)

    # Activities

    def _count(self, count: tree.ActivityCount, wanted: bool) -> _Find:
        if wanted == (count.no_more_than is not None):
            return _always(_undone(count))
        return self._log(count)

    def _log(self, count: tree.ActivityCount) -> _Find:
        """Returns what says what to do until enough, or with `no_more_than` too much, is done."""
        enough, pattern = count, count.pattern
        if count.no_more_than is not None:
            enough = replace(count, no_more_than=None, times=count.no_more_than + 1)
        ways = [each.way for each in pattern.narrowings]
        said = "".join(f" {in_shell(word)}" for way in ways for word in way.log)
        remedy = Remedy(
            say("do {activity}", activity=describe_activity(enough)),
            f"log {{deal}} {pattern.names[0]}{said}",
            tuple(role for way in ways for role in way.roles),
            is_by_another=any(way.is_by_another for way in ways),
        )
        if enough.times <= 1:
            return _with_people(remedy.roles, remedy)

        @lru_cache(maxsize=256)
        def more(missing: int) -> _Find:
            words = say("{done} ({missing} more)", done=remedy.words, missing=missing)
            return _with_people(remedy.roles, replace(remedy, words=words))

        done = self._judge.counter(count, self._stage).count
        return lambda deal, moment: more(enough.times - done(deal, moment))(deal, moment)

    # Fields

    def _field(self, field: str, test: tree.Test, wanted: bool) -> _Find:
        if not wanted and test.operator in _OPPOSITE:
            test, wanted = replace(test, operator=_OPPOSITE[test.operator]), True
        own = _find_out(field, test)
        refs = [each.field for each in test.operands if isinstance(each, tree.FieldRef)]
        others = {each: _find_out(each) for each in refs}

        def find(deal: Deal, moment: Moment) -> Sequence[Remedy]:
            missing = [remedy for each, remedy in others.items() if _value(deal, each) is None]
            if _value(deal, field) is None:
                return (own, *missing)
            if missing:
                return missing
            later = self._later(field, test, deal, moment) if wanted else None
            return (later or _known(field, test, wanted, others, deal),)

        return find

    def _later(self, field: str, test: tree.Test, deal: Deal, moment: Moment) -> Remedy | None:
        """Returns from when on a date passes by itself, `None` where it will not."""
        value, length = _value(deal, field), test.duration
        if length is None or not isinstance(value, int):
            return None
        calendar = self._judge.playbook.calendar
        at: int | None = None
        if test.operator == "older_than":
            at = length.after(calendar)(value)
        elif test.operator == "in_next" and value > moment.at:
            at = length.before(calendar)(value)
        elif test.operator == "newer_than" and value > moment.at:
            at = value
        if at is None:
            return None
        when = show_instant(at, self._judge.playbook.zone)
        words = say(
            "wait: {field} is {value}, and {test} from {instant} on",
            field=field,
            value=_shown(deal, field),
            test=describe_test(test),
            instant=when,
        )
        return Remedy(words, kind="wait")

    # Answers

    def answer(self, pattern: tree.Pattern) -> _Find:
        """Returns what names how an event comes about that answers."""
        match pattern:
            case tree.ActivityPattern():
                return self._log(tree.ActivityCount(pattern))
            case tree.ChangePattern():
                return _always(_change(tree.ChangeCount(pattern), wanted=True))
            case tree.StagePattern(stage):
                words = say("move the deal into {stage}", stage=stage)
                return _always(Remedy(words, f"move {{deal}} {stage}"))
            case tree.FieldPattern(field, test):
                return self._once_more(field, test)
            case tree.SetPattern(field):
                return _always(_find_out(field))
            case _:
                assert_never(pattern)

    def _once_more(self, field: str, test: tree.Test) -> _Find:
        condition = tree.FieldTest(field, test)
        holds, find = self._holds(condition), self.of(condition)
        words = say(
            "find out whether {field} still {test}; if so, record it again",
            field=field,
            test=describe_test(test),
        )
        again = (Remedy(words, _set(field), kind="find-out"),)
        return lambda deal, moment: again if holds(deal, moment) else find(deal, moment)


_OPPOSITE = {"not_equals": "equals", "none_of": "one_of", "equals": "not_equals"}


def _known(field: str, test: tree.Test, wanted: bool, others: Iterable[str], deal: Deal) -> Remedy:
    known = ", ".join(
        say("{field} is {value}", field=each, value=_shown(deal, each))
        for each in dict.fromkeys((field, *others))
    )
    asked = f"{field} {describe_test(test)}"
    if test.operator == "is":  # absent, that is; present would be so
        asked = say("there is no {field}", field=field)
    elif not wanted:
        asked = say("it is not so that {condition}", condition=asked)
    return Remedy(say("{known}; required: {asked}", known=known, asked=asked), kind="known")


def _value(deal: Deal, field: str) -> object:
    return deal.field(field, deal.as_of)


def _shown(deal: Deal, field: str) -> str:
    """Returns a value that is known, as it was written."""
    track = deal.fields[field]
    position = track.positions[bisect_right(track.instants, deal.as_of) - 1]
    text = deal.events[position].value.strip()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


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


def _some_of(found: Sequence[Sequence[Remedy]], *, spare: int) -> list[Remedy]:
    """Returns all ways but so many: the choice of one, else those that lead on soonest."""
    ways, missing = [way for way in found if way], len(found) - spare
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
