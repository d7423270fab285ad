"""What a playbook declares before its stages, in words: signals, fields, activities, who is who."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.conditions.describe import describe
from playgate.conditions.values import FieldType
from playgate.model.playbook import ActivityKind, Playbook
from playgate.rules.asks import HasRole
from playgate.rules.list import Rule

__all__ = ["Lines", "declared", "setters"]

Lines = list[tuple[str, str]]
"""Names, and what there is to say of each."""


def declared(playbook: Playbook, rules: Sequence[Rule]) -> Iterator[tuple[str, Lines]]:
    """Yields what is declared, part by part, each with its heading; empty parts are left out."""
    owners = setters(rules)
    fields = [(name, _field(kind, owners.get(name))) for name, kind in playbook.fields.items()]
    parts = (
        ("Signals", [(name, describe(asked)) for name, asked in playbook.signals.items()]),
        ("Fields", fields),
        ("Activities", [(name, _activity(kind)) for name, kind in playbook.activities.items()]),
        ("People", list(_people(playbook))),
    )
    return ((heading, lines) for heading, lines in parts if lines)


def setters(rules: Sequence[Rule]) -> dict[str, Rule]:
    """Returns the rules that say who may set a field, by the field's name."""
    return {
        rule.info.id.removeprefix("field/").removesuffix("/by"): rule
        for rule in rules
        if rule.info.id.startswith("field/") and isinstance(rule.ask, HasRole)
    }


def _field(kind: FieldType, owner: Rule | None) -> str:
    said = kind.kind + (f" in {kind.unit}" if kind.unit else "")
    if kind.currency:
        said += f", or the currency in {kind.currency}"
    if kind.options:
        said += f" of {', '.join(kind.options)}"
    if kind.title:
        said = f"{kind.title}: {said}"
    if owner is None or not isinstance(owner.ask, HasRole):
        return said
    where = f" where {describe(owner.when)}" if owner.when is not None else ""
    return f"{said}; set by {' or '.join(owner.ask.roles)}{where}"


def _activity(kind: ActivityKind) -> str:
    said = [kind.title]
    if kind.words.outcomes:
        said.append(f"outcomes: {', '.join(kind.words.outcomes)}")
    if kind.words.attributes:
        named = ", ".join(f"{each} ({of.kind})" for each, of in kind.words.attributes.items())
        said.append(f"attributes: {named}")
    if kind.tools:
        said.append(f"tools: {', '.join(kind.tools)}")
    return "; ".join(said)


def _people(playbook: Playbook) -> Iterator[tuple[str, str]]:
    if playbook.roles:
        yield "roles", ", ".join(playbook.roles)
    if playbook.may_waive is not None:
        yield "may waive", ", ".join(playbook.may_waive) or "nobody"
    if playbook.parts:
        yield "customer's parts", ", ".join(playbook.parts)
