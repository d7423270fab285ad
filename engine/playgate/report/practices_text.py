"""What winners do otherwise, as the short tables that text and Markdown show, and as rules to
paste."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from playgate.language import ENGLISH, say, speaking, using
from playgate.numbers.practices.result import Effect, Practice, Practices, Threshold
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import percent
from playgate.report.words import count, more, plural

__all__ = ["alike_section", "found_section", "gaps_section", "practice_sections", "written"]

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_- ")


def practice_sections(result: Practices) -> Iterator[Section]:
    """Yields tables of what was found, of what it would bring, of the rules to paste, and of the
    rules that make no difference."""
    yield found_section(result)
    if result.found:
        yield gaps_section(result)
        rules: list[tuple[Cell, ...]] = [(line,) for line in _lines(result)]
        columns = (Column("sequence:", "message"),)
        title = say("To paste into a playbook, where it is only observed")
        yield Section(title, columns, rules)
    if result.alike:
        yield alike_section(result)


def found_section(result: Practices, words: Callable[[str], str] = str) -> Section:
    """Returns the table of what stood the test; `words` say a rule as people do."""
    columns = (
        Column(say("Done before it"), "message"),
        Column(say("With"), "mark"),
        Column(say("Without"), "mark"),
        Column(say("Difference"), "mark"),
        Column(say("Chance"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            words(each.words),
            _share(each.confirmed.done_well, each.confirmed.done),
            _share(each.confirmed.left_well, each.confirmed.left),
            _points(each.confirmed),
            _chance(each.chance) + (" ?" if each.reps < 2 else ""),
        )
        for each in result.found
    ]
    looked = say(
        "{candidates} tried in one half of the deals, {promising} again in the other; compared are "
        "deals of the same rep, segment and third by amount; what narrows an activity, among those "
        "that did it at all. Of what is found, 1 in 20 may be chance.",
        candidates=plural(result.tried, "candidate"),
        promising=count(result.promising),
    )
    if any(each.reps < 2 for each in result.found):
        looked = f"{looked} {say('? Only one half of the reps shows it.')}"
    return Section(_title(result), columns, rows, "", looked)


def _title(result: Practices) -> str:
    way = {"landmark": result.landmark, "outcome": result.outcome}
    if result.found:
        return say("What brought deals from {landmark} to {outcome}", **way)
    if result.tried:
        return say("Nothing found that brings deals from {landmark} to {outcome}", **way)
    return say("Too few deals to tell what brings them from {landmark} to {outcome}", **way)


def gaps_section(result: Practices, words: Callable[[str], str] = str) -> Section:
    """Returns the table of what the middle half of the reps would gain."""
    columns = (
        Column(say("Practice"), "message"),
        Column(say("Best quarter"), "mark"),
        Column(say("Middle half"), "mark"),
        Column(say("Would bring"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            words(each.words),
            percent(each.gap.best),
            percent(each.gap.middle),
            say(
                "{part} of {whole}",
                part=speaking().number(each.gap.gain, 1),
                whole=plural(each.gap.deals, "deal"),
            ),
        )
        for each in result.found
        if each.gap
    ]
    note = "" if rows else say("Too few reps to tell a best quarter from a middle half.")
    return Section(say("What the middle half of the reps would gain"), columns, rows, "", note)


def alike_section(
    result: Practices, named: Callable[[str], str] = str, most: int | None = None
) -> Section:
    """Returns the table of the playbook's own rules that make no difference; `named` says what a
    rule is called, and `most` how many are shown."""
    columns = (
        Column(say("Rule"), "id"),
        Column(say("Kept"), "mark"),
        Column(say("Not kept"), "mark"),
        Column(say("Difference"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            named(each.rule),
            _share(each.effect.done_well, each.effect.done),
            _share(each.effect.left_well, each.effect.left),
            _points(each.effect),
        )
        for each in result.alike[:most]
    ]
    note = say(
        "Surely less than {margin} points, whether kept or not.", margin=round(result.margin * 100)
    )
    left = more(len(result.alike) - len(rows), "rule")
    return Section(say("Rules that make no difference to it"), columns, rows, left, note)


def _share(part: int, whole: int) -> str:
    share = percent(part / whole if whole else None)
    return say("{part} of {whole}", part=share, whole=count(whole))


def _points(effect: Effect) -> str:
    if effect.value is None or effect.low is None or effect.high is None:
        return "–"
    low, high = round(effect.low * 100), round(effect.high * 100)
    between = say("{low} to {high}", low=low, high=high)
    return f"{round(effect.value * 100):+d} ({between})"


_LEAST = 0.0001


def _chance(chance: float) -> str:
    shown = speaking().number(max(chance, _LEAST), 4)
    return f"<{shown}" if chance < _LEAST else shown


def written(result: Practices) -> Iterator[str]:
    """Yields what was found as the section `sequence` of a playbook; the evidence is a comment."""
    if result.found:
        yield "\nsequence:\n"
        yield from (f"{line}\n" for line in _lines(result))


def _lines(result: Practices) -> list[str]:
    """Returns the rules as YAML, which is English whatever is spoken."""
    with using(ENGLISH):
        return [line for each in result.found for line in _rule(each, result)]


def _rule(practice: Practice, result: Practices) -> Iterator[str]:
    yield from (f"  # {line}" for line in _evidence(practice, result))
    mark = "-"
    for key, value in practice.rule.items():
        yield f"  {mark} {key}: {_flow(value)}"
        mark = " "


def _evidence(practice: Practice, result: Practices) -> Iterator[str]:
    """Yields why a rule is proposed, and why with its threshold."""
    effect, gap = practice.confirmed, practice.gap
    with_it, without = (
        _share(effect.done_well, effect.done),
        _share(effect.left_well, effect.left),
    )
    yield f"{result.outcome}: {with_it} with it, {without} without; {_points(effect)} points"
    if len(practice.thresholds) > 1:
        tried = "; ".join(f"{each.at} {_learnt(each)}" for each in practice.thresholds)
        yield f"tried in the other half, in points: {tried}"
    if gap is not None:
        best, middle = percent(gap.best), percent(gap.middle)
        yield f"done in {best} of the deals of the best quarter of reps, {middle} of the middle"


def _learnt(threshold: Threshold) -> str:
    value = threshold.learnt.value
    return "–" if value is None else f"{round(value * 100):+d}"


def _flow(value: Any) -> str:
    """Writes a value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and (not _PLAIN.issuperset(value) or not value[:1].isalpha()):
        return json.dumps(value, ensure_ascii=False)
    return f"{value}" if value not in ("true", "false", "null") else json.dumps(value)
