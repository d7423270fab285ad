"""What a sample is made of: seeded chance, people with habits, a script of steps, a deal's rows."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")
Value: TypeAlias = "Callable[[Dice, dict[str, str]], str]"
"""What a field or an attribute holds, by chance and by the deal's facts so far."""


class Dice:
    """Seeded chance; built on `random()` alone, which is the same in every Python."""

    def __init__(self, seed: str) -> None:
        self._next = random.Random(seed).random

    def chance(self, share: float) -> bool:
        return self._next() < share

    def between(self, low: int, high: int) -> int:
        return low + int(self._next() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self._next() * len(items))]


# --- who ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Habits:
    """How readily somebody strays, as shares of the occasions."""

    skips: float = 0.04
    """Leaves an activity out."""
    rushes: float = 0.05
    """Enters the next stage with work undone."""
    late: float = 0.05
    """Logs days afterwards."""
    vague: float = 0.03
    """Fills a field with a placeholder, or not at all."""
    stalls: float = 0.04
    """Lets a deal lie."""
    keeps: float = 0.96
    """How well deals fare, as a factor on the stage's own survival."""
    weak_at: tuple[str, ...] = ()
    """Steps that are left out far more often than others."""


@dataclass(frozen=True, slots=True)
class Person:
    """A row of `people.csv`, with habits."""

    actor: str
    name: str
    role: str
    team: str
    manager: str
    started: str
    habits: Habits = Habits()


# --- what a diligent team does --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Do:
    """An activity, so many business days after the step before."""

    activity: str
    outcome: str = ""
    days: tuple[int, int] = (1, 4)
    parts: tuple[str, ...] = ()
    by: str = ""
    attrs: tuple[tuple[str, str | Value], ...] = ()
    first: str = ""
    """An outcome with which it often has to be tried first (`no-answer`)."""
    rule: str | None = ""
    """The rule that is waived where it is left out; default the stage's own, `None` for none."""


@dataclass(frozen=True, slots=True)
class Know:
    """A field gets its value."""

    field: str
    value: Value


@dataclass(frozen=True, slots=True)
class Maybe:
    """Steps that belong to a share of the deals, or of those whose facts are such."""

    odds: float
    steps: tuple[Do | Know | Maybe, ...]
    when: Callable[[dict[str, str]], bool] = lambda facts: True


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage and the work in it; where `when` fails, the deal does not pass through."""

    name: str
    steps: tuple[Do | Know | Maybe, ...] = ()
    when: Callable[[dict[str, str]], bool] = lambda facts: True
    survival: float = 1.0
    """How likely a deal is to live through it, apart from who sells."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a team says by itself, in its own language."""

    lost_reason: str = "lost_reason"
    amount: str = "amount"
    user: str = "user"
    """The part of somebody who is not the one that was to be met."""
    blanks: tuple[str, ...] = ("tbd", "n/a", "-", "TBD ")
    no_reasons: tuple[str, ...] = ("tbd", "n/a", "x")
    excuses: tuple[str, ...] = (
        "long-standing contact, done last year",
        "asked for by the client in writing",
        "covered in the same visit",
        "key account, agreed in the team meeting",
    )
    stranger: str = "newsletter"
    """An activity of marketing's, that no playbook knows."""
    old_stage: str = "negotiation"
    """A stage that an older pipeline had."""
    about: str = "about 50k"


@dataclass(frozen=True, slots=True)
class Play:
    """Everything that is invented for one playbook."""

    folder: str
    zone: ZoneInfo
    prefix: str
    deals: int
    people: tuple[Person, ...]
    known: tuple[Know | Maybe, ...] = ()
    """What is known before the first stage."""
    script: tuple[Stage, ...] = ()
    opens: tuple[datetime, datetime] = (datetime(2026, 1, 5), datetime(2026, 9, 18))
    ends: datetime = datetime(2026, 10, 9, 18, 0)
    """The day of the export: what happens later is not in it."""
    name: str = ""
    """The playbook's, where it is not the folder's."""
    seller: str = ""
    """The role of those who have the deals, where it is not that of the first person."""
    words: Words = Words()
    lost: str = "lost"
    reasons: tuple[str, ...] = ()
    clears: str = ""
    """The field that now and then loses its value."""
    clean_up: datetime = datetime(2026, 6, 30, 19, 0)
    """When sales ops closed, in one go, whatever lay about."""

    def staff(self, role: str) -> list[Person]:
        return [person for person in self.people if person.role == role]


