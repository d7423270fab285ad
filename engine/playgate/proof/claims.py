"""Tells whether parts of a playbook can hold together, and which of them, and where, cannot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from playgate.conditions.describe import describe
from playgate.conditions.tree import (
    ActivityCount,
    All,
    Any,
    ChangeCount,
    Condition,
    FieldTest,
    Not,
    SignalRef,
    StageEntered,
    Test,
)
from playgate.conditions.values import is_absent
from playgate.documents.document import Document, Route, shortened
from playgate.errors import Mistake, Place
from playgate.model.playbook import Playbook
from playgate.proof.logic import YES, Formula
from playgate.proof.playbooks import prover_of

__all__ = ["Claim", "Clause", "Reasoner", "proven", "words"]

_MOST_CLAIMS = 40
"""The most claims from which the clashing ones are picked out; of more, the first are named."""

_MOST_PAIRS = 300_000
"""The most pairs of rules that are compared in all."""


class Clause(NamedTuple):
    """A condition, or a part of one, and where it stands."""

    condition: Condition
    route: Route
    seen: Route
    """Where the rule that reads the part names it; the parts of a signal stand elsewhere."""
    stage: str = ""
    """The stage that `since: stage` means in it."""


class Claim(NamedTuple):
    """The claim that a part holds, or that it does not."""

    part: Clause
    holds: bool = True


class Reasoner:
    """Reasons about one playbook, which must have no mistakes."""

    def __init__(self, playbook: Playbook, document: Document) -> None:
        self.playbook = playbook
        self.document = document
        self.prover = prover_of(playbook)
        self.formulas = self.prover.formulas
        self.pairs_left = _MOST_PAIRS

    def formula(self, claim: Claim) -> Formula:
        """Returns the claim as a formula."""
        part, holds = claim
        return self.formulas.of(part.condition, stage=part.stage, holds=holds)

    def can_hold(self, *formulas: Formula) -> bool:
        """Whether all formulas may hold at one moment of some deal."""
        return self.prover.can_hold(*formulas)

    # Parts

    def part(self, condition: Condition, route: Route, *, stage: str = "") -> Clause:
        """Returns the condition at `route` with its place."""
        return Clause(condition, route, route, stage)

    def inner(self, part: Clause) -> list[Clause]:
        """Returns a condition's parts, or the condition that a signal names."""
        condition, route, seen, stage = part
        match condition:
            case All(parts) | Any(parts):
                data = self.document.get(route)
                if isinstance(data, dict):
                    route = (*route, "all" if isinstance(condition, All) else "any")
                listed = isinstance(self.document.get(route), list)
                routes = [(*route, index) if listed else route for index in range(len(parts))]
                made = zip(parts, routes, strict=True)
            case Not(inner):
                made = zip((inner,), ((*route, "not"),), strict=True)
            case SignalRef(name):
                inner = self.playbook.signals[name]
                return [Clause(inner, ("signals", name), seen, stage)]
            case _:
                return []
        inside = route[: len(seen)] == seen
        return [Clause(each, at, at if inside else seen, stage) for each, at in made]

    def claims(self, claim: Claim) -> Iterator[Claim]:
        """Yields claims, as small as possible, that must all be true where this one is."""
        part, holds = claim
        match part.condition:
            case All() | Any() if isinstance(part.condition, All) == holds:
                for inner in self.inner(part):
                    yield from self.claims(Claim(inner, holds))
            case Not():
                yield from self.claims(Claim(self.inner(part)[0], not holds))
            case SignalRef():
                yield from self.claims(Claim(self.inner(part)[0], holds))
            case _:
                yield claim

    def clash(self, claims: Iterable[Claim], background: Formula = YES) -> list[Claim]:
        """Returns, from claims that cannot all be true, as few as possible that still cannot."""
        left = [small for claim in claims for small in self.claims(claim)]
        if len(left) > _MOST_CLAIMS:
            return left
        for claim in list(left):
            others = [each for each in left if each is not claim]
            if not self.can_hold(background, *map(self.formula, others)):
                left = others
        return left

    # Places

    def place(self, part: Clause) -> Place:
        """Returns where the part stands in the rule that reads it."""
        return self.document.place(part.seen)

    def second_place(
        self, clash: Sequence[Claim], place: Place, origin: Place | None = None
    ) -> Place | None:
        """Returns the place that clashes with `place`; `None` where there is none.

        It is the place of another claim, else `origin` (the reason why more is known than the
        claims say), else the declaration of what can never be otherwise.
        """
        places = [self.place(claim.part) for claim in clash]
        places += [self.document.place(claim.part.route) for claim in clash]
        declared = [self._declared(claim.part) for claim in clash]
        others: list[Place | None] = [*places, origin, *declared]
        return next((each for each in others if each is not None and each != place), None)

    def _declared(self, part: Clause) -> Place | None:
        """Returns the declaration without which the condition could hold, if there is one."""
        match part.condition:
            case FieldTest(field, test):
                named = self._names_placeholder(test)
                route: Route = ("placeholders",) if named else ("fields", field)
            case ActivityCount(pattern):
                tests = [asked.test for each in pattern.narrowings for asked in each.tests]
                named = any(map(self._names_placeholder, tests))
                route = ("placeholders",) if named else ("activities", pattern.names[0])
            case ChangeCount(change):
                route = ("fields", change.field)
            case StageEntered(stage):
                return self.playbook.stage(stage).place
            case All() | Any():
                inner = [self._declared(each) for each in self.inner(part)]
                return next((each for each in inner if each is not None), None)
            case Not():
                return self._declared(self.inner(part)[0])
            case SignalRef(name):
                route = ("signals", name)
        return self.document.key_place(route) if self.document.get(route) is not None else None

    def _names_placeholder(self, test: Test) -> bool:
        """Returns whether a test names a text that counts as no value."""
        reading = self.playbook.reading
        return self.document.get(("placeholders",)) is not None and any(
            isinstance(each, str) and is_absent(each, reading) for each in test.operands
        )


def proven(place: Place, message: str, rule: str, hint: str, related: Place | None) -> Mistake:
    """Returns a warning: what is proven does not keep a playbook from being used."""
    return Mistake(place, message, rule, hint, level="warning", related=related)


def words(claims: Iterable[Claim], join: str = " and ") -> str:
    """Says the claims in words."""
    said = dict.fromkeys(
        shortened(describe(part.condition) if holds else f"not ({describe(part.condition)})")
        for part, holds in claims
    )
    return join.join(said)
