"""Marks on what counts as met, as the short tables that text and Markdown show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from playgate.language import say
from playgate.numbers.peers import is_unlikely
from playgate.numbers.quality_result import Marked, QualityResult, RepMarks, RuleMarks
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import percent, share
from playgate.report.numbers_words import member, number, part_of
from playgate.report.words import count, more

__all__ = ["mark_words", "more_than_others", "quality_sections"]

_ROWS = 40
_RULES = 10


def mark_words(looked_for: Iterable[str]) -> list[str]:
    """Returns what is looked for, in words."""
    words = {
        "just_before": say("Just before"),
        "same_text": say("Same text"),
        "batch": say("In a batch"),
        "at_threshold": say("Just enough"),
    }
    return [words[each] for each in looked_for]


def quality_sections(result: QualityResult) -> Iterator[Section]:
    """Yields the table of the reps, that of the rules, and what to talk about with whom."""
    yield _reps(result)
    company = [line for line in result.lines if line.scope == "company"]
    yield _rules(company[0].rules if company else (), result.looked_for)
    yield _talks([line for line in result.lines if line.scope == "rep"])


def more_than_others(found: RepMarks | RuleMarks) -> bool:
    """Returns whether more is marked than chance explains."""
    return is_unlikely(found.chance) and (found.share.part > (found.expected or 0))


def _reps(result: QualityResult) -> Section:
    columns = (
        Column(say("Rep"), "name"),
        Column(say("Met"), "number"),
        Column(say("Marked"), "mark"),
        Column(say("Expected"), "mark"),
        *(Column(each, "number") for each in mark_words(result.looked_for)),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            _called(line),
            count(line.share.count),
            share(line.share) + " ≠" * more_than_others(line),
            "" if line.expected is None else _of(line.expected, line.share.count),
            *_kinds(line.marks, result.looked_for),
        )
        for line in result.lines[:_ROWS]
        if line.share.count
    ]
    left = more(len(result.lines) - _ROWS)
    if not rows:
        note = say("What is looked for is on record where a rule asks for a field or an activity.")
        return Section(say("No rule was met by facts"), columns, rows, left, note)
    note = say(
        "Marked: of the times that a rule was met by facts, those whose facts look as if they were "
        "recorded to pass; one may have several marks. Expected: with each rule marked as often as "
        "by all reps. ≠ more than chance explains, with all reps looked at. A mark is a reason to "
        "ask, and no verdict: whoever writes down at night what was done in the day is marked, too."
    )
    return Section(say("Facts that look recorded to pass"), columns, rows, left, note)


def _called(line: RepMarks) -> str:
    return member(line.scope, line.name) + (f" {say('(new)')}" if line.ramps else "")


def _of(expected: float, met: int) -> str:
    return percent(expected / met) if met else "–"


def _kinds(marks: Marked, looked_for: Sequence[str]) -> Iterator[str]:
    for each in looked_for:
        times: int = getattr(marks, each)
        yield count(times) if times else ""


def _rules(rules: Sequence[RuleMarks], looked_for: Sequence[str]) -> Section:
    columns = (
        Column(say("Rule"), "message"),
        Column(say("Met"), "number"),
        Column(say("Marked"), "mark"),
        *(Column(each, "number") for each in mark_words(looked_for)),
    )
    marked = sorted(
        (rule for rule in rules if rule.share.part), key=lambda rule: (-rule.share.part, rule.rule)
    )
    rows: list[tuple[Cell, ...]] = [
        (
            (rule.title, rule.rule),
            count(rule.share.count),
            share(rule.share),
            *_kinds(rule.marks, looked_for),
        )
        for rule in marked[:_RULES]
    ]
    left = more(len(marked) - _RULES)
    return Section(say("Rules whose facts have marks"), columns, rows, left)


def _talks(lines: Sequence[RepMarks]) -> Section:
    """Returns what to talk about: rules whose facts have more marks than those of the others."""
    columns = (
        Column(say("Rep"), "name"),
        Column(say("Rule"), "message"),
        Column(say("Marked"), "mark"),
        Column(say("Expected"), "mark"),
        Column(say("Deals to look at"), "message"),
    )
    found = [(line, rule) for line in lines for rule in line.rules if more_than_others(rule)]
    rows: list[tuple[Cell, ...]] = [
        (
            line.name,
            (rule.title, rule.rule),
            part_of(rule.share.part, rule.share.count),
            number(rule.expected),
            ", ".join(rule.deals),
        )
        for line, rule in found[:_ROWS]
    ]
    left = more(len(found) - _ROWS)
    note = say("Ask how the work is done and written down; nothing here says why.")
    return Section(say("To talk about"), columns, rows, left, note if rows else "")
