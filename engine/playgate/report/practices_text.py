"""What winners do otherwise, as the short tables that text and Markdown show, and as rules to
paste."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from playgate.language import say, speaking
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
        title = say("To paste into a playbook, where it is only observed")
        yield Section(title, columns, rules)
    if result.alike:
        yield _alike(result)


def _found(result: Practices) -> Section:
    columns = (
        Column(say("Done before it"), "message"),
        Column(say("With"), "mark"),
        Column(say("Without"), "mark"),
        Column(say("Difference"), "mark"),
        Column(say("Chance"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.words,
            _share(each.confirmed.done_well, each.confirmed.done),
            _share(each.confirmed.left_well, each.confirmed.left),
            _points(each.confirmed),
            speaking().number(max(each.chance, 0.0001), 4) + (" ?" if each.reps < 2 else ""),
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
    return Section(_about(result), columns, rows, "", looked)


def _about(result: Practices) -> str:
    landmark, outcome = result.landmark, result.outcome
    if not result.tried:
        return say(
            "Too few deals to tell what brings them from {landmark} to {outcome}",
            landmark=landmark,
            outcome=outcome,
        )
    if not result.found:
        return say(
            "Nothing found that brings deals from {landmark} to {outcome}",
            landmark=landmark,
            outcome=outcome,
        )
    return say(
        "What brought deals from {landmark} to {outcome}", landmark=landmark, outcome=outcome
    )


def _gaps(result: Practices) -> Section:
    columns = (
        Column(say("Practice"), "message"),
        Column(say("Best quarter"), "mark"),
        Column(say("Middle half"), "mark"),
        Column(say("Would bring"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.words,
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


def _alike(result: Practices) -> Section:
    columns = (
        Column(say("Rule"), "id"),
        Column(say("Kept"), "mark"),
        Column(say("Not kept"), "mark"),
        Column(say("Difference"), "mark"),
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
    note = say(
        "Surely less than {margin} points, whether kept or not.", margin=round(result.margin * 100)
    )
    return Section(say("Rules that make no difference to it"), columns, rows, "", note)


def _share(part: int, whole: int) -> str:
    share = percent(part / whole if whole else None)
    return say("{part} of {whole}", part=share, whole=count(whole))


def _points(effect: Effect) -> str:
    if effect.value is None or effect.low is None or effect.high is None:
        return "–"
    low, high = round(effect.low * 100), round(effect.high * 100)
    between = say("{low} to {high}", low=low, high=high)
    return f"{round(effect.value * 100):+d} ({between})"


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
    return say(
        "{outcome}: {with_it} with it, {without} without; {points} points",
        outcome=result.outcome,
        with_it=with_it,
        without=without,
        points=_points(effect),
    )


def _flow(value: Any) -> str:
    """Writes a value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and (not _PLAIN.issuperset(value) or not value[:1].isalpha()):
        return json.dumps(value, ensure_ascii=False)
    return f"{value}" if value not in ("true", "false", "null") else json.dumps(value)
