"""Finds rules that no deal can meet together, and rules that ask nothing more than another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice, product

from playgate.documents.document import Route, shortened
from playgate.errors import Mistake
from playgate.findings import LEVELS, RuleInfo
from playgate.model.playbook import ActivityDemand, Demand, Stage
from playgate.proof.claims import Claim, Clause, Reasoner, proven, words
from playgate.proof.formulas import topics
from playgate.proof.logic import Formula, both
from playgate.proof.whens import whens_of
from playgate.records import Record
from playgate.rules.asks import condition_of
from playgate.rules.due import AtDeadline, EachStep, length_of, patterns_of, starts_at
from playgate.rules.list import Rule

__all__ = ["check_clashes"]


class _Ruled(Record):
    """A rule that asks for a condition."""

    rule: Rule
    deadline: Rule | None
    """The rule that it is done `within` a time, where that is asked, too."""
    again: Rule | None
    """The rule that it is done `every` so often, where that is asked, too."""
    part: Clause
    formula: Formula
    opposite: Formula
    """The formula that the rule is not met."""
    lasting: Formula
    """The formula of what stays true once the rule was met."""
    when: Formula
    """The formula of when it is asked."""
    topics: frozenset[object]

    @property
    def id(self) -> str:
        """The rule's id, for messages."""
        return shortened(self.rule.info.id)

    @property
    def info(self) -> RuleInfo:
        """What people see of the rule."""
        return self.rule.info


class _Group(Record):
    """The rules of a stage, by the list in which they stand."""

    stage: Stage
    entry: tuple[_Ruled, ...]
    exit: tuple[_Ruled, ...]
    hold: tuple[_Ruled, ...]
    activities: tuple[_Ruled, ...]

    @property
    def asks(self) -> bool:
        """Whether there is any rule in it."""
        return bool(self.entry or self.exit or self.hold or self.activities)


def _groups(reasoner: Reasoner, rules: tuple[Rule, ...]) -> list[_Group]:
    whens = whens_of(reasoner, rules)
    ruled = {(id(condition_of(rule.ask)), isinstance(rule.due, AtDeadline)): rule for rule in rules}
    for rule in rules:
        if starts_at(rule.due, EachStep):
            ruled |= {(id(pattern), True): rule for pattern in patterns_of(rule.due)}
    return [
        _Group(
            stage,
            _listed(reasoner, (ruled, whens), stage, ("stages", index, "entry"), stage.entry),
            _listed(reasoner, (ruled, whens), stage, ("stages", index, "exit"), stage.exit),
            _listed(reasoner, (ruled, whens), stage, ("stages", index, "hold"), stage.hold),
            _listed(
                reasoner, (ruled, whens), stage, ("stages", index, "activities"), stage.activities
            ),
        )
        for index, stage in enumerate(reasoner.playbook.stages)
    ]


def _listed(
    reasoner: Reasoner,
    known: tuple[Mapping[tuple[int, bool], Rule], Mapping[str, tuple[Clause, ...]]],
    stage: Stage,
    route: Route,
    demands: Sequence[Demand | ActivityDemand],
) -> tuple[_Ruled, ...]:
    """Returns the rules of a list, without those that can never be met or always are."""
    (ruled, whens), found = known, []
    for index, demand in enumerate(demands):
        condition = demand.condition if isinstance(demand, Demand) else demand.count
        part = reasoner.part(condition, (*route, index), stage=stage.id)
        rule, deadline = ruled[id(condition), False], ruled.get((id(condition), True))
        when = both(*(reasoner.formula(Claim(each)) for each in whens[rule.info.id]))
        formula, opposite = reasoner.formula(Claim(part)), reasoner.formula(Claim(part, False))
        if not (reasoner.can_hold(when, formula) and reasoner.can_hold(when, opposite)):
            continue
        lasting, about = reasoner.formulas.lasting(formula), frozenset(topics(formula))
        again = None
        if isinstance(demand, ActivityDemand):
            again = ruled.get((id(demand.count.pattern), True))
        found.append(_Ruled(rule, deadline, again, part, formula, opposite, lasting, when, about))
    return tuple(found)


def check_clashes(reasoner: Reasoner, rules: tuple[Rule, ...]) -> Iterator[Mistake]:
    """Yields rules that clash and rules that ask nothing more than another one does.

    Two rules clash where a deal that goes along the track must break one of them.
    """
    groups = _groups(reasoner, rules)
    for group in groups:
        for same in (group.entry, group.exit, group.hold, group.activities):
            yield from _clashing(reasoner, combinations(same, 2))
            yield from _implied(reasoner, same)
    track = [group for group in groups if group.stage.ends is None]
    won = [group for group in groups if group.stage.ends == "won"]
    before: list[_Group] = []  # what may last: most stages of a long track ask nothing
    for place, group in enumerate(track + won):
        yield from _within_stage(reasoner, group)
        if group.asks:
            for earlier in before:
                yield from _along_track(reasoner, earlier, group)
        if group.asks and not group.stage.optional and group.stage.ends is None:
            before.append(group)
        left = track[place - 1] if 0 < place < len(track) + (len(won) == 1) else None
        if left and not left.stage.optional and not group.stage.optional:
            # One move leaves the stage before and enters this one: both are asked at it.
            yield from _clashing(reasoner, product((*left.exit, *left.activities), group.entry))


