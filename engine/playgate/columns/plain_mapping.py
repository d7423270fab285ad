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
    return all(map(_is_stamp, stamps)) and (rule.actor is None or _is_named(rule.actor))


# A key that a value may have some day, and that nothing is known of here, makes it not plain.


def is_as_it_stands(value: ValueSource) -> bool:
    """Returns whether a value is its cell, or its first that is not blank."""
    return value == ValueSource(columns=value.columns, text=value.text)


def _is_named(value: ValueSource) -> bool:
    """Returns whether nothing is made of a cell but another name."""
    return value == ValueSource(
        columns=value.columns, text=value.text, names=value.names, only=value.only
    )


def _is_stamp(value: ValueSource) -> bool:
    return bool(value.columns) and value == ValueSource(columns=value.columns, format=value.format)
