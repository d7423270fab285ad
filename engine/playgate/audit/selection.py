"""Which verdicts an audit counts: of some deals, reps or rules, or since a date."""

from __future__ import annotations

from playgate.records import Record
from playgate.rules.list import glob_matches

__all__ = ["Selection"]


class Selection(Record, kw_only=True):
    """What an audit counts; an empty part selects everything, and the whole history is judged all
    the same."""

    deals: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    rules: tuple[str, ...] = ()
    since: int | None = None
    """Only verdicts on what was done at or after this instant (`judge/after_verdict.py:
    done_at`)."""
    until: int | None = None
    """Deals are judged as of this instant, and only what fell due before it; what came later may
    still make a finding good."""
    only: frozenset[str] | None = None
    """Only rules of these ids, whatever `rules` says."""

    def has_deal(self, deal: str) -> bool:
        """Returns whether the deal is judged at all."""
        return not self.deals or deal in self.deals

    def has_rule(self, rule_id: str) -> bool:
        """Returns whether the rule is counted."""
        if self.only is not None and rule_id not in self.only:
            return False
        return not self.rules or any(glob_matches(glob, rule_id) for glob in self.rules)

    @property
    def narrows_verdicts(self) -> bool:
        """Whether `has_verdict` is not always true."""
        return bool(self.actors) or self.since is not None or self.until is not None

    def has_verdict(self, due_at: int, actor: str, *, done_at: int) -> bool:
        """Returns whether a verdict that fell due at `due_at` and is charged to `actor` is counted;
        `done_at` is when that was done which it judges."""
        if self.since is not None and done_at < self.since:
            return False
        if self.until is not None and due_at >= self.until:
            return False
        return not self.actors or actor in self.actors
