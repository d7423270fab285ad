"""What there is to say of a rule beside what it asks: where it is asked, who may waive it."""

from __future__ import annotations

from playgate.conditions.describe import describe
from playgate.model.playbook import Playbook
from playgate.rules.list import Rule

__all__ = ["beside_title"]


def beside_title(rule: Rule, playbook: Playbook) -> str:
    """Says where a rule is asked, if not wherever its stage applies, and who may waive it, if that
    differs from what the playbook says; begins with what parts it from the title."""
    said = f", where {describe(rule.item_when)}" if rule.item_when is not None else ""
    usual = playbook.may_waive
    if rule.may_waive is None or (usual is not None and set(rule.may_waive) == set(usual)):
        return said
    roles = f"only {' or '.join(rule.may_waive)}" if rule.may_waive else "nobody"
    return f"{said}; {roles} may waive it"
