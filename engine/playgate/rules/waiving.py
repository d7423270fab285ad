"""Who may make exceptions: the roles of each rule that a waiver is for."""

from __future__ import annotations

from playgate.model.playbook import Playbook
from playgate.rules.list import Rule, glob_matches, list_rules

__all__ = ["MayWaive", "Roles", "roles_of"]

Roles = frozenset[str] | None
"""The roles that may make an exception; `None` means anybody, and none of them nobody."""


def roles_of(rule: Rule) -> Roles:
    """Returns the roles that may make exceptions of a rule."""
    return None if rule.may_waive is None else frozenset(rule.may_waive)


class MayWaive:
    """Tells the roles that may make exceptions of a rule, or of those that a glob matches."""

    def __init__(self, playbook: Playbook, rules: tuple[Rule, ...] | None = None) -> None:
        self._playbook = playbook
        self._rules = rules
        self._known: dict[str, frozenset[Roles]] = {}

    def of(self, glob: str) -> frozenset[Roles]:
        """Returns the roles of each rule that the glob matches; the playbook's where there is
        none."""
        if glob not in self._known:
            if self._rules is None:  # most deals have no waiver
                self._rules = list_rules(self._playbook)
            found = {roles_of(rule) for rule in self._rules if glob_matches(glob, rule.info.id)}
            usual = self._playbook.may_waive
            self._known[glob] = frozenset(found) or frozenset(
                (None if usual is None else frozenset(usual),)
            )
        return self._known[glob]
