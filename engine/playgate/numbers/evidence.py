"""The events on which a rule that was met rests: the values that its condition read and the
activities that it counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from playgate.conditions import tree
from playgate.conditions.facts import Moment
from playgate.conditions.value_tests import AttributeTest, Test
from playgate.history.deal import Deal
from playgate.history.event import read_attrs
from playgate.judge.judge import CompiledRule, Judge
from playgate.judge.seen import last_change
from playgate.rules.asks import condition_of

__all__ = ["Evidence", "Find", "finder"]

_BOUNDS = frozenset(("at_least", "at_most", "between"))
"""The tests that a value passes which lies exactly at their bound."""


class Evidence(NamedTuple):
    """An event on which a rule rests, and whether its value lies exactly at what is asked."""

    position: int
    at_bound: bool


Find = Callable[[Deal, Moment], list[Evidence]]
"""Returns what a condition that holds at a moment rests on; what is absent leaves no event."""


def finder(judge: Judge, rule: CompiledRule) -> Find | None:
    """Returns what finds the evidence of a rule; `None` where it asks for no facts."""
    asked = condition_of(rule.rule.ask)
    return None if asked is None else _find(judge, asked, rule.rule.info.stage)


def _find(judge: Judge, asked: tree.Condition, stage: str) -> Find:
    match asked:
        case tree.FieldTest(field, test):
            return _of_field(field, test)
        case tree.ActivityCount() | tree.ChangeCount():
            return _of_count(judge, asked, stage)
        case tree.SignalRef(name):
            return _find(judge, judge.playbook.signals[name], stage)
        case tree.All(parts) | tree.Any(parts):
            return _of_parts(judge, parts, stage)
        case tree.StageEntered() | tree.Not():
            return _nothing


def _nothing(_: Deal, __: Moment) -> list[Evidence]:
    return []


def _of_parts(judge: Judge, parts: Iterable[tree.Condition], stage: str) -> Find:
    """Returns what finds the evidence of those parts that hold."""
    asked = [(judge.condition(part, stage), _find(judge, part, stage)) for part in parts]

    def find(deal: Deal, moment: Moment) -> list[Evidence]:
        return [each for holds, of in asked if holds(deal, moment) for each in of(deal, moment)]

    return find


def _of_field(field: str, test: Test) -> Find:
    bounds = frozenset(_bounds(test))

    def find(deal: Deal, moment: Moment) -> list[Evidence]:
        position = last_change(deal, field, moment.facts)
        if position is None:
            return []
        value = deal.field(field, moment.facts)
        return [] if value is None else [Evidence(position, value in bounds)]

    return find


def _of_count(judge: Judge, count: tree.Count, stage: str) -> Find:
    if count.no_more_than is not None:
        return _nothing
    counter, times = judge.counter(count, stage), count.times
    tests = count.pattern.tests

    def find(deal: Deal, moment: Moment) -> list[Evidence]:
        first = sorted(counter.counted(deal, moment), key=deal.effective.__getitem__)[:times]
        return [Evidence(each, _is_at_bound(deal, each, tests)) for each in first]

    return find


def _is_at_bound(deal: Deal, position: int, tests: Iterable[AttributeTest]) -> bool:
    asked = [each for each in tests if each.test.operator in _BOUNDS]
    if not asked:
        return False
    attrs = read_attrs(deal.events[position])
    return any(str(attrs.get(each.attribute, "")) in _texts(each.test) for each in asked)


def _bounds(test: Test) -> Iterator[float]:
    """Yields the numbers that are just enough for a test."""
    if test.operator in _BOUNDS:
        yield from (each for each in test.operands if isinstance(each, float))


def _texts(test: Test) -> set[str]:
    return {
        text
        for each in _bounds(test)
        for text in (repr(each), f"{each:.0f}")
        if float(text) == each
    }
