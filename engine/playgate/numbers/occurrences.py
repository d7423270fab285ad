"""What may happen to a deal, as functions from a deal to where among its events it happened."""

from __future__ import annotations

from collections.abc import Callable

from playgate.conditions import tree
from playgate.conditions.facts import HoldsAt
from playgate.conditions.values import Value
from playgate.history.deal import Deal
from playgate.judge.judge import Judge
from playgate.judge.passings import passing
from playgate.model.numbers import LARGEST, SMALLEST, Kpi, Numbers, Occurrence
from playgate.model.playbook import Playbook

__all__ = ["Ending", "Positions", "Reader", "amount", "countable", "responsible", "sale_stages"]

Positions = Callable[[Deal], list[int]]
"""The positions of the events that count, in order."""


class Ending:
    """When a deal was sold, and when it ended; instants, `None` where it did not."""

    __slots__ = ("ended", "sold", "sold_at")

    def __init__(self, sold_at: int | None, sold: int | None, ended: int | None) -> None:
        self.sold_at = sold_at
        """The position of the sale among the deal's events."""
        self.sold = sold
        self.ended = ended


class Reader:
    """Compiles what a playbook counts, and answers what became of a deal."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._playbook: Playbook = judge.playbook
        self._sale = sale_stages(self._playbook)
        self._words: dict[str, Positions] = {
            "opened": lambda deal: [0] if deal.events else [],
            "won": self._won,
            "lost": self._lost,
        }

    def positions(self, occurrence: Occurrence) -> Positions:
        """Compiles a function that finds where among a deal's events something happened."""
        parts = [self._words[word] for word in occurrence.words]
        parts += [self._reached(stage) for stage in occurrence.reached]
        if occurrence.patterns:
            parts.append(self._judge.pattern(occurrence.patterns))
        if len(parts) == 1:
            return parts[0]
        return lambda deal: sorted({position for part in parts for position in part(deal)})

    def outcome(self, deal: Deal) -> Ending:
        """Returns when the deal was sold, at its first move into a stage that counts as won, and
        when it ended, at its last move where that leads into a stage that ends it."""
        won = self._won(deal)
        position = won[0] if won else None
        ended = deal.move_at[-1] if deal.moves and not deal.is_open else None
        return Ending(position, None if position is None else deal.happened[position], ended)

    def _won(self, deal: Deal) -> list[int]:
        for position, into in zip(deal.moves, deal.move_into, strict=True):
            if into in self._sale:
                return [position]
        return []

    def _lost(self, deal: Deal) -> list[int]:
        lost = self._judge.track.lost
        return [
            position
            for position, into in zip(deal.moves, deal.move_into, strict=True)
            if into in lost
        ]

    def _reached(self, stage: str) -> Positions:
        track = self._judge.track

        def reached(deal: Deal) -> list[int]:
            entry, passed_by = deal.first_entry.get(stage, -1), passing(track, deal, stage)
            moves = [move for move in (entry, passed_by) if move >= 0]
            return [deal.moves[min(moves)]] if moves else []

        return reached

    # Conditions

    def condition(self, condition: tree.Condition | None) -> HoldsAt | None:
        """Compiles a condition, if there is one."""
        return None if condition is None else self._judge.condition(condition, "")

    def customers(self, kpi: Kpi, numbers: Numbers) -> Callable[[Deal], bool] | None:
        """Compiles a test of whether a deal is one of the KPI's customers, by what is known as of
        the audit."""
        if not kpi.customers:
            return None
        fits = [fit for name in kpi.customers for fit in self._fits(name, numbers)]
        return lambda deal: any(fit(deal) for fit in fits)

    def _fits(self, name: str, numbers: Numbers) -> list[Callable[[Deal], bool]]:
        segments = [segment.id for segment in numbers.segments]
        if name in segments:
            segment_of = self.segment_of(numbers)
            return [lambda deal: segment_of(deal) == name]
        profiles = self.profiles()
        return [fits for profile, fits in profiles.items() if name in ("target", profile)]

    def profiles(self) -> dict[str, Callable[[Deal], bool]]:
        """Compiles for each profile a test of whether a deal fits it now."""
        return {
            profile.id: self.now(tree.All(tuple(profile.fit.values())))
            for profile in self._playbook.profiles
        }

    def segment_of(self, numbers: Numbers) -> Callable[[Deal], str]:
        """Compiles a function to the first segment whose condition holds now, or an empty text."""
        tests = [(segment.id, self.now(segment.when)) for segment in numbers.segments]
        return lambda deal: next((name for name, holds in tests if holds(deal)), "")

    def products(self, numbers: Numbers) -> dict[str, Callable[[Deal], bool]]:
        """Compiles for each product a test of whether a deal is about it now."""
        return {
            product.id: self.now(product.when)
            for product in numbers.products
            if product.when is not None
        }

    def groups(self, numbers: Numbers) -> Callable[[Deal], tuple[tuple[str, str], ...]]:
        """Compiles a function to the segment, profiles and products of a deal, each with what it
        is; the empty name is for no segment, and for outside of all profiles."""
        segment, profiles, products = (
            self.segment_of(numbers),
            self.profiles(),
            self.products(numbers),
        )

        def groups(deal: Deal) -> tuple[tuple[str, str], ...]:
            fitting = [name for name, fits in profiles.items() if fits(deal)]
            return (
                ("segment", segment(deal)),
                *(("profile", name) for name in (fitting or [""] if profiles else ())),
                *(("product", name) for name, fits in products.items() if fits(deal)),
            )

        return groups

    def now(self, condition: tree.Condition) -> Callable[[Deal], bool]:
        """Compiles a test of whether a condition holds as of the audit."""
        holds = self._judge.condition(condition, "")
        return lambda deal: holds(deal, deal.instant_moment(deal.as_of))


def sale_stages(playbook: Playbook) -> frozenset[str]:
    """Returns the stages in which a deal counts as sold."""
    return frozenset(
        stage.id for stage in playbook.stages if stage.counts_as_won or stage.ends == "won"
    )


def amount(deal: Deal, field: str, at: int) -> float | None:
    """Returns a field's number as of an instant, or `None` where it has none that can be added
    up."""
    return countable(deal.field(field, at))


def countable(value: Value | None) -> float | None:
    """Returns a value that can be added up as a number, else `None`."""
    if not isinstance(value, float) or abs(value) > LARGEST:
        return None
    return value if abs(value) >= SMALLEST else 0.0


def responsible(deal: Deal, position: int, *, doer: bool = False) -> str:
    """Returns whose an event is: the deal's owner as of then, else who did it, else who acted last
    before.

    With `doer`, who did it comes first (of an activity).
    """
    event = deal.events[position]
    if doer and event.actor:
        return event.actor
    owner = deal.field("owner", event.happened_at)
    if owner is not None:
        return str(owner)
    for before in range(position, -1, -1):
        if deal.events[before].actor and deal.events[before].kind != "waiver":
            return deal.events[before].actor
    return ""
