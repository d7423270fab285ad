"""What would make an unmet rule met: the shortest way on, as things to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import assert_never

from playgate.conditions import tree
from playgate.conditions.describe import describe, describe_activity, describe_test, show_value
from playgate.conditions.facts import Moment
from playgate.conditions.values import CHOSEN, Value
from playgate.history.deal import Deal
from playgate.judge.judge import CompiledRule, Judge
from playgate.judge.verdict import Verdict
from playgate.records import Record
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

__all__ = ["Remedy", "in_shell", "remedies", "ways"]


class Remedy(Record):
    """One thing to do: in words, the command where there is one, and who can."""

    words: str
    command: str = ""
    roles: tuple[str, ...] = ()
    """Roles that can do it; empty where anybody can."""

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
    match rule.rule.ask:
        case HasRole(roles):
            return [Remedy(f"let a {' or '.join(roles)} make the move", roles=roles)]
        case Answered(answers):
            return [_answer(each) for each in answers[:1]]
        case Holds(condition) | Done(condition):
            finder = _Finder(judge, rule.rule.info.stage, deal, verdict.due.moment)
            return list(dict.fromkeys(finder.of(condition)))
        case GoesOn() | StaysEnded() | Left() | Resumed() | Ended():
            return []
        case _:
            assert_never(rule.rule.ask)


def ways(judge: Judge, condition: tree.Condition, deal: Deal, moment: Moment) -> list[Remedy]:
    """Returns what would make a condition of the playbook hold."""
    return list(dict.fromkeys(_Finder(judge, "", deal, moment).of(condition)))


def _answer(pattern: tree.Pattern) -> Remedy:
    match pattern:
        case tree.ActivityPattern():
            return _log(tree.ActivityCount(pattern), 1)
        case tree.ChangePattern():
            return _change(tree.ChangeCount(pattern))
        case tree.FieldPattern(field, test):
            return _set(field, test)
        case tree.StagePattern(stage):
            return Remedy(f"move the deal into {stage}", f"move {{deal}} {stage}")


class _Finder:
    """Walks a condition that does not hold and names what is missing in it."""

    def __init__(self, judge: Judge, stage: str, deal: Deal, moment: Moment) -> None:
        self._judge = judge
        self._stage = stage
        self._deal = deal
        self._moment = moment

    def _holds(self, condition: tree.Condition) -> bool:
        return self._judge.condition(condition, self._stage)(self._deal, self._moment)

    def of(self, condition: tree.Condition) -> Iterator[Remedy]:
        match condition:
            case tree.FieldTest(field, test):
                yield _set(field, test, self._deal.field(field, self._moment.facts))
            case tree.ActivityCount():
                yield self._count(condition)
            case tree.ChangeCount():
                yield _change(condition)
            case tree.StageEntered(_, _, int()):
                yield Remedy(f"nothing undoes it: {describe(condition)}")
            case tree.StageEntered(stage):
                yield Remedy(f"move the deal into {stage} first", f"move {{deal}} {stage}")
            case tree.SignalRef(name):
                yield from self.of(self._signals[name])
            case tree.All(parts):
                for part in parts:
                    if not self._holds(part):
                        yield from self.of(part)
            case tree.Any(parts, at_least):
                open_parts = [part for part in parts if not self._holds(part)]
                missing = at_least - (len(parts) - len(open_parts))
                ways = [way for part in open_parts if (way := list(self.of(part)))]
                for way in sorted(ways, key=len)[:missing]:
                    yield from way
            case tree.Not(part):
                yield Remedy(f"see that this no longer holds: {describe(part)}")

    @property
    def _signals(self) -> Mapping[str, tree.Condition]:
        return self._judge.playbook.signals

    def _count(self, count: tree.ActivityCount) -> Remedy:
        if count.no_more_than is not None:
            return Remedy(f"nothing undoes it: {describe_activity(count)}")
        counter = self._judge.counter(count, self._stage)
        done = counter.count(self._deal, self._moment)
        return _log(count, count.times - done)


def _change(count: tree.ChangeCount) -> Remedy:
    if count.no_more_than is not None:
        return Remedy(f"nothing undoes it: {describe(count)}")
    roles = tuple(role for each in count.pattern.narrowings for role in each.way.roles)
    command = "set {deal} " + in_shell(f"{count.pattern.field}=…")
    return Remedy(f"see that this holds: {describe(count)}", command, roles)


def _log(count: tree.ActivityCount, missing: int) -> Remedy:
    pattern = count.pattern
    ways = [each.way for each in pattern.narrowings]
    said = "".join(f" {in_shell(word)}" for way in ways for word in way.log)
    times = f" ({missing} more)" if count.times > 1 else ""
    return Remedy(
        f"do {describe_activity(count)}{times}",
        f"log {{deal}} {pattern.names[0]}{said}",
        tuple(role for way in ways for role in way.roles),
    )


def _set(field: str, test: tree.Test, known: Value | None = None) -> Remedy:
    shown = "…"
    if test.operator in ("includes", "includes_any", "includes_all"):
        wanted = [each for each in test.operands if isinstance(each, str)]
        chosen = str(known).split(CHOSEN) if known is not None else []
        added = wanted if test.operator == "includes_all" else wanted[:1]
        shown = CHOSEN.join(dict.fromkeys([*chosen, *added])) or shown
    if test.operator in ("equals", "one_of", "at_least", "at_most") and not isinstance(
        test.operands[0], tree.FieldRef
    ):
        shown = show_value(test.operands[0])
    if test.operator == "is" and test.operands[0] == "absent":
        shown = ""
    return Remedy(f"{field} {describe_test(test)}", "set {deal} " + in_shell(f"{field}={shown}"))
