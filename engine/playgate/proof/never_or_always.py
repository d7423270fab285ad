"""Finds conditions that no deal can meet, and those that every deal meets."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.conditions.tree import (
    ActivityCount,
    ActivityPattern,
    ChangeCount,
    ChangePattern,
    Condition,
    FieldTest,
    Pattern,
    SignalRef,
    StageEntered,
    StagePattern,
)
from playgate.documents.document import Route, quoted, shortened
from playgate.errors import Mistake, Place
from playgate.model.playbook import Demand, Sequence, Stage
from playgate.proof.claims import Claim, Clause, Reasoner, proven, words
from playgate.proof.logic import YES, Formula, both
from playgate.records import Record, replace
from playgate.rules.list import Rule

__all__ = ["check_conditions"]


class _Asked(Record):
    """A condition that a playbook asks, and what is true wherever it is asked."""

    what: str
    part: Clause
    given: tuple[Clause, ...] = ()
    """Other conditions, all of which hold where this one is asked."""
    background: Formula = YES
    """What else is true where it is asked, because of what stands at `origin`."""
    origin: Place | None = None
    rule: str = "never-holds"
    may_always: bool = False
    """Whether it may be meant to hold always."""


def check_conditions(reasoner: Reasoner, _: tuple[Rule, ...]) -> Iterator[Mistake]:
    """Yields a mistake for every condition of the playbook that can never hold or always does."""
    sound = set(reasoner.playbook.signals)
    for asked in _all_asked(reasoner):
        condition = asked.part.condition
        if isinstance(condition, SignalRef) and condition.name not in sound:
            continue  # already said of the signal
        for mistake in _check(reasoner, asked):
            yield mistake
            if asked.part.route[0] == "signals":
                sound.discard(str(asked.part.route[1]))
    yield from _profiles(reasoner)


def _all_asked(reasoner: Reasoner) -> Iterator[_Asked]:
    playbook = reasoner.playbook
    for name, condition in playbook.signals.items():
        what = f"signal {quoted(name)}"
        yield _Asked(what, reasoner.part(condition, ("signals", name)))
    if playbook.applies_to is not None:
        yield _Asked("applies_to", reasoner.part(playbook.applies_to, ("applies_to",)))
    for profile in playbook.profiles:
        for group, condition in profile.fit.items():
            part = reasoner.part(condition, ("profiles", profile.id, "fit", group))
            yield _Asked(f"{shortened(group)} of profile {quoted(profile.id)}", part)
    for index, stage in enumerate(playbook.stages):
        yield from _of_stage(reasoner, stage, ("stages", index))
    for index, sequence in enumerate(playbook.sequence):
        yield from _of_sequence(reasoner, sequence, ("sequence", index))


def _of_stage(reasoner: Reasoner, stage: Stage, route: Route) -> Iterator[_Asked]:
    given: tuple[Clause, ...] = ()
    if stage.when is not None:
        given = (reasoner.part(stage.when, (*route, "when")),)
        what = f"the when of stage {quoted(stage.id)}"
        yield _Asked(what, given[0], rule="stage-never-applies")
    inside = reasoner.formulas.happened(StagePattern(stage.id))
    lists: tuple[tuple[str, tuple[Demand, ...]], ...] = (
        ("entry", stage.entry),
        ("exit", stage.exit),
        ("hold", stage.hold),
    )
    for key, demands in lists:
        background = YES if key == "exit" else inside  # a stage may be passed without being entered
        for index, demand in enumerate(demands):
            part = reasoner.part(demand.condition, (*route, key, index), stage=stage.id)
            what = shortened(f"{stage.id}/{key}/{demand.name}")
            yield _Asked(what, part, given, background, stage.place)
    for index, activity in enumerate(stage.activities):
        part = reasoner.part(activity.count, (*route, "activities", index), stage=stage.id)
        yield _Asked(shortened(f"{stage.id}/activity/{activity.name}"), part, given)


def _of_sequence(reasoner: Reasoner, sequence: Sequence, route: Route) -> Iterator[_Asked]:
    what = shortened(f"sequence/{sequence.id}")
    given: tuple[Clause, ...] = ()
    if sequence.when is not None:
        given = (reasoner.part(sequence.when, (*route, "when")),)
        yield _Asked(f"the when of {what}", given[0])
    if sequence.until is not None and sequence.need is not None:
        # Its `when` is asked where the date is given, which another event may change since.
        yield _Asked(what, reasoner.part(sequence.need, (*route, "need")))
        return
    yield from _of_patterns(reasoner, sequence.matches, (*route, sequence.kind), what)
    yield from _of_patterns(reasoner, sequence.answers, (*route, "need"), what)
    if sequence.need is not None:
        # If several may match, only what is true of each of them is known.
        only = sequence.matches[0] if len(sequence.matches) == 1 else None
        background = reasoner.formulas.happened(only) if only is not None else YES
        origin = reasoner.document.place((*route, sequence.kind))
        part = reasoner.part(sequence.need, (*route, "need"))
        yield _Asked(what, part, given, background, origin)


def _of_patterns(
    reasoner: Reasoner, patterns: tuple[Pattern, ...], route: Route, what: str
) -> Iterator[_Asked]:
    listed = isinstance(reasoner.document.get(route), list)
    for index, pattern in enumerate(patterns):
        condition: Condition
        match pattern:
            case ActivityPattern():
                condition = ActivityCount(pattern)
            case ChangePattern():
                condition = ChangeCount(pattern)
            case StagePattern(stage):
                condition = StageEntered(stage)
            case _:
                condition = FieldTest(pattern.field, pattern.test)
        yield _Asked(
            f"{what}: what stands here",
            reasoner.part(condition, (*route, index) if listed else route),
            may_always=True,
        )


def _check(reasoner: Reasoner, asked: _Asked) -> Iterator[Mistake]:
    found = list(_alone(reasoner, asked, asked.part))
    yield from found
    if found or asked.may_always or (not asked.given and asked.background == YES):
        return
    claims = [Claim(part) for part in asked.given]
    given = both(asked.background, *map(reasoner.formula, claims))
    if not reasoner.can_hold(given):
        return
    for holds in (True, False):
        claim = Claim(asked.part, holds)
        formula = reasoner.formula(claim)
        if not reasoner.can_hold(formula):
            return  # already said
        if not reasoner.can_hold(given, formula):
            mistake = _proven(reasoner, asked, [*claims, claim], holds)
            if mistake is not None:
                yield mistake
            return


def _alone(reasoner: Reasoner, asked: _Asked, part: Clause) -> Iterator[Mistake]:
    """Yields what is wrong with a part, or with the parts in it, whatever stands around it."""
    if isinstance(part.condition, SignalRef):
        return
    for holds in (True,) if asked.may_always else (True, False):
        claim = Claim(part, holds)
        if reasoner.can_hold(reasoner.formula(claim)):
            continue
        if part is not asked.part:
            asked = _Asked(f"{asked.what}: this part", part)
        mistake = _proven(reasoner, replace(asked, background=YES), [claim], holds)
        if mistake is not None:
            yield mistake
        return
    for inner in reasoner.inner(part):
        yield from _alone(reasoner, asked, inner)


def _proven(reasoner: Reasoner, asked: _Asked, claims: list[Claim], holds: bool) -> Mistake | None:
    """Returns what is wrong, told of the smallest part; `None` where that was said already."""
    clash = reasoner.clash(claims, asked.background)
    outer = asked.part.seen
    given = [each for each in clash if each.part.seen[: len(outer)] != outer]
    own = [each for each in clash if each.part.seen[: len(outer)] == outer]
    if not own or (asked.background == YES and _is_in_signal(clash)):
        return None
    place = reasoner.place(own[-1].part)
    why = asked.origin if asked.background != YES else None
    related = reasoner.second_place([*given, *own], place, why) or asked.origin
    there = f" where {words(given)}" if given else ""
    if not there and asked.background != YES:
        there = " where it is asked"
    if holds:
        return _never(asked, place, f"{asked.what} can never hold{there}: {words(own)}", related)
    flipped = [Claim(part, not said) for part, said in own]
    return proven(
        place,
        f"{asked.what} always holds{there}: {words(flipped, ' or ')}",
        "always-holds",
        "what no deal can break asks for nothing: leave it out, or say what is meant",
        related,
    )


def _is_in_signal(clash: list[Claim]) -> bool:
    """Whether all claims stand in one signal, of which the mistake is told."""
    seen = clash[0].part.seen
    return all(part.seen == seen and part.route[: len(seen)] != seen for part, _ in clash)


def _never(asked: _Asked, place: Place, message: str, related: Place | None) -> Mistake:
    if asked.rule == "stage-never-applies":
        hint = "its rules are never asked: change the when, or take the stage out"
        return proven(place, message, "stage-never-applies", hint, related)
    hint = "no deal can meet this: change one of the two places"
    return proven(place, message, "never-holds", hint, related)


def _profiles(reasoner: Reasoner) -> Iterator[Mistake]:
    """Yields a mistake for each profile whose groups contradict each other."""
    for profile in reasoner.playbook.profiles:
        parts = [
            reasoner.part(condition, ("profiles", profile.id, "fit", group))
            for group, condition in profile.fit.items()
        ]
        claims = [Claim(part) for part in parts]
        formulas = list(map(reasoner.formula, claims))
        if reasoner.can_hold(*formulas) or not all(map(reasoner.can_hold, formulas)):
            continue
        clash = reasoner.clash(claims)
        place = reasoner.place(clash[-1].part)
        message = f"no deal can fit profile {quoted(profile.id)}: {words(clash)}"
        hint = "all groups of a profile must hold: change one of the two places"
        yield proven(place, message, "never-holds", hint, reasoner.second_place(clash, place))
