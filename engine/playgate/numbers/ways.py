"""The ways that deals go: which stages they come into, in which order, and what comes of it."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from itertools import groupby, pairwise
from statistics import median
from typing import Literal

from playgate.conditions.instants import DAY
from playgate.history.deal import Deal
from playgate.judge.judge import Judge
from playgate.numbers.jumps import Jumps
from playgate.numbers.occurrences import Ending
from playgate.records import Record

__all__ = ["Course", "Edge", "EdgeKind", "Stop", "Way", "Ways", "edges_of", "way_of"]

EdgeKind = Literal["next", "skip", "back", "lost"]


class Way(Record):
    """A way, and the deals that have gone it so far: how many, in how many days (the median of
    those that came to an end), and which stages they left out though they applied to them, with
    on how many deals."""

    stages: tuple[str, ...]
    deals: int
    days: float | None
    skipped: tuple[tuple[str, int], ...]


class Stop(Record):
    """A stage on the way: how many deals came into it, began in it, and have it as their last."""

    stage: str
    deals: int
    began: int
    last: int


class Edge(Record, kw_only=True):
    """From one stage into another: how often deals went so, which share of all that went on from
    the first these are, and after how many days there (the median)."""

    out_of: str
    into: str
    kind: EdgeKind
    """A `skip` where most of these deals left out a stage that applied to them."""
    times: int
    share: float
    days: float
    skips: int
    """How often a stage that applied to the deal was left out."""


class Course(Record):
    """All stages that deals came into, in the order of the playbook, and how they went on."""

    stops: tuple[Stop, ...]
    edges: tuple[Edge, ...]
    """The commonest first."""


def way_of(deal: Deal) -> tuple[str, ...]:
    """Returns the stages that a deal came into, in order."""
    return tuple(stage for stage, _ in groupby(deal.move_into))


def edges_of(way: tuple[str, ...]) -> list[tuple[str, str]]:
    """Returns the steps of a way, each from one stage into another, once."""
    return list(dict.fromkeys(pairwise(way)))


class Ways:
    """Counts the deals by the way that they have gone, and the steps from stage to stage."""

    def __init__(self, judge: Judge) -> None:
        self._place = judge.track.place
        self._lost = judge.track.lost
        self._stages = [stage.id for stage in judge.playbook.stages]
        self._jumps = Jumps(judge)
        self._found: dict[tuple[str, ...], _Tally] = defaultdict(_Tally)
        self._days: dict[tuple[str, str], array[float]] = defaultdict(lambda: array("d"))
        self._skips: Counter[tuple[str, str]] = Counter()

    def add(self, deal: Deal, outcome: Ending) -> None:
        """Counts a deal that has come into a stage."""
        way = way_of(deal)
        if not way:
            return
        tally = self._found[way]
        tally.deals += 1
        if outcome.ended is not None:
            tally.days.append((outcome.ended - deal.happened[0]) / DAY)
        tally.skipped.update(self._walk(deal) - {*way})

    def _walk(self, deal: Deal) -> set[str]:
        """Counts each step of a deal; returns the stages that some step left out."""
        skipped: set[str] = set()
        stage, since, furthest = "", 0, -1
        for move, (at, into) in enumerate(zip(deal.move_at, deal.move_into, strict=True)):
            if into == stage:
                continue
            left_out = [] if into in self._lost else self._jumps.left_out(deal, furthest, move)
            skipped.update(left_out)
            if stage:
                self._days[stage, into].append((at - since) / DAY)
                self._skips[stage, into] += bool(left_out)
            stage, since, furthest = into, at, self._place.get(into, furthest)
        return skipped

    def most(self, number: int) -> tuple[Way, ...]:
        """Returns the commonest ways."""
        found = sorted(self._found.items(), key=lambda each: (-each[1].deals, each[0]))
        return tuple(
            Way(
                way,
                tally.deals,
                median(tally.days) if tally.days else None,
                tuple(
                    (each, tally.skipped[each]) for each in self._stages if each in tally.skipped
                ),
            )
            for way, tally in found[:number]
        )

    def course(self) -> Course:
        """Returns the stages and the steps between them."""
        came, began, last, left = (Counter[str]() for _ in range(4))
        for way, tally in self._found.items():
            came.update(dict.fromkeys(way, tally.deals))
            began[way[0]] += tally.deals
            last[way[-1]] += tally.deals
        for (stage, _), days in self._days.items():
            left[stage] += len(days)
        edges = (self._edge(*edge, left) for edge in self._days)
        return Course(
            tuple(
                Stop(stage, came[stage], began[stage], last[stage])
                for stage in self._stages
                if came[stage]
            ),
            tuple(sorted(edges, key=lambda each: (-each.times, each.out_of, each.into))),
        )

    def _edge(self, stage: str, into: str, left: Counter[str]) -> Edge:
        days, skips = self._days[stage, into], self._skips[stage, into]
        return Edge(
            out_of=stage,
            into=into,
            kind=self._kind(stage, into, most_skip=2 * skips >= len(days)),
            times=len(days),
            share=len(days) / left[stage],
            days=median(days),
            skips=skips,
        )

    def _kind(self, stage: str, into: str, *, most_skip: bool) -> EdgeKind:
        if into in self._lost:
            return "lost"
        if stage in self._lost or self._place[into] < self._place[stage]:
            return "back"
        return "skip" if most_skip else "next"


class _Tally:
    __slots__ = ("days", "deals", "skipped")

    def __init__(self) -> None:
        self.deals = 0
        self.days: list[float] = []
        self.skipped: Counter[str] = Counter()
