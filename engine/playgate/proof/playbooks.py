"""Makes provers for the conditions of a playbook, or of two versions of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.conditions.calendar import Calendar
from playgate.conditions.tree import Condition, Pattern
from playgate.conditions.values import FieldType
from playgate.model.playbook import Playbook
from playgate.proof.prover import Prover
from playgate.records import replace
from playgate.rules.asks import answers_of, condition_of
from playgate.rules.due import AtDeadline, date_of, patterns_of
from playgate.rules.list import Rule, list_rules

__all__ = ["prover_of", "prover_of_versions"]


def prover_of(playbook: Playbook) -> Prover:
    """Returns a prover for one playbook, which knows its signals by name."""
    rules = list_rules(playbook)
    return Prover(
        fields=playbook.fields,
        signals=playbook.signals,
        conditions=_conditions(playbook, rules),
        patterns=_patterns(rules),
        calendar=playbook.calendar,
        reading=playbook.reading,
    )


def prover_of_versions(
    old: Playbook, new: Playbook, rules: tuple[Sequence[Rule], Sequence[Rule]] | None = None
) -> Prover:
    """Returns a prover for conditions of two versions, in which signals are written out.

    What it proves is true under both: it counts as a value what either version does, and it leaves
    out fields that the two read differently. `rules` replaces the versions' own rules.
    """
    books = old, new
    rules = rules or (list_rules(old), list_rules(new))
    asked = (
        each for book, own in zip(books, rules, strict=True) for each in _conditions(book, own)
    )
    placeholders = old.reading.placeholders & new.reading.placeholders
    signals = (condition for book in books for condition in book.signals.values())
    return Prover(
        fields=_read_alike(old, new),
        signals={},
        conditions=(*asked, *signals),
        patterns=[each for own in rules for each in _patterns(own)],
        calendar=_of_both(old.calendar, new.calendar),
        reading=replace(new.reading, placeholders=placeholders),
    )


def _of_both(old: Calendar, new: Calendar) -> Calendar:
    """Returns a calendar in which holds what holds in both: with all holidays of either.

    Where people work in other hours, or on other days, nothing is known of how long work takes.
    """
    alike = old.workdays == new.workdays and old.hours == new.hours
    return replace(
        new,
        holidays=old.holidays | new.holidays,
        yearly=old.yearly | new.yearly,
        workdays=new.workdays if alike else frozenset(),
    )


def _read_alike(old: Playbook, new: Playbook) -> dict[str, FieldType]:
    """Returns the fields of both versions, without those to which each gives a type of its own."""
    differ = {
        name
        for name in old.fields.keys() & new.fields.keys()
        if _reading(old.fields[name]) != _reading(new.fields[name])
    }
    fields = {**old.fields, **new.fields}
    return {name: kind for name, kind in fields.items() if name not in differ}


def _reading(kind: FieldType) -> tuple[str, list[str]]:
    return kind.kind, sorted(kind.options)


def _conditions(playbook: Playbook, rules: Sequence[Rule]) -> Iterator[Condition]:
    if playbook.applies_to is not None:
        yield playbook.applies_to
    yield from (stage.when for stage in playbook.stages if stage.when is not None)
    for rule in rules:
        if rule.when is not None:
            yield rule.when
        asked = condition_of(rule.ask)
        in_time = isinstance(rule.due, AtDeadline) and date_of(rule.due) is None
        if asked is not None and not in_time:  # what is asked in time is asked later, too
            yield asked


def _patterns(rules: Sequence[Rule]) -> Iterator[Pattern]:
    for rule in rules:
        yield from patterns_of(rule.due)
        yield from answers_of(rule.ask)
