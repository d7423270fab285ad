"""Compares the rules of two versions: which came, went or moved, and which ask more or less now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, assert_never

from playgate.conditions.describe import describe
from playgate.conditions.durations import Duration
from playgate.conditions.instants import show_instant
from playgate.conditions.tree import Condition
from playgate.model.playbook import Playbook
from playgate.records import Record, replace
from playgate.rules.asks import (
    Answered,
    Done,
    Ended,
    GoesOn,
    HasRole,
    Holds,
    Left,
    Resumed,
    StaysEnded,
    answers_of,
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
    EachStep,
    WhileHeld,
    first_only_of,
    length_of,
    patterns_of,
)
from playgate.rules.list import Rule, all_of, sequence_title
from playgate.rules.waiving import roles_of
from playgate.versions.change import Change, Kind
from playgate.versions.meaning import Applies, Asks, asks

if TYPE_CHECKING:  # who carries deals over needs only names
    from playgate.proof.durations import Order
    from playgate.proof.prover import Prover

__all__ = ["Strength", "applies_when", "compare_rules", "renamed_id", "scope_strength", "strength"]

Strength = Literal["same", "tightened", "loosened", "changed"]


class _Known(Record):
    rule: Rule
    asks: Asks


def compare_rules(
    older: tuple[Playbook, Sequence[Rule]],
    newer: tuple[Playbook, Sequence[Rule]],
    renamed: Mapping[str, str],
    prover: Prover,
) -> Iterator[Change]:
    """Yields the differences in rules, in the order of the newer version, then what is gone."""
    (old, rules_before), (new, rules_now) = older, newer
    before = {
        renamed_id(rule.info.id, renamed): _Known(rule, asks(rule, old, renamed))
        for rule in rules_before
    }
    after = {rule.info.id: _Known(rule, asks(rule, new)) for rule in rules_now}
    gone = {name: each for name, each in before.items() if name not in after}
    came = {name: each for name, each in after.items() if name not in before}
    pairs = _pairs(gone, came, _alike) | _pairs(gone, came, _alike_elsewhere)
    for name, now in after.items():
        was = before.get(name)
        if was is None and name in pairs:
            was = gone[pairs[name]]
            yield _relocated(was, now)
        if was is None:
            yield Change(
                part="rule",
                kind="added",
                id=name,
                stage=now.rule.info.stage,
                new=_said(now),
                new_place=now.rule.info.place,
            )
        else:
            yield from _rule(was, now, old, new, prover)
    for name, was in gone.items():
        if name not in pairs.values():
            yield Change(
                part="rule",
                kind="removed",
                id=name,
                stage=was.asks.stage,
                old=_said(was),
                old_place=was.rule.info.place,
            )


def renamed_id(rule_id: str, renamed: Mapping[str, str]) -> str:
    """Returns a rule's id with the newer name of its stage."""
    stage, slash, rest = rule_id.partition("/")
    return f"{renamed.get(stage, stage)}{slash}{rest}"


def _said(known: _Known) -> str:
    return f"{known.rule.info.title} ({known.rule.info.level})"


# Which new rule is one that is gone


def _pairs(
    gone: Mapping[str, _Known], came: Mapping[str, _Known], key: Callable[[_Known], object]
) -> dict[str, str]:
    """Pairs each new rule with the one gone rule of its key, where each is the only one."""
    found = {}
    for name, now in came.items():
        mine = key(now)
        was = [each for each, known in gone.items() if mine and key(known) == mine]
        rivals = [each for each, known in came.items() if key(known) == mine]
        if len(was) == len(rivals) == 1:
            found[name] = was[0]
    return found


def _alike(known: _Known) -> object:
    """Returns what is equal for one rule under two ids; `None` if the stage itself makes it."""
    return None if known.rule.row.is_of_stage_itself else known.asks


def _alike_elsewhere(known: _Known) -> object:
    """Returns the same whatever the rule's stage and whenever that stage applies."""
    if known.rule.row.is_of_stage_itself or known.asks.condition is None:
        return None
    return replace(known.asks, stage="", scope=Applies(known.asks.own_when), stage_when=None)


def _relocated(was: _Known, now: _Known) -> Change:
    moved = was.asks.stage != now.asks.stage
    return Change(
        part="rule",
        kind="moved" if moved else "renamed",
        id=now.rule.info.id,
        stage=now.rule.info.stage,
        old_id=was.rule.info.id,
        old=was.rule.info.id,
        new=now.rule.info.id,
        old_place=was.rule.info.place,
        new_place=now.rule.info.place,
    )


