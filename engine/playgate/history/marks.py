"""Rules that look at more than their row are marked, so that their events are known again when all
of a deal is there.

The mark stands behind the event's kind. A rule with `was` is followed by one of its own, which
gives the value before.
"""

from __future__ import annotations

from collections.abc import Iterator

from playgate.history.mapping import Mapping, RowRule, StatusRule, TableMap, ValueSource
from playgate.records import Record, replace

__all__ = ["BEGUN", "Mark", "bare_kind", "marked"]

BEGUN = "\0stage"
"""What the stage is called that is known from the start, where nothing says since when."""


class Mark(Record):
    """What is to become of an event when all of its deal is there."""

    kind: str
    changes: bool = False
    """It stays only where its value differs from the last."""
    was: bool = False
    """Its value is the one before, and its name says of what."""
    begins: bool = False
    """Its value is the stage from the start."""
    status: StatusRule | None = None


def bare_kind(kind: str) -> str:
    """Returns an event's kind without the mark behind it."""
    return kind.partition("\0")[0]


def marked(mapping: Mapping) -> tuple[Mapping, dict[str, Mark]]:
    """Returns the mapping with marked rules, and what the marks mean."""
    marks: dict[str, Mark] = {}

    def mark(rule: RowRule, found: Mark) -> RowRule:
        kind = f"{rule.kind}\0{len(marks)}"
        marks[kind] = found
        return replace(rule, kind=kind)

    def table(of: TableMap) -> TableMap:
        rules = [mark(rule, _mark(rule)) if _looks_back(rule) else rule for rule in of.rows]
        before = [
            mark(_before(rule), Mark(rule.kind, was=True))
            for rule in of.rows
            if rule.was is not None
        ]
        begun = [mark(rule, Mark("stage", begins=True)) for rule in _begun(of)]
        start = of.start
        if "stage" in start:
            rest = {name: value for name, value in start.items() if name != "stage"}
            start = rest if begun else {**rest, BEGUN: start["stage"]}
        return replace(of, rows=(*rules, *before, *begun), start=start)

    tables = tuple(map(table, mapping.tables))
    found = replace(mapping, tables=tables)
    if any(BEGUN in each.start for each in tables):
        marks[BEGUN] = Mark("stage", begins=True)
    return found, marks


def _looks_back(rule: RowRule) -> bool:
    return rule.changes or rule.status is not None


def _mark(rule: RowRule) -> Mark:
    return Mark(rule.kind, changes=rule.changes, status=rule.status)


def _before(rule: RowRule) -> RowRule:
    name = ValueSource(text="stage") if rule.kind == "stage" else rule.name
    return _bare(replace(rule, name=name, value=rule.was))


def _begun(table: TableMap) -> Iterator[RowRule]:
    """Yields the rule of the stage from the start, where the table says since when."""
    if table.begun_at is not None:
        yield RowRule(
            kind="stage",
            where=(),
            name=ValueSource(text="stage"),
            value=table.start["stage"],
            happened_at=table.begun_at,
            recorded_at=None,
            actor=table.begun_by,
            event_id=None,
            inherits_id=False,
            attrs={},
        )


def _bare(rule: RowRule) -> RowRule:
    return replace(rule, recorded_at=None, event_id=None, inherits_id=False, attrs={}, was=None)
