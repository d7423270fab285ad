"""Marks on what counts as met, as the short tables that text and Markdown show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.numbers.peers import is_unlikely
from playgate.numbers.quality_result import Marked, QualityResult, RepMarks, RuleMarks
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import percent, share
from playgate.report.numbers_words import number
from playgate.report.words import count

__all__ = ["MARK_WORDS", "more_than_others", "quality_sections"]

MARK_WORDS = {
    "just_before": "Just before",
    "same_text": "Same text",
    "batch": "In a batch",
    "at_threshold": "Just enough",
}
_ROWS = 40
_RULES = 10
_NOTE = (
    "Marked: of the times that a rule was met by facts, those whose facts look as if they were "
    "recorded to pass; one may have several marks. Expected: with each rule marked as often as by "
    "all reps. ≠ more than chance explains, with all reps looked at. A mark is a reason to ask, "
    "and no verdict: whoever writes down at night what was done in the day is marked, too."
)


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
        Column("Rep", "name"),
        Column("Met", "number"),
        Column("Marked", "mark"),
        Column("Expected", "mark"),
        *(Column(MARK_WORDS[each], "number") for each in result.looked_for),
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
    left = f"and {count(len(result.lines) - _ROWS)} more" if len(result.lines) > _ROWS else ""
    return Section(
        "Facts that look recorded to pass" if rows else "No rule was met by facts",
        columns,
        rows,
        left,
        _NOTE
        if rows
        else "What is looked for is on record where a rule asks for a field or an activity.",
    )


def _called(line: RepMarks) -> str:
    match line.scope:
        case "company":
            return "Company"
        case "team":
            return f"Team {line.name}"
    return line.name + (" (new)" if line.ramps else "")


def _of(expected: float, met: int) -> str:
    return percent(expected / met) if met else "–"


def _kinds(marks: Marked, looked_for: Sequence[str]) -> Iterator[str]:
    for each in looked_for:
        times: int = getattr(marks, each)
        yield count(times) if times else ""


def _rules(rules: Sequence[RuleMarks], looked_for: Sequence[str]) -> Section:
    columns = (
        Column("Rule", "message"),
        Column("Met", "number"),
        Column("Marked", "mark"),
        *(Column(MARK_WORDS[each], "number") for each in looked_for),
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
    left = f"and {count(len(marked) - _RULES)} more" if len(marked) > _RULES else ""
    return Section("Rules whose facts have marks", columns, rows, left)


def _talks(lines: Sequence[RepMarks]) -> Section:
    """Returns what to talk about: rules whose facts have more marks than those of the others."""
    columns = (
        Column("Rep", "name"),
        Column("Rule", "message"),
        Column("Marked", "mark"),
        Column("Expected", "mark"),
        Column("Deals to look at", "message"),
    )
    found = [(line, rule) for line in lines for rule in line.rules if more_than_others(rule)]
    rows: list[tuple[Cell, ...]] = [
        (
            line.name,
            (rule.title, rule.rule),
            f"{count(rule.share.part)} of {count(rule.share.count)}",
            number(rule.expected),
            ", ".join(rule.deals),
        )
        for line, rule in found[:_ROWS]
    ]
    left = f"and {count(len(found) - _ROWS)} more" if len(found) > _ROWS else ""
    note = "Ask how the work is done and written down; nothing here says why."
    return Section("To talk about", columns, rows, left, note if rows else "")
