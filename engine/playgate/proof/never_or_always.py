"""Finds conditions that no deal can meet, and those that every deal meets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playgate.conditions.tree import (
    ActivityCount,
    ActivityPattern,
    ChangeCount,
    ChangePattern,
    Condition,
    FieldPattern,
    FieldTest,
    Pattern,
    SetPattern,
    SignalRef,
    StageEntered,
    StagePattern,
)
from playgate.documents.document import Route, quoted, shortened
from playgate.errors import Mistake, Place
from playgate.model.playbook import Demand, Sequence, Stage
from playgate.proof.claims import Claim, Clause, Reasoner, proven, words
from playgate.proof.logic import YES, Formula, both
from playgate.proof.whens import listed_items, whens_of
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
    hint: str = "no deal can meet this: change one of the two places"
    """What to do where it can never hold."""
    rule: str = "never-holds"
    may_always: bool = False
    """Whether it may be meant to hold always."""


_NEVER_ASKED = "its rules are never asked: change the when, or take the stage out"
_NEVER_ASKED_ONE = "the rule is never asked: change the when, or take the rule out"
_Whens = Mapping[str, tuple[Clause, ...]]


def check_conditions(reasoner: Reasoner, rules: tuple[Rule, ...]) -> Iterator[Mistake]:
    """Yields a mistake for every condition of the playbook that can never hold or always does."""
    sound = set(reasoner.playbook.signals)
    for asked in _all_asked(reasoner, whens_of(reasoner, rules)):
        condition = asked.part.condition
        if isinstance(condition, SignalRef) and condition.name not in sound:
            continue  # already said of the signal
        for mistake in _check(reasoner, asked):
            yield mistake
            if asked.part.route[0] == "signals":
                sound.discard(str(asked.part.route[1]))
    yield from _profiles(reasoner)


def _all_asked(reasoner: Reasoner, whens: _Whens) -> Iterator[_Asked]:
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
    for owned in playbook.set_by:
        rule_id = f"field/{owned.field}/by"
        yield from _own_when(shortened(rule_id), whens[rule_id], ("fields", owned.field, "when"))
    for index, stage in enumerate(playbook.stages):
        yield from _of_stage(reasoner, stage, ("stages", index), whens)
    for index, sequence in enumerate(playbook.sequence):
        yield from _of_sequence(reasoner, sequence, ("sequence", index), whens)
    yield from _of_settings(reasoner, whens)


def _of_stage(reasoner: Reasoner, stage: Stage, route: Route, whens: _Whens) -> Iterator[_Asked]:
    if stage.when is not None:
        part = reasoner.part(stage.when, (*route, "when"))
        what = f"the when of stage {quoted(stage.id)}"
        yield _Asked(what, part, hint=_NEVER_ASKED, rule="stage-never-applies")
    inside = reasoner.formulas.happened(StagePattern(stage.id))
    for family, own, item in listed_items(stage, route):
        rule_id = f"{stage.id}/{family}/{item.name}"
        given, what = whens[rule_id], shortened(rule_id)
        # A stage may be passed without being entered.
        background = inside if family in ("entry", "hold") else YES
        origin = None if family == "activity" else stage.place
        yield from _own_when(what, given, (*own, "when"))
        asked = item.condition if isinstance(item, Demand) else item.count
        yield _Asked(what, reasoner.part(asked, own, stage=stage.id), given, background, origin)


def _own_when(what: str, whens: tuple[Clause, ...], route: Route) -> Iterator[_Asked]:
    """Yields the `when` at `route`, if a rule has one there, beside those that come before it."""
    for index, part in enumerate(whens):
        if part.route == route:
            yield _Asked(f"the when of {what}", part, whens[:index], hint=_NEVER_ASKED_ONE)


def _of_settings(reasoner: Reasoner, whens: _Whens) -> Iterator[_Asked]:
    """Yields each `when` under `rules`, beside those of its rules where it goes with none of
    them."""
    for settings in reasoner.playbook.settings:
        if settings.when is None:
            continue
        route: Route = ("rules", settings.glob, "when")
        hint = "none of its rules is ever asked: change the when, or take it out"
        what = f"the when of {quoted(settings.glob)} under rules"
        asked = _Asked(what, reasoner.part(settings.when, route), hint=hint)
        beside = [each[:-1] for each in whens.values() if each and each[-1].route == route]
        fits = any(_fits(reasoner, asked.part, each) for each in beside)
        yield asked if fits or not beside else replace(asked, given=beside[0])


def _fits(reasoner: Reasoner, part: Clause, others: tuple[Clause, ...]) -> bool:
    """Whether a condition can hold beside others, or these cannot hold anyway."""
    given = [reasoner.formula(Claim(each)) for each in others]
    return reasoner.can_hold(*given, reasoner.formula(Claim(part))) or not reasoner.can_hold(*given)


def _of_sequence(
    reasoner: Reasoner, sequence: Sequence, route: Route, whens: _Whens
) -> Iterator[_Asked]:
    what = shortened(f"sequence/{sequence.id}")
    given = whens[f"sequence/{sequence.id}"]
    yield from _own_when(what, given, (*route, "when"))
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
            case FieldPattern(field, test):
                condition = FieldTest(field, test)
            case SetPattern():
                continue  # it asks nothing of a value
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
    own = [each for each in clash if _is_in(each.part, asked.part)]
    own = [each for each in own if not any(_is_in(each.part, one) for one in asked.given)]
    given = [each for each in clash if each not in own]
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


def _is_in(part: Clause, outer: Clause) -> bool:
    """Whether a part is seen inside another one; a `when` stands inside what it is the `when`
    of."""
    return part.seen[: len(outer.seen)] == outer.seen


def _is_in_signal(clash: list[Claim]) -> bool:
    """Whether all claims stand in one signal, of which the mistake is told."""
    seen = clash[0].part.seen
    return all(part.seen == seen and part.route[: len(seen)] != seen for part, _ in clash)


def _never(asked: _Asked, place: Place, message: str, related: Place | None) -> Mistake:
    if asked.rule == "stage-never-applies":
        return proven(place, message, "stage-never-applies", asked.hint, related)
    return proven(place, message, "never-holds", asked.hint, related)


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
