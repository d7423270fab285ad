"""Mutants: the playbook with one thing changed, which some case should notice.

Each rule is dropped, moved a level down and up, and loosened; durations are shifted by one; an
alternative, an exception or a narrowing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

from playgate.cases.changes import (
    condition_changes,
    count_changes,
    duration_changes,
    pattern_changes,
)
from playgate.conditions.durations import Duration
from playgate.conditions.tree import Condition, Not
from playgate.documents.document import Document
from playgate.errors import Place
from playgate.findings import LEVELS, Level
from playgate.model.playbook import Playbook, Profile, Settings, Stage
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
    EachMatch,
    EachStep,
    FirstEvent,
    WhileHeld,
    is_of_matches,
    patterns_of,
    with_patterns,
)
from playgate.rules.list import Rule, glob_matches, list_rules

__all__ = ["Mutant", "mutants"]

_NEVER = 2**62
_ALWAYS = -(2**62)


class Mutant(Record):
    """A playbook with one thing changed."""

    name: str
    """What is changed and how: the name that `may_live` uses."""
    subject: str
    """What is changed: a rule's id, or `signal budget_known`."""
    place: Place
    """Where in the playbook."""
    playbook: Playbook
    rules: tuple[Rule, ...]


_Found = Iterator[tuple[str, str, Place, Playbook, tuple[Rule, ...]]]
"""Subject, change, place, playbook, rules."""
_Changed = Iterator[tuple[str, str, Place, Playbook]]


def mutants(playbook: Playbook, document: Document) -> list[Mutant]:
    """Returns all mutants, by place; `document` is what the playbook was read from."""
    found: list[Mutant] = []
    taken: dict[str, int] = {}
    for subject, change, place, mutated, rules in _Mutator(playbook, document).all():
        name = f"{subject}: {change}"
        taken[name] = taken.get(name, 0) + 1
        unique = name if taken[name] == 1 else f"{name} ({taken[name]})"
        found.append(Mutant(unique, subject, place, mutated, rules))
    return sorted(found, key=lambda mutant: mutant.place[1:])


