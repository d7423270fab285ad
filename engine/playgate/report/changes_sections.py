"""What a digest tells, as the short tables that text, Markdown and e-mails show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import TypeVar

from playgate.conditions.instants import load_zone, show_instant
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
from playgate.report.numbers_words import money
from playgate.report.words import count, plural

__all__ = ["heading", "sections"]

_ROWS = 15
_BECAME = {"sold": "sold", "lost": "ended, not sold", "open": "open again"}

_T = TypeVar("_T")
_Row = tuple[Cell, ...]


def heading(found: Changes, titles: Mapping[str, str]) -> tuple[str, list[str]]:
    """Returns the title, and what is told in a few words; `titles` are those of stages."""
    words = _Words(found, titles)
    whom = f", for {found.name}" if found.name else ""
    counts = [
        plural(len(found.missed), "new finding") if found.missed else "",
        f"{count(len(found.made_good))} made good" if found.made_good else "",
        f"{count(len(found.due))} due within a week" if found.due else "",
        plural(len(found.begun), "new alarm") if found.begun else "",
        f"{plural(len(found.over), 'alarm')} over" if found.over else "",
        plural(len(found.moved), "deal that moved", "deals that moved") if found.moved else "",
        plural(len(found.asked), "waiver asked for", "waivers asked for") if found.asked else "",
        plural(len(found.given), "waiver given", "waivers given") if found.given else "",
    ]
    title = found.basis.title or found.basis.playbook
    return f"{title}{whom}", [
        f"From {words.minute(found.since)} to {words.minute(found.basis.as_of or 0)}.",
        f"{', '.join(filter(None, counts))}.".capitalize(),
    ]


def sections(found: Changes, titles: Mapping[str, str]) -> Iterator[Section]:
    """Yields the tables that have something to say, the most pressing first."""
    words = _Words(found, titles)
    for section in (
        _section("Alarms that began", _ALARM, found.begun, words.alarm),
        _section("New findings", _FINDING, found.missed, words.missed),
        _section("Due within a week", _DUE, found.due, words.due),
        _section("Waivers asked for or declined", _ASKED, found.asked, words.asked),
        _section("Waivers given", _GIVEN, found.given, words.given),
        _section("Deals that moved", _MOVED, found.moved, words.moved),
        _section("Made good", _GOOD, found.made_good, words.good),
        _section("Alarms that are over", _ALARM, found.over, words.alarm),
    ):
        if section.rows:
            yield section


def _section(
    title: str, columns: Sequence[Column], found: Sequence[_T], row: Callable[[_T], _Row]
) -> Section:
    left = len(found) - _ROWS
    more = f"and {count(left)} more" if left > 0 else ""
    return Section(title, tuple(columns), [row(each) for each in found[:_ROWS]], more)


_DEAL, _REP = Column("Deal", "name"), Column("Rep", "name")
_ALARM = (Column("What was seen", "message"),)
_FINDING = (_DEAL, _REP, Column("Level", "level"), Column("Finding", "message"))
_GOOD = (_DEAL, _REP, Column("What was missed", "message"), Column("Made good", "mark"))
_DUE = (Column("By", "mark"), _DEAL, _REP, Column("What is due", "message"))
_ASKED = (
    *(_DEAL, Column("Rule", "id"), Column("By", "name"), Column("Reason", "message")),
    Column("Answer", "mark"),
)
_GIVEN = (_DEAL, Column("Rules", "id"), Column("By", "name"), Column("Reason", "message"))
_MOVED = (_DEAL, _REP, Column("Move", "message"), Column("Amount", "number"))


class _Words:
    def __init__(self, found: Changes, titles: Mapping[str, str]) -> None:
        self._zone = load_zone(found.basis.timezone) or UTC
        self._names = found.names
        self._titles = titles

    def minute(self, at: int) -> str:
        return show_instant(at, self._zone)[:16].replace("T", " ")

    def _day(self, at: int | None) -> str:
        return "" if at is None else show_instant(at, self._zone)[:10]

    def _who(self, actor: str) -> str:
        return self._names.get(actor, actor) or "nobody named"

    def alarm(self, each: AlarmSeen) -> _Row:
        return ((each.message, *each.tips),)

    def missed(self, each: Missed) -> _Row:
        return each.deal, self._who(each.actor), each.level, each.message

    def good(self, each: Missed) -> _Row:
        return each.deal, self._who(each.actor), each.title, self._day(each.made_good_at)

    def due(self, each: DueSoon) -> _Row:
        return self._day(each.due_at), each.deal, self._who(each.owner), each.title

    def asked(self, each: WaiverAsked) -> _Row:
        return each.deal, each.rule, self._who(each.actor), each.reason, each.answer

    def given(self, each: WaiverGiven) -> _Row:
        return each.deal, each.rule, self._who(each.actor), each.reason

    def moved(self, each: Moved) -> _Row:
        stages = (each.from_stage, each.to_stage)
        move = " → ".join(self._titles.get(stage, stage) or "(new)" for stage in stages)
        amount = "" if each.amount is None else money(each.amount, each.unit)
        is_news = each.state != each.was and (each.state, each.was) != ("open", "")
        became = _BECAME[each.state] if is_news else ""
        return each.deal, self._who(each.owner), (move, became) if became else move, amount