def one_of(*values: str) -> Callable[[Dice, dict[str, str]], str]:
    return lambda dice, facts: dice.pick(values)


def number(low: int, high: int, step: int = 1) -> Callable[[Dice, dict[str, str]], str]:
    """Lower numbers are likelier, as they are with firms and orders."""
    return lambda dice, facts: str(
        min(dice.between(low // step, high // step), dice.between(low // step, high // step)) * step
    )


def days_after(known: str, low: int, high: int) -> Value:
    """A date so many days after another that is known."""

    def later(dice: Dice, facts: dict[str, str]) -> str:
        start = date.fromisoformat(facts.get(known) or facts["opened"])
        return (start + timedelta(days=dice.between(low, high))).isoformat()

    return later


def fixed(value: str) -> Callable[[Dice, dict[str, str]], str]:
    return lambda dice, facts: value


# --- one deal -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Deal:
    """Writes the rows of one deal, and knows what time it is."""

    play: Play
    name: str
    rep: Person
    dice: Dice
    now: datetime
    rows: list[tuple[str, ...]] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    def row(
        self,
        kind: str,
        name: str,
        value: str = "",
        *,
        actor: str | None = None,
        recorded: datetime | None = None,
        attrs: dict[str, object] | None = None,
    ) -> None:
        """Write an event that happens now; after the export, nothing is written any more."""
        if self.over:
            return
        self.rows.append(
            (
                self.name,
                self._stamp(self.now),
                kind,
                name,
                value,
                self.rep.actor if actor is None else actor,
                self._stamp(min(recorded, self.play.ends)) if recorded else "",
                "",
                json.dumps(attrs, separators=(",", ":")) if attrs else "",
            )
        )

    def _stamp(self, local: datetime) -> str:
        thousandths = "milliseconds" if local.microsecond else "seconds"
        return local.replace(tzinfo=self.play.zone).isoformat(timespec=thousandths)

    @property
    def over(self) -> bool:
        return self.now > self.play.ends

    def pause(self, low: int, high: int) -> None:
        """So many business days later, at some time of the working day."""
        days = self.dice.between(low, high)
        if days == 0:
            self.now += timedelta(minutes=self.dice.between(2, 20))
            return
        while days > 0:
            self.now += timedelta(days=1)
            days -= self.now.weekday() < 5
        minutes = self.dice.between(8 * 60 + 30, 17 * 60 + 30)
        self.now = self.now.replace(hour=minutes // 60, minute=minutes % 60)

    def elapse(self, **span: int) -> None:
        """Later by the clock, whatever the hour."""
        self.now += timedelta(**span)

    def enter(self, stage: str, **more: object) -> None:
        self.row("stage", stage, **more)  # type: ignore[arg-type]

    def know(self, name: str, value: str, *, actor: str | None = None) -> None:
        self.facts[name] = value
        self.row("field", name, value, actor=actor)


def staff(rows: str, habits: dict[str, Habits]) -> tuple[Person, ...]:
    """People from lines of `actor | name | role | team | manager | started`."""
    people = []
    for line in rows.strip().splitlines():
        actor, name, role, team, boss, started = (each.strip() for each in line.split("|"))
        strays = habits.get(actor, Habits())
        people.append(Person(actor, name, role, team, boss, started, strays))
    return tuple(people)


# Most people are neither saints nor sinners; these are the ones worth a manager's look.
STEADY = Habits(skips=0.015, rushes=0.01, late=0.02, vague=0.01, stalls=0.02, keeps=1.02)
HASTY = Habits(skips=0.12, rushes=0.3, late=0.06, vague=0.06, keeps=0.94)
FORGETFUL = Habits(skips=0.08, late=0.3, vague=0.08, stalls=0.06)
VAGUE = Habits(skips=0.06, vague=0.16, rushes=0.08)
SLOW = Habits(skips=0.03, stalls=0.22, late=0.04, keeps=0.95)
NEW = Habits(skips=0.14, rushes=0.12, late=0.15, vague=0.1, stalls=0.1, keeps=0.9)
