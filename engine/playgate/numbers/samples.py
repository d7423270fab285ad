"""What is kept of the deals that went by: counts and durations that can be added up."""

from __future__ import annotations

from array import array
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable

from playgate.history.money import NotAdded
from playgate.model.numbers import Kpi
from playgate.numbers.period import Period
from playgate.numbers.prospects import Prospects
from playgate.records import Record

__all__ = ["MOST_NAMED", "Business", "Done", "Gathered", "Measure", "Sample", "total"]


MOST_NAMED = 20
"""So many deals on which nothing was done are named."""


class Sample:
    """The deals, values and durations that one KPI rests on, for one rep or several.

    Of a ratio `part` are the deals that did, `rest` those that did not, `open` those that still
    may. Of a time `values` are the days that it took, `ended` those until the deal ended otherwise
    (as many as `rest`), `waiting` those so far of deals that are `open`. Of means and sums `values`
    are the field's, and `open` counts the deals without one. Of a count `part` are the events. Of
    adherence `part` and `rest` are verdicts, and `chances` counts the deals that they are on by how
    many each had, and how many of these were met. `apart` are values in other currencies.
    """

    __slots__ = ("apart", "chances", "ended", "open", "part", "rest", "values", "waiting")

    def __init__(self) -> None:
        self.part = 0
        self.rest = 0
        self.open = 0
        self.chances: Counter[tuple[int, int]] = Counter()
        self.values = array("d")
        self.ended = array("d")
        self.waiting = array("d")
        self.apart: dict[str, array[float]] = defaultdict(lambda: array("d"))

    def add(self, other: Sample) -> None:
        """Adds what another sample rests on."""
        self.part += other.part
        self.rest += other.rest
        self.open += other.open
        self.chances.update(other.chances)
        self.values.extend(other.values)
        self.ended.extend(other.ended)
        self.waiting.extend(other.waiting)
        for currency, values in other.apart.items():
            self.apart[currency].extend(values)


def total(samples: Iterable[Sample]) -> Sample:
    """Returns the sum of some samples."""
    found = Sample()
    for sample in samples:
        found.add(sample)
    return found


class Measure(Record):
    """A KPI that was looked at, and over which period."""

    kpi: Kpi
    period: Period
    source: str = "playbook"
    """`playbook`, or what is always counted: `stage`, `activity`, `adherence`; and what no table of
    KPIs lists: `goal`, `onboarding`, `differentiator`."""

    @property
    def is_listed(self) -> bool:
        """Whether it is a KPI of a table."""
        return self.source in ("playbook", "stage", "activity", "adherence")


class Done:
    """What was done, and what came of it."""

    __slots__ = ("activities", "lost", "sold", "value")

    def __init__(self) -> None:
        self.activities = 0
        self.sold = 0
        self.lost = 0
        self.value = 0.0

    def add(self, other: Done) -> None:
        """Adds what somebody else did."""
        self.activities += other.activities
        self.sold += other.sold
        self.lost += other.lost
        self.value += other.value


class Business(Done):
    """What was done with a group of deals, by whom, and what came of it."""

    __slots__ = ("by_rep", "deals", "open_value", "touched", "untouched")

    def __init__(self) -> None:
        super().__init__()
        self.by_rep: dict[str, Done] = defaultdict(Done)
        self.deals = 0
        self.touched = 0
        self.untouched: list[str] = []
        """Open deals on which nothing was done in the period, the first of them by id."""
        self.open_value = 0.0

    def leave(self, deal: str) -> None:
        """Takes an open deal on which nothing was done."""
        insort(self.untouched, deal)
        del self.untouched[MOST_NAMED:]


class Gathered:
    """All that the numbers are made of; by rep, who may be the empty name (nobody)."""

    def __init__(self, measures: tuple[Measure, ...], period: Period, minimum: int) -> None:
        self.measures = measures
        self.period = period
        self.deals = self.events = self.left_out = self.problems = 0
        self.not_added: tuple[NotAdded, ...] = ()
        self.samples: dict[str, dict[str, Sample]] = {
            measure.kpi.id: defaultdict(Sample) for measure in measures
        }
        self.weekly: dict[str, dict[str, dict[int, list[int]]]] = {
            measure.kpi.id: defaultdict(lambda: defaultdict(lambda: [0, 0])) for measure in measures
        }
        """By KPI, rep and week: how many, and (of a ratio) of how many that were decided then."""
        self.flows: dict[str, dict[str, Counter[tuple[str, str]]]] = defaultdict(
            lambda: defaultdict(Counter)
        )
        """By stage and rep: whereto deals went on from there, and what kind of move that was."""
        self.rules: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        """By the rule's place and rep: met, unmet, waived."""
        self.followed: dict[tuple[str, str], Counter[tuple[int, int]]] = defaultdict(Counter)
        """The chances of deals as in a sample, by scope: a kind (`team`, `company`) and a name."""
        self.segments: dict[str, Business] = defaultdict(Business)
        self.profiles: dict[str, Business] = defaultdict(Business)
        self.products: dict[str, Business] = defaultdict(Business)
        self.sold: dict[str, float] = defaultdict(float)
        """Revenue in the running period of the goal."""
        self.sold_apart: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        """The same of each other currency."""
        self.prospects = Prospects(minimum)
        self.owners: set[str] = set()
        """Whose deals the declared KPIs look at, in whatever period."""
        self.sessions: dict[str, int] = {}
        """When a rep was last coached."""
