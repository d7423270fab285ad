"""The events that match patterns, as positions; what a narrowing says is asked of itself.

A narrowing that looks only at an activity is asked once for each distinct one of the columns that
it reads.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from playgate.columns.arrays import Bools, Ints, distinct, none_of, number_pairs
from playgate.columns.deals import Deals
from playgate.columns.field_tests import passes_at
from playgate.columns.lengths import WallClock
from playgate.columns.plan import ACTIVITY, FIELD, CannotSayError
from playgate.conditions import tree
from playgate.conditions.facts import Roles
from playgate.conditions.happened import Hours, On
from playgate.conditions.instants import DAY
from playgate.conditions.narrowing import Comparison, Terms, Trait
from playgate.conditions.narrowings import Actor, Attribute, By, Outcome, With

__all__ = ["ask_comparisons", "counted", "matching", "ranks_of"]

_MINUTE = 60_000_000
_DIRECTIONS = {
    "": np.not_equal,
    "later": np.less,
    "higher": np.less,
    "earlier": np.greater,
    "lower": np.greater,
}


def matching(deals: Deals, patterns: tuple[tree.Pattern, ...]) -> Ints:
    """Returns the positions of the events that match any of some patterns, in order."""
    found = [_of(deals, pattern) for pattern in patterns]
    return found[0] if len(found) == 1 else distinct(np.concatenate(found or [none_of()]))


def _of(deals: Deals, pattern: tree.Pattern) -> Ints:
    match pattern:
        case tree.ActivityPattern() | tree.ChangePattern():
            return counted(deals, pattern)
        case tree.StagePattern(stage):
            moves, _ = deals.into(stage)
            return deals.move_position[moves]
        case tree.FieldPattern(field, test):
            return _field_events(deals, field, test)
        case tree.SetPattern(field):
            return _settings(deals, field)
        case _:
            raise CannotSayError(f"{pattern}")


def _field_events(deals: Deals, field: str, test: tree.Test) -> Ints:
    position = deals.named(FIELD, field)
    at = deals.happened[position]
    passes = passes_at(deals, field, test, deals.value[position], deals.deal[position], at, at)
    return position[passes]


def counted(deals: Deals, pattern: tree.Counted) -> Ints:
    """Returns the positions of activities or changes, whoever did them."""
    found = pattern.by_anyone

    def make() -> Ints:
        if isinstance(found, tree.ChangePattern):
            return _changes(deals, found)
        named = [deals.named(ACTIVITY, name) for name in dict.fromkeys(found.names)]
        position = named[0] if len(named) == 1 else np.sort(np.concatenate(named))
        return _fitting(deals, position, found.traits)

    return deals.kept(("counted", found), make)


def _fitting(deals: Deals, position: Ints, traits: tuple[Trait, ...]) -> Ints:
    for trait in traits:
        position = position[_fits(deals, position, trait)]
    return position


def _changes(deals: Deals, pattern: tree.ChangePattern) -> Ints:
    """Returns the events that give a field another present value than the last one before."""
    position, rank = ranks_of(deals, pattern.field)
    present = rank >= 0
    position, rank = position[present], rank[present]
    deal = deals.deal[position]
    goes = _DIRECTIONS[pattern.to](rank[:-1], rank[1:])
    return _fitting(deals, position[1:][goes & (deal[1:] == deal[:-1])], pattern.traits)


def _settings(deals: Deals, field: str) -> Ints:
    """Returns the events with an actor that change what a field holds, from and to nothing
    included."""
    position, rank = ranks_of(deals, field)
    deal, last = deals.deal[position], np.full(len(rank), -1, np.int64)
    last[1:] = np.where(deal[1:] == deal[:-1], rank[:-1], -1)
    found: Ints = position[(rank != last) & (deals.actor[position] > 0)]
    return found


def ranks_of(deals: Deals, field: str) -> tuple[Ints, Ints]:
    """Returns the events of a field, and the place of each value among all in order; -1: absent."""
    position = deals.named(FIELD, field)
    numbers, place = np.unique(deals.value[position], return_inverse=True)
    values: list[Any] = deals.plan.typed(field, numbers.tolist())
    in_order = sorted({each for each in values if each is not None})
    ranks = {value: rank for rank, value in enumerate(in_order)}
    found = np.array([-1 if each is None else ranks[each] for each in values], np.int64)
    return position, found[place]


# Narrowings


class _Event(NamedTuple):
    name: str
    value: str
    actor: str
    attrs: str


class _OneEvent:
    """A deal that has one event: all that a narrowing of activities looks at."""

    def __init__(self, event: _Event, effective: int, happened: int, roles: Roles) -> None:
        self.events = [event]
        self.effective = [effective]
        self.happened = [happened]
        self.roles = roles


_VALUE, _ACTOR, _ATTRS, _EFFECTIVE, _HAPPENED = range(5)


def _reads(trait: Trait) -> tuple[int, ...]:
    """Returns the columns that a trait reads: all of them where that is not known."""
    match trait:
        case Outcome():
            return (_VALUE,)
        case With():
            return (_ATTRS,)
        case Attribute():
            return (_ATTRS, _EFFECTIVE) if trait.asked.test.duration is not None else (_ATTRS,)
        case On() | Hours():
            return (_HAPPENED,)
        case _:
            return (_VALUE, _ACTOR, _ATTRS, _EFFECTIVE, _HAPPENED)


def _fits(deals: Deals, position: Ints, trait: Trait) -> Bools:
    """Tells which events a trait lets through."""
    plan = deals.plan
    if isinstance(trait, By):
        roles = frozenset(trait.values)
        return plan.holds_role(roles, deals.actor[position], deals.effective[position])
    reads = _reads(trait)
    if reads == (_VALUE,):
        value = deals.value[position]
        return plan.tells_of_values(("told", trait), value, _telling(deals, trait, _VALUE))
    if reads == (_ATTRS,):
        attrs, size = deals.attrs[position], len(plan.words.attrs)
        return plan.tells(("told", trait), size, attrs, _telling(deals, trait, _ATTRS))
    if not len(position):
        return np.zeros(0, np.bool_)
    columns = [
        (deals.value, deals.actor, deals.attrs, deals.effective, deals.happened)[each][position]
        for each in reads
    ]
    if reads == (_HAPPENED,):
        columns = [_minute_of_week(deals, columns[0])]
    place, number = number_pairs(*columns)
    fits = trait.fits(_terms(deals))
    told = [fits(_alone(deals, each), 0) for each in position[place].tolist()]  # type: ignore[arg-type]
    found: Bools = np.array(told, np.bool_)[number]
    return found


def _minute_of_week(deals: Deals, happened: Ints) -> Ints:
    """Returns which minute of which weekday the wall clock shows: all that such keys look at."""
    first, last = int(happened.min()), int(happened.max())
    local = WallClock(deals.plan.playbook.zone, first, last).local(happened)
    return local // _MINUTE % (7 * DAY // _MINUTE)


def _telling(deals: Deals, trait: Trait, column: int) -> Callable[[list[int]], list[bool]]:
    plan, words = deals.plan, deals.plan.words
    fits = plan.kept(("fits", trait), lambda: trait.fits(_terms(deals)))

    def tell(numbers: list[int]) -> list[bool]:
        found = []
        for number in numbers:
            value = words.values[number] if column == _VALUE else ""
            attrs = words.attrs[number] if column == _ATTRS else ""
            one: Any = _OneEvent(_Event("", value, "", attrs), 0, 0, plan.roles)
            found.append(fits(one, 0))
        return found

    return tell


def _alone(deals: Deals, position: int) -> _OneEvent:
    plan, words = deals.plan, deals.plan.words
    event = _Event(
        words.names[int(deals.name[position])][1],
        words.values[int(deals.value[position])],
        words.actors[int(deals.actor[position])],
        words.attrs[int(deals.attrs[position])],
    )
    effective, happened = int(deals.effective[position]), int(deals.happened[position])
    return _OneEvent(event, effective, happened, plan.roles)


def _terms(deals: Deals) -> Terms:
    playbook = deals.plan.playbook
    return Terms(playbook.calendar, playbook.reading, _nothing_matches)


def _nothing_matches(_: Any) -> Any:
    raise CannotSayError("a narrowing of activities that looks at other events")


def ask_comparisons(comparisons: tuple[Comparison, ...], actor: Ints, judged: Ints) -> Bools:
    """Tells which actors count, given the actor of the judged event of each; 0 is nobody."""
    found = np.ones(len(actor), np.bool_)
    for each in comparisons:
        if not isinstance(each, Actor):
            raise CannotSayError(f"{attrgetter('key')(each)} compares in another way")
        found &= (actor > 0) & (judged > 0) & ((actor == judged) == (each.who == "same"))
    return found
