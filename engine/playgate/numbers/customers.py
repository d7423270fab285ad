"""Which customers a deal is of: its segment, and the profiles that it fits.

It is read as of the start of what is counted, not as of now: what a rep writes at the sale would
else move the deals that were won into the group that looks best. Of a KPI that is the event that
it looks at. Of a deal as a whole it is the passing of the first stage, where `profile/fit` is due,
or of the stage by which a segment is known; of one that never passed it, its end, and of one that
has not yet, now.

Where all fields that a group reads are absent by then, nobody knows yet whether the deal is in it;
unless it asks for absence itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from playgate.conditions import tree
from playgate.conditions.facts import HoldsAt, Moment
from playgate.history.deal import Deal
from playgate.judge.judge import Judge
from playgate.judge.passings import passing
from playgate.model.numbers import Numbers
from playgate.model.playbook import Playbook
from playgate.records import Record

__all__ = [
    "NOT_KNOWN",
    "OUTSIDE",
    "TARGET",
    "Customers",
    "Group",
    "Groups",
    "belonging",
    "groups_of",
]

OUTSIDE, NOT_KNOWN = "", "?"
"""The ids of what is in no group, and of what nobody knows yet."""
TARGET = "target"
"""Stands for whoever fits a profile."""

_ABSENT = tree.Test("is", ("absent",))


class Group(Record):
    """A group of customers: what tells its deals, and when that cannot be told yet."""

    id: str
    when: tree.Condition
    unknown: tree.Condition | None
    stage: str
    """The stage at whose passing it is told of a whole deal."""


class Groups(Record):
    """All groups that a playbook declares; a deal is of the first segment, and of each profile,
    that it fits."""

    segments: tuple[Group, ...]
    profiles: tuple[Group, ...]

    def named(self, customers: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
        """Returns the segments and the profiles that a KPI's `customers` name."""
        names = frozenset(customers)
        segments = names & {each.id for each in self.segments}
        profiles = {each.id for each in self.profiles}
        return segments, frozenset(profiles if TARGET in names - segments else names & profiles)


def groups_of(playbook: Playbook, numbers: Numbers) -> Groups:
    """Returns the groups that a playbook declares."""
    signals = playbook.signals
    first = next((stage.id for stage in playbook.stages if stage.ends is None), "")
    return Groups(
        tuple(
            _group(each.id, each.when, signals, each.known_by or first) for each in numbers.segments
        ),
        tuple(
            _group(each.id, tree.All(tuple(each.fit.values())), signals, first)
            for each in playbook.profiles
        ),
    )


def _group(
    name: str, when: tree.Condition, signals: Mapping[str, tree.Condition], stage: str
) -> Group:
    tests = [each for each in tree.walk(when, signals) if isinstance(each, tree.FieldTest)]
    if not tests or any(each.test == _ABSENT for each in tests):
        return Group(name, when, None, stage)
    fields = dict.fromkeys(each.field for each in tests)
    absent = tree.All(tuple(tree.FieldTest(field, _ABSENT) for field in fields))
    return Group(name, when, absent, stage)


_ToldAt = Callable[[Group], Moment]
"""Returns the moment as of which a group is told."""


class Customers:
    """Tells deal by deal which groups it is of."""

    def __init__(self, judge: Judge, groups: Groups) -> None:
        self._track = judge.track
        self._groups = groups
        self._segments = [_compiled(judge, each) for each in groups.segments]
        self._profiles = [_compiled(judge, each) for each in groups.profiles]

    def of(self, deal: Deal) -> tuple[str, list[str]]:
        """Returns the segment and the profiles of a whole deal."""

        def told_at(group: Group) -> Moment:
            return self._known_at(deal, group.stage)

        return self._segment(deal, told_at), self._fitting(deal, told_at)

    def segment_at(self, deal: Deal, moment: Moment) -> str:
        """Returns the segment by what is known as of a moment."""
        return self._segment(deal, lambda _: moment)

    def among(self, customers: Iterable[str]) -> Callable[[Deal, Moment], bool]:
        """Compiles a test of whether a deal is of a KPI's customers."""
        segments, profiles = self._groups.named(customers)

        def are(deal: Deal, moment: Moment) -> bool:
            if segments and self._segment(deal, lambda _: moment) in segments:
                return True
            return bool(profiles) and not profiles.isdisjoint(self._fitting(deal, lambda _: moment))

        return are

    def _known_at(self, deal: Deal, stage: str) -> Moment:
        passed = passing(self._track, deal, stage) if stage else -1
        if passed >= 0:
            return deal.due_at(passed).moment
        if deal.moves and not deal.is_open:
            return deal.due_at(len(deal.moves) - 1).moment
        return deal.instant_moment(deal.as_of)

    def _segment(self, deal: Deal, told_at: _ToldAt) -> str:
        """Returns the first segment that the deal is in, unless one before it is not known yet."""
        for each in self._segments:
            moment = told_at(each.group)
            if each.is_unknown(deal, moment):
                return NOT_KNOWN
            if each.holds(deal, moment):
                return each.group.id
        return OUTSIDE

    def _fitting(self, deal: Deal, told_at: _ToldAt) -> list[str]:
        """Returns the profiles that the deal fits; where it fits none, whether that is known."""
        asked = [(each, told_at(each.group)) for each in self._profiles]
        unknown = [each.is_unknown(deal, moment) for each, moment in asked]
        found = [
            each.group.id
            for (each, moment), hidden in zip(asked, unknown, strict=True)
            if not hidden and each.holds(deal, moment)
        ]
        if found or not asked:
            return found
        return [NOT_KNOWN if any(unknown) else OUTSIDE]


def belonging(
    judge: Judge, customers: Customers, numbers: Numbers
) -> Callable[[Deal], tuple[tuple[str, str], ...]]:
    """Compiles a function to the segment, the profiles and, as of now, the products of a deal, each
    as what it is and its name."""
    products = [
        (product.id, judge.condition(product.when, ""))
        for product in numbers.products
        if product.when is not None
    ]

    def groups(deal: Deal) -> tuple[tuple[str, str], ...]:
        segment, profiles = customers.of(deal)
        now = deal.instant_moment(deal.as_of)
        return (
            ("segment", segment),
            *(("profile", name) for name in profiles),
            *(("product", name) for name, is_of in products if is_of(deal, now)),
        )

    return groups


class _Compiled:
    """A group whose conditions can be asked."""

    __slots__ = ("_unknown", "group", "holds")

    def __init__(self, group: Group, holds: HoldsAt, unknown: HoldsAt | None) -> None:
        self.group = group
        self.holds = holds
        self._unknown = unknown

    def is_unknown(self, deal: Deal, moment: Moment) -> bool:
        return self._unknown is not None and self._unknown(deal, moment)


def _compiled(judge: Judge, group: Group) -> _Compiled:
    unknown = group.unknown
    return _Compiled(
        group,
        judge.condition(group.when, ""),
        None if unknown is None else judge.condition(unknown, ""),
    )
