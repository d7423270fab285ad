"""A playbook on one screen: stages in order, what each asks, at which level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.conditions.calendar import Calendar, hours_words, workdays_words
from playgate.conditions.describe import describe
from playgate.findings import Level
from playgate.model.playbook import Playbook, Stage
from playgate.playbook.migration import migration_words
from playgate.report.playbook_declared import declared
from playgate.report.playbook_numbers import numbers_summary
from playgate.report.rule_words import beside_title
from playgate.report.words import plural, visible
from playgate.rules.families import FAMILIES
from playgate.rules.list import Rule, list_rules

__all__ = ["render"]

_MARKS: dict[Level, str] = {"block": "■", "warn": "▲", "observe": "·"}
_COLOURS: dict[Level, str] = {"block": "31", "warn": "33", "observe": "2"}
_INDENT = 4
_BEFORE_TEXT = _INDENT + 2 + max(len(row.heading) for row in FAMILIES.values()) + 2
_LONGEST_HEAD = 28
_LEAST_TEXT = 26
"""So much room is kept for words; an id that is too long for what is left stands below."""


def render(playbook: Playbook, *, width: int = 100, colour: bool = False) -> Iterator[str]:
    """Yields the playbook as lines of at most `width` characters, so far as its words are not
    longer."""
    rules = list_rules(playbook)
    painter = _PlaybookPainter(
        width,
        colour,
        playbook,
        text=max(len(_short(rule, playbook)) for rule in rules),
        ids=max(len(_short_id(rule)) for rule in rules),
    )
    name = f"{playbook.name} version {playbook.version}"
    title = f"{visible(playbook.title)}  " if playbook.title != playbook.name else ""
    yield from painter.lines(title + name, bold=len(title or name))
    stages = plural(len(playbook.stages), "stage")
    about = f"{stages}, {plural(len(rules), 'rule')}: ■ block  ▲ warn  · observe"
    yield from painter.lines(f"{about}    time zone {playbook.zone_name}")
    yield from painter.lines(
        f"A rule's id is its stage's and what stands on its right: {rules[0].info.id}"
    )
    if playbook.applies_to is not None:
        yield from painter.lines(f"Governs deals where {visible(describe(playbook.applies_to))}")
    if told := _working_time(playbook):
        yield from painter.lines(told)
    if told := migration_words(playbook):
        yield from painter.lines(f"Deals in flight under earlier versions: {told}")
    for number, each in enumerate(playbook.stages, 1):
        yield "\n"
        yield from painter.heading(f"{number:>2}", visible(each.title), _about(each))
        yield from painter.rules([rule for rule in rules if rule.info.stage == each.id])
    yield "\n"
    yield from painter.heading("", "Whatever the stage", "")
    yield from painter.rules([rule for rule in rules if not rule.info.stage])
    lines = [line for line in numbers_summary(playbook) if line[1]]
    if lines:
        yield "\n"
        yield from painter.heading("", "What is counted", "")
        yield from painter.pairs(lines)
    for heading, declared_lines in declared(playbook, rules):
        yield "\n"
        yield from painter.heading("", heading, "")
        yield from painter.pairs(declared_lines)


def _working_time(playbook: Playbook) -> str:
    """Says when people work, where that is not the usual week without holidays."""
    calendar = playbook.calendar
    if calendar == Calendar(playbook.zone):
        return ""
    free = ", ".join(visible(each.words) for each in playbook.holidays)
    week = f"Working time: {workdays_words(calendar)}, {hours_words(calendar)}"
    return f"{week}; holidays: {free}" if free else week


def _about(stage: Stage) -> str:
    said = [stage.id]
    if stage.ends:
        said.append(f"ends the deal: {stage.ends}")
    if stage.counts_as_won:
        said.append("counts as won")
    if stage.optional:
        said.append("optional")
    if stage.when is not None:
        said.append(f"only where {visible(describe(stage.when))}")
    return ", ".join(said)


class _PlaybookPainter:
    """Lays lines out in `width` columns: words, and ids on their right.

    `text` and `ids` are how long the longest of each is.
    """

    def __init__(
        self, width: int, colour: bool, playbook: Playbook, *, text: int, ids: int
    ) -> None:
        self._width = width
        self._colour = colour
        self._playbook = playbook
        self._ids = max(0, min(ids, width - _BEFORE_TEXT - _LEAST_TEXT - 2))
        self._room = max(min(text, width - _BEFORE_TEXT - self._ids - 2), _LEAST_TEXT)

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and text else text

    def lines(self, text: str, *, bold: int = 0) -> Iterator[str]:
        """Yields text from the margin, its first characters bold and the rest dim."""
        first, *others = _wrapped(text, self._width)
        yield self._paint(first[:bold], "1") + self._paint(first[bold:], "2") + "\n"
        for line in others:
            yield self._paint(line, "2") + "\n"

    def heading(self, number: str, title: str, about: str) -> Iterator[str]:
        """Yields a stage's number and title, and what there is to say of it."""
        head = f"{number:{_INDENT}}{title}"
        if not about or len(head) + 2 + len(about) <= self._width:
            yield self._paint(head, "1") + self._paint(f"  {about}" if about else "", "2") + "\n"
            return
        yield self._paint(head, "1") + "\n"
        for line in _wrapped(about, self._width - _INDENT):
            yield " " * _INDENT + self._paint(line, "2") + "\n"

    def pairs(self, lines: Sequence[tuple[str, str]]) -> Iterator[str]:
        """Yields heads, and what there is to say of each; a head that is too long stands above."""
        start = " " * (_INDENT + 2)
        longest = max(len(visible(head)) for head, _ in lines)
        column = max(min(longest, _LONGEST_HEAD), _BEFORE_TEXT - len(start) - 2) + 2
        for head, said in lines:
            shown = visible(head)
            below = start + " " * column
            first, *others = _wrapped(visible(said), self._width - len(below))
            if len(shown) + 2 > column:
                yield f"{start}{shown}\n{below}{first}\n"
            else:
                yield f"{start}{shown:<{column}}{first}\n"
            for line in others:
                yield f"{below}{line}\n"

    def rules(self, rules: Sequence[Rule]) -> Iterator[str]:
        """Yields a rule's level, what kind it is, what it asks, and its id."""
        before = ""
        for rule in rules:
            head = rule.row.heading
            mark = self._paint(_MARKS[rule.info.level], _COLOURS[rule.info.level])
            shown = "" if head == before else head
            start = f"{' ' * _INDENT}{mark} {shown:<{_BEFORE_TEXT - _INDENT - 2}}"
            name = _short_id(rule)
            is_beside = len(name) <= self._ids
            first, *others = _wrapped(visible(_short(rule, self._playbook)), self._room)
            beside = self._paint(name, "2") if is_beside else ""
            yield f"{start}{first:<{self._room}}  {beside}".rstrip() + "\n"
            for line in others:
                yield " " * _BEFORE_TEXT + line + "\n"
            if not is_beside:
                yield " " * _BEFORE_TEXT + self._paint(name, "2") + "\n"
            before = head


def _short_id(rule: Rule) -> str:
    """Returns the id without the stage's, under which it stands."""
    return rule.info.id.removeprefix(f"{rule.info.stage}/")


def _short(rule: Rule, playbook: Playbook) -> str:
    """Returns the rule's title without what its heading says already, and what stands beside it."""
    beside = beside_title(rule, playbook)
    if rule.row.is_of_stage_itself:
        return f"the stage itself{beside}"
    title = rule.info.title
    for prefix in ("Moved here by ", "Left within "):
        title = title.removeprefix(prefix)
    return title.removesuffix(f" of entering {rule.info.stage}") + beside


def _wrapped(text: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(text, width, break_on_hyphens=False) or [""]
