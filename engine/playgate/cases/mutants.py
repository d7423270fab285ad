"""Mutants: the playbook with one thing changed, which some case should notice.

Each rule is dropped, moved a level down and up, and loosened; durations are shifted by one; an
alternative, an exception or a narrowing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.cases.changes import condition_changes, duration_changes, pattern_changes
from playgate.conditions.durations import Duration
from playgate.documents.document import Document
from playgate.errors import Place
from playgate.findings import LEVELS, Level
from playgate.playbook.model import ActivityDemand, Demand, Playbook, Profile, Settings, Stage
from playgate.playbook.model import Sequence as SequenceRule
from playgate.playbook.rules import Rule, list_rules
from playgate.records import Record, replace

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


_Found = Iterator[tuple[str, str, Place, Playbook]]
"""Subject, change, place, playbook."""


def mutants(playbook: Playbook, document: Document) -> list[Mutant]:
    """Returns all mutants, by place; `document` is what the playbook was read from."""
    found: list[Mutant] = []
    taken: dict[str, int] = {}
    for subject, change, place, mutated in _Mutator(playbook, document).all():
        name = f"{subject}: {change}"
        taken[name] = taken.get(name, 0) + 1
        unique = name if taken[name] == 1 else f"{name} ({taken[name]})"
        found.append(Mutant(unique, subject, place, mutated))
    return sorted(found, key=lambda mutant: mutant.place[1:])


class _Mutator:
    def __init__(self, playbook: Playbook, document: Document) -> None:
        self._playbook = playbook
        self._document = document

    def all(self) -> _Found:
        yield from self._of_whole()
        for name, condition in self._playbook.signals.items():
            place = self._document.key_place(("signals", name))
            for change, changed in condition_changes(condition):
                signals = {**self._playbook.signals, name: changed}
                yield f"signal {name}", change, place, self._with(signals=signals)
        yield from self._of_profiles()
        for rule in list_rules(self._playbook):
            yield from self._of_rule(rule)
        for index, stage in enumerate(self._playbook.stages):
            yield from self._of_stage(index, stage)
        for index, sequence in enumerate(self._playbook.sequence):
            yield from self._of_sequence(index, sequence)

    def _with(self, **changes: Any) -> Playbook:
        return replace(self._playbook, **changes)

    # The whole playbook

    def _of_whole(self) -> _Found:
        playbook = self._playbook
        if playbook.applies_to is not None:
            place = self._document.key_place(("applies_to",))
            yield "applies_to", "dropped", place, self._with(applies_to=None)
            for change, changed in condition_changes(playbook.applies_to):
                yield "applies_to", change, place, self._with(applies_to=changed)
        if playbook.starts is not None:
            yield "from", "dropped", self._document.key_place(("from",)), self._with(starts=None)
        for key in ("late_after", "grace"):
            yield from self._of_duration(key, (key,), getattr(playbook, key), droppable=True)
        for key in ("idle", "age"):
            yield from self._of_duration(key, ("limits", key), getattr(playbook, key))
        if playbook.may_waive is not None:
            place = self._document.key_place(("may_waive",))
            yield "may_waive", "dropped", place, self._with(may_waive=None)
        if playbook.reading.placeholders:
            place = self._document.key_place(("placeholders",))
            reading = replace(playbook.reading, placeholders=frozenset())
            yield "placeholders", "dropped", place, self._with(reading=reading)

    def _of_duration(
        self,
        key: str,
        route: tuple[str, ...],
        duration: Duration | None,
        *,
        droppable: bool = False,
    ) -> _Found:
        if duration is None or not duration.amount:
            return
        subject = f"limit/{key}" if route[0] == "limits" else key
        place = self._document.key_place(route)
        if droppable:
            yield subject, "dropped", place, self._with(**{key: None})
        for change, changed in duration_changes(duration):
            yield subject, change, place, self._with(**{key: changed})

    def _of_profiles(self) -> _Found:
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

    def _of_rule(self, rule: Rule) -> _Found:
        info = rule.info
        yield info.id, "dropped", info.place, self._set(info.id, None, _NEVER)
        if rule.starts not in (None, self._playbook.starts):
            yield info.id, "without from", info.place, self._set(info.id, None, _ALWAYS)
        step = LEVELS.index(info.level)
        for other in LEVELS[max(step - 1, 0) : step + 2]:
            if other != info.level:
                change = f"level {other} instead of {info.level}"
                yield info.id, change, info.place, self._set(info.id, other, None)

    def _set(self, rule: str, level: Level | None, starts: int | None) -> Playbook:
        settings = Settings(rule, level, starts, self._playbook.place)
        return self._with(settings=(*self._playbook.settings, settings))

    # Stages

    def _of_stage(self, index: int, stage: Stage) -> _Found:
        for subject, change, place, changed in _stage_changes(stage):
            stages = self._playbook.stages
            mutated = self._with(stages=(*stages[:index], changed, *stages[index + 1 :]))
            yield subject, change, place, mutated

    def _of_sequence(self, index: int, sequence: SequenceRule) -> _Found:
        for change, changed in _sequence_changes(sequence):
            rules = self._playbook.sequence
            mutated = self._with(sequence=(*rules[:index], changed, *rules[index + 1 :]))
            yield f"sequence/{sequence.id}", change, sequence.place, mutated


def _profile_changes(profile: Profile) -> Iterator[tuple[str, Profile]]:
    for group, condition in profile.fit.items():
        if len(profile.fit) > 1:
            rest = {name: each for name, each in profile.fit.items() if name != group}
            yield f"without {group}", replace(profile, fit=rest)
        for change, changed in condition_changes(condition):
            yield change, replace(profile, fit={**profile.fit, group: changed})


_Changed = Iterator[tuple[str, str, Place, Stage]]


def _stage_changes(stage: Stage) -> _Changed:
    if stage.when is not None:
        subject = f"stage {stage.id}"
        yield subject, "without when", stage.place, replace(stage, when=None)
        for change, when in condition_changes(stage.when):
            yield subject, f"when {change}", stage.place, replace(stage, when=when)
    if stage.optional:
        yield f"stage {stage.id}", "not optional", stage.place, replace(stage, optional=False)
    for family in ("entry", "exit", "hold"):
        yield from _demand_changes(stage, family)
    yield from _activity_changes(stage)
    if stage.time_limit is not None:
        for change, limit in duration_changes(stage.time_limit):
            mutated = replace(stage, time_limit=limit)
            yield f"{stage.id}/time", change, stage.time_place, mutated


def _demand_changes(stage: Stage, family: str) -> _Changed:
    demands: tuple[Demand, ...] = getattr(stage, family)
    for index, demand in enumerate(demands):
        for change, condition in condition_changes(demand.condition):
            changed = replace(demand, condition=condition)
            mutated = (*demands[:index], changed, *demands[index + 1 :])
            yield (
                f"{stage.id}/{family}/{demand.name}",
                change,
                demand.place,
                replace(stage, **{family: mutated}),
            )


def _activity_changes(stage: Stage) -> _Changed:
    def at(index: int, changed: ActivityDemand) -> Stage:
        demands = stage.activities
        return replace(stage, activities=(*demands[:index], changed, *demands[index + 1 :]))

    for index, demand in enumerate(stage.activities):
        for change, count in condition_changes(demand.count):
            subject = f"{stage.id}/activity/{demand.name}"
            yield subject, change, demand.place, at(index, replace(demand, count=count))
        if demand.within is not None:
            for change, within in duration_changes(demand.within):
                subject = f"{stage.id}/within/{demand.name}"
                yield subject, change, demand.place, at(index, replace(demand, within=within))


def _sequence_changes(sequence: SequenceRule) -> Iterator[tuple[str, SequenceRule]]:
    which = "every instead of first" if sequence.first_only else "first instead of every"
    if sequence.kind != "if":
        yield which, replace(sequence, first_only=not sequence.first_only)
    if sequence.within is not None:
        for change, within in duration_changes(sequence.within):
            yield change, replace(sequence, within=within)
    if sequence.when is not None:
        yield "without when", replace(sequence, when=None)
        for change, when in condition_changes(sequence.when):
            yield f"when {change}", replace(sequence, when=when)
    for change, matches in pattern_changes(sequence.matches):
        yield f"{sequence.kind} {change}", replace(sequence, matches=matches)
    for change, answers in pattern_changes(sequence.answers):
        yield f"need {change}", replace(sequence, answers=answers)
    if sequence.need is not None:
        for change, need in condition_changes(sequence.need):
            yield f"need {change}", replace(sequence, need=need)
