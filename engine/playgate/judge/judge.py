"""The judge: it compiles a playbook to one function per rule, which takes a deal to a verdict.

Nothing here reads a clock, a file or the playbook's text: verdicts follow from the playbook, the
deal's events and the instant as of which they are seen.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import lru_cache
from typing import NamedTuple, assert_never

from playgate.conditions import tree
from playgate.conditions.compile import Compiler, Counter, Matches
from playgate.conditions.durations import Duration
from playgate.conditions.facts import HoldsAt, Roles
from playgate.conditions.patience import Patience
from playgate.history.deal import Deal, DealReader, Note, no_roles
from playgate.judge import deadlines
from playgate.judge.answers import Answers
from playgate.judge.dates import at_dates, before_date, holds_there
from playgate.judge.governed import Governed
from playgate.judge.moments import (
    DueOf,
    Dues,
    Scope,
    all_answered,
    ask,
    ask_moves,
    ask_once,
    at_end_of_audit,
    at_entries,
    at_matches,
    at_passing,
    has_role,
    just_before,
    last_match,
    never,
    while_held,
)
from playgate.judge.verdict import JudgeRule, Verdict, met
from playgate.judge.vocabulary import vocabulary
from playgate.model.playbook import Playbook
from playgate.records import Record
from playgate.rules import asks, due
from playgate.rules.list import Rule, glob_matches, list_rules
from playgate.rules.track import Track
from playgate.rules.waiving import MayWaive, roles_of

__all__ = ["CompiledRule", "Judge"]


class CompiledRule(Record):
    """A rule, the function that judges it, and what is needed to explain its verdicts."""

    rule: Rule
    scope: Scope
    judge: JudgeRule
    at_last_move: JudgeRule | None = None
    """Judges the rule only at the deal's last move, at which no deadline and nothing as of falls
    due."""
    at_events: Callable[[Deal, Container[int]], Verdict | None] | None = None
    """Judges the rule only at the events at these positions; set where it may be due at any."""
    each: Callable[[Deal], list[Verdict]] | None = None
    """Returns the verdict on each deadline; set where there are deadlines."""
    holds: HoldsAt | None = None
    """Tells whether what is asked holds; set where it can be asked again at another moment."""
    due_of: DueOf | None = None
    """Tells when the deal passes the stage; set for rules asked then, and shared by those of a
    stage."""
    counter: Counter | None = None
    """Counts the activities that the rule asks for, where it asks for any."""
    outcomes: deadlines.Outcomes | None = None
    """Tells of missed deadlines when each had passed, and when it was fulfilled after all."""
    last_match: Callable[[Deal], int] | None = None
    """Tells when the last event took effect that makes the rule due as of now."""
    may_be_missed: Callable[[Deal], bool] | None = None
    """Tells quickly whether a deadline may have passed, or whether the last move may end a
    silence."""


_Asked = tuple[int, int | None, HoldsAt, Scope]
"""A rule asked at a passing: its place, since when it is in force, its condition, its scope."""


class AtMove(NamedTuple):
    """The rules that a move into a stage may concern, each with its place in `Judge.rules`."""

    only_then: list[tuple[int, JudgeRule]]
    """Judge those that refuse the move at which they are due, and no other."""
    of_values: list[tuple[int, CompiledRule]]
    """Those due at values of fields that come with it."""
    others: list[tuple[int, CompiledRule]]
    """Those that may be told of, or refuse, at later moves, too."""


class Judge:
    """Judges the deals of one playbook, by its own rules or by others in their place."""

    def __init__(
        self,
        playbook: Playbook,
        *,
        has_people: bool,
        rules: tuple[Rule, ...] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.playbook = playbook
        self._has_people = has_people
        self._patience = patience
        self._compiler = Compiler(
            signals=playbook.signals,
            calendar=playbook.calendar,
            reading=playbook.reading,
            patience=patience,
        )
        self.track = Track(playbook)
        self._governed = (
            Governed(self._compiler.condition(playbook.applies_to)) if playbook.applies_to else None
        )
        self._at_moves: dict[str, AtMove] = {}
        self._passings: dict[tuple[str, bool, tree.Condition | None], DueOf] = {}
        listed = rules or list_rules(playbook)
        self.may_waive = MayWaive(playbook, listed)
        """Who may make exceptions, of the rules that are judged."""
        self.rules = tuple(map(self._compile, listed))
        self._at_passings: list[tuple[DueOf, list[_Asked]]] = []
        self._elsewhere: list[tuple[int, CompiledRule]] = []
        self._anywhere: list[tuple[int, JudgeRule]] = []
        self._once_entered: dict[str, list[tuple[int, JudgeRule]]] = {}
        for index, rule in enumerate(self.rules):
            self._sort_in(index, rule)

    def _sort_in(self, index: int, rule: CompiledRule) -> None:
        if rule.due_of is None or rule.holds is None:
            self._elsewhere.append((index, rule))
            stage = due.entered_for(rule.rule.due)
            of_deals = self._once_entered.setdefault(stage, []) if stage else self._anywhere
            of_deals.append((index, rule.judge))
            return
        asked = (index, rule.scope.starts, rule.holds, rule.scope)
        if self._at_passings and self._at_passings[-1][0] is rule.due_of:
            self._at_passings[-1][1].append(asked)
        else:
            self._at_passings.append((rule.due_of, [asked]))

    def reader(self, roles: Roles = no_roles) -> DealReader:
        """Returns a reader that reads deals in this playbook's words."""
        return DealReader(vocabulary(self.playbook, self.may_waive), roles=roles)

    def governs(self, deal: Deal) -> bool:
        """Whether the playbook governs the deal as of its last move (its first event if it has
        none)."""
        return self._governed is None or self._governed.now(deal)

    def ever_governs(self, deal: Deal) -> bool:
        """Whether the playbook governs the deal at any time; if not, nothing of it is judged."""
        return self._governed is None or self._governed.ever(deal)

    def governs_at(self, deal: Deal, at: int) -> bool:
        """Whether the playbook governs the deal at an instant."""
        return self._governed is None or self._governed.at(deal, at)

    def notes(self, deal: Deal) -> list[Note]:
        """Returns the rows that could not be used, as far as they came while it was governed."""
        return [note for note in deal.notes if self.governs_at(deal, note.event.happened_at)]

    def unknown(self, deal: Deal) -> Iterator[tuple[str, str]]:
        """Yields kind and name of the events that the playbook does not know, as far as they came
        while it governed the deal."""
        for kind, name, at in deal.unknown:
            if self.governs_at(deal, at):
                yield kind, name

    def judge(self, deal: Deal) -> list[Verdict | None]:
        """Returns each rule's verdict, in the order of `rules`; `None` if it is not applicable."""
        verdicts: list[Verdict | None] = [None] * len(self.rules)
        for due_of, asked in self._at_passings:
            found = due_of(deal)
            if found is None:
                continue
            at, _, moment = found
            holding = met(found)
            for index, starts, holds, scope in asked:
                if starts is None or starts <= at:
                    verdicts[index] = holding if holds(deal, moment) else scope.failed(deal, found)
        for index, judge in self._anywhere:
            verdicts[index] = judge(deal)
        for stage in deal.first_entry:
            for index, judge in self._once_entered.get(stage, ()):
                verdicts[index] = judge(deal)
        return verdicts

    def unmet_at_passings(self, deal: Deal) -> Iterator[tuple[int, Verdict]]:
        """Yields the verdicts that are not met among rules asked where the deal passes a stage.

        Each comes with the rule's place in `rules`; `judge` gives the same verdicts.
        """
        for due_of, asked in self._at_passings:
            found = due_of(deal)
            if found is None:
                continue
            at, _, moment = found
            for index, starts, holds, scope in asked:
                if (starts is None or starts <= at) and not holds(deal, moment):
                    yield index, scope.failed(deal, found)

    def asked_at_move(self, stage: str) -> AtMove:
        """Returns the rules that a move into a stage may concern, but for those of
        `unmet_at_passings`."""
        found = self._at_moves.get(stage)
        if found is None:
            found = self._at_moves[stage] = AtMove([], [], [])
            for index, rule in self._elsewhere:
                if isinstance(rule.rule.due, due.AtEntry) and rule.rule.due.stage != stage:
                    continue
                live = rule.rule.row.live
                if live == "refuses" and rule.at_last_move is not None:
                    found.only_then.append((index, rule.at_last_move))
                elif live != "refuses":
                    (found.of_values if live == "refuses-values" else found.others).append(
                        (index, rule)
                    )
        return found

    def condition(self, condition: tree.Condition, stage: str) -> HoldsAt:
        """Compiles a condition of the playbook; `since: stage` in it means `stage`."""
        return self._compiler.condition(condition, stage=stage)

    def pattern(self, patterns: tuple[tree.Pattern, ...]) -> Matches:
        """Returns a function that finds the events that match any of the playbook's patterns."""
        return self._compiler.pattern(patterns)

    def counter(self, count: tree.Count, stage: str) -> Counter:
        """Compiles what is counted of the playbook."""
        return self._compiler.counter(count, stage=stage)

    # Compiling: when a rule is due

    def _compile(self, rule: Rule) -> CompiledRule:
        match rule.due:
            case due.AtPassing():
                return self._at_passing(rule, rule.due)
            case due.AtEntry(stage):
                return self._asked(rule, at_entries(self.track, stage))
            case due.WhileHeld(stage):
                return self._asked(rule, while_held(self.track, stage))
            case due.AtMatch(matches, first_only):
                found = self._compiler.pattern(matches)
                dues = at_matches(found, first_only=first_only)
                return self._asked(rule, dues, at_events=True)
            case due.AsOf(matches, first_only):
                return self._as_of(rule, self._compiler.pattern(matches), first_only=first_only)
            case due.AtMoves():
                scope = self._scope(rule)
                return CompiledRule(rule, scope, *ask_moves(scope, self._of_moves(rule.ask)))
            case due.AtDeadline():
                return self._deadline(rule, rule.due)
            case _:
                assert_never(rule.due)

    def _scope(self, rule: Rule) -> Scope:
        rule_id = rule.info.id

        @lru_cache(maxsize=256)
        def covers(glob: str) -> bool:
            return glob_matches(glob, rule_id)

        when = self._compiler.condition(rule.when) if rule.when is not None else None
        if when is not None and isinstance(rule.due, due.AtMatch) and rule.due.when_before:
            when = just_before(when)
        return Scope(
            covers=covers,
            starts=rule.starts,
            when=when,
            governed=self._governed,
            may_waive=roles_of(rule),
        )

    def _asked(self, rule: Rule, dues: Dues, *, at_events: bool = False) -> CompiledRule:
        """Compiles a rule that may be due at several moments."""
        scope = self._scope(rule)
        if isinstance(rule.ask, asks.HasRole) and not self._has_people:
            return CompiledRule(rule, scope, never)
        holds, counter = self._holds(rule)
        judge, at_last_move, at_some = ask(scope, dues, holds)
        return CompiledRule(
            rule,
            scope,
            judge,
            at_last_move,
            at_events=at_some if at_events else None,
            holds=holds,
            counter=counter,
        )

    def _at_passing(self, rule: Rule, at: due.AtPassing) -> CompiledRule:
        scope = self._scope(rule)
        key = (at.stage, at.whole_deal, rule.when)
        if key not in self._passings:
            self._passings[key] = at_passing(self.track, at.stage, scope, whole_deal=at.whole_deal)
        due_of, (holds, counter) = self._passings[key], self._holds(rule)
        judge, last = ask_once(scope, due_of, holds)
        return CompiledRule(rule, scope, judge, last, holds=holds, due_of=due_of, counter=counter)

    def _as_of(self, rule: Rule, matches: Matches, *, first_only: bool) -> CompiledRule:
        scope = self._scope(rule)
        later = isinstance(rule.ask, asks.Answered) and rule.ask.later
        answers = self._answers(rule.ask)
        holds = all_answered(matches, answers, first_only=first_only, later=later)
        judge, *_ = ask(scope, at_end_of_audit(matches), holds)
        last = last_match(matches, first_only=first_only)
        return CompiledRule(rule, scope, judge, last_match=last)

    def _deadline(self, rule: Rule, at: due.AtDeadline) -> CompiledRule:
        scope, calendar = self._scope(rule), self.playbook.calendar
        starts, until = self._starts(at.start), deadlines.until(at.length, calendar)
        if self._patience is not None:
            starts = deadlines.patiently(starts, self._patience, at.length)
        if date := due.date_of(at):
            until = before_date(date, calendar)
        counter = made_good = None
        match rule.ask:
            case asks.Done(count):
                counter = self._compiler.counter(count, stage=rule.info.stage)
                fulfilled = deadlines.done(counter)
            case asks.Answered():
                fulfilled = deadlines.answered(self._answers(rule.ask))
            case asks.Left():
                fulfilled = deadlines.left
            case asks.Resumed():
                fulfilled = deadlines.resumed
                if again := due.patterns_of(at):
                    made_good = deadlines.done_again(self._compiler.pattern(again))
            case asks.Ended():
                fulfilled = deadlines.ended
            case asks.Holds(condition) if date:
                holds = self._compiler.condition(condition, stage=rule.info.stage)
                fulfilled = holds_there(until, holds)
            case asks.Holds() | asks.HasRole() | asks.GoesOn() | asks.StaysEnded():
                raise TypeError(f"{rule.info.id}: nothing says when {rule.ask} was fulfilled")
            case _:
                assert_never(rule.ask)
        excused = deadlines.excused(self.track, at.excuses, rule.info.stage)
        each, judge = deadlines.each_deadline(scope, starts, until, fulfilled, excused)
        return CompiledRule(
            rule,
            scope,
            self._quick(judge, scope, at),
            each=each,
            holds=counter.holds if counter else None,
            counter=counter,
            outcomes=deadlines.Outcomes(starts, until, fulfilled, made_good or fulfilled),
            may_be_missed=self._may_be_missed(at.start, at.length),
        )

    @staticmethod
    def _quick(judge_all: JudgeRule, scope: Scope, at: due.AtDeadline) -> JudgeRule:
        elapsed = at.length.elapsed if at.length else None
        asks_start = scope.starts is not None or scope.when is not None
        if at.start != due.EachStep() or elapsed is None or asks_start:
            return judge_all
        governed = scope.governed

        def judge(deal: Deal) -> Verdict | None:
            # A deal has many steps, but most deals are never silent for so long.
            whole = governed is None or governed.throughout(deal)
            return (deadlines.is_quiet(deal, elapsed) if whole else None) or judge_all(deal)

        return judge

    def _starts(self, start: due.Start) -> deadlines.Starts:
        match start:
            case due.FirstEntry(stage):
                return deadlines.at_first_entry(self.track, stage)
            case due.EachVisit(stage):
                return deadlines.at_visits(self.track, stage)
            case due.EachMatch(matches, first_only):
                found = self._compiler.pattern(matches)
                return deadlines.from_matches(found, first_only=first_only)
            case due.EachStep(stage, activities):
                again = self._compiler.pattern((activities,)) if activities else None
                return deadlines.from_steps(self.track, stage, again)
            case due.FirstEvent():
                return deadlines.at_first_event
            case due.EachDate(field):
                return at_dates(field)
            case _:
                assert_never(start)

    def _may_be_missed(
        self, start: due.Start, length: Duration | None
    ) -> Callable[[Deal], bool] | None:
        if length is None:
            return None
        match start:
            case due.EachStep(""):
                return deadlines.silence_ends(length, self.playbook.calendar)
            case due.FirstEntry(stage) | due.EachVisit(stage) | due.EachStep(stage):
                return deadlines.has_passed(length, deadlines.first_entry(stage))
            case due.FirstEvent():
                return deadlines.has_passed(length, deadlines.first_event)
            case due.EachMatch() | due.EachDate():
                return None
            case _:
                assert_never(start)

    # What it asks

    def _holds(self, rule: Rule) -> tuple[HoldsAt, Counter | None]:
        """Compiles what is asked at a moment; also returns the counter where activities are
        counted."""
        match rule.ask:
            case asks.Holds(condition):
                return self._compiler.condition(condition, stage=rule.info.stage), None
            case asks.Done(count):
                counter = self._compiler.counter(count, stage=rule.info.stage)
                return counter.holds, counter
            case asks.HasRole(roles):
                return has_role(frozenset(roles)), None
            case (
                asks.Answered()
                | asks.GoesOn()
                | asks.StaysEnded()
                | asks.Left()
                | asks.Resumed()
                | asks.Ended()
            ):
                raise TypeError(f"{rule.info.id}: {rule.ask} is not asked at {rule.due}")
            case _:
                assert_never(rule.ask)

    def _answers(self, asked: asks.Ask) -> Answers:
        return Answers(self._compiler, asks.answers_of(asked))

    def _of_moves(self, asked: asks.Ask) -> Callable[[str, str], bool]:
        """Returns the test that a rule makes of the stage left and the stage entered."""
        place, ending = self.track.place, self.track.ending

        def goes_on(left: str, entered: str) -> bool:
            before = place.get(left, -1)
            return place.get(entered, before) >= before

        def stays_ended(left: str, entered: str) -> bool:
            return left not in ending or entered in ending

        return goes_on if isinstance(asked, asks.GoesOn) else stays_ended
