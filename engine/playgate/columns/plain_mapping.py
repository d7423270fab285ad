"""Which mappings are plain: each row is read by its cells alone, and most values are cells as they
stand."""

from __future__ import annotations

from playgate.history.currencies import may_mix
from playgate.history.mapping import Mapping, RowRule, TableMap, ValueSource
from playgate.history.reading_shapes import is_flat

__all__ = ["is_as_it_stands", "is_plain"]

_SHAPES = {"where", "names"}
"""Patterns of texts, which are asked of each text once."""


def is_plain(table: TableMap, mapping: Mapping) -> bool:
    """Returns whether the rows of a table can be read by columns."""
    return (
        set(mapping.shapes) <= _SHAPES
        and is_flat(table, mapping)
        and not may_mix(table)
        and len(table.deal.columns) == 1
        and is_as_it_stands(table.deal)
        and all(map(_is_plain, table.rows))
    )


def _is_plain(rule: RowRule) -> bool:
    stamps = [rule.happened_at, *([rule.recorded_at] if rule.recorded_at else [])]
    return all(map(_is_stamp, stamps)) and (rule.actor is None or not _is_formed(rule.actor))


def _is_stamp(value: ValueSource) -> bool:
    return bool(value.columns) and not (
        value.names or value.only or value.number or value.date or value.currency or value.split
    )


def _is_formed(value: ValueSource) -> bool:
    return bool(value.format or value.number or value.date or value.currency or value.split)


def is_as_it_stands(value: ValueSource) -> bool:
    """Returns whether a value is its cell, or its first that is not blank."""
    return not (_is_formed(value) or value.names or value.only)
