"""The rules of a playbook: everything that is judged on its own, with its id, level and place.

Their titles are in the language that is spoken while they are listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from playgate.conditions.describe import describe, describe_activity, describe_patterns
from playgate.conditions.durations import Duration
from playgate.conditions.phrases import any_of, show_length
from playgate.conditions.tree import All, Any, Condition, FieldRef, SetPattern, StageEntered
from playgate.errors import Place
from playgate.findings import Level, RuleInfo
from playgate.language import say
from playgate.model.playbook import (
    ActivityDemand,
    Demand,
    Playbook,
    Sequence,
    SetBy,
    Settings,
    Stage,
)
from playgate.records import Record, replace
from playgate.rules.asks import (
    Answered,
    Ask,
    Done,
    Ended,
    GoesOn,
    HasRole,
    Holds,
    Left,
    Resumed,
    StaysEnded,
)
from playgate.rules.due import (
    AsOf,
    AtDeadline,
    AtEntry,
    AtMatch,
    AtMoves,
    AtPassing,
    Due,
    EachDate,
    EachMatch,
    EachStep,
    EachVisit,
    FirstEntry,
    FirstEvent,
    WhileHeld,
)
from playgate.rules.families import FAMILIES, Family

__all__ = ["Rule", "all_of", "glob_matches", "list_rules", "sequence_title"]


_T = TypeVar("_T")


class Rule(Record, kw_only=True):
    """A rule as data: what people see of it, its family's row, when it is due and what it asks."""

    info: RuleInfo
    row: Family
    due: Due
    ask: Ask
    stage_when: Condition | None
    """The `when` of its stage; as with all three, `None` means always."""
    own_when: Condition | None
    """The `when` that stands beside what it asks."""
    set_when: Condition | None
    """The `when` that stands under `rules`."""
    starts: int | None
    """The instant from which the rule is in force; `None` means always."""
    may_waive: tuple[str, ...] | None
    """The roles that may make exceptions; `None` means anybody."""
    is_titled: bool = False
    """Whether the playbook's author wrote the title."""

    @property
    def when(self) -> Condition | None:
        """The condition under which the rule is judged; `None` means always."""
        return all_of(self.stage_when, self.own_when, self.set_when)

    @property
    def item_when(self) -> Condition | None:
        """The condition under which the rule is judged where its stage applies."""
        return all_of(self.own_when, self.set_when)


def all_of(*conditions: Condition | None) -> Condition | None:
    """Returns the condition that all of these hold; `None` where there are none."""
    given = tuple(each for each in conditions if each is not None)
    return All(given) if len(given) > 1 else given[0] if given else None


_Stands = Demand | ActivityDemand | Sequence | SetBy
"""What stands in a playbook and makes a rule."""


def glob_matches(glob: str, rule_id: str) -> bool:
    """Whether `glob` matches the rule's id; `*` stands for anything, slashes included."""
    first, *pieces = glob.split("*")
    if not pieces:
        return glob == rule_id
    *pieces, last = pieces
    if not rule_id.startswith(first):
        return False
    # Each piece is taken where it is first found: no later place could leave more for the rest.
    position = len(first)
    for piece in pieces:
        position = rule_id.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    return len(rule_id) - len(last) >= position and rule_id.endswith(last)


def list_rules(playbook: Playbook) -> tuple[Rule, ...]:
    """Returns all rules in the order of the playbook, with its settings applied."""
    return tuple(_Lister(playbook).rules())


