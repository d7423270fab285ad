"""What a report shows deal by deal, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from playgate.enforce.remedy import Remedy
from playgate.enforce.values import Ahead
from playgate.findings import Finding, RuleInfo
from playgate.history.event import Event
from playgate.numbers.cohorts import Cohort
from playgate.numbers.stakes import Stake
from playgate.numbers.ways import Course, Way
from playgate.records import Record

__all__ = ["Dossier", "Lesson", "OwnStake", "Step", "Told", "Worklist"]


class Told(Record):
    """A finding, and what would make it good."""

    finding: Finding
    remedies: tuple[Remedy, ...]


class Step(Record):
    """One thing to do on a deal, what it makes good, and who can do it (none: nobody is known)."""

    finding: Finding
    remedy: Remedy
    who: tuple[str, ...]


class Dossier(Record, kw_only=True):
    """A deal: where it stands, what was found, the way on, and all that happened."""

    deal: str
    owner: str
    state: Literal["open", "sold", "lost"]
    """Whether it can still be won; a deal that ended otherwise than sold is lost."""
    has_work: bool
    """Whether something that was missed on the open deal can still be made good."""
    stage: str
    opened: int
    since: int | None
    """When it came into its stage."""
    stake: Stake
    closes: str
    """The date on which it is to close, as it was written; empty where none is."""
    findings: tuple[Told, ...]
    """All at `block` and `warn`, the open ones first."""
    next_stage: str
    refusals: tuple[Told, ...]
    """What refuses the move into the next stage, apart from what `findings` tell."""
    steps: tuple[Step, ...]
    """What can be done about it today: to make good what can be, then to move on."""
    ahead: tuple[Ahead, ...]
    way: tuple[str, ...]
    """The stages that it came into, in order."""
    groups: tuple[tuple[str, str], ...]
    """Its segment, profiles and products, each with what it is; empty names where it is in none."""
    events: tuple[Event, ...]

    @property
    def is_open(self) -> bool:
        """Whether the deal can still be won."""
        return self.state == "open"


class Lesson(Record):
    """A rule that was missed where nothing can mend it any more: on how many deals, how many of
    them were lost, and the latest of them."""

    rule: RuleInfo
    deals: int
    lost: int
    latest: tuple[str, ...]


class OwnStake(Record):
    """An owner's open deals, those among them with work to do, and what is at stake on these."""

    open: int
    to_do: int
    at_stake: float
    """The sum of amount times chance, so far as amounts are known, in the field's unit."""
    unknown: int
    """Deals with work to do whose amount or chance nobody knows."""
    apart: tuple[tuple[str, float], ...] = ()
    """What is at stake in each other currency, which is not added."""

    @classmethod
    def total(cls, stakes: Iterable[OwnStake]) -> OwnStake:
        """Returns what is at stake for several owners together."""
        found = list(stakes)
        apart: dict[str, float] = {}
        for currency, value in (each for own in found for each in own.apart):
            apart[currency] = apart.get(currency, 0.0) + value
        return cls(
            sum(each.open for each in found),
            sum(each.to_do for each in found),
            sum(each.at_stake for each in found),
            sum(each.unknown for each in found),
            tuple(sorted(apart.items())),
        )


class Worklist(Record, kw_only=True):
    """What a report shows deal by deal; `stakes` sums up by owner the open deals on which something
    was missed that can still be made good, `listed` counts those that are open or have a finding.
    """

    stakes: dict[str, OwnStake]
    """By owner."""
    unit: str
    """Of amounts."""
    lessons: tuple[Lesson, ...]
    """What was missed where nothing can mend it, the most frequent first."""
    listed: int
    listed_of: dict[str, int]
    """By owner."""
    dossiers: tuple[Dossier, ...]
    deals: int
    """All that were judged."""
    ways: tuple[Way, ...]
    """The commonest ways that they went."""
    course: Course
    cohorts: tuple[Cohort, ...]
    """By month of start, the last ones."""
    followed: dict[int, tuple[int, int]]
    """By week: how many steps were followed and how many missed."""
