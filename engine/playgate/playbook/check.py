"""Checks of a playbook as a whole: what each part says may be right, and they still clash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playgate.conditions.tree import Condition, SignalRef, walk
from playgate.documents.document import Document, nearest
from playgate.errors import Mistake
from playgate.playbook.model import Playbook, Stage
from playgate.playbook.rules import glob_matches, list_rules

__all__ = ["check", "signal_cycles"]

_RESERVED = ("order", "sequence", "limit", "profile")
_NO_RULES_AT_AN_END = ("activities", "exit", "time_limit")


def check(playbook: Playbook, document: Document) -> Iterator[Mistake]:
    """Every mistake that only the whole playbook shows."""
    yield from _stages(playbook, document)
    yield from _ends(playbook, document)
    yield from _signal_cycles(playbook, document)
    yield from _waivers(playbook, document)
    yield from _settings(playbook)
    yield from _moving_names(playbook)


def _stages(playbook: Playbook, document: Document) -> Iterator[Mistake]:
    first: dict[str, Stage] = {}
    for stage in playbook.stages:
        if stage.id in first:
            related = first[stage.id].place
            message = f'stage "{stage.id}" stands twice (first on line {related.line})'
            yield Mistake(stage.place, message, "duplicate-stage", related=related)
        first.setdefault(stage.id, stage)
        if stage.id in _RESERVED:
            message = f'"{stage.id}" is no id for a stage: rule ids begin with it'
            yield Mistake(stage.place, message, "reserved-id", f'for example "{stage.id}-stage"')
    for index, data in enumerate(document.get(("stages",)) or ()):
        if not isinstance(data, dict) or "ends" not in data:
            continue
        for key in _NO_RULES_AT_AN_END:
            if key in data:
                place = document.key_place(("stages", index, key))
                message = f"{key} never falls due in a stage that ends the deal"
                hint = "such a stage takes entry, hold and by"
                yield Mistake(place, message, "rule-at-an-end", hint)


def _ends(playbook: Playbook, document: Document) -> Iterator[Mistake]:
    ends = {stage.ends for stage in playbook.stages}
    place = document.key_place(("stages",))
    for end in ("won", "lost"):
        if end not in ends and playbook.stages:
            message = f"no stage has ends: {end}, so that no deal can be {end}"
            yield Mistake(place, message, f"no-way-to-{'win' if end == 'won' else 'lose'}",
                          f"add a stage with ends: {end}")
    if not any(stage.ends is None for stage in playbook.stages) and playbook.stages:
        yield Mistake(place, "every stage ends the deal", "no-open-stage",
                      "add the stages that lead there")


def _signal_cycles(playbook: Playbook, document: Document) -> Iterator[Mistake]:
    for name in signal_cycles(playbook.signals):
        place = document.key_place(("signals", name))
        yield Mistake(place, f"signal {name} refers to itself", "signal-cycle")


def signal_cycles(signals: Mapping[str, Condition]) -> list[str]:
    """The signals that lead back to themselves."""
    uses = {
        name: {
            part.name
            for part in walk(condition, {})
            if isinstance(part, SignalRef) and part.name in signals
        }
        for name, condition in signals.items()
    }
    cyclic = []
    for name in uses:
        reached: set[str] = set()
        todo = list(uses[name])
        while todo:
            step = todo.pop()
            if step not in reached:
                reached.add(step)
                todo.extend(uses[step])
        if name in reached:
            cyclic.append(name)
    return cyclic


def _waivers(playbook: Playbook, document: Document) -> Iterator[Mistake]:
    if playbook.may_waive is not None and not playbook.may_waive and (
        document.get(("may_waive",)) == []
    ):
        place = document.key_place(("may_waive",))
        yield Mistake(place, "may_waive is empty, so that nobody may make an exception",
                      "no-waiver-role", "name a role, or leave may_waive out", level="warning")


def _settings(playbook: Playbook) -> Iterator[Mistake]:
    ids = [rule.info.id for rule in list_rules(playbook)]
    for settings in playbook.settings:
        if not any(glob_matches(settings.glob, rule_id) for rule_id in ids):
            message = f'"{settings.glob}" matches no rule of this playbook'
            hint = nearest(settings.glob, ids)
            if hint.startswith("known"):
                hint = "playgate show lists the rules"
            yield Mistake(settings.place, message, "rules-match-nothing", hint)


def _moving_names(playbook: Playbook) -> Iterator[Mistake]:
    for stage in playbook.stages:
        for demands in (stage.entry, stage.activities, stage.exit, stage.hold):
            names = {demand.name for demand in demands}
            for demand in demands:
                base, dash, number = demand.name.rpartition("-")
                if not demand.named and dash and number.isdigit() and base in names:
                    message = f"this rule is named {demand.name} only by its place in the list"
                    hint = "give it an id, so that inserting a line does not rename it"
                    yield Mistake(demand.place, message, "moving-name", hint, level="warning")