class _Mutator:
    def __init__(self, playbook: Playbook, document: Document) -> None:
        self._playbook = playbook
        self._document = document

    def all(self) -> _Found:
        rules = list_rules(self._playbook)
        limits = [rule for rule in rules if _is_limit(rule)]
        yield from self._of_rules(rules, limits)  # before what else is changed at their place
        for subject, change, place, mutated in self._of_playbook():
            yield subject, change, place, mutated, list_rules(mutated)
        yield from self._of_rules(rules, [rule for rule in rules if not _is_limit(rule)])

    def _of_rules(self, rules: tuple[Rule, ...], changing: list[Rule]) -> _Found:
        asked: set[int] = set()
        for rule in changing:
            for change, changed in _rule_changes(rule, is_ask_known=id(_subject(rule)) in asked):
                others = tuple(_with_change(each, rule, changed) for each in rules)
                yield rule.info.id, change, rule.info.place, self._playbook, others
            asked.add(id(_subject(rule)))
            if self._has_own_approvers(rule):
                usual = replace(rule, may_waive=self._playbook.may_waive)
                others = tuple(usual if each is rule else each for each in rules)
                yield rule.info.id, "without may_waive", rule.info.place, self._playbook, others

    def _has_own_approvers(self, rule: Rule) -> bool:
        """Whether what stands in place says who may make exceptions."""
        return rule.may_waive != self._playbook.may_waive and not any(
            each.may_waive is not None and glob_matches(each.glob, rule.info.id)
            for each in self._playbook.settings
        )

    def _of_playbook(self) -> _Changed:
        yield from self._of_whole()
        for name, condition in self._playbook.signals.items():
            place = self._document.key_place(("signals", name))
            for change, changed in condition_changes(condition):
                signals = {**self._playbook.signals, name: changed}
                yield f"signal {name}", change, place, self._with(signals=signals)
        yield from self._of_profiles()
        for rule in list_rules(self._playbook):
            yield from self._of_settings(rule)
        yield from self._of_entries()
        for index, stage in enumerate(self._playbook.stages):
            yield from self._of_stage(index, stage)

    def _with(self, **changes: Any) -> Playbook:
        return replace(self._playbook, **changes)

    # The whole playbook

    def _of_whole(self) -> _Changed:
        playbook = self._playbook
        if playbook.applies_to is not None:
            place = self._document.key_place(("applies_to",))
            yield "applies_to", "dropped", place, self._with(applies_to=None)
            for change, changed in condition_changes(playbook.applies_to):
                yield "applies_to", change, place, self._with(applies_to=changed)
        if playbook.starts is not None:
            yield "from", "dropped", self._document.key_place(("from",)), self._with(starts=None)
        for key in ("late_after", "grace"):
            yield from self._of_duration(key, getattr(playbook, key))
        if playbook.may_waive is not None:
            place = self._document.key_place(("may_waive",))
            yield "may_waive", "dropped", place, self._with(may_waive=None)
        if playbook.reading.placeholders:
            place = self._document.key_place(("placeholders",))
            reading = replace(playbook.reading, placeholders=frozenset())
            yield "placeholders", "dropped", place, self._with(reading=reading)

    def _of_duration(self, key: str, duration: Duration | None) -> _Changed:
        if duration is None or duration.is_nothing:
            return
        place = self._document.key_place((key,))
        yield key, "dropped", place, self._with(**{key: None})
        for change, changed in duration_changes(duration):
            yield key, change, place, self._with(**{key: changed})

    def _of_profiles(self) -> _Changed:
        profiles = self._playbook.profiles
        for index, profile in enumerate(profiles):
            subject = f"profile {profile.id}"
            before, after = profiles[:index], profiles[index + 1 :]
            if before or after:
                yield subject, "dropped", profile.place, self._with(profiles=before + after)
            for change, changed in _profile_changes(profile):
                mutated = self._with(profiles=(*before, changed, *after))
                yield subject, change, profile.place, mutated

    # Rules: not in force, or at another level

    def _of_settings(self, rule: Rule) -> _Changed:
        info = rule.info
        yield info.id, "dropped", info.place, self._set(info.id, None, _NEVER)
        if rule.starts not in (None, self._playbook.starts):
            yield info.id, "without from", info.place, self._set(info.id, None, _ALWAYS)
        step = LEVELS.index(info.level)
        for other in LEVELS[max(step - 1, 0) : step + 2]:
            if other != info.level:
                change = f"level {other} instead of {info.level}"
                yield info.id, change, info.place, self._set(info.id, other, None)

    def _of_entries(self) -> _Changed:
        """Yields the playbook with one `when`, or the approvers, of an entry of `rules` changed."""
        for entry in self._playbook.settings:
            subject = f"rules {entry.glob}"
            for change, when in _when_changes(entry.when):
                yield subject, change, entry.place, self._with_entry(entry, when=when)
            if entry.may_waive is not None:
                without = self._with_entry(entry, may_waive=None)
                yield subject, "without may_waive", entry.place, without

    def _with_entry(self, entry: Settings, **changes: Any) -> Playbook:
        settings = (replace(e, **changes) if e is entry else e for e in self._playbook.settings)
        return self._with(settings=tuple(settings))

    def _set(self, rule: str, level: Level | None, starts: int | None) -> Playbook:
        settings = Settings(rule, level, starts, self._playbook.place)
        return self._with(settings=(*self._playbook.settings, settings))

    # Stages

    def _of_stage(self, index: int, stage: Stage) -> _Changed:
        for subject, change, place, changed in _stage_changes(stage):
            stages = self._playbook.stages
            mutated = self._with(stages=(*stages[:index], changed, *stages[index + 1 :]))
            yield subject, change, place, mutated


def _profile_changes(profile: Profile) -> Iterator[tuple[str, Profile]]:
    for group, condition in profile.fit.items():
        if len(profile.fit) > 1:
            rest = {name: each for name, each in profile.fit.items() if name != group}
            yield f"without {group}", replace(profile, fit=rest)
        for change, changed in condition_changes(condition):
            yield change, replace(profile, fit={**profile.fit, group: changed})


_StageChanged = Iterator[tuple[str, str, Place, Stage]]


