"""What a ledger that only shadows would have refused."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable

from playgate.audit.result import Shadow, ShadowRule
from playgate.audit.selection import Selection
from playgate.ledger.rows import DecisionRow

__all__ = ["count_shadow"]


def count_shadow(
    rows: Iterable[DecisionRow], selection: Selection, playbook_of: Callable[[str], str]
) -> Shadow | None:
    """Counts decisions that were made in shadow, as far as they are selected, and by rule what
    they would have refused; returns `None` where there are none.

    `playbook_of` gives the name of a playbook by its content.
    """
    decisions = would_refuse = not_governed = 0
    by_rule: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        if not _is_selected(row, selection):
            continue
        decisions += 1
        would_refuse += not row.allowed
        not_governed += not row.allowed and not row.governed
        for finding in json.loads(row.findings):
            if finding["refuses"] and selection.has_rule(finding["rule"]):
                by_rule[playbook_of(row.playbook), finding["rule"]].append(row.deal)
    if not decisions:
        return None
    rules = [
        ShadowRule(playbook, rule, len(deals), len(set(deals)))
        for (playbook, rule), deals in by_rule.items()
    ]
    rules.sort(key=lambda each: (-each.decisions, each.playbook, each.rule))
    return Shadow(decisions, would_refuse, not_governed, tuple(rules))


def _is_selected(row: DecisionRow, selection: Selection) -> bool:
    return (
        selection.has_deal(row.deal)
        and (not selection.actors or row.actor in selection.actors)
        and (selection.since is None or row.at >= selection.since)
    )