# One rule, before and now


def _rule(
    was: _Known, now: _Known, old: Playbook, new: Playbook, prover: Prover
) -> Iterator[Change]:
    one, other = was.rule.info, now.rule.info
    for aspect, kind, before, after in _differences(was, now, old, new, prover):
        yield Change(
            part="rule",
            kind=kind,
            id=other.id,
            stage=other.stage,
            old_id=one.id if one.id != other.id else "",
            aspect=aspect,
            old=before,
            new=after,
            old_place=one.place,
            new_place=other.place,
        )


_Difference = tuple[str, Kind, str, str]
"""Which aspect of a rule differs, in what way, and the words for before and now."""


def _differences(
    was: _Known, now: _Known, old: Playbook, new: Playbook, prover: Prover
) -> Iterator[_Difference]:
    yield from _asked(was, now, prover)
    one, other = was.rule.info, now.rule.info
    if one.level != other.level:
        yield "", "level", one.level, other.level
    before, after = was.rule.starts, now.rule.starts
    if before != after:
        least = float("-inf")
        earlier = (least if after is None else after) < (least if before is None else before)
        kind: Kind = "tightened" if earlier else "loosened"
        yield "from", kind, _from(before, old), _from(after, new)
    may = _may_waive(was.rule, old), _may_waive(now.rule, new)
    if may[0] != may[1]:
        yield "may_waive", "changed", *may
    for aspect in ("why", "ask", "tools"):
        words = getattr(one, aspect), getattr(other, aspect)
        if words[0] != words[1]:
            texts = (each if isinstance(each, str) else ", ".join(each) for each in words)
            yield aspect, "wording", *texts  # type: ignore[misc]


def _asked(was: _Known, now: _Known, prover: Prover) -> Iterator[_Difference]:
    """Yields the differences in what the rule asks and when it applies."""
    one, other = was.asks, now.asks
    scope = _own_strength(one, other, prover)  # a stage's own is told of the stage
    if scope != "same":
        yield "when", scope, applies_when(one.own_when), applies_when(other.own_when)
    alike = replace(
        other, stage=one.stage, scope=one.scope, stage_when=one.stage_when, own_when=one.own_when
    )
    asked = strength(one, alike, prover)
    before, after = was.rule.info.title, now.rule.info.title
    if asked != "same":
        told = (before, after) if before != after else (_in_full(was), _in_full(now))
        if told[0] == told[1]:
            told = (f"{before} ({_kinds(one)})", f"{after} ({_kinds(other)})")
        yield "", asked, *told
    elif before != after and now.rule.is_titled:
        yield "title", "wording", before, after


def _own_strength(old: Asks, new: Asks, prover: Prover) -> Strength:
    """Returns whether the rule applies in more cases, were its stage's `when` still what it was."""
    if old.own_when == new.own_when:
        return "same"
    one, other = (Applies(all_of(old.stage_when, each.own_when)) for each in (old, new))
    return scope_strength(one, other, prover)


def _in_full(known: _Known) -> str:
    """Says in full what is asked, for rules whose titles are the same but not what they mean."""
    if known.rule.is_titled:
        return sequence_title(known.rule.due, known.rule.ask)
    condition = known.asks.condition
    return describe(condition) if condition is not None else known.rule.info.title


def _kinds(found: Asks) -> str:
    """Says how the rule's fields are read."""
    return ", ".join(
        f"{name} is {kind}" + (f" of {', '.join(options)}" if options else "")
        for name, kind, options in sorted(found.fields)
    )


def applies_when(when: Condition | None, *, optional: bool = False) -> str:
    """Says in words when a rule or a stage applies."""
    text = describe(when) if when is not None else "always"
    return f"{text}, optional" if optional else text


def _may_waive(rule: Rule, playbook: Playbook) -> str:
    """Says who may make exceptions of the rule, where that differs from the playbook's."""
    if roles_of(rule) == (None if playbook.may_waive is None else frozenset(playbook.may_waive)):
        return "as the playbook says"
    return ", ".join(sorted(rule.may_waive or ())) or "nobody"


def _from(starts: int | None, playbook: Playbook) -> str:
    return "always" if starts is None else show_instant(starts, playbook.zone)


# Strength


