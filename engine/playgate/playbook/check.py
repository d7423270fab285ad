"""Checks of a playbook as a whole: what each part says may be right, and they still clash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playgate.conditions.tree import Condition, SignalRef, walk
from playgate.documents.document import (
    Document,
    Route,
    nearest,
    quoted,
    resembles,
    shortened,
)
from playgate.errors import Mistake
from playgate.playbook.model import Playbook, Stage
from playgate.playbook.naming import name_all, own_name
from playgate.playbook.rules import glob_matches, list_rules

__all__ = ["check", "signal_cycles"]

_RESERVED = ("order", "sequence", "limit", "profile")
_NO_RULES_AT_AN_END = ("activities", "exit", "time_limit")
_SECTIONS = ("stages", "sequence", "limits", "profiles")
_ENDING_KEYS = ("ends", "stage")
_RULE_KEYS = (
    "stage", "entry", "activities", "exit", "hold", "by", "time_limit", "id", "before", "after",
    "if", "idle", "age",
)  # fmt: skip
_DEEPEST_SIGNAL = 40
_MOST_PARTS = 50_000


def check(
    playbook: Playbook, document: Document, damaged: frozenset[Route]
) -> Iterator[Mistake]:
    """Every mistake that only the whole playbook shows.

    What may be missing only because it could not be read (`damaged`) is not reported as missing.
    """
    yield from _stages(playbook, document)
    if not _is_torn(damaged, _ENDING_KEYS):
        yield from _ends(playbook, document)
    cyclic = signal_cycles(playbook.signals)
    for name in cyclic:
        place = document.key_place(("signals", name))
        hint = "a signal must rest on fields, activities or stages in the end"
        yield Mistake(place, f"signal {quoted(name)} refers to itself", "signal-cycle", hint)
    if not cyclic:
        yield from _sizes(playbook, document)
    yield from _waivers(playbook, document)
    if not _is_torn(damaged, _RULE_KEYS):
        yield from _settings(playbook)
    yield from _moving_names(document)


def _is_torn(damaged: frozenset[Route], keys: tuple[str, ...]) -> bool:
    """Whether a stage, a sequence rule or one of these keys in them could not be read."""
    for route in damaged:
        if len(route) == 1 and resembles(route[0], _SECTIONS):
            return True
        if route[:1] in (("stages",), ("sequence",), ("limits",)) and (
            isinstance(route[-1], int) or (len(route) <= 3 and resembles(route[-1], keys))
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
        for key in _NO_RULES_AT_AN_END:
            if key in data:
                place = document.key_place(("stages", index, key))
                message = f"{key} never falls due in a stage that ends the deal"
                hint = "such a stage takes entry, hold and by"
                yield Mistake(place, message, "rule-at-an-end", hint)


def _stage_items(document: Document) -> Iterator[tuple[int, dict[str, Any]]]:
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
            yield Mistake(place, message, f"no-way-to-{'win' if end == 'won' else 'lose'}",
                          f"add a stage with ends: {end}")
    if not any(stage.ends is None for stage in playbook.stages) and playbook.stages:
        yield Mistake(place, "every stage ends the deal", "no-open-stage",
                      "add the stages that lead there")


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


def _sizes(playbook: Playbook, document: Document) -> Iterator[Mistake]:
    """Signals are compiled where they are named: they must not nest, or multiply, without end."""
    parts: dict[str, int] = {}
    depth: dict[str, int] = {}
    for name in _in_order(playbook.signals):
        used = _uses(playbook.signals[name])
        parts[name] = 1 + sum(parts.get(each, 1) for each in used)
        depth[name] = 1 + max((depth.get(each, 0) for each in used), default=0)
        if depth[name] == _DEEPEST_SIGNAL + 1:
            place = document.key_place(("signals", name))
            message = f"signals refer to signals more than {_DEEPEST_SIGNAL} deep"
            yield Mistake(place, message, "too-deep", "say some of them directly")
    total = sum(
        parts.get(name, 1) for condition in _conditions(playbook) for name in _uses(condition)
    )
    if total > _MOST_PARTS:
        place = document.key_place(("signals",))
        message = f"the signals, written out where they are named, are more than {_MOST_PARTS:,}"
        yield Mistake(place, message, "too-many-values", "let fewer signals name other signals")


def _conditions(playbook: Playbook) -> Iterator[Condition]:
    alone = [playbook.applies_to, *(stage.when for stage in playbook.stages)]
    for sequence in playbook.sequence:
        alone += sequence.when, sequence.need
    yield from (condition for condition in alone if condition)
    yield from playbook.signals.values()
    for profile in playbook.profiles:
        yield from profile.fit.values()
    for stage in playbook.stages:
        yield from (each.condition for each in (*stage.entry, *stage.exit, *stage.hold))


def _uses(condition: Condition) -> list[str]:
    """The signals that a condition names, as often as it does."""
    return [part.name for part in walk(condition, {}) if isinstance(part, SignalRef)]


def _in_order(signals: Mapping[str, Condition]) -> Iterator[str]:
    """The signals, each after those that it names; there are no cycles."""
    done: set[str] = set()
    for start in signals:
        todo = [start]
        while todo:
            name = todo[-1]
            before = {each for each in _uses(signals[name]) if each in signals} - done
            if name not in done and before:
                todo.extend(before)
                continue
            todo.pop()
            if name not in done:
                done.add(name)
                yield name


def _waivers(playbook: Playbook, document: Document) -> Iterator[Mistake]:
    if document.get(("may_waive",)) == []:
        place = document.key_place(("may_waive",))
        yield Mistake(place, "may_waive is empty, so that nobody may make an exception",
                      "no-waiver-role", "name a role, or leave may_waive out", level="warning")


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