class _Lister:
    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook

    def rules(self) -> Iterator[Rule]:
        for stage in self.playbook.stages:
            yield from self._of_stage(stage)
        place = self.playbook.place
        back = say("No move back on the track")
        yield self._rule("order/back", "back", AtMoves(), GoesOn(), place, back)
        reopened = say("No move out of a stage with an end")
        yield self._rule("order/reopened", "reopened", AtMoves(), StaysEnded(), place, reopened)
        yield from map(self._set_by, self.playbook.set_by)
        for sequence in self.playbook.sequence:
            yield self._of_sequence(sequence)
        yield from self._limits()
        if self.playbook.profiles:
            yield self._fit()

    # Stages

    def _of_stage(self, stage: Stage) -> Iterator[Rule]:
        at = stage.id
        due: Due
        ask: Ask
        if stage.ends is None:
            due, ask = AtPassing(at), Holds(StageEntered(at))
            title = say("{stage}: entered", stage=stage.title)
            yield self._rule(f"{at}/entered", "entered", due, ask, stage.place, title, stage)
        for demand in stage.entry:
            yield self._demand(stage, "entry", AtEntry(at), demand)
        if stage.by:
            title = say("Moved here by {roles}", roles=any_of(stage.by))
            due, ask = AtEntry(at), HasRole(stage.by)
            yield self._rule(f"{at}/by", "by", due, ask, stage.by_place, title, stage)
        for activity in stage.activities:
            yield from self._activity(stage, activity)
        for demand in stage.exit:
            yield self._demand(stage, "exit", AtPassing(at), demand)
        for demand in stage.hold:
            yield self._demand(stage, "hold", WhileHeld(at), demand)
        if limit := stage.lengths.get("time_limit"):
            title = say("Left within {length}", length=show_length(limit.length))
            due = AtDeadline(EachVisit(at), limit.length)
            yield self._rule(f"{at}/time", "time", due, Left(), limit.place, title, stage)
        if idle := stage.lengths.get("idle"):
            title, due = _never_silent(idle.length), AtDeadline(EachStep(at), idle.length)
            yield self._rule(f"{at}/idle", "stage-idle", due, Resumed(), idle.place, title, stage)

    def _demand(self, stage: Stage, family: str, due: Due, demand: Demand) -> Rule:
        title, ask = describe(demand.condition), Holds(demand.condition)
        rule_id = f"{stage.id}/{family}/{demand.name}"
        return self._rule(rule_id, family, due, ask, demand.place, title, stage, demand)

    def _activity(self, stage: Stage, demand: ActivityDemand) -> Iterator[Rule]:
        title, ask, place = describe_activity(demand.count), Done(demand.count), demand.place
        rule_id = f"{stage.id}/activity/{demand.name}"
        due: Due = AtPassing(stage.id)
        yield self._rule(rule_id, "activity", due, ask, place, title, stage, demand)
        if within := demand.lengths.get("within"):
            title = say(
                "{title}, within {length} of entering {stage}",
                title=title,
                length=show_length(within.length),
                stage=stage.id,
            )
            rule_id = f"{stage.id}/within/{demand.name}"
            due = AtDeadline(FirstEntry(stage.id), within.length, excuses=("ended", "passed"))
            yield self._rule(rule_id, "within", due, ask, place, title, stage, demand)
        if every := demand.lengths.get("every"):
            pattern, rule_id = demand.count.pattern, f"{stage.id}/every/{demand.name}"
            what = describe_patterns((pattern,))
            title = say("{what}, every {length}", what=what, length=show_length(every.length))
            due, resumed = AtDeadline(EachStep(stage.id, pattern), every.length), Resumed()
            yield self._rule(rule_id, "every", due, resumed, place, title, stage, demand)

    # The whole deal

    def _of_sequence(self, sequence: Sequence) -> Rule:
        due, ask = _due_of(sequence), _ask_of(sequence)
        title = sequence.title or sequence_title(due, ask)
        rule_id, place = f"sequence/{sequence.id}", sequence.place
        return self._rule(rule_id, sequence.kind, due, ask, place, title, stands=sequence)

    def _set_by(self, owned: SetBy) -> Rule:
        rule_id = f"field/{owned.field}/by"
        title = say("{field} set by {roles}", field=owned.field, roles=any_of(owned.roles))
        due = AtMatch((SetPattern(owned.field),), when_before=True)
        ask = HasRole(owned.roles)
        return self._rule(rule_id, "set-by", due, ask, owned.place, title, stands=owned)

    def _limits(self) -> Iterator[Rule]:
        limits = self.playbook.limits
        if idle := limits.get("idle"):
            title, due = _never_silent(idle.length), AtDeadline(EachStep(), idle.length)
            yield self._rule("limit/idle", "idle", due, Resumed(), idle.place, title)
        if age := limits.get("age"):
            title = say("Ended within {length}", length=show_length(age.length))
            due = AtDeadline(FirstEvent(), age.length)
            yield self._rule("limit/age", "age", due, Ended(), age.place, title)

    def _fit(self) -> Rule:
        profiles = self.playbook.profiles
        named = ", ".join(profile.id for profile in profiles)
        title = say("Fits a profile: {profiles}", profiles=named)
        fits = Any(tuple(All(tuple(profile.fit.values())) for profile in profiles))
        track = self.playbook.track
        due = AtPassing(track[0].id if track else "", whole_deal=True)
        place = self.playbook.profiles_place
        return self._rule("profile/fit", "fit", due, Holds(fits), place, title)

    # What all rules have in common

    def _rule(
        self,
        rule_id: str,
        family: str,
        due: Due,
        ask: Ask,
        place: Place,
        title: str,
        stage: Stage | None = None,
        stands: _Stands | None = None,
    ) -> Rule:
        row = FAMILIES[family]
        settings = self._settings(rule_id)
        told = None if isinstance(stands, SetBy) else stands
        info = RuleInfo(
            id=rule_id,
            family=family,
            stage=stage.id if stage else "",
            level=settings.level or self._level(row, stage, stands),
            title=title,
            place=place,
            why=told.why if told else "",
            ask=told.ask if told else "",
            tools=stands.tools if isinstance(stands, ActivityDemand) else (),
            playbook=self.playbook.name,
        )
        starts = _given(settings.starts, stands.starts if stands else None, self.playbook.starts)
        return Rule(
            info=info,
            row=row,
            due=due,
            ask=ask,
            stage_when=stage.when if stage else None,
            own_when=stands.when if stands else None,
            set_when=settings.when,
            starts=starts,
            may_waive=_given(
                settings.may_waive, stands.may_waive if stands else None, self.playbook.may_waive
            ),
            is_titled=isinstance(stands, Sequence) and bool(stands.title),
        )

    def _settings(self, rule_id: str) -> Settings:
        """Returns what `rules` says of a rule: each setting by the last glob that has it."""
        found = Settings(rule_id, None, None, self.playbook.place)
        for settings in self.playbook.settings:
            if glob_matches(settings.glob, rule_id):
                found = replace(
                    found,
                    level=settings.level or found.level,
                    starts=_given(settings.starts, found.starts),
                    when=_given(settings.when, found.when),
                    may_waive=_given(settings.may_waive, found.may_waive),
                )
        return found

    def _level(self, row: Family, stage: Stage | None, stands: _Stands | None) -> Level:
        """Returns the level where `rules` sets none: of its family, item, stage or playbook."""
        return (
            row.level
            or (stands.level if stands else None)
            or (stage.level if stage else None)
            or self.playbook.level
            or "block"
        )