def strength(old: Asks, new: Asks, prover: Prover) -> Strength:
    """Returns whether the newer rule asks for more, for less, or for something else."""
    if old == new:
        return "same"
    if old.family != new.family or _read_otherwise(old, new):
        return "changed"
    if old.calendar and new.calendar and old.calendar != new.calendar:
        return "changed"
    parts = {
        *_due_strengths(old.due, new.due, prover),
        *_ask_strengths(old, new, prover),
        scope_strength(old.scope, new.scope, prover),
    }
    told = parts - {"same"}
    return told.pop() if len(told) == 1 else "changed" if told else "same"


def _read_otherwise(old: Asks, new: Asks) -> bool:
    """Whether a field that both rules read has another type now."""
    return any(
        one[0] == other[0] for one in old.fields - new.fields for other in new.fields - old.fields
    )


def _wider(tighter: bool, looser: bool) -> Strength:
    """Returns the strength of two orders that hold or not: both is the same, none is a change."""
    if tighter and looser:
        return "same"
    return "tightened" if tighter else "loosened" if looser else "changed"


def _due_strengths(old: Due, new: Due, prover: Prover) -> Iterator[Strength]:
    """Yields how two rules of one family compare in when they are due."""
    match new:
        case AtMatch() | AsOf():
            yield from _match_strengths(old, new, prover)
        case AtDeadline(EachDate()):
            yield "same" if old == new else "changed"
        case AtDeadline(start, length):
            of_steps = isinstance(start, EachStep)
            compared = _step_strengths if of_steps else _match_strengths
            yield from compared(old, new, prover)
            yield _length_strength(length_of(old), length, prover)
        case AtEntry() | AtPassing() | WhileHeld() | AtMoves():
            pass
        case _:
            assert_never(new)


def _match_strengths(old: Due, new: Due, prover: Prover) -> Iterator[Strength]:
    """Yields how matches compare: more of them ask for more, unless only the first counts."""
    before, after = patterns_of(old), patterns_of(new)
    found = _wider(prover.covers(after, before), prover.covers(before, after))
    first, now_first = first_only_of(old), first_only_of(new)
    yield "changed" if found != "same" and first and now_first else found
    yield _wider(now_first <= first, first <= now_first)


def _step_strengths(old: Due, new: Due, prover: Prover) -> Iterator[Strength]:
    """Yields whether the same activities must come again; others begin other waits, too."""
    before, after = patterns_of(old), patterns_of(new)
    alike = prover.covers(before, after) and prover.covers(after, before)
    yield "same" if alike else "changed"


def _length_strength(old: Duration | None, new: Duration | None, prover: Prover) -> Strength:
    if old == new:
        return "same"
    if old is None or new is None:
        return "changed"
    order = prover.compare_durations(new, old)
    return "changed" if order is None else _BY_LENGTH[order]


_BY_LENGTH: dict[Order, Strength] = {"shorter": "tightened", "same": "same", "longer": "loosened"}


def _ask_strengths(old: Asks, new: Asks, prover: Prover) -> Iterator[Strength]:
    """Yields how two rules of one family compare in what they ask."""
    match new.ask:
        case Holds(after) | Done(after):
            before = old.condition
            assert before is not None  # noqa: S101  (rules of one family ask alike)
            yield _wider(
                prover.implies(after, before, stage=old.stage),
                prover.implies(before, after, stage=old.stage),
            )
        case HasRole(roles):
            held = old.ask.roles if isinstance(old.ask, HasRole) else ()
            yield _wider(set(roles) <= set(held), set(held) <= set(roles))
        case Answered(answers, later):
            known = answers_of(old.ask)
            yield _wider(prover.covers(known, answers), prover.covers(answers, known))
            was_later = isinstance(old.ask, Answered) and old.ask.later
            yield _wider(was_later <= later, later <= was_later)
        case GoesOn() | StaysEnded() | Left() | Resumed() | Ended():
            pass
        case _:
            assert_never(new.ask)


def scope_strength(old: Applies, new: Applies, prover: Prover) -> Strength:
    """Returns whether something applies in more cases, and so asks for more."""
    if old == new:
        return "same"
    wider = new.when is None or (old.when is not None and prover.implies(old.when, new.when))
    narrower = old.when is None or (new.when is not None and prover.implies(new.when, old.when))
    return _wider(wider and new.optional <= old.optional, narrower and old.optional <= new.optional)
