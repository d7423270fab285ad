"""When each rule of a playbook is asked: the `when` of its stage, its own, and that under
`rules`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from playgate.documents.document import Route
from playgate.model.playbook import ActivityDemand, Demand, Playbook, Stage
from playgate.proof.claims import Clause, Reasoner
from playgate.rules.list import Rule, glob_matches

__all__ = ["listed_items", "whens_of"]


def listed_items(
    stage: Stage, route: Route
) -> Iterator[tuple[str, Route, Demand | ActivityDemand]]:
    """Yields the items of a stage's lists, each with its rule's family and its place."""
    lists: tuple[tuple[str, str, Sequence[Demand | ActivityDemand]], ...] = (
        ("entry", "entry", stage.entry),
        ("exit", "exit", stage.exit),
        ("hold", "hold", stage.hold),
        ("activity", "activities", stage.activities),
    )
    for family, key, items in lists:
        for index, item in enumerate(items):
            yield family, (*route, key, index), item


def whens_of(reasoner: Reasoner, rules: tuple[Rule, ...]) -> Mapping[str, tuple[Clause, ...]]:
    """Returns by a rule's id each `when` under which it is asked, with its place."""
    playbook = reasoner.playbook
    stages = {stage.id: ("stages", index, "when") for index, stage in enumerate(playbook.stages)}
    own = dict(_own_routes(playbook))
    found = {}
    for rule in rules:
        told = (
            (rule.stage_when, stages.get(rule.info.stage, ())),
            (rule.own_when, own.get(rule.info.id, ())),
            (rule.set_when, _setter(playbook, rule)),
        )
        found[rule.info.id] = tuple(
            reasoner.part(when, route) for when, route in told if when is not None
        )
    return found


def _own_routes(playbook: Playbook) -> Iterator[tuple[str, Route]]:
    for index, stage in enumerate(playbook.stages):
        for family, route, item in listed_items(stage, ("stages", index)):
            for each in (family, "within", "every") if family == "activity" else (family,):
                yield f"{stage.id}/{each}/{item.name}", (*route, "when")
    for owned in playbook.set_by:
        yield f"field/{owned.field}/by", ("fields", owned.field, "when")
    for index, sequence in enumerate(playbook.sequence):
        yield f"sequence/{sequence.id}", ("sequence", index, "when")


def _setter(playbook: Playbook, rule: Rule) -> Route:
    """Returns where `rules` says the rule's `when`: the last entry that matches and has one."""
    globs = [
        each.glob
        for each in playbook.settings
        if each.when is not None and glob_matches(each.glob, rule.info.id)
    ]
    return ("rules", globs[-1], "when") if globs else ()