def _given(*settings: _T | None) -> _T | None:
    """Returns the first that is given."""
    return next((each for each in settings if each is not None), None)


def _due_of(sequence: Sequence) -> Due:
    matches, first_only = sequence.matches, sequence.first_only
    match sequence.kind:
        case "before":
            return AtMatch(matches, first_only)
        case "if":
            return AsOf(matches, first_only)
        case "after":
            return AtDeadline(EachMatch(matches, first_only), sequence.within, excuses=("ended",))
        case "until":
            date = sequence.until or FieldRef("")
            return AtDeadline(EachDate(date.field, date.stepped), date.shift, excuses=("ended",))


def _ask_of(sequence: Sequence) -> Ask:
    if sequence.need is not None:
        return Holds(sequence.need)
    return Answered(sequence.answers, later=sequence.kind == "after" or sequence.later)


def sequence_title(due: Due, ask: Ask) -> str:
    """Says in a phrase what a sequence asks; a title that its author wrote is not used."""
    match due, ask:
        case AtMatch(matches, first_only), Holds(need):
            what = describe_patterns(matches, first=first_only)
            return say("Before {what}: {need}", what=what, need=describe(need))
        case AsOf(matches, first_only), Answered(answers, True):
            what = describe_patterns(matches, first=first_only)
            return say("With {what} also {need} later", what=what, need=describe_patterns(answers))
        case AtDeadline(EachDate(field), length), Holds(need):
            said = show_length(length) if length else ""
            return say(
                "{length} before {field}: {need}", length=said, field=field, need=describe(need)
            )
        case AsOf(matches), Answered(answers):
            what = describe_patterns(matches)
            return say("With {what} also {need}", what=what, need=describe_patterns(answers))
        case AtDeadline(EachMatch(matches, first_only), length), Answered(answers):
            what = describe_patterns(matches, first=first_only)
            answer = describe_patterns(answers)
            if length:
                answer = say("{need}, within {length}", need=answer, length=show_length(length))
            return say("After {what}: {need}", what=what, need=answer)
        case _:
            raise ValueError(f"{due} and {ask} make no sequence")


def _never_silent(length: Duration) -> str:
    return say("An activity or a move every {length}", length=show_length(length))
