"""The judge: a playbook compiled to one function per rule, each from a deal to a verdict.

Nothing here reads a clock, a file or the playbook's text: verdicts follow from the playbook, the
deal's events and the instant as of which they are seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from playgate.conditions import tree
from playgate.conditions.compile import Compiler, Counter, Matches
from playgate.conditions.facts import DealFacts, Holds, Moment, Roles
from playgate.conditions.values import value_reader
from playgate.history.deal import Deal, DealReader, Vocabulary, no_roles
from playgate.judge import deadlines
from playgate.judge.answers import Answers
from playgate.judge.moments import (
    DueOf,
    Dues,
    Scope,
    answered_anywhere,
    ask,
    ask_moves,
    ask_once,
    at_end_of_audit,
    at_entries,
    at_matches,
    at_passing,
    while_held,
)
from playgate.judge.track import Track
from playgate.judge.verdict import JudgeRule, Verdict, combine, met
from playgate.playbook.model import ActivityDemand, Demand, Playbook, Sequence, Stage
from playgate.playbook.rules import Rule, glob_matches, list_rules
from playgate.records import Record

__all__ = ["CompiledRule", "Judge"]


class CompiledRule(Record):
    """A rule, its judgement, and what is needed to explain it."""

    rule: Rule
    scope: Scope
    judge: JudgeRule
    at_last_move: JudgeRule | None = None
    """The same, only at the deal's last move; deadlines and `if` are never due at one."""
    each: Callable[[Deal], list[Verdict]] | None = None
    """Of `after`: the verdict on each match."""
    holds: Holds | None = None
    """What is asked, where it is a condition."""
    condition: tree.Condition | None = None
    """The same, to explain it."""
    due_of: DueOf | None = None
    """Of what is asked where the deal passes a stage: when that is, shared by all rules of one."""
    counter: Counter | None = None
    """Of `activity` and `within`."""
    answers: Answers | None = None
    """Of `after` and `if`."""
    may_be_missed: Callable[[Deal], bool] | None = None
    """Of deadlines: a quick look whether one may have passed; of `idle`, one that the last move
    follows."""


_AT_ENTRY = frozenset(("entry", "by"))
"""Due at moves into their stage and at no other."""
_Asked = tuple[int, int | None, Holds, Scope]
"""A rule asked at a passing: its place, from when on it is in force, the condition, its scope."""


