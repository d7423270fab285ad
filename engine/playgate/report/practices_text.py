"""What winners do otherwise, as the short tables that text and Markdown show, and as rules to
paste."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from playgate.numbers.practices.result import Effect, Practice, Practices
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import percent
from playgate.report.words import count, plural

__all__ = ["practice_sections", "written"]

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_- ")


def practice_sections(result: Practices) -> Iterator[Section]:
    """Yields tables of what was found, of what it would bring, of the rules to paste, and of the
    rules that make no difference."""
    yield _found(result)
    if result.found:
        yield _gaps(result)
        rules: list[tuple[Cell, ...]] = [(line,) for line in _lines(result)]
        columns = (Column("sequence:", "message"),)
        yield Section("To paste into a playbook, where it is only observed", columns, rules)
    if result.alike:
        yield _alike(result)


def _found(result: Practices) -> Section:
    columns = (
        Column("Done before it", "message"),
        Column("With", "mark"),
        Column("Without", "mark"),
        Column("Difference", "mark"),
        Column("Chance", "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.words,
            _share(each.confirmed.done_well, each.confirmed.done),
            _share(each.confirmed.left_well, each.confirmed.left),
            _points(each.confirmed),
            f"{max(each.chance, 0.0001):.4f}" + (" ?" if each.reps < 2 else ""),
        )
        for each in result.found
    ]
    looked = (
        f"{plural(result.tried, 'candidate')} tried in one half of the deals,"
        f" {count(result.promising)} again in the other; compared are deals of the same rep,"
        " segment and third by amount; what narrows an activity, among those that did it at all."
        " Of what is found, 1 in 20 may be chance."
    )
    if any(each.reps < 2 for each in result.found):
        looked += " ? Only one half of the reps shows it."
    title = f"What brought deals from {result.landmark} to {result.outcome}"
    if not rows:
        title = f"Nothing found that brings deals from {result.landmark} to {result.outcome}"
    if not result.tried:
        title = f"Too few deals to tell what brings them from {result.landmark} to {result.outcome}"
    return Section(title, columns, rows, "", looked)


def _gaps(result: Practices) -> Section:
    columns = (
        Column("Practice", "message"),
        Column("Best quarter", "mark"),
        Column("Middle half", "mark"),
        Column("Would bring", "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.words,
            percent(each.gap.best),
            percent(each.gap.middle),
            f"{each.gap.gain:.1f} of {plural(each.gap.deals, 'deal')}",
        )
        for each in result.found
        if each.gap
    ]
    note = "" if rows else "Too few reps to tell a best quarter from a middle half."
    return Section("What the middle half of the reps would gain", columns, rows, "", note)


def _alike(result: Practices) -> Section:
    columns = (
        Column("Rule", "id"),
        Column("Kept", "mark"),
        Column("Not kept", "mark"),
        Column("Difference", "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.rule,
            _share(each.effect.done_well, each.effect.done),
            _share(each.effect.left_well, each.effect.left),
            _points(each.effect),
        )
        for each in result.alike
    ]
    note = f"Surely less than {round(result.margin * 100)} points, whether kept or not."
    return Section("Rules that make no difference to it", columns, rows, "", note)


def _share(part: int, whole: int) -> str:
    return f"{percent(part / whole if whole else None)} of {count(whole)}"


def _points(effect: Effect) -> str:
    if effect.value is None or effect.low is None or effect.high is None:
        return "–"
    low, high = round(effect.low * 100), round(effect.high * 100)
    return f"{round(effect.value * 100):+d} ({low} to {high})"


def written(result: Practices) -> Iterator[str]:
    """Yields what was found as the section `sequence` of a playbook; the evidence is a comment."""
    if result.found:
        yield "\nsequence:\n"
        yield from (f"{line}\n" for line in _lines(result))


def _lines(result: Practices) -> Iterator[str]:
    for each in result.found:
        yield f"  # {_evidence(each, result)}"
        mark = "-"
        for key, value in each.rule.items():
            yield f"  {mark} {key}: {_flow(value)}"
            mark = " "


def _evidence(practice: Practice, result: Practices) -> str:
    effect = practice.confirmed
    with_it, without = (
        _share(effect.done_well, effect.done),
        _share(effect.left_well, effect.left),
    )
    return f"{result.outcome}: {with_it} with it, {without} without; {_points(effect)} points"


def _flow(value: Any) -> str:
    """Writes a value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and (not _PLAIN.issuperset(value) or not value[:1].isalpha()):
        return json.dumps(value, ensure_ascii=False)
    return f"{value}" if value not in ("true", "false", "null") else json.dumps(value)
