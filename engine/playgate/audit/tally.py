"""Counts verdicts while deals stream by; findings are all that is kept of a deal."""

from __future__ import annotations

from collections import Counter

from playgate.audit.result import ActorTally, RuleTally, StageTally
from playgate.audit.selection import Selection
from playgate.audit.share import share
from playgate.findings import Finding
from playgate.history.deal import Deal
from playgate.history.people import People
from playgate.judge.after_verdict import charged_to
from playgate.judge.explain import Explainer
from playgate.judge.judge import Judge
from playgate.judge.verdict import Verdict

__all__ = ["Tally"]

_MET, _UNMET, _WAIVED = 0, 1, 2
_SLOT = {"met": _MET, "unmet": _UNMET, "waived": _WAIVED}


class _Sum:
    """Chances, and the deals that had one."""

    __slots__ = ("_last", "counts", "deals")

    def __init__(self) -> None:
        self.counts = [0, 0, 0]
        self.deals = 0
        self._last = -1  # the deal counted last, so that each counts once

    def add(self, slot: int, deal: int) -> None:
        self.counts[slot] += 1
        if slot != _WAIVED and self._last != deal:
            self._last = deal
            self.deals += 1


class Tally:
    """Collects the verdicts of an audit."""

    def __init__(self, judge: Judge, selection: Selection) -> None:
        self._judge = judge
        self._explainer = Explainer(judge)
        self._selection = selection
        self._selected = [selection.has_rule(rule.rule.info.id) for rule in judge.rules]
        self._rules = [[0, 0, 0] for _ in judge.rules]
        self._stages = {stage.id: _Sum() for stage in judge.playbook.stages}
        self._of_stage = [self._stages.get(rule.rule.info.stage) for rule in judge.rules]
        self._counted = [rule.rule.info.level != "observe" for rule in judge.rules]
        self._actors: dict[str, _Sum] = {}
        self._entered: Counter[str] = Counter()
        self._passed: Counter[str] = Counter()
        self._all = _Sum()
        self.deals = 0
        self.findings: list[Finding] = []

    def add(self, deal: Deal) -> None:
        """Judge a deal and count its verdicts."""
        number = self.deals
        self.deals += 1
        self._entered.update(deal.first_entry.keys())
        self._passed.update(self._judge.track.passed(deal))
        selection = self._selection
        narrowed = bool(selection.actors) or selection.since is not None
        for index, verdict in enumerate(self._judge.judge(deal)):
            if verdict is None or not self._selected[index]:
                continue
            if self._counted[index] or narrowed:
                actor = charged_to(deal, verdict.due)
                if narrowed and not selection.has_verdict(verdict.due.at, actor):
                    continue
                if self._counted[index]:
                    self._count(index, _SLOT[verdict.verdict], actor, number)
            self._rules[index][_SLOT[verdict.verdict]] += 1
            if verdict.verdict != "met":
                self._find(index, deal, verdict)

    def _count(self, index: int, slot: int, actor: str, deal: int) -> None:
        self._all.add(slot, deal)
        stage = self._of_stage[index]
        if stage is not None:
            stage.add(slot, deal)
        if actor not in self._actors:
            self._actors[actor] = _Sum()
        self._actors[actor].add(slot, deal)

    def _find(self, index: int, deal: Deal, verdict: Verdict) -> None:
        self.findings.append(self._explainer.finding(self._judge.rules[index], deal, verdict))

    # Results

    def totals(self) -> tuple[int, int, int, int]:
        """Met, unmet and waived at `block` and `warn`, and the deals with a chance."""
        met, unmet, waived = self._all.counts
        return met, unmet, waived, self._all.deals

    def sorted_findings(self) -> tuple[Finding, ...]:
        """The findings by due instant, deal and the playbook's order of rules."""
        order = {rule.rule.info.id: index for index, rule in enumerate(self._judge.rules)}
        return tuple(
            sorted(self.findings, key=lambda f: (f.due_at, f.deal, order[f.rule.id]))
        )

    def rules(self) -> tuple[RuleTally, ...]:
        """The rules in the playbook's order."""
        return tuple(
            RuleTally(
                rule.rule.info, met, unmet, waived,
                self.deals - met - unmet - waived, share(met, unmet),
            )
            for rule, (met, unmet, waived), selected in zip(
                self._judge.rules, self._rules, self._selected, strict=True
            )
            if selected
        )  # fmt: skip

    def stages(self) -> tuple[StageTally, ...]:
        """The stages in the playbook's order."""
        tallies = []
        for stage in self._judge.playbook.stages:
            total = self._stages[stage.id]
            met, unmet, _ = total.counts
            adherence = share(met, unmet, sample=total.deals)
            tallies.append(
                StageTally(
                    stage.id, stage.title, self._entered[stage.id], self._passed[stage.id],
                    met, unmet, adherence,
                )
            )  # fmt: skip
        return tuple(tallies)

    def actors(self, people: People | None) -> tuple[ActorTally, ...]:
        """Who is charged with what, by actor id."""
        tallies = []
        for actor in sorted(self._actors):
            person = people.person(actor) if people else None
            total = self._actors[actor]
            met, unmet, waived = total.counts
            adherence = share(met, unmet, sample=total.deals)
            tallies.append(
                ActorTally(
                    actor,
                    person.name if person else "",
                    person.team if person else "",
                    person.role if person else "",
                    met, unmet, waived, total.deals, adherence,
                )
            )  # fmt: skip
        return tuple(tallies)