class Judge:
    """Judges the deals of one playbook."""

    def __init__(self, playbook: Playbook, *, has_people: bool) -> None:
        self.playbook = playbook
        self._has_people = has_people
        self._compiler = Compiler(
            signals=playbook.signals, calendar=playbook.calendar, reading=playbook.reading
        )
        self.track = Track(playbook)
        self._when = {
            stage.id: self._compiler.condition(stage.when)
            for stage in playbook.stages
            if stage.when is not None
        }
        self._applies = (
            self._compiler.condition(playbook.applies_to) if playbook.applies_to else None
        )
        self._at_moves: dict[str, list[tuple[int, CompiledRule]]] = {}
        self._passings: dict[tuple[str, bool], DueOf] = {}
        self.rules = tuple(self._compile(rule) for rule in list_rules(playbook))
        self._at_passings: list[tuple[DueOf, list[_Asked]]] = []
        self._elsewhere: list[tuple[int, CompiledRule]] = []
        for index, rule in enumerate(self.rules):
            self._sort_in(index, rule)

    def _sort_in(self, index: int, rule: CompiledRule) -> None:
        if rule.due_of is None or rule.holds is None:
            self._elsewhere.append((index, rule))
            return
        asked = (index, rule.scope.starts, rule.holds, rule.scope)
        if self._at_passings and self._at_passings[-1][0] is rule.due_of:
            self._at_passings[-1][1].append(asked)
        else:
            self._at_passings.append((rule.due_of, [asked]))

    def reader(self, roles: Roles = no_roles) -> DealReader:
        """A reader of deals in this playbook's words."""
        return DealReader(vocabulary(self.playbook), roles=roles)

    def applies_to(self, deal: Deal) -> bool:
        """Whether the playbook governs the deal, as of its first move (else first event)."""
        if self._applies is None:
            return True
        if deal.moves:
            return self._applies(deal, deal.plain_move_moment(0))
        at = deal.effective[0] if deal.effective else deal.as_of
        return self._applies(deal, deal.instant_moment(at))

    def judge(self, deal: Deal) -> list[Verdict | None]:
        """The verdict of every rule, in the order of `rules`; `None`: not applicable."""
        verdicts: list[Verdict | None] = [None] * len(self.rules)
        for due_of, asked in self._at_passings:
            due = due_of(deal)
            if due is None:
                continue
            at, _, moment = due
            holding = met(due)
            for index, starts, holds, scope in asked:
                if starts is None or starts <= at:
                    verdicts[index] = holding if holds(deal, moment) else scope.failed(deal, due)
        for index, rule in self._elsewhere:
            verdicts[index] = rule.judge(deal)
        return verdicts

    def unmet_at_passings(self, deal: Deal) -> Iterator[tuple[int, Verdict]]:
        """Of what `judge` says of the rules that are asked where a deal passes a stage, what is
        not met; each with the rule's place in `rules`."""
        for due_of, asked in self._at_passings:
            due = due_of(deal)
            if due is None:
                continue
            at, _, moment = due
            for index, starts, holds, scope in asked:
                if (starts is None or starts <= at) and not holds(deal, moment):
                    yield index, scope.failed(deal, due)

    def asked_at_move(self, stage: str) -> list[tuple[int, CompiledRule]]:
        """The rules that a move into a stage may concern, apart from those of `unmet_at_passings`;
        each with its place."""
        if stage not in self._at_moves:
            self._at_moves[stage] = [
                (index, rule)
                for index, rule in self._elsewhere
                if rule.rule.family not in _AT_ENTRY or rule.rule.info.stage == stage
            ]
        return self._at_moves[stage]

    def condition(self, condition: tree.Condition, stage: str) -> Holds:
        """A condition of the playbook, compiled; `stage` is what `since: stage` means."""
        return self._compiler.condition(condition, stage=stage)

    def pattern(self, patterns: tuple[tree.Pattern, ...]) -> Matches:
        """What finds the events that match any of the playbook's patterns."""
        return self._compiler.pattern(patterns)

    def counter(self, count: tree.ActivityCount, stage: str) -> Counter:
        """An activity demand of the playbook, compiled."""
        return self._compiler.counter(count, stage=stage)

    # Compiling, by family

    def _compile(self, rule: Rule) -> CompiledRule:
        match rule.family:
            case "entered":
                return self._entered(rule)
            case "by":
                return self._by(rule)
            case "entry" | "exit" | "hold":
                return self._demand(rule)
            case "activity" | "within":
                return self._activity(rule)
            case "time":
                return self._time(rule)
            case "back" | "reopened":
                return self._order(rule)
            case "before" | "after" | "if":
                return self._sequence(rule)
            case "idle" | "age":
                return self._limit(rule)
            case "fit":
                return self._fit(rule)

    def _scope(self, rule: Rule, when: Holds | None = None) -> Scope:
        rule_id = rule.info.id

        @lru_cache(maxsize=256)
        def covers(glob: str) -> bool:
            return glob_matches(glob, rule_id)

        if rule.stage is not None:
            when = self._when.get(rule.stage.id)
        return Scope(covers=covers, starts=rule.starts, when=when)

    def _asked(
        self, rule: Rule, dues: Dues, condition: tree.Condition, *, when: Holds | None = None
    ) -> CompiledRule:
        holds = self._compiler.condition(condition, stage=rule.info.stage)
        scope = self._scope(rule, when)
        judge, last = ask(scope, dues, holds)
        return CompiledRule(rule, scope, judge, last, holds=holds, condition=condition)

    def _passed(
        self, rule: Rule, stage: str, condition: tree.Condition, *, whole_deal: bool = False
    ) -> CompiledRule:
        """A rule that is asked where the deal passes the stage."""
        holds = self._compiler.condition(condition, stage=rule.info.stage)
        scope = self._scope(rule)
        due_of = self._passing(stage, scope.when, whole_deal=whole_deal)
        judge, last = ask_once(scope, due_of, holds)
        return CompiledRule(
            rule, scope, judge, last, holds=holds, condition=condition, due_of=due_of
        )

    def _passing(self, stage: str, when: Holds | None, *, whole_deal: bool = False) -> DueOf:
        key = (stage, whole_deal)
        if key not in self._passings:
            self._passings[key] = at_passing(self.track, stage, when, whole_deal=whole_deal)
        return self._passings[key]

    def _entered(self, rule: Rule) -> CompiledRule:
        stage = _stage(rule).id
        return self._passed(rule, stage, tree.StageEntered(stage))

    def _demand(self, rule: Rule) -> CompiledRule:
        stage = _stage(rule)
        assert isinstance(rule.demand, Demand)  # noqa: S101  (so the rule was made)
        if rule.family == "exit":
            return self._passed(rule, stage.id, rule.demand.condition)
        dues = at_entries if rule.family == "entry" else while_held
        return self._asked(rule, dues(self.track, stage.id), rule.demand.condition)

    def _activity(self, rule: Rule) -> CompiledRule:
        stage, demand = _stage(rule), rule.demand
        assert isinstance(demand, ActivityDemand)  # noqa: S101
        counter = self._compiler.counter(demand.count, stage=stage.id)
        scope, holds = self._scope(rule), counter.holds
        due_of, last, passed = None, None, None
        if rule.family == "within":
            assert demand.within is not None  # noqa: S101
            judge = deadlines.within(
                scope, self.track, stage.id, counter, demand.within, self.playbook.calendar
            )
            passed = deadlines.has_passed(demand.within, deadlines.first_entry(stage.id))
        else:
            due_of = self._passing(stage.id, scope.when)
            judge, last = ask_once(scope, due_of, holds)
        return CompiledRule(
            rule,
            scope,
            judge,
            last,
            holds=holds,
            condition=demand.count,
            due_of=due_of,
            counter=counter,
            may_be_missed=passed,
        )

    def _by(self, rule: Rule) -> CompiledRule:
        stage = _stage(rule)
        roles = frozenset(stage.by)

        def holds(deal: DealFacts, moment: Moment) -> bool:
            return not roles.isdisjoint(deal.roles(moment.actor, moment.at))

        scope = self._scope(rule)
        if not self._has_people:
            return CompiledRule(rule, scope, _never)
        return CompiledRule(rule, scope, *ask(scope, at_entries(self.track, stage.id), holds))

    def _time(self, rule: Rule) -> CompiledRule:
        stage = _stage(rule)
        assert stage.time_limit is not None  # noqa: S101
        shift = stage.time_limit.after(self.playbook.calendar)
        scope = self._scope(rule)
        start = deadlines.first_entry(stage.id)
        return CompiledRule(
            rule,
            scope,
            deadlines.time_limit(scope, self.track, stage.id, shift),
            may_be_missed=deadlines.has_passed(stage.time_limit, start),
        )

    def _order(self, rule: Rule) -> CompiledRule:
        place, ending = self.track.place, self.track.ending

        def forward(left: str, entered: str) -> bool:
            before = place.get(left, -1)
            return place.get(entered, before) >= before

        def from_open(left: str, entered: str) -> bool:
            return left not in ending

        asks = forward if rule.family == "back" else from_open
        scope = self._scope(rule)
        return CompiledRule(rule, scope, *ask_moves(scope, asks))

    def _sequence(self, rule: Rule) -> CompiledRule:
        sequence = rule.sequence
        assert sequence is not None  # noqa: S101
        when = self._compiler.condition(sequence.when) if sequence.when else None
        matches = self._compiler.pattern(sequence.matches)
        if sequence.kind == "before":
            assert sequence.need is not None  # noqa: S101
            dues = at_matches(matches, first_only=sequence.first_only)
            return self._asked(rule, dues, sequence.need, when=when)
        return self._answered(rule, sequence, self._scope(rule, when))

    def _answered(self, rule: Rule, sequence: Sequence, scope: Scope) -> CompiledRule:
        matches = self._compiler.pattern(sequence.matches)
        answers = Answers(self._compiler, sequence.answers)
        first_only = sequence.first_only
        if sequence.kind == "if":
            holds = answered_anywhere(matches, answers, first_only=first_only)
            judge, _ = ask(scope, at_end_of_audit(matches), holds)
            return CompiledRule(rule, scope, judge, answers=answers)
        shift = sequence.within.after(self.playbook.calendar) if sequence.within else None
        each = deadlines.after(scope, matches, answers, shift, first_only=first_only)
        return CompiledRule(
            rule, scope, lambda deal: combine(each(deal)), each=each, answers=answers
        )

    def _limit(self, rule: Rule) -> CompiledRule:
        scope = self._scope(rule)
        calendar = self.playbook.calendar
        if rule.family == "idle":
            assert self.playbook.idle is not None  # noqa: S101
            length = self.playbook.idle
            return CompiledRule(
                rule,
                scope,
                deadlines.idle(scope, length, calendar),
                may_be_missed=deadlines.silence_ends(length, calendar),
            )
        assert self.playbook.age is not None  # noqa: S101
        return CompiledRule(
            rule,
            scope,
            deadlines.age(scope, self.playbook.age.after(calendar)),
            may_be_missed=deadlines.has_passed(self.playbook.age, deadlines.first_event),
        )

    def _fit(self, rule: Rule) -> CompiledRule:
        fits = tuple(tree.All(tuple(profile.fit.values())) for profile in self.playbook.profiles)
        first = self.playbook.track[0].id if self.playbook.track else ""
        return self._passed(rule, first, tree.Any(fits), whole_deal=True)


def _stage(rule: Rule) -> Stage:
    assert rule.stage is not None  # noqa: S101  (rules of a stage have one)
    return rule.stage


def _never(_: Deal) -> Verdict | None:
    return None


def vocabulary(playbook: Playbook) -> Vocabulary:
    """What of a history the playbook understands."""
    calendar = playbook.calendar
    grace = playbook.grace if playbook.grace and playbook.grace.amount else None
    return Vocabulary(
        stages=frozenset(stage.id for stage in playbook.stages),
        ending=frozenset(stage.id for stage in playbook.stages if stage.ends),
        activities=frozenset(playbook.activities),
        readers={
            name: value_reader(kind, playbook.reading) for name, kind in playbook.fields.items()
        },
        types={name: kind.kind for name, kind in playbook.fields.items()},
        late_after=playbook.late_after.after(calendar) if playbook.late_after else None,
        grace=grace.after(calendar) if grace else None,
        reading=playbook.reading,
        may_waive=None if playbook.may_waive is None else frozenset(playbook.may_waive),
    )
