"""Plays a script for each deal, and strays from it as the person does who has the deal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from sampling import Deal, Dice, Do, Habits, Know, Maybe, Play, Stage


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
        deal, number, words = self.deal, self.number, self.deal.play.words
        if place == 0 and number % 29 == 7:
            deal.row("activity", words.stranger, actor="")
        if place == 1 and number % 23 == 5:
            deal.row("stage", words.old_stage)
        if place == 2 and number % 31 == 20:
            deal.row("field", words.amount, words.about)

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
            case Maybe(odds, steps, when) if when(self.deal.facts) and self.deal.dice.chance(odds):
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
                deal.row("field", step.field, dice.pick(deal.play.words.blanks))
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
        attrs: dict[str, object] = {
            name: value if isinstance(value, str) else value(dice, deal.facts)
            for name, value in step.attrs
        }
        if step.attrs and dice.chance(habits.skips):
            attrs = {}
        if step.parts:
            parts = step.parts if not dice.chance(habits.skips) else (deal.play.words.user,)
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
        words = deal.play.words
        reason = dice.pick(words.excuses)
        attrs: dict[str, object] = {}
        if dice.chance(0.3):
            attrs["expires"] = (deal.now + timedelta(days=60)).date().isoformat()
        approver = deal.rep.manager
        if dice.chance(0.1):
            approver = deal.rep.actor  # may not, and has no effect
        elif dice.chance(0.06):
            reason = words.blanks[0]  # no reason, no effect
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
        deal, dice, words = self.deal, self.deal.dice, self.deal.play.words
        deal.pause(1, 12)
        vague = min(0.6, self.habits.vague * 3)
        if not dice.chance(vague):
            deal.know(words.lost_reason, dice.pick(deal.play.reasons))
        elif dice.chance(0.5):
            deal.row("field", words.lost_reason, dice.pick(words.no_reasons))
        deal.enter(deal.play.lost)


def deal_name(play: Play, number: int) -> str:
    """A name; some deals came over from a CRM whose ids have nineteen digits."""
    if number % 101 == 33:
        return str(7_301_444_019_285_530_000 + number)
    return f"{play.prefix}{1000 + number}"


def begin(play: Play, number: int) -> Deal:
    dice = Dice(f"{play.name or play.folder}/{number}")
    reps = play.staff(play.seller or play.people[0].role)
    rep = reps[number % len(reps)]
    start, end = play.opens
    opened = start + timedelta(days=int((end - start).days * (number - 1) / play.deals))
    deal = Deal(play, deal_name(play, number), rep, dice, opened.replace(hour=8))
    deal.pause(0, 2)
    deal.now = max(deal.now, deal.now.replace(hour=9))
    deal.facts["opened"] = deal.now.date().isoformat()
    return deal


def walk(play: Play, number: int) -> Deal:
    deal = begin(play, number)
    Walk(deal, number).run()
    if number % 97 == 60:
        deal.rows.append(deal.rows[-1])  # the same row twice
    return deal
