"""Checks of a playbook as a whole: what each part says may be right, and they still clash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any as Anything

from playgate.conditions.tree import All, Any, Condition, Not, SignalRef, walk
from playgate.documents.document import Document, Route, nearest, quoted, resembles, shortened
from playgate.errors import Mistake
from playgate.model.playbook import Playbook, Stage
from playgate.playbook.naming import name_all, own_name
from playgate.rules.asks import HasRole
from playgate.rules.due import AtEntry, WhileHeld
from playgate.rules.families import FAMILIES
from playgate.rules.list import glob_matches, list_rules

__all__ = ["check", "signal_cycles"]

_RESERVED = ("order", "sequence", "limit", "profile", "field")
_SECTIONS = ("stages", "sequence", "limits", "profiles", "fields")
_ENDING_KEYS = ("ends", "stage")
_ROWS = [
    row for row in FAMILIES.values() if row.section in ("stages", "sequence", "limits", "fields")
]
_RULE_KEYS = ("id", *(row.key for row in _ROWS))
# Where their value is wrong, something stands in for it and the rule keeps its id.
_STOOD_IN = [
    row.key for row in _ROWS if row.takes_length or row.section == "sequence" or row.ask is HasRole
]
_NOT_AT_AN_END = [
    row.key
    for row in _ROWS
    if row.section == "stages"
    and row.due not in (AtEntry, WhileHeld)
    and not row.is_of_stage_itself
]
_DEEPEST_SIGNAL = 40
_MOST_NESTED = 100
_MOST_PARTS = 50_000
_MOST_CYCLES = 20
_LONGEST_WAY = 6


def check(playbook: Playbook, document: Document, damaged: frozenset[Route]) -> Iterator[Mistake]:
    """Yields every mistake that only the whole playbook shows.

    What may be missing only because it could not be read (`damaged`) is not reported as missing.
    """
    yield from _stages(playbook, document)
    if not _is_torn(damaged, _ENDING_KEYS):
        yield from _ends(playbook, document)
    cycles = signal_cycles(playbook.signals)
    for cycle in cycles:
        place = document.key_place(("signals", cycle[0]))
        way = " → ".join(shortened(name) for name in (*cycle[:_LONGEST_WAY], cycle[0]))
        hint = "a signal must rest on fields, activities or stages in the end"
        yield Mistake(place, f"a signal refers to itself: {way}", "signal-cycle", hint)
    if not cycles:
        yield from _sizes(playbook, document)
    yield from _waivers(document)
    if not _is_torn(damaged, _RULE_KEYS):
        yield from _settings(playbook)
    yield from _moving_names(document)


def _is_torn(damaged: frozenset[Route], keys: Sequence[str]) -> bool:
    """Returns whether a stage, a sequence rule or one of these keys in them could not be read."""
    for route in damaged:
        if len(route) == 1 and resembles(route[0], _SECTIONS):
            return True
        if route[:1] == ("fields",) and len(route) == 3 and "by" in keys and route[-1] != "by":
            if resembles(route[-1], ("by",)):
                return True
        elif route[:1] in (("stages",), ("sequence",), ("limits",)) and (
            isinstance(route[-1], int)
            or (len(route) <= 3 and route[-1] not in _STOOD_IN and resembles(route[-1], keys))
        ):
            return True
    return False


def _stages(playbook: Playbook, document: Document) -> Iterator[Mistake]:
    first: dict[str, Stage] = {}
    for stage in playbook.stages:
        if stage.id in first:
            related = first[stage.id].place
            message = f"stage {quoted(stage.id)} stands twice (first on line {related.line})"
            hint = "give each its own id"
            yield Mistake(stage.place, message, "duplicate-stage", hint, related=related)
        first.setdefault(stage.id, stage)
        if stage.id in _RESERVED:
            message = f'"{stage.id}" is no id for a stage: rule ids begin with it'
            yield Mistake(stage.place, message, "reserved-id", f'for example "{stage.id}-stage"')
    for index, data in _stage_items(document):
        if data.get("ends") not in ("won", "lost"):
            continue
        if data["ends"] == "lost" and "counts_as" in data:
            place = document.key_place(("stages", index, "counts_as"))
            message = "a stage that ends a deal as lost cannot count as won"
            yield Mistake(place, message, "unknown-value", "leave out counts_as")
        for key in _NOT_AT_AN_END:
            if key in data:
                place = document.key_place(("stages", index, key))
                message = f"{key} never falls due in a stage that ends the deal"
                hint = "such a stage takes entry, hold and by"
                yield Mistake(place, message, "rule-at-an-end", hint)


def _stage_items(document: Document) -> Iterator[tuple[int, dict[str, Anything]]]:
    data = document.get(("stages",))
    for index, item in enumerate(data if isinstance(data, list) else ()):
        if isinstance(item, dict):
            yield index, item


def _ends(playbook: Playbook, document: Document) -> Iterator[Mistake]:
    ends = {stage.ends for stage in playbook.stages}
    place = document.key_place(("stages",))
    for end in ("won", "lost"):
        if end not in ends and playbook.stages:
            message = f"no stage has ends: {end}, so that no deal can be {end}"
            yield Mistake(
                place,
                message,
                f"no-way-to-{'win' if end == 'won' else 'lose'}",
                f"add a stage with ends: {end}",
            )
    if not any(stage.ends is None for stage in playbook.stages) and playbook.stages:
        yield Mistake(
            place, "every stage ends the deal", "no-open-stage", "add the stages that lead there"
        )


def signal_cycles(signals: Mapping[str, Condition]) -> list[list[str]]:
    """Returns the cycles of signals that name each other, each once, from the signal declared
    first."""
    uses = _all_uses(signals)
    order = {name: index for index, name in enumerate(signals)}
    found: list[list[str]] = []
    while len(found) < _MOST_CYCLES:
        try:
            TopologicalSorter(uses).prepare()
            break
        except CycleError as error:
            cycle: list[str] = error.args[1][:0:-1]
            start = min(range(len(cycle)), key=lambda index: order[cycle[index]])
            found.append(cycle[start:] + cycle[:start])
            cut = set(cycle)
            uses = {
                name: [each for each in used if each not in cut]
                for name, used in uses.items()
                if name not in cut
            }
    return found


def _all_uses(signals: Mapping[str, Condition]) -> dict[str, list[str]]:
    """Returns the signals that each signal names, in an order that is always the same."""
    return {
        name: [each for each in dict.fromkeys(_uses(condition)) if each in signals]
        for name, condition in signals.items()
    }


def _sizes(playbook: Playbook, document: Document) -> Iterator[Mistake]:
    """Yields mistakes where signals, which are compiled where they are named, nest or multiply too
    much."""
    parts: dict[str, int] = {}
    depth: dict[str, int] = {}
    nested: dict[str, int] = {}
    for name in TopologicalSorter(_all_uses(playbook.signals)).static_order():
        used = _uses(playbook.signals[name])
        parts[name] = 1 + sum(parts.get(each, 1) for each in used)
        depth[name] = 1 + max((depth.get(each, 0) for each in used), default=0)
        if depth[name] == _DEEPEST_SIGNAL + 1:
            place = document.key_place(("signals", name))
            message = f"signals refer to signals more than {_DEEPEST_SIGNAL} deep"
            yield Mistake(place, message, "too-deep", "say some of them directly")
        nested[name] = _nested(playbook.signals[name], nested)
        if nested[name] > _MOST_NESTED >= max((nested.get(each, 0) for each in used), default=0):
            place = document.key_place(("signals", name))
            message = f"with the signals it refers to, this is nested more than {_MOST_NESTED} deep"
            yield Mistake(place, message, "too-deep", "put fewer conditions inside each other")
    total = sum(
        parts.get(name, 1) for condition in _conditions(playbook) for name in _uses(condition)
    )
    if total > _MOST_PARTS:
        place = document.key_place(("signals",))
        message = f"the signals, written out where they are named, are more than {_MOST_PARTS:,}"
        yield Mistake(place, message, "too-many-values", "let fewer signals name other signals")


def _nested(condition: Condition, signals: Mapping[str, int]) -> int:
    """Returns how deep a condition nests, given how deep each signal does."""
    match condition:
        case All(parts) | Any(parts):
            return 1 + max((_nested(part, signals) for part in parts), default=0)
        case Not(part):
            return 1 + _nested(part, signals)
        case SignalRef(name):
            return 1 + signals.get(name, 0)
    return 1


def _conditions(playbook: Playbook) -> Iterator[Condition]:
    alone = [playbook.applies_to, *(stage.when for stage in playbook.stages)]
    alone += [settings.when for settings in playbook.settings]
    alone += [owned.when for owned in playbook.set_by]
    for sequence in playbook.sequence:
        alone += sequence.when, sequence.need
    for stage in playbook.stages:
        alone += [demand.when for demand in (*stage.entry, *stage.exit, *stage.hold)]
        alone += [activity.when for activity in stage.activities]
    yield from (condition for condition in alone if condition)
    yield from playbook.signals.values()
    for profile in playbook.profiles:
        yield from profile.fit.values()
    for stage in playbook.stages:
        yield from (each.condition for each in (*stage.entry, *stage.exit, *stage.hold))


def _uses(condition: Condition) -> list[str]:
    """Returns the signals that a condition names, as often as it does."""
    return [part.name for part in walk(condition, {}) if isinstance(part, SignalRef)]


def _waivers(document: Document) -> Iterator[Mistake]:
    if document.get(("may_waive",)) == []:
        place = document.key_place(("may_waive",))
        yield Mistake(
            place,
            "may_waive is empty, so that nobody may make an exception",
            "no-waiver-role",
            "name a role, or leave may_waive out",
            level="warning",
        )


def _settings(playbook: Playbook) -> Iterator[Mistake]:
    ids = [rule.info.id for rule in list_rules(playbook)]
    for settings in playbook.settings:
        if not any(glob_matches(settings.glob, rule_id) for rule_id in ids):
            message = f"{quoted(settings.glob)} matches no rule of this playbook"
            hint = nearest(settings.glob, ids)
            if not hint.startswith("did"):
                hint = "playgate show lists the rules"
            yield Mistake(settings.place, message, "rules-match-nothing", hint)


def _moving_names(document: Document) -> Iterator[Mistake]:
    for index, stage in _stage_items(document):
        for key in ("entry", "activities", "exit", "hold"):
            items = stage.get(key)
            if isinstance(items, list):
                yield from _moving_in(("stages", index, key), items, document)


def _moving_in(route: Route, items: list[object], document: Document) -> Iterator[Mistake]:
    given = [item.get("id") if isinstance(item, dict) else None for item in items]
    own = [own_name(item) for item in items]
    for index, name in enumerate(name_all(given, own)):
        if name not in (given[index], own[index]) and own[index] != "broken":
            place = document.place((*route, index))
            message = f"this rule is named {shortened(name)} only by its place in the list"
            hint = "give it an id, so that inserting a line does not rename it"
            yield Mistake(place, message, "moving-name", hint, level="warning")