def _stage_changes(stage: Stage) -> _StageChanged:
    subject = f"stage {stage.id}"
    for change, when in _when_changes(stage.when):
        yield subject, change, stage.place, replace(stage, when=when)
    if stage.optional:
        yield subject, "not optional", stage.place, replace(stage, optional=False)


# Rules: what each asks, and when it is due


_RuleChanged = Iterator[tuple[str, Rule]]


def _is_limit(rule: Rule) -> bool:
    starts = isinstance(rule.due, AtDeadline) and isinstance(rule.due.start, EachStep | FirstEvent)
    return starts and not rule.info.stage


def _with_change(each: Rule, rule: Rule, changed: Rule) -> Rule:
    """The changed rule in place of the one; what another shares of it is changed there, too."""
    if each is rule:
        return changed
    if _subject(each) is not _subject(rule):
        return each
    if each.own_when is rule.own_when:
        each = replace(each, own_when=changed.own_when)
    if each.ask is rule.ask:
        return replace(each, ask=changed.ask)
    if isinstance(changed.ask, Done):
        return replace(each, due=with_patterns(each.due, (changed.ask.count.pattern,)))
    return each


def _subject(rule: Rule) -> object:
    """Returns what a rule asks; of the rules of one activity that is the same."""
    match rule.ask, rule.due:
        case Done(count), _:
            return count.pattern
        case Resumed(), AtDeadline(EachStep(_, activities)) if activities is not None:
            return activities
        case ask, _:
            return ask


def _rule_changes(rule: Rule, *, is_ask_known: bool) -> _RuleChanged:
    if isinstance(rule.due, AtPassing) and rule.due.whole_deal:
        return  # what profiles ask is changed in them
    yield from _due_changes(rule)
    if not is_ask_known:
        for change, when in _when_changes(rule.own_when):
            yield change, replace(rule, own_when=when)
    matches = patterns_of(rule.due) if is_of_matches(rule.due) else ()
    for change, changed in pattern_changes(matches):
        yield f"{rule.row.key} {change}", replace(rule, due=with_patterns(rule.due, changed))
    if not is_ask_known:
        for change, ask in _ask_changes(rule.ask):
            yield f"need {change}" if matches else change, replace(rule, ask=ask)


def _when_changes(when: Condition | None) -> Iterator[tuple[str, Condition | None]]:
    if when is None:
        return
    yield "without when", None
    yield "when negated", Not(when)
    for change, changed in condition_changes(when):
        yield f"when {change}", changed


def _due_changes(rule: Rule) -> _RuleChanged:
    match rule.due:
        case AtMatch(_, first_only, False) as due:
            yield _which(first_only), replace(rule, due=replace(due, first_only=not first_only))
        case AtDeadline(start, length) as due:
            if isinstance(start, EachMatch):
                changed = replace(start, first_only=not start.first_only)
                yield _which(start.first_only), replace(rule, due=replace(due, start=changed))
            for change, other in duration_changes(length) if length else ():
                yield change, replace(rule, due=replace(due, length=other))
        case AsOf(_, first_only) as due if isinstance(rule.ask, Answered) and rule.ask.later:
            yield _which(first_only), replace(rule, due=replace(due, first_only=not first_only))
            yield "anywhere instead of later", replace(rule, ask=replace(rule.ask, later=False))
        case AsOf() | AtMatch() | AtEntry() | AtMoves() | AtPassing() | WhileHeld():
            pass
        case _:
            assert_never(rule.due)


def _which(first_only: bool) -> str:
    return "every instead of first" if first_only else "first instead of every"


def _ask_changes(ask: Ask) -> Iterator[tuple[str, Ask]]:
    match ask:
        case Holds(condition):
            for change, other in condition_changes(condition):
                yield change, Holds(other)
        case Done(count):
            for change, fewer in count_changes(count):
                yield change, Done(fewer)
        case Answered(answers):
            for change, patterns in pattern_changes(answers):
                yield change, replace(ask, answers=patterns)
        case HasRole() | GoesOn() | StaysEnded() | Left() | Resumed() | Ended():
            pass
        case _:
            assert_never(ask)
