"""Counts verdicts rule by rule, and keeps of those that are not met what a finding needs."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from playgate.audit.selection import Selection
from playgate.audit.tally import Counts
from playgate.audit.verdict_rows import VerdictRow
from playgate.columns.actors import ActorCounts, added_to
from playgate.columns.arrays import Bools, Ints, none_of
from playgate.columns.chances import DealChances, times_of
from playgate.columns.charges import charged
from playgate.columns.deals import Deals
from playgate.columns.kernels import done_at
from playgate.columns.plan import Plan
from playgate.columns.scope import ever_governed
from playgate.columns.verdicts import CAUSES, MET, UNMET, WAIVED, Verdicts
from playgate.findings import Cause, State

__all__ = ["Found", "Tallies", "kind_of"]

_Key = TypeVar("_Key")

_WORDS = ("met", "unmet", "waived")


class Found(NamedTuple):
    """What was found, as columns: findings before they are put into words."""

    deal: npt.NDArray[np.int32]
    """The number of the deal among the words."""
    rule: npt.NDArray[np.int16]
    said: npt.NDArray[np.int8]
    due_at: Ints
    actor: npt.NDArray[np.int32]
    is_good: Bools
    cause: npt.NDArray[np.int8]

    @classmethod
    def joined(cls, pieces: list[Found]) -> Found:
        """Returns all of them together."""
        if not pieces:
            kinds = (np.int32, np.int16, np.int8, np.int64, np.int32, np.bool_, np.int8)
            return cls._make(np.zeros(0, kind) for kind in kinds)
        return cls._make(np.concatenate(column) for column in zip(*pieces, strict=True))

    def take(self, which: Any) -> Found:
        """Returns some of them."""
        return Found._make(column[which] for column in self)


def kind_of(said: int, is_good: bool, cause: int) -> tuple[State, Cause | None]:
    """Says what the numbers of an unmet or waived verdict mean."""
    if said == WAIVED:
        return "waived", None
    found: Cause | None = CAUSES[cause]  # type: ignore[assignment]
    return ("made-good" if is_good else "open"), found


class Tallies:
    """The counts of an audit, which `counts` gives in the form in which the judge's are kept."""

    def __init__(
        self, plan: Plan, selection: Selection, actors: ActorCounts, *, with_rows: bool
    ) -> None:
        self._plan = plan
        self._selection = selection
        self._actors = actors
        self._with_rows = with_rows
        self.owners = {actor: number for number, actor in enumerate(plan.words.actors)}
        """The numbers of all who are charged."""
        infos = [rule.rule.info for rule in plan.judge.rules]
        self.selected = [selection.has_rule(info.id) for info in infos]
        self._adheres = [info.level != "observe" for info in infos]
        self._stage_of = [info.stage for info in infos]
        self._adhering_stages = {info.stage for info in infos if info.level != "observe"}
        self._counts = Counts()
        self._verdicts: dict[tuple[int, int], Ints] = {}
        self._chances = DealChances(0)
        self._of_stage: dict[str, DealChances] = {}
        self._of_actors: list[tuple[Ints, Ints, Ints]] = []
        self.rows: list[VerdictRow] = []
        """The verdicts of the last deals, where somebody wants them."""

    def begin(self, deals: Deals) -> None:
        """Counts the deals that are to be judged, where they were and what they passed."""
        self._chances = DealChances(deals.count)
        self._of_stage = {stage: DealChances(deals.count) for stage in self._adhering_stages}
        self.rows = []
        kept, governed = self._counts, ever_governed(deals)
        kept.deals += int(governed.sum())
        for stage in self._plan.stages:
            _add(kept.entered, stage, int((governed & (deals.first_entry(stage) >= 0)).sum()))
        for stage in self._plan.judge.track.open:
            _add(kept.passed, stage, int((governed & (deals.passing(stage) >= 0)).sum()))

    def take(self, deals: Deals, place: int, verdicts: Verdicts) -> Found:
        """Counts the verdicts on one rule; returns those that are not met."""
        rule = self._plan.judge.rules[place]
        actor = charged(deals, verdicts.dues, self.owners)
        if self._selection.narrows_verdicts:
            done = done_at(deals, rule, verdicts.dues)
            kept = np.flatnonzero(self._has(done, actor))
            verdicts, actor = _some(verdicts, kept), actor[kept]
        self._count(place, verdicts, actor)
        if self._with_rows:
            self._take_rows(deals, place, verdicts, actor)
        failed = np.flatnonzero(verdicts.said != MET)
        return Found(
            deals.number[verdicts.deal[failed]].astype(np.int32),
            np.full(len(failed), place, np.int16),
            verdicts.said[failed].astype(np.int8),
            verdicts.dues.at[failed],
            actor[failed].astype(np.int32),
            verdicts.is_good[failed],
            verdicts.cause[failed].astype(np.int8),
        )

    def _has(self, done: Ints, actor: Ints) -> Bools:
        found = np.ones(len(done), np.bool_)
        if self._selection.since is not None:
            found &= done >= self._selection.since
        if self._selection.actors:
            wanted = [self.owners[each] for each in self._selection.actors if each in self.owners]
            found &= np.isin(actor, np.array(wanted, np.int64))
        return found

    def _count(self, place: int, verdicts: Verdicts, actor: Ints) -> None:
        for said in (MET, UNMET, WAIVED):
            times = np.bincount(actor[verdicts.said == said])
            if len(times):
                known = self._verdicts.get((place, said), none_of())
                self._verdicts[place, said] = added_to(known, times)
        if self._adheres[place]:
            chance = verdicts.said != WAIVED
            taken = verdicts.deal[chance], actor[chance], verdicts.said[chance] == MET
            self._chances.take(*taken)
            self._of_stage[self._stage_of[place]].take(*taken)

    def _take_rows(self, deals: Deals, place: int, verdicts: Verdicts, actor: Ints) -> None:
        names = list(self.owners)
        columns = (verdicts.deal, verdicts.said, verdicts.dues.at, actor)
        for deal, said, at, who in zip(*(column.tolist() for column in columns), strict=True):
            self.rows.append((deals.name_of(deal), place, _WORDS[said], at, names[who]))

    def end(self) -> None:
        """Counts the deals by the chances that they gave, to actors and in stages."""
        kept = self._counts
        for stage, chances in self._of_stage.items():
            for key, times in times_of(*chances.of_deals()):
                _add(kept.by_stage, (stage, *key), times)
        for key, times in times_of(*self._chances.of_deals()):
            _add(kept.by_chances, key, times)
        self._of_actors.append(self._chances.of_actors())

    def counts(self) -> Counts:
        """Returns what was counted, but for what is charged to whom, which is added to the
        actors."""
        self._actors.add(list(self.owners), self._verdicts, self._of_actors)
        return self._counts


def _some(verdicts: Verdicts, which: Ints) -> Verdicts:
    return Verdicts(
        verdicts.said[which],
        verdicts.dues.take(which),
        verdicts.is_good[which],
        verdicts.cause[which],
    )


def _add(counts: dict[_Key, int], key: _Key, times: int) -> None:
    if times:
        counts[key] = counts.get(key, 0) + times
