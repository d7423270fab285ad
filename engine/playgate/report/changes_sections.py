"""What a digest tells, as the short tables that text, Markdown and e-mails show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import TypeVar

from playgate.conditions.instants import load_zone
from playgate.language import say
from playgate.numbers.changes_result import (
    Changes,
    DueSoon,
    Missed,
    Moved,
    WaiverAsked,
    WaiverGiven,
)
from playgate.numbers.watch_result import AlarmSeen
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import day, minute
from playgate.report.numbers_words import money
from playgate.report.today_text import today_sections
from playgate.report.words import count, more, plural

__all__ = ["heading", "sections"]

_ROWS = 15

_T = TypeVar("_T")
_Row = tuple[Cell, ...]


def heading(found: Changes, titles: Mapping[str, str]) -> tuple[str, list[str]]:
    """Returns the title, and what is told in a few words; `titles` are those of stages."""
    words = _Words(found, titles)
    counts = [
        plural(len(found.missed), "new finding") if found.missed else "",
        say("{n} made good", "{n} made good", n=len(found.made_good)) if found.made_good else "",
        say("{number} due within a week", number=count(len(found.due))) if found.due else "",
        plural(len(found.begun), "new alarm") if found.begun else "",
        say("{n} alarm over", "{n} alarms over", n=len(found.over)) if found.over else "",
        plural(len(found.moved), "deal that moved", "deals that moved") if found.moved else "",
        plural(len(found.asked), "waiver asked for", "waivers asked for") if found.asked else "",
        plural(len(found.given), "waiver given", "waivers given") if found.given else "",
    ]
    title = found.basis.title or found.basis.playbook
    if found.name:
        title = say("{title}, for {whom}", title=title, whom=found.name)
    until = words.minute(found.basis.as_of or 0)
    return title, [
        say("From {first} to {last}.", first=words.minute(found.since), last=until),
        f"{', '.join(filter(None, counts))}.",
    ]


def sections(found: Changes, titles: Mapping[str, str]) -> Iterator[Section]:
    """Yields the tables that have something to say, the most pressing first."""
    words = _Words(found, titles)
    for section in (
        _section(say("Alarms that began"), _alarms(), found.begun, words.alarm),
        _section(say("New findings"), _findings(), found.missed, words.missed),
        _section(say("Due within a week"), _due(), found.due, words.due),
        _section(say("Waivers asked for or declined"), _asked(), found.asked, words.asked),
        _section(say("Waivers given"), _given(), found.given, words.given),
        _section(say("Deals that moved"), _moved(), found.moved, words.moved),
        _section(say("Made good"), _made_good(), found.made_good, words.good),
        _section(say("Alarms that are over"), _alarms(), found.over, words.alarm),
    ):
        if section.rows:
            yield section
    if found.today is not None:
        zone = load_zone(found.basis.timezone) or UTC
        told = today_sections(found.today, zone)
        yield from (section for section in told if section.rows or section.note)


def _section(
    title: str, columns: Sequence[Column], found: Sequence[_T], row: Callable[[_T], _Row]
) -> Section:
    left = more(len(found) - _ROWS)
    return Section(title, tuple(columns), [row(each) for each in found[:_ROWS]], left)


def _deal() -> Column:
    return Column(say("Deal"), "name")


def _rep() -> Column:
    return Column(say("Rep"), "name")


def _by() -> Column:
    return Column(say("By"), "name")


def _reason() -> Column:
    return Column(say("Reason"), "message")


def _alarms() -> Sequence[Column]:
    return (Column(say("What was seen"), "message"),)


def _findings() -> Sequence[Column]:
    return _deal(), _rep(), Column(say("Level"), "level"), Column(say("Finding"), "message")


def _made_good() -> Sequence[Column]:
    missed, since = Column(say("What was missed"), "message"), Column(say("Made good"), "mark")
    return _deal(), _rep(), missed, since


def _due() -> Sequence[Column]:
    day, what = Column(say("By", about="when"), "mark"), Column(say("What is due"), "message")
    return day, _deal(), _rep(), what


def _asked() -> Sequence[Column]:
    return _deal(), Column(say("Rule"), "id"), _by(), _reason(), Column(say("Answer"), "mark")


def _given() -> Sequence[Column]:
    return _deal(), Column(say("Rules"), "id"), _by(), _reason()


def _moved() -> Sequence[Column]:
    return _deal(), _rep(), Column(say("Move"), "message"), Column(say("Amount"), "number")


def _became(state: str) -> str:
    match state:
        case "sold":
            return say("sold")
        case "lost":
            return say("ended, not sold")
    return say("open again")


def _answer(answer: str) -> str:
    return say("declined") if answer == "declined" else say("open", about="waiver")


class _Words:
    def __init__(self, found: Changes, titles: Mapping[str, str]) -> None:
        self._zone = load_zone(found.basis.timezone) or UTC
        self._names = found.names
        self._titles = titles

    def minute(self, at: int) -> str:
        return minute(at, self._zone)

    def _day(self, at: int | None) -> str:
        return "" if at is None else day(at, self._zone)

    def _who(self, actor: str) -> str:
        return self._names.get(actor, actor) or say("nobody named")

    def alarm(self, each: AlarmSeen) -> _Row:
        return ((each.message, *each.tips),)

    def missed(self, each: Missed) -> _Row:
        return each.deal, self._who(each.actor), each.level, each.message

    def good(self, each: Missed) -> _Row:
        return each.deal, self._who(each.actor), each.title, self._day(each.made_good_at)

    def due(self, each: DueSoon) -> _Row:
        return self._day(each.due_at), each.deal, self._who(each.owner), each.title

    def asked(self, each: WaiverAsked) -> _Row:
        return each.deal, each.rule, self._who(each.actor), each.reason, _answer(each.answer)

    def given(self, each: WaiverGiven) -> _Row:
        return each.deal, each.rule, self._who(each.actor), each.reason

    def moved(self, each: Moved) -> _Row:
        stages = (each.from_stage, each.to_stage)
        move = " → ".join(self._titles.get(stage, stage) or say("(new)") for stage in stages)
        amount = "" if each.amount is None else money(each.amount, each.unit)
        is_news = each.state != each.was and (each.state, each.was) != ("open", "")
        became = _became(each.state) if is_news else ""
        return each.deal, self._who(each.owner), (move, became) if became else move, amount
