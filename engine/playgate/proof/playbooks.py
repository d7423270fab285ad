"""Provers for the conditions of a playbook, or of two versions of one."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions.durations import Calendar
from playgate.conditions.tree import Condition, Pattern
from playgate.conditions.values import FieldType
from playgate.playbook.model import Playbook
from playgate.proof.prover import Prover
from playgate.records import replace

__all__ = ["prover_of", "prover_of_versions"]


def prover_of(playbook: Playbook) -> Prover:
    """A prover for one playbook, which knows its signals by name."""
    return Prover(
        fields=playbook.fields,
        signals=playbook.signals,
        conditions=_conditions(playbook),
        patterns=_patterns(playbook),
        calendar=playbook.calendar,
        reading=playbook.reading,
    )


def prover_of_versions(old: Playbook, new: Playbook) -> Prover:
    """A prover for conditions of two versions, in which signals are written out.

    What it proves is so under both: it takes for a value what either does, and it leaves fields
    aside that they do not read alike.
    """
    books = old, new
    placeholders = old.reading.placeholders & new.reading.placeholders
    holidays = old.calendar.holidays | new.calendar.holidays
    signals = (condition for book in books for condition in book.signals.values())
    return Prover(
        fields=_read_alike(old, new),
        signals={},
        conditions=(*(each for book in books for each in _conditions(book)), *signals),
        patterns=[each for book in books for each in _patterns(book)],
        calendar=Calendar(new.calendar.zone, holidays),
        reading=replace(new.reading, placeholders=placeholders),
    )


def _read_alike(old: Playbook, new: Playbook) -> dict[str, FieldType]:
    """The fields of both but those of which each has a type of its own."""
    differ = {
        name
        for name in old.fields.keys() & new.fields.keys()
        if _reading(old.fields[name]) != _reading(new.fields[name])
    }
    fields = {**old.fields, **new.fields}
    return {name: kind for name, kind in fields.items() if name not in differ}


def _reading(kind: FieldType) -> tuple[str, list[str]]:
    return kind.kind, sorted(kind.options)


def _conditions(playbook: Playbook) -> Iterator[Condition]:
    alone = [playbook.applies_to, *(stage.when for stage in playbook.stages)]
    for sequence in playbook.sequence:
        alone += sequence.when, sequence.need
    yield from (condition for condition in alone if condition is not None)
    for profile in playbook.profiles:
        yield from profile.fit.values()
    for stage in playbook.stages:
        yield from (each.condition for each in (*stage.entry, *stage.exit, *stage.hold))
        yield from (each.count for each in stage.activities)


def _patterns(playbook: Playbook) -> Iterator[Pattern]:
    for sequence in playbook.sequence:
        yield from (*sequence.matches, *sequence.answers)
