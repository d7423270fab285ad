"""Changes of fields: the events that give one another present value than the last before it, and
those that change what it holds."""

from __future__ import annotations

from typing import Any

from playgate.bulk.judging.roles import holds_role
from playgate.bulk.judging.setting import Setting
from playgate.bulk.values.expressions import Expr, Table, all_of, any_of, flag, is_in, sure
from playgate.conditions import tree
from playgate.records import Record

__all__ = ["SLOT", "read_changes", "with_settings"]

SLOT = {
    "text": "text",
    "choice": "text",
    "choices": "text",
    "number": "number",
    "integer": "number",
    "boolean": "truth",
    "date": "instant",
    "datetime": "instant",
}
"""The column in which a field's values stand, by its type."""


def read_changes(setting: Setting, fields: Table) -> Table | None:
    """Makes a row of each present value of the fields whose changes are asked for.

    A column for each pattern says whether the value is such a change. Where none is asked for,
    returns `None`.
    """
    patterns = {
        pattern: column
        for pattern, column in setting.reads.patterns.items()
        if isinstance(pattern, tree.ChangePattern)
    }
    if not patterns:
        return None
    slot = {
        pattern.field: SLOT[setting.playbook.fields[pattern.field].kind] for pattern in patterns
    }
    present = fields.filter(
        any_of((fields.name == name) & fields[own].notnull() for name, own in slot.items())
    )
    order = {"group_by": ["deal_no", "name"], "order_by": "position"}
    last = {f"last_{each}": present[each].lag().over(**order) for each in set(slot.values())}
    row = present.mutate(**last)
    flags = {
        column: flag(_is_such(setting, pattern, slot[pattern.field], row))
        for pattern, column in patterns.items()
    }
    return row.select(
        "deal_no", "position", "actor", happened_at="since", effective_at="since", **flags
    )


def with_settings(setting: Setting, fields: Table, patterns: list[tree.SetPattern]) -> Table:
    """Says of events of fields whether somebody changes what the field holds (`is_set`), of those
    fields for which that is asked."""
    if not patterns:
        return fields
    slot = {each.field: SLOT[setting.playbook.fields[each.field].kind] for each in patterns}
    order = {"group_by": ["deal_no", "name"], "order_by": "position"}
    row = fields.mutate(
        **{f"held_{each}": fields[each].lag().over(**order) for each in set(slot.values())}
    )
    changes = any_of(
        all_of([is_in(row["name"], {name}), _differs(row[own], row[f"held_{own}"])])
        for name, own in slot.items()
    )
    return row.select(*fields.columns, is_set=flag(changes & (row.actor != "")))


def _differs(value: Expr, held: Expr) -> Expr:
    """Says whether a field holds something else than before, from and to nothing included."""
    return sure(value != held) | (value.isnull() != held.isnull())


def _is_such(setting: Setting, pattern: tree.ChangePattern, slot: str, row: Table) -> Expr:
    last, value = row[f"last_{slot}"], row[slot]
    moved = {
        "": value != last,
        "later": value > last,
        "higher": value > last,
        "earlier": value < last,
        "lower": value < last,
    }[pattern.to]
    done: Any = _ChangeRow(setting, row)
    asked = [each.expression(done) for each in pattern.traits]
    return all_of([is_in(row["name"], {pattern.field}), sure(moved), *asked])


class _ChangeRow(Record):
    """A change answers, as expressions, what narrowings ask of it."""

    setting: Setting
    row: Table

    def holds_role(self, roles: tuple[str, ...]) -> Expr:
        """Says whether who made the change holds one of the roles when it takes effect."""
        return holds_role(self.setting.people, self.row.actor, self.row.since, roles)
