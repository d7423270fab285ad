"""Writes the sample people and histories beside the shipped playbooks.

Run `python tests/playbooks/samples.py`: everything is seeded, so the files come out byte for byte
alike. Each playbook has a *script* (what a diligent team does, step by step) and a *cast* (who does
it, and how they stray). One walker plays the script for each deal, and strays as that person does:
steps are left out, stages entered too early, work is logged late, fields hold a placeholder or lose
their value, deals go back, die, come to life again. People, companies and numbers are invented.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
PEOPLE = ("actor", "name", "role", "team", "manager", "started")
HISTORY = (
    "deal",
    "happened_at",
    "kind",
    "name",
    "value",
    "actor",
    "recorded_at",
    "event_id",
    "attrs",
)
T = TypeVar("T")


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
    attrs: tuple[tuple[str, str], ...] = ()
    first: str = ""
    """An outcome with which it often has to be tried first (`no-answer`)."""
    rule: str | None = ""
    """The rule that is waived where it is left out; default the stage's own, `None` for none."""


@dataclass(frozen=True, slots=True)
class Know:
    """A field gets its value; `value` sees the deal's facts so far."""

    field: str
    value: Callable[[Dice, dict[str, str]], str]


@dataclass(frozen=True, slots=True)
class Maybe:
    """Steps that belong to a share of the deals."""

    odds: float
    steps: tuple[Do | Know, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage and the work in it; where `when` fails, the deal does not pass through."""

    name: str
    steps: tuple[Do | Know | Maybe, ...] = ()
    when: Callable[[dict[str, str]], bool] = lambda facts: True
    survival: float = 1.0
    """How likely a deal is to live through it, apart from who sells."""


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


# --- the walker: plays the script, and strays -----------------------------------------------------


@dataclass(slots=True)
class Walk:
    """One deal on its way through the script."""

    deal: Deal
    number: int
    owed: list[tuple[Do | Know | Maybe, Stage]] = field(default_factory=list)
    """What was put off when a stage was entered too early, and where it belongs."""

    @property
    def habits(self) -> Habits:
        return self.deal.rep.habits

    def run(self) -> None:
        deal, dice, script = self.deal, self.deal.dice, self.deal.play.script
        deal.know("owner", deal.rep.actor)
        for known in deal.play.known:
            self.step(known, script[0])
        for place, stage in enumerate(script):
            inside = 0 < place < len(script) - 1
            if not stage.when(deal.facts):
                continue
            if inside and dice.chance(self.habits.rushes * 0.2):
                # The whole stage is jumped over.
                self.owed += ((step, stage) for step in stage.steps)
                continue
            self.enter(stage, first=place == 0)
            self.oddities(place)
            self.catch_up()
            self.work(stage)
            if inside:
                self.stray_back(script[place - 1], stage)
            if not self.survives(stage):
                return

    def enter(self, stage: Stage, *, first: bool) -> None:
        """Move the deal: mostly by hand, in some deals by an import or an integration."""
        deal, turn = self.deal, self.number % 50
        deal.pause(0, 1)
        if first and turn < 10:
            deal.enter(stage.name, attrs={"origin": "import"})
        elif turn == 11:
            deal.enter(stage.name, actor="crm-sync", attrs={"origin": "api"})
        elif turn == 12:
            deal.enter(stage.name, actor="", attrs={"origin": "automation"})
        else:
            deal.enter(stage.name)

    def survives(self, stage: Stage) -> bool:
        """Whether the deal goes on: neither lost, nor left lying until it is swept away."""
        deal, dice, habits = self.deal, self.deal.dice, self.habits
        if not dice.chance(stage.survival * habits.keeps if stage.survival < 1 else 1):
            self.lose()
            if not dice.chance(0.12):
                return False
            deal.pause(15, 40)  # the prospect calls after all
            deal.enter(stage.name)
            deal.pause(1, 3)
        if deal.play.clears in deal.facts and dice.chance(habits.vague * 0.6):
            deal.know(deal.play.clears, "")
        if dice.chance(habits.stalls * 6 / len(deal.play.script)):
            before, swept = deal.now, deal.play.clean_up
            deal.pause(18, 45)
            if before < swept < deal.now:
                deal.now = swept
                deal.enter(deal.play.lost, actor="", attrs={"origin": "bulk"})
                return False
        return True

    def oddities(self, place: int) -> None:
        """What every export holds: leftovers of other systems, values that are none."""
        deal, number = self.deal, self.number
        if place == 0 and number % 29 == 7:
            deal.row("activity", "newsletter", actor="")  # marketing's, and not in the playbook
        if place == 1 and number % 23 == 5:
            deal.row("stage", "negotiation")  # a stage that an older pipeline had
        if place == 2 and number % 31 == 20:
            deal.row("field", "amount", "about 50k")

    def work(self, stage: Stage) -> None:
        steps = list(stage.steps)
        if len(steps) > 1 and self.deal.dice.chance(self.habits.rushes):
            cut = self.deal.dice.between(1, len(steps) - 1)
            self.owed += ((step, stage) for step in steps[cut:])
            steps = steps[:cut]
        for step in steps:
            self.step(step, stage)

    def catch_up(self) -> None:
        """Do what was put off, or most of it."""
        owed, self.owed = self.owed, []
        for step, stage in owed:
            if isinstance(step, Know) or self.deal.dice.chance(0.6):
                self.step(step, stage)

    def step(self, step: Do | Know | Maybe, stage: Stage) -> None:
        match step:
            case Know():
                self.learn(step)
            case Do():
                self.act(step, stage)
            case Maybe(odds, steps) if self.deal.dice.chance(odds):
                for part in steps:
                    self.step(part, stage)

    def learn(self, step: Know) -> None:
        deal, dice = self.deal, self.deal.dice
        value = step.value(dice, deal.facts)
        weak = 3 if step.field in self.habits.weak_at else 1
        if dice.chance(self.habits.vague * weak):
            deal.facts[step.field] = value
            if dice.chance(0.6):
                deal.pause(0, 0)
                deal.row("field", step.field, dice.pick(("tbd", "n/a", "-", "TBD ")))
            return
        deal.pause(0, 0)
        deal.know(step.field, value)

    def act(self, step: Do, stage: Stage) -> None:
        deal, dice, habits = self.deal, self.deal.dice, self.habits
        weak = step.activity in habits.weak_at
        if dice.chance(min(0.8, habits.skips * 4 + 0.2) if weak else habits.skips):
            self.excuse(step, stage)
            return
        deal.pause(*step.days)
        while step.first and dice.chance(0.3):
            self.write(step.activity, step.first, {})
            deal.pause(1, 3)
        attrs: dict[str, object] = dict(step.attrs)
        if step.attrs and dice.chance(habits.skips):
            attrs = {}
        if step.parts:
            parts = step.parts if not dice.chance(habits.skips) else ("user",)
            attrs["with"] = list(parts)
        outcome = step.outcome
        if outcome and dice.chance(habits.skips * 0.5):
            outcome = ""
        actor = deal.rep.actor
        if step.by and not dice.chance(habits.skips):
            actor = dice.pick(deal.play.staff(step.by)).actor
        self.write(step.activity, outcome, attrs, actor)

    def write(
        self, activity: str, outcome: str, attrs: dict[str, object], actor: str | None = None
    ) -> None:
        """Log an activity: on the day, or when the rep gets round to it."""
        deal, dice = self.deal, self.deal.dice
        recorded = None
        if dice.chance(self.habits.late):
            recorded = deal.now + timedelta(days=dice.between(3, 14), minutes=dice.between(1, 90))
        elif dice.chance(0.15):
            recorded = deal.now + timedelta(minutes=dice.between(5, 600))
        if dice.chance(0.008):
            actor = ""  # logged by a shared mailbox
        deal.row("activity", activity, outcome, actor=actor, recorded=recorded, attrs=attrs)

    def excuse(self, step: Do, stage: Stage) -> None:
        """Some of what is left out was agreed with the manager."""
        deal, dice = self.deal, self.deal.dice
        if step.rule is None or not dice.chance(0.15):
            return
        deal.pause(0, 1)
        rule = step.rule or f"{stage.name}/activity/{step.activity}"
        if dice.chance(0.1):
            rule = f"{stage.name}/*"  # generous: all of the stage
        reason = dice.pick(
            (
                "long-standing contact, done last year",
                "asked for by the client in writing",
                "covered in the same visit",
                "key account, agreed in the team meeting",
            )
        )
        attrs: dict[str, object] = {}
        if dice.chance(0.3):
            attrs["expires"] = (deal.now + timedelta(days=60)).date().isoformat()
        approver = deal.rep.manager
        if dice.chance(0.1):
            approver = deal.rep.actor  # may not, and has no effect
        elif dice.chance(0.06):
            reason = "tbd"  # no reason, no effect
        deal.row("waiver", rule, reason, actor=approver, attrs=attrs)

    def stray_back(self, before: Stage, stage: Stage) -> None:
        """The need turns out to be another one: back a step, and on again."""
        deal = self.deal
        if deal.dice.chance(0.03) and before.when(deal.facts):
            deal.pause(1, 3)
            deal.enter(before.name)
            deal.pause(3, 9)
            deal.enter(stage.name)

    def lose(self) -> None:
        deal, dice = self.deal, self.deal.dice
        deal.pause(1, 12)
        vague = min(0.6, self.habits.vague * 3)
        if not dice.chance(vague):
            deal.know("lost_reason", dice.pick(deal.play.reasons))
        elif dice.chance(0.5):
            deal.row("field", "lost_reason", dice.pick(("tbd", "n/a", "x")))
        deal.enter(deal.play.lost)


def deal_name(play: Play, number: int) -> str:
    """A name; some deals came over from a CRM whose ids have nineteen digits."""
    if number % 101 == 33:
        return str(7_301_444_019_285_530_000 + number)
    return f"{play.prefix}{1000 + number}"


def begin(play: Play, number: int) -> Deal:
    dice = Dice(f"{play.folder}/{number}")
    reps = play.staff(play.people[0].role)
    rep = reps[number % len(reps)]
    start, end = play.opens
    opened = start + timedelta(days=int((end - start).days * (number - 1) / play.deals))
    deal = Deal(play, deal_name(play, number), rep, dice, opened.replace(hour=8))
    deal.pause(0, 2)
    deal.now = max(deal.now, deal.now.replace(hour=9))
    return deal


def walk(play: Play, number: int) -> Deal:
    deal = begin(play, number)
    Walk(deal, number).run()
    if number % 97 == 60:
        deal.rows.append(deal.rows[-1])  # the same row twice
    return deal


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


# --- bank-sales -----------------------------------------------------------------------------------

BANK_PEOPLE = """
a.morel     | Aline Morel       | rep        | Lyon      | h.garnier | 2019-09-02
b.haddad    | Bilal Haddad      | rep        | Lyon      | h.garnier | 2021-03-15
c.lefort    | Camille Lefort    | rep        | Lyon      | h.garnier | 2017-01-09
d.okafor    | Daniel Okafor     | rep        | Lyon      | h.garnier | 2026-01-12
e.simonet   | Elise Simonet     | rep        | Nantes    | p.rivoal  | 2015-06-01
f.tessier   | Florian Tessier   | rep        | Nantes    | p.rivoal  | 2020-11-02
g.marchal   | Gaelle Marchal    | rep        | Nantes    | p.rivoal  | 2022-05-09
i.costa     | Ines Costa        | rep        | Nantes    | p.rivoal  | 2018-02-19
j.vasseur   | Jules Vasseur     | rep        | Lille     | s.denis   | 2023-09-04
k.benali    | Karima Benali     | rep        | Lille     | s.denis   | 2016-10-03
l.fontaine  | Luc Fontaine      | rep        | Lille     | s.denis   | 2014-04-14
m.roussel   | Maud Roussel      | rep        | Lille     | s.denis   | 2025-10-06
n.weber     | Nora Weber        | specialist | Solutions | t.aubry   | 2013-03-04
o.lambert   | Olivier Lambert   | specialist | Solutions | t.aubry   | 2018-09-10
q.nguyen    | Quynh Nguyen      | specialist | Solutions | t.aubry   | 2021-01-11
h.garnier   | Helene Garnier    | manager    | Lyon      | t.aubry   | 2010-05-03
p.rivoal    | Pierrick Rivoal   | manager    | Nantes    | t.aubry   | 2012-08-27
s.denis     | Sabine Denis      | manager    | Lille     | t.aubry   | 2011-02-07
t.aubry     | Thierry Aubry     | manager    | Head      |           | 2008-01-07
"""
BANK_HABITS = {
    "a.morel": STEADY,
    "b.haddad": HASTY,
    "c.lefort": Habits(weak_at=("site_visit",)),
    "d.okafor": NEW,
    "e.simonet": STEADY,
    "f.tessier": FORGETFUL,
    "g.marchal": VAGUE,
    "i.costa": Habits(skips=0.05, weak_at=("referral_asked", "peer_review")),
    "j.vasseur": HASTY,
    "k.benali": STEADY,
    "l.fontaine": SLOW,
    "m.roussel": NEW,
}


def wants_design(facts: dict[str, str]) -> bool:
    return int(facts.get("amount") or "0") >= 50_000


def motive(dice: Dice, facts: dict[str, str]) -> str:
    """Who hands over wants continuity; most others want to grow, and a few only a lower rate."""
    if facts.get("movement") == "succession":
        return "continuity"
    return "price" if dice.chance(0.07) else dice.pick(("growth", "growth", "security"))


def first_use(dice: Dice, facts: dict[str, str]) -> str:
    return f"2026-{dice.between(3, 9):02d}-15"


NEEDS = (
    "line for large orders",
    "hand the firm to the daughter",
    "hedge dollar invoices",
    "second hall, machines leased",
    "cash tied up in stock",
    "pay suppliers earlier",
)

BANK = Play(
    folder="bank-sales",
    zone=ZoneInfo("Europe/Paris"),
    prefix="BK-",
    deals=280,
    people=staff(BANK_PEOPLE, BANK_HABITS),
    reasons=("price", "timing", "competitor", "no-decision", "no-fit"),
    clears="budget_confirmed",
    known=(
        Maybe(0.12, (Know("deal_type", one_of("extension", "extension", "renewal")),)),
        Know(
            "industry",
            one_of(
                "building", "transport", "food", "machinery", "software", "health", "trade", "trade"
            ),
        ),
        Know("employees", number(14, 240)),
        Know("years_trading", number(4, 60)),
        Know(
            "movement",
            one_of(
                "expansion", "expansion", "expansion", "new-technology", "succession", "refinancing"
            ),
        ),
        Know("buying_motive", motive),
    ),
    script=(
        Stage(
            "approach",
            survival=0.65,
            steps=(
                Do("first_call", "reached", (1, 4), first="no-answer"),
                Maybe(0.12, (Know("export_share", number(0, 80, 5)),)),
                Maybe(0.08, (Know("owner_age", number(38, 72)),)),
                Maybe(0.05, (Know("refinancing_date", fixed("2027-03-31")),)),
                Maybe(
                    0.1,
                    (Do("first_meeting", "missed", (3, 7)), Do("first_call", "reached", (1, 2))),
                ),
                Do("first_meeting", "held", (3, 8), parts=("decider",)),
                Know(
                    "decision_maker",
                    one_of(
                        "Mme Perrin",
                        "M. Klein",
                        "Mme Diallo",
                        "M. Aubert",
                        "Mme Lopes",
                        "M. Guillou",
                    ),
                ),
            ),
        ),
        Stage(
            "assess-needs",
            survival=0.74,
            steps=(
                Do("needs_interview", "completed", (2, 6), parts=("decider", "finance")),
                Know("need_summary", one_of(*NEEDS)),
                Do("site_visit", "", (2, 6), parts=("decider",)),
                Do("financial_review", "", (1, 4)),
                Know("credit_check", fixed("passed")),
                Know("amount", number(10_000, 400_000, 5_000)),
                Know("budget_confirmed", fixed("true")),
            ),
        ),
        Stage(
            "design",
            when=wants_design,
            survival=0.9,
            steps=(
                Do("solution_workshop", "", (2, 6), by="specialist"),
                Do("demo", "", (2, 5), parts=("user",)),
                Know(
                    "solution_outline",
                    one_of(
                        "credit line with draw-down",
                        "leasing and line",
                        "handover plan with loan",
                        "currency account",
                    ),
                ),
                Do("peer_review", "", (0, 3), by="specialist"),
            ),
        ),
        Stage(
            "proposal",
            survival=0.72,
            steps=(
                Do("proposal_sent", "", (0, 3)),
                Do("follow_up_call", "", (2, 4), rule="sequence/follow-up"),
                Maybe(
                    0.2,
                    (
                        Do(
                            "discount_approved",
                            "",
                            (0, 1),
                            by="manager",
                            rule="sequence/discount-approval",
                        ),
                        Know("discount", number(3, 15)),
                    ),
                ),
                Do("proposal_presented", "", (1, 6), parts=("decider",)),
                Know("decision", fixed("accepted")),
            ),
        ),
        Stage(
            "implement",
            survival=0.98,
            steps=(
                Do("contract_signed", "", (2, 10)),
                Do("account_opened", "", (1, 4), by="specialist"),
                Do("onboarding_call", "", (1, 5), parts=("user",)),
                Maybe(
                    0.15,
                    (
                        Do("complaint", "", (1, 5), rule=None),
                        Do("complaint_call", "settled", (1, 4), rule="sequence/complaints-settled"),
                    ),
                ),
                Know("first_use", first_use),
            ),
        ),
        Stage(
            "develop",
            survival=0.98,
            steps=(
                Do("review_meeting", "satisfied", (12, 19), parts=("decider",)),
                Do("referral_asked", "", (0, 5)),
                Know("satisfaction", lambda dice, facts: str(dice.between(6, 10))),
            ),
        ),
        Stage("established"),
    ),
)


def bank_deal(play: Play, number: int) -> Deal:
    return shortcut(play) if number == 1 else walk(play, number)


def shortcut(play: Play) -> Deal:
    """BK-1001: the prospect asks for a proposal, and the rep believes that the deal is there."""
    deal = begin(play, 1)
    deal.know("owner", deal.rep.actor)
    for name, value in (
        ("deal_type", "new-client"),
        ("industry", "machinery"),
        ("employees", "85"),
        ("years_trading", "19"),
        ("buying_motive", "growth"),
        ("movement", "expansion"),
    ):
        deal.know(name, value)
    deal.enter("approach")
    deal.pause(1, 3)
    deal.row("activity", "first_call", "reached")
    deal.pause(4, 6)
    deal.row("activity", "first_meeting", "held", attrs={"with": ["decider"]})
    deal.know("decision_maker", "Mme Perrin")
    deal.pause(1, 2)
    deal.enter("assess-needs")
    deal.pause(2, 3)
    deal.row("activity", "financial_review")
    deal.know("amount", "180000")
    deal.know("need_summary", NEEDS[3])
    deal.pause(1, 1)
    deal.enter("proposal", attrs={"note": "prospect asked for a proposal by Friday"})
    deal.pause(0, 1)
    deal.row("activity", "proposal_sent")
    deal.pause(14, 20)
    deal.know("lost_reason", "price")
    deal.enter("lost")
    return deal


# --- active-sales ---------------------------------------------------------------------------------

ACTIVE_PEOPLE = """
r01 | Anda Kalnina      | rep        | North     | h01 | 2020-02-03
r02 | Boriss Ivanovs    | rep        | North     | h01 | 2022-09-01
r03 | Dace Liepina      | rep        | North     | h01 | 2018-05-14
r04 | Edgars Berzins    | rep        | North     | h01 | 2026-01-05
r05 | Guna Ozola        | rep        | North     | h01 | 2019-11-11
r06 | Henriks Vitols    | rep        | North     | h01 | 2021-06-07
r07 | Ieva Saulite      | rep        | South     | h02 | 2016-03-21
r08 | Janis Krumins     | rep        | South     | h02 | 2023-01-16
r09 | Kristine Zarina   | rep        | South     | h02 | 2017-08-28
r10 | Lauris Petersons  | rep        | South     | h02 | 2024-04-02
r11 | Marta Eglite      | rep        | South     | h02 | 2015-10-19
r12 | Normunds Sproge   | rep        | South     | h02 | 2025-11-03
h01 | Olga Mironova     | head       | North     |     | 2012-01-16
h02 | Peteris Abolins   | head       | South     |     | 2014-07-01
k01 | Ruta Jansone      | accountant | Office    | h01 | 2013-02-11
d01 | Sandris Vanags    | dispatcher | Warehouse | h02 | 2016-06-06
d02 | Tatjana Golubeva  | dispatcher | Warehouse | h02 | 2019-03-18
"""
ACTIVE_HABITS = {
    "r01": STEADY,
    "r02": HASTY,
    "r03": STEADY,
    "r04": NEW,
    "r05": Habits(weak_at=("cold_call", "meeting_prepared")),
    "r06": FORGETFUL,
    "r07": STEADY,
    "r08": VAGUE,
    "r09": Habits(skips=0.05, weak_at=("payment_asked", "colleagues_checked")),
    "r10": SLOW,
    "r11": Habits(skips=0.03),
    "r12": NEW,
}


def email(dice: Dice, facts: dict[str, str]) -> str:
    name = dice.pick(("info", "office", "kitchen", "orders"))
    at = " at " if dice.chance(0.03) else "@"
    return f"{name}{at}{dice.pick(('rudzi', 'kalns', 'ezers', 'liepa', 'osta'))}.example"


def paid(dice: Dice, facts: dict[str, str]) -> str:
    amount = int(facts.get("amount") or "0")
    return str(amount // 2 if dice.chance(0.06) else amount)


def next_order(dice: Dice, facts: dict[str, str]) -> str:
    return (datetime(2026, 6, 1) + timedelta(days=dice.between(0, 200))).date().isoformat()


ACTIVE = Play(
    folder="active-sales",
    zone=ZoneInfo("Europe/Riga"),
    prefix="C",
    deals=272,
    people=staff(ACTIVE_PEOPLE, ACTIVE_HABITS),
    reasons=("price", "no-need", "competitor", "no-payment", "passed-on"),
    clears="contract_no",
    script=(
        Stage(
            "goal",
            steps=(
                Know("monthly_goal", number(8_000, 24_000, 1_000)),
                Do("pay_worked_out", "", (0, 0)),
            ),
        ),
        Stage(
            "market",
            steps=(
                Do("segment_named", "", (0, 0), by="head"),
                Know(
                    "segment", one_of("bakeries", "canteens", "hotels", "groceries", "care-homes")
                ),
            ),
        ),
        Stage(
            "prospect-list",
            survival=0.86,
            steps=(
                Know("list_size", number(97, 180)),
                Know(
                    "contact_name", one_of("Ms Priede", "Mr Kauls", "Ms Zile", "Mr Upe", "Ms Roze")
                ),
                Know("phone", lambda dice, facts: f"+371 2{dice.between(0, 9_999_999):07d}"),
                Know("email", email),
                Know("address", one_of("Brivibas 12", "Ostas 3", "Skolas 41", "Tirgus 8")),
                Do("base_checked", "new", (0, 1)),
                Do("colleagues_checked", "free", (0, 1)),
            ),
        ),
        Stage("way-in", steps=(Know("channel", one_of("call", "call", "letter", "referral")),)),
        Stage(
            "reach",
            survival=0.57,
            steps=(
                Maybe(0.25, (Do("letter_sent", "", (0, 1), rule=None),)),
                Do(
                    "cold_call",
                    "appointment",
                    (1, 3),
                    attrs=(("standard", "followed"),),
                    first="no-answer",
                ),
            ),
        ),
        Stage("prepare", steps=(Do("meeting_prepared", "", (0, 2)),)),
        Stage(
            "first-meeting",
            survival=0.72,
            steps=(
                Maybe(0.05, (Do("product_pitch", "", (1, 3), rule=None),)),
                Maybe(0.04, (Do("price_named", "", (0, 2), rule=None),)),
                Do("first_meeting", "held", (1, 4), parts=("decider",)),
                Know(
                    "needs",
                    one_of(
                        "two deliveries a week",
                        "smaller packs",
                        "one invoice a month",
                        "gluten-free range",
                        "a stand-in for holidays",
                    ),
                ),
            ),
        ),
        Stage(
            "proposal",
            survival=0.85,
            steps=(Do("proposal_sent", "", (0, 1), attrs=(("form", "individual"),)),),
        ),
        Stage(
            "repeat",
            survival=0.74,
            steps=(
                Do("repeat_meeting", "", (1, 2), parts=("decider",)),
                Do("terms_agreed", "", (0, 3)),
                Know("amount", number(600, 9_000, 100)),
                Know("payment_terms", one_of("prepaid", "14 days", "14 days", "30 days")),
            ),
        ),
        Stage(
            "paperwork",
            survival=0.95,
            steps=(
                Do("contract_sent", "", (0, 2)),
                Know("contract_no", lambda dice, facts: f"K-{dice.between(1, 899) + 100}"),
                Do("invoice_sent", "", (0, 1)),
                Know("invoice_no", lambda dice, facts: f"R-{dice.between(1, 8999) + 1000}"),
            ),
        ),
        Stage(
            "payment", survival=0.96, steps=(Do("payment_asked", "", (1, 4)), Know("paid", paid))
        ),
        Stage(
            "fulfilment",
            steps=(
                Do("delivery_arranged", "", (0, 2)),
                Do("delivery_made", "", (1, 4), by="dispatcher"),
                Know("delivery_note", fixed("signed")),
                Know("certificate", fixed("signed")),
            ),
        ),
        Stage(
            "closing",
            steps=(
                Do("care_call", "", (2, 7)),
                Do("volume_offer", "", (0, 4), rule="existing-clients/entry/volume_offer"),
                Know("next_order", next_order),
            ),
        ),
        Stage("existing-clients"),
    ),
)


# --- loan-application -----------------------------------------------------------------------------

LOAN_PEOPLE = """
21041 | Anouk de Wit      | clerk      | Intake     | 20007 | 2009-03-02
21077 | Bram Visser       | clerk      | Intake     | 20007 | 2012-09-17
21103 | Carla Smit        | clerk      | Intake     | 20007 | 2014-01-06
21118 | Daan Mulder       | clerk      | Intake     | 20007 | 2025-11-10
21126 | Esra Yilmaz       | clerk      | Offers     | 20007 | 2016-05-23
21150 | Frits Bos         | clerk      | Offers     | 20007 | 2008-02-04
21162 | Gijs Hendriks     | clerk      | Offers     | 20012 | 2019-10-14
21189 | Hanna Peeters     | clerk      | Offers     | 20012 | 2021-04-19
21204 | Irma Jacobs       | clerk      | Validation | 20012 | 2013-06-10
21210 | Joost Willems     | clerk      | Validation | 20012 | 2017-08-21
21233 | Karin Vos         | clerk      | Validation | 20012 | 2020-03-09
21247 | Lars Dekker       | clerk      | Validation | 20012 | 2025-08-25
22005 | Mirjam Kok        | specialist | Fraud      | 20012 | 2011-11-07
22011 | Niels Brouwer     | specialist | Fraud      | 20012 | 2015-09-28
20007 | Otto van Leeuwen  | manager    | Front      |       | 2005-01-10
20012 | Petra Schouten    | manager    | Back       |       | 2006-04-03
"""
LOAN_HABITS = {"21118": NEW, "21150": SLOW, "21162": HASTY, "21247": NEW, "21126": STEADY}
LOAN = Play(
    folder="loan-application",
    zone=ZoneInfo("Europe/Amsterdam"),
    prefix="31",
    deals=300,
    people=staff(LOAN_PEOPLE, LOAN_HABITS),
    opens=(datetime(2026, 1, 2), datetime(2026, 10, 8)),
)
WEB = "112"
"""The actor of what the web form and the system do by themselves."""


def loan_deal(play: Play, number: int) -> Deal:
    """An application as the bank's system logs it: states in bursts, clerks' work in pairs."""
    deal = begin(play, number)
    dice = deal.dice
    deal.elapse(minutes=dice.between(0, 600), milliseconds=dice.between(1, 999))
    deal.know("amount", str(dice.between(10, 250) * 200), actor=WEB)
    deal.enter("submitted", actor=WEB)
    deal.elapse(milliseconds=dice.between(200, 900))
    deal.enter("partly-submitted", actor=WEB)
    deal.elapse(seconds=dice.between(30, 60))
    if dice.chance(0.25):
        deal.enter("declined", actor=WEB)
        return deal
    if dice.chance(0.02):
        clerk_work(deal, "assess_fraud", actor=dice.pick(play.staff("specialist")).actor)
    if dice.chance(0.4):
        clerk_work(deal, "handle_lead")
        if dice.chance(0.35):
            deal.enter("declined")
            return deal
    deal.enter("preaccepted", actor=WEB)
    if complete_application(deal):
        offer(deal)
    return deal


def clerk_work(deal: Deal, activity: str, *, actor: str | None = None) -> None:
    """Taken up, and put down some minutes later; the log has no name for one in seven."""
    who = "" if deal.dice.chance(0.14) else actor or deal.dice.pick(deal.play.staff("clerk")).actor
    deal.elapse(minutes=deal.dice.between(20, 900))
    deal.row("activity", activity, "start", actor=who)
    deal.elapse(minutes=deal.dice.between(1, 18), milliseconds=deal.dice.between(0, 999))
    deal.row("activity", activity, "complete", actor=who)


def complete_application(deal: Deal) -> bool:
    """Calls until the application is complete; false where it dies on the way."""
    dice = deal.dice
    for _ in range(dice.between(1, 2) if dice.chance(0.54) else 0):
        clerk_work(deal, "complete_application")
    if dice.chance(0.26):
        deal.elapse(hours=dice.between(1, 200))
        deal.enter(dice.pick(("declined", "cancelled")))
        return False
    deal.elapse(hours=dice.between(1, 20))
    deal.row("activity", "complete_application", "start", actor="")
    deal.elapse(minutes=dice.between(3, 9), milliseconds=dice.between(0, 999))
    deal.enter("accepted")
    deal.elapse(minutes=dice.between(1, 4))
    deal.enter("finalized")
    return True


def offer(deal: Deal) -> None:
    """The offer goes out, mostly while the clerk is still on the telephone."""
    dice = deal.dice
    for turn in range(1 + dice.chance(0.2)):
        if turn:
            deal.elapse(hours=dice.between(20, 120))
        deal.elapse(milliseconds=dice.between(200, 2500))
        deal.enter("offer-sent")
        deal.row("activity", "offer_sent")
        if not turn:
            deal.elapse(seconds=2)
            deal.row("activity", "complete_application", "complete", actor="")
    if not called(deal):
        return
    deal.enter("offer-sent-back")
    papers(deal)


def called(deal: Deal) -> bool:
    """Calls about the offer: soon with the diligent, after a week or more with others."""
    dice = deal.dice
    if dice.chance(0.03):
        deal.elapse(hours=dice.between(40, 300))
        deal.enter("cancelled")
        return False
    soon = not dice.chance(0.33 + deal.rep.habits.stalls)
    deal.elapse(hours=dice.between(1, 90) if soon else dice.between(125, 320))
    for _ in range(dice.between(1, 4)):
        clerk_work(deal, "call_after_offer")
        deal.elapse(hours=dice.between(10, 70))
    if dice.chance(0.42):
        deal.elapse(hours=dice.between(100, 500))
        deal.enter("cancelled", actor=WEB if dice.chance(0.5) else None)
        return False
    return True


def papers(deal: Deal) -> None:
    """The papers are read, asked for again, and the loan is granted or not."""
    dice = deal.dice
    deal.elapse(hours=dice.between(12, 60))
    for _ in range(dice.between(0, 2)):
        clerk_work(deal, "validate_application")
        for _ in range(dice.between(1, 2)):
            clerk_work(deal, "call_for_missing_papers")
    deal.elapse(hours=dice.between(2, 40))
    validator = dice.pick(deal.play.staff("clerk")).actor
    deal.row("activity", "validate_application", "start", actor=validator)
    deal.elapse(minutes=dice.between(4, 40))
    deal.enter("declined" if dice.chance(0.25) else "approved", actor=validator)
    deal.elapse(seconds=dice.between(5, 20))
    deal.row("activity", "validate_application", "complete", actor=validator)


# --- files ----------------------------------------------------------------------------------------

PLAYS: tuple[tuple[Play, Callable[[Play, int], Deal]], ...] = (
    (BANK, bank_deal),
    (ACTIVE, walk),
    (LOAN, loan_deal),
)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def files() -> dict[Path, bytes]:
    """Every file that is generated, by its path."""
    made = {}
    for play, play_deal in PLAYS:
        folder = PLAYBOOKS / play.folder
        people = [(p.actor, p.name, p.role, p.team, p.manager, p.started) for p in play.people]
        deals = [play_deal(play, number) for number in range(1, play.deals + 1)]
        made[folder / "people.csv"] = table(PEOPLE, people)
        made[folder / "history.csv"] = table(HISTORY, [row for deal in deals for row in deal.rows])
    return made


if __name__ == "__main__":
    for path, content in files().items():
        path.write_bytes(content)
        sys.stdout.write(f"{path.relative_to(PLAYBOOKS)}: {len(content):,} bytes\n")
