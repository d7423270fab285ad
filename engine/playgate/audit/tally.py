"""Counts verdicts while deals stream by, and keeps nothing of a deal but its findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from playgate.audit.chances import NO_CHANCES, Chances, chances_by, chances_of
from playgate.audit.found import Found
from playgate.audit.result import ActorTally, RuleTally, StageTally
from playgate.audit.selection import Selection
from playgate.audit.share import share, share_over_deals
from playgate.audit.verdict_rows import TakeVerdicts, VerdictRow, VerdictSink
from playgate.history.deal import Deal
from playgate.history.people import SYSTEM, People
from playgate.judge.after_verdict import charged_to, done_at
from playgate.judge.judge import Judge
from playgate.judge.passings import passed
from playgate.judge.verdict import Verdict
from playgate.model.playbook import Stage

__all__ = ["Counts", "Tally"]

_Key = TypeVar("_Key")

_MET, _UNMET, _WAIVED = 0, 1, 2
_SLOT = {"met": _MET, "unmet": _UNMET, "waived": _WAIVED}


NOTHING: Mapping[Any, int] = MappingProxyType({})


class Counts:
    """What is kept of the deals that were judged."""

    def __init__(
        self,
        *,
        deals: int = 0,
        verdicts: Mapping[tuple[int, int, str], int] = NOTHING,
        by_chances: Mapping[tuple[int, int], int] = NOTHING,
        by_stage: Mapping[tuple[str, int, int], int] = NOTHING,
        by_actor: Mapping[tuple[str, int, int], int] = NOTHING,
        entered: Mapping[str, int] = NOTHING,
        passed: Mapping[str, int] = NOTHING,
    ) -> None:
        self.deals = deals
        self.verdicts = dict(verdicts)
        """By the rule's place, 0 (met), 1 (unmet) or 2 (waived), and who is charged."""
        self.by_chances = dict(by_chances)
        """How many deals had so many chances, of which so many were met."""
        self.by_stage = dict(by_stage)
        """The same of the rules of each stage."""
        self.by_actor = dict(by_actor)
        """The same of what is charged to each actor."""
        self.entered = dict(entered)
        self.passed = dict(passed)

    def absorb(self, other: Counts) -> None:
        """Adds the counts of other deals."""
        self.deals += other.deals
        _add(self.verdicts, other.verdicts)
        _add(self.by_chances, other.by_chances)
        _add(self.by_stage, other.by_stage)
        _add(self.by_actor, other.by_actor)
        _add(self.entered, other.entered)
        _add(self.passed, other.passed)


