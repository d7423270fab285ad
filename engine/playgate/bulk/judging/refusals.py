"""Playbooks and histories are refused where an engine would read them otherwise than the judge."""

from __future__ import annotations

from collections.abc import Sequence

from playgate.audit.blind_spots import parts_of
from playgate.bulk.engine.steps import Steps
from playgate.bulk.errors import CannotExpressError
from playgate.bulk.judging.what_rules_read import ReadColumns
from playgate.bulk.values.attributes import is_too_deep
from playgate.bulk.values.expressions import Table, is_in
from playgate.bulk.values.regular_expressions import misread
from playgate.conditions import tree
from playgate.model.playbook import Playbook
from playgate.rules.list import Rule

__all__ = ["refuse_deep", "refuse_misread", "refuse_unsaid"]


def refuse_deep(steps: Steps, events: Table, reads: ReadColumns) -> None:
    """Raises `CannotExpressError` where attributes that are read are nested too deep."""
    read = ["waiver"]
    narrowings = (each for pattern in reads.patterns for each in pattern.narrowings)
    if any(kind == "attribute" for each in narrowings for kind, _ in each.reads()):
        read.append("activity")
    deep = events.filter(is_in(events.kind, read) & is_too_deep(events.attrs))
    found = steps.rows(deep.aggregate(count=deep.count(), deal=deep.deal.min()))[0]
    if found["count"]:
        what = "attributes nested more than three deep"
        raise CannotExpressError(f"{what} ({found['count']}, as on deal {found['deal']})")


def refuse_unsaid(playbook: Playbook, rules: Sequence[Rule]) -> None:
    """Raises `CannotExpressError` where a rule asks what no expression can say."""
    for rule in rules:
        for part in parts_of(rule, playbook):
            different = part.different if isinstance(part, tree.ActivityPattern) else None
            if different is not None and not different.is_of_actors:
                what = f"{rule.info.id}: different {different.what}"
                raise CannotExpressError(f"{what}: each item of a list counts, too")


def refuse_misread(playbook: Playbook, rules: Sequence[Rule], engine: str) -> None:
    """Raises `CannotExpressError` where the engine finds an expression elsewhere than RE2."""
    for rule in rules:
        for part in parts_of(rule, playbook):
            match part:
                case tree.FieldTest(_, test) | tree.FieldPattern(_, test):
                    tests = [test]
                case tree.ActivityPattern():
                    tests = [each.test for each in part.tests]
                case _:
                    continue
            for each in tests:
                reason = (
                    misread(str(each.operands[0]), engine) if each.operator == "matches" else ""
                )
                if reason:
                    what = f'{rule.info.id}: it reads otherwise in "{each.operands[0]}"'
                    raise CannotExpressError(f"{what}: {reason}")