def _within_stage(reasoner: Reasoner, group: _Group) -> Iterator[Mistake]:
    """Yields clashes between what is asked on passing the stage and what is true in it."""
    passing = (*group.exit, *group.activities)
    yield from _clashing(reasoner, product(group.hold, passing))
    yield from _clashing(reasoner, product(group.activities, group.exit))
    later = product(group.entry, (*passing, *group.hold))
    yield from _clashing(reasoner, later, lasting=True)


def _along_track(reasoner: Reasoner, early: _Group, late: _Group) -> Iterator[Mistake]:
    """Yields clashes of a later stage's rules with what lasts from an earlier stage on."""
    asked = (*late.entry, *late.exit, *late.activities, *late.hold)
    yield from _clashing(reasoner, product(early.hold, asked))
    first = (*early.entry, *early.exit, *early.activities)
    yield from _clashing(reasoner, product(first, asked), lasting=True)


def _clashing(
    reasoner: Reasoner, pairs: Iterable[tuple[_Ruled, _Ruled]], *, lasting: bool = False
) -> Iterator[Mistake]:
    for one, other in islice(pairs, reasoner.pairs_left):
        reasoner.pairs_left -= 1
        first = one.lasting if lasting else one.formula
        if one.topics.isdisjoint(other.topics) or reasoner.can_hold(first, other.formula):
            continue
        if not all(reasoner.can_hold(one.when, other.when, met) for met in (first, other.formula)):
            continue  # no deal is asked for both, or none that meets one of them
        clash = reasoner.clash([Claim(one.part), Claim(other.part)])
        yield proven(
            other.info.place,
            f"no deal that is asked for both can meet {one.id} and {other.id}: {words(clash)}",
            "clashing-rules",
            "a deal that goes along the track breaks one of them: change one of the two",
            one.info.place,
        )


def _implied(reasoner: Reasoner, same: tuple[_Ruled, ...]) -> Iterator[Mistake]:
    """Yields rules of one list that are met wherever another one is."""
    idle: set[str] = set()
    for early, late in islice(combinations(same, 2), reasoner.pairs_left):
        reasoner.pairs_left -= 1
        for rule, other in ((late, early), (early, late)):  # of two alike the later one is idle
            if idle & {rule.info.id, other.info.id} or not _covers(reasoner, other, rule):
                continue
            if reasoner.can_hold(rule.when, other.formula, rule.opposite):
                continue
            idle.add(rule.info.id)
            asked, its = words([Claim(rule.part)]), words([Claim(other.part)])
            proof = f"{its} means {asked}" if asked != its else f"both ask for {asked}"
            yield proven(
                rule.info.place,
                f"{rule.id} asks nothing beside {other.id}: {proof}",
                "implied-rule",
                "leave it out, or say what else it is to ask",
                other.info.place,
            )


def _covers(reasoner: Reasoner, other: _Ruled, rule: _Ruled) -> bool:
    """Whether the other rule is in force wherever this one is, and weighs as much."""
    if rule.topics.isdisjoint(other.topics) or not _weighs(reasoner, other.rule, rule.rule):
        return False
    return _keeps(reasoner, other.deadline, rule.deadline) and (
        _keeps(reasoner, other.again, rule.again)
        and (rule.again is None or _repeats_alike(other.again, rule.again))
    )


def _repeats_alike(other: Rule | None, rule: Rule) -> bool:
    """Whether the same activities end the waits of both rules."""
    return other is not None and patterns_of(other.due) == patterns_of(rule.due)


def _keeps(reasoner: Reasoner, other: Rule | None, rule: Rule | None) -> bool:
    """Whether the other deadline of what is done makes this one needless."""
    if rule is None:
        return True
    return (
        other is not None and _weighs(reasoner, other, rule) and _is_as_soon(reasoner, other, rule)
    )


def _weighs(reasoner: Reasoner, other: Rule, rule: Rule) -> bool:
    """Whether the other rule has the same level or a higher one, wherever this one is asked, from
    the same date or earlier."""
    if LEVELS.index(other.info.level) > LEVELS.index(rule.info.level):
        return False
    if other.when is not None and other.when != rule.when:
        asked = rule.when is not None and reasoner.prover.implies(rule.when, other.when)
        if not asked:
            return False
    return other.starts is None or (rule.starts is not None and other.starts <= rule.starts)


def _is_as_soon(reasoner: Reasoner, other: Rule, rule: Rule) -> bool:
    """Whether the other rule's deadline is no longer than this one's."""
    mine, its = length_of(rule.due), length_of(other.due)
    if mine is None or its is None:
        return mine is its
    return reasoner.prover.compare_durations(its, mine) in ("shorter", "same")