class Tally:
    """Collects the verdicts of an audit, and what is `found`, of which only what people are `shown`
    may be wanted.

    While deals stream by, one count is kept for each rule, verdict and actor; all sums are made of
    these in the end. Rules at `observe` count in no adherence. A `sink` is given each verdict as it
    comes.
    """

    def __init__(
        self,
        judge: Judge,
        selection: Selection,
        sink: VerdictSink | None = None,
        *,
        shown: bool = False,
    ) -> None:
        self._judge = judge
        self._selection = selection
        self._selected = [selection.has_rule(rule.rule.info.id) for rule in judge.rules]
        self._stage_of = [rule.rule.info.stage for rule in judge.rules]
        self._adheres = [rule.rule.info.level != "observe" for rule in judge.rules]
        self._counts = Counts()
        infos = [rule.rule.info for rule in judge.rules]
        self.found = Found(judge, shown=shown)
        self.pass_on: TakeVerdicts | None = sink.of(judge.playbook, infos) if sink else None
        """Takes the verdicts themselves, where somebody wants them."""

    @property
    def deals(self) -> int:
        """How many deals were judged."""
        return self._counts.deals

    def counts(self) -> Counts:
        """Returns what was counted so far."""
        return self._counts

    def absorb(self, other: Counts) -> None:
        """Adds what was counted of other deals."""
        self._counts.absorb(other)

    def add(self, deal: Deal, *, seen: Deal) -> None:
        """Judges a deal and counts its verdicts; `seen` is the deal with what came later, which may
        make good."""
        kept = self._counts
        kept.deals += 1
        _count_all(kept.entered, deal.first_entry)
        _count_all(kept.passed, passed(self._judge.track, deal))
        selection, counts = self._selection, kept.verdicts
        narrowed = selection.narrows_verdicts
        rows: list[VerdictRow] = []
        failed: list[tuple[int, Verdict]] = []
        actors: dict[str, list[int]] = {}
        stages: dict[str, list[int]] = {}
        events = deal.events
        for index, verdict in enumerate(self._judge.judge(deal)):
            if verdict is None or not self._selected[index]:
                continue
            actor = ""
            if self._adheres[index] or narrowed or self.pass_on:
                due = verdict.due
                actor = events[due.position].actor if due.position >= 0 else ""
                actor = actor or charged_to(deal, due)
                if narrowed and not self._has(index, deal, verdict, actor):
                    continue
            if self.pass_on:
                rows.append((deal.id, index, verdict.verdict, verdict.due.at, actor))
            slot = _SLOT[verdict.verdict]
            key = (index, slot, actor)
            counts[key] = counts.get(key, 0) + 1
            if slot != _MET:
                failed.append((index, verdict))
            if slot != _WAIVED and self._adheres[index]:
                for group, name in ((actors, actor), (stages, self._stage_of[index])):
                    chances = group.setdefault(name, [0, 0])
                    chances[0] += 1
                    chances[1] += slot == _MET
        self.found.take(seen, failed)
        _count_all(kept.by_actor, [(name, n, met) for name, (n, met) in actors.items()])
        _count_all(kept.by_stage, [(name, n, met) for name, (n, met) in stages.items()])
        if actors:
            n, met = map(sum, zip(*actors.values(), strict=True))
            _count_all(kept.by_chances, [(n, met)])
        if self.pass_on:
            self.pass_on(rows)

    def _has(self, index: int, deal: Deal, verdict: Verdict, actor: str) -> bool:
        done = done_at(self._judge.rules[index], deal, verdict)
        return self._selection.has_verdict(verdict.due.at, actor, done_at=done)

    # Results

    def _sums(self) -> list[list[int]]:
        """Returns how many verdicts on each rule are met, unmet and waived."""
        sums = [[0, 0, 0] for _ in self._judge.rules]
        for (index, slot, _), count in self._counts.verdicts.items():
            sums[index][slot] += count
        return sums

    def _sum(self, sums: list[list[int]], stage: str | None = None) -> tuple[int, int, int]:
        """Returns the sums over the rules at `block` and `warn`, of all stages or of one."""
        its = [
            each
            for each, adheres, of in zip(sums, self._adheres, self._stage_of, strict=True)
            if adheres and stage in (None, of)
        ]
        met, unmet, waived = (sum(each[slot] for each in its) for slot in (_MET, _UNMET, _WAIVED))
        return met, unmet, waived

    def totals(self) -> tuple[int, int, int]:
        """Returns how many verdicts at `block` and `warn` are met, unmet and waived."""
        return self._sum(self._sums())

    def chances(self) -> Chances:
        """Returns the chances of all deals."""
        return chances_of(self._counts.by_chances)

    def rules(self) -> tuple[RuleTally, ...]:
        """Returns the rules in the playbook's order."""
        tallies = []
        for place, (rule, sums) in enumerate(zip(self._judge.rules, self._sums(), strict=True)):
            if not self._selected[place]:
                continue
            met, unmet, waived = sums
            rest = self.deals - met - unmet - waived
            tallies.append(RuleTally(rule.rule.info, met, unmet, waived, rest, share(met, unmet)))
        return tuple(tallies)

    def stages(self) -> tuple[StageTally, ...]:
        """Returns the stages in the playbook's order."""
        sums, chances = self._sums(), chances_by(self._counts.by_stage)
        return tuple(
            self._stage(stage, sums, chances.get(stage.id, NO_CHANCES))
            for stage in self._judge.playbook.stages
        )

    def _stage(self, stage: Stage, sums: list[list[int]], chances: Chances) -> StageTally:
        met, unmet, _ = self._sum(sums, stage.id)
        return StageTally(
            stage.id,
            stage.title,
            self._counts.entered.get(stage.id, 0),
            self._counts.passed.get(stage.id, 0),
            met,
            unmet,
            share_over_deals(chances),
            self._judge.playbook.name,
        )

    def actors(self, people: People | None) -> tuple[ActorTally, ...]:
        """Returns what is charged to whom, by actor id."""
        sums: dict[str, list[int]] = {}
        for (index, slot, actor), count in self._counts.verdicts.items():
            if self._adheres[index]:
                sums.setdefault(actor, [0, 0, 0])[slot] += count
        chances = chances_by(self._counts.by_actor)
        return tuple(
            self._actor(actor, sums[actor], chances.get(actor, NO_CHANCES), people)
            for actor in sorted(sums)
        )

    def _actor(
        self, actor: str, sums: list[int], chances: Chances, people: People | None
    ) -> ActorTally:
        person = people.person(actor) if people else None
        met, unmet, waived = sums
        is_program = actor in self._judge.playbook.automation
        role = SYSTEM if is_program else (person.role if person else "")
        return ActorTally(
            actor,
            person.name if person else "",
            person.team if person else "",
            role,
            met,
            unmet,
            waived,
            chances.deals,
            share_over_deals(chances),
        )


def _add(counts: dict[_Key, int], others: dict[_Key, int]) -> None:
    for key, times in others.items():
        counts[key] = counts.get(key, 0) + times


def _count_all(counts: dict[_Key, int], names: Iterable[_Key]) -> None:
    for name in names:
        counts[name] = counts.get(name, 0) + 1
