"""What the judge says of deals whose events are given: every rule, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from playgate.audit.assemble import problem_of
from playgate.findings import Finding, RuleInfo
from playgate.history.deal import Deal, no_roles
from playgate.history.event import Event, Problem
from playgate.history.people import People
from playgate.history.walk import walk
from playgate.judge.explain import Explainer
from playgate.judge.judge import Judge
from playgate.model.playbook import Playbook
from playgate.records import Record
from playgate.versions.arms import JudgedSides, check_arms

__all__ = ["Judged", "VerdictOnRule", "judged_deals"]

_SOURCES = ("events",)


class VerdictOnRule(Record):
    """What the judge says of one rule on one deal."""

    rule: RuleInfo
    verdict: Literal["met", "unmet", "waived", "not applicable"]
    due_at: int | None
    """When the rule fell due, in microseconds since 1970 in UTC; `None` where it did not."""
    finding: Finding | None
    """What was found, with its evidence; `None` unless it is unmet or waived."""


class Judged(Record):
    """What the judge says of one deal."""

    deal: str
    governed: bool
    """Whether the playbook governs the deal at any time; nothing is judged of one that it does
    not."""
    verdicts: tuple[VerdictOnRule, ...]
    """One for each rule, in the playbook's order."""
    problems: tuple[Problem, ...]
    """Events that could not be used as they stand; `line` counts the given events from 1."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The verdicts that are unmet or waived."""
        return tuple(each.finding for each in self.verdicts if each.finding is not None)


def judged_deals(
    playbook: Playbook, events: Iterable[Event], *, people: People | None, as_of: int | None
) -> Iterator[Judged]:
    """Yields what is said of each deal as of an instant, else of the last event, in the order in
    which the deals first come."""
    deals: dict[str, list[Event]] = {}
    latest = None
    for place, each in enumerate(events, 1):
        deals.setdefault(each.deal, []).append(each._replace(line=place))
        latest = each.happened_at if latest is None else max(latest, each.happened_at)
    if latest is None:
        return
    judge = Judge(playbook, has_people=people is not None)
    check_arms(playbook, people)
    reader = judge.reader(people.roles if people is not None else no_roles)
    sides = JudgedSides(judge, reader, people)
    explainers: dict[str, Explainer] = {}
    until = latest if as_of is None else as_of
    for walked in walk(deals.items(), reader, judge.ever_governs, as_of=until):
        problems = [problem_of(note, _SOURCES) for note in judge.notes(walked.deal)]
        problems += [clash.problem(_SOURCES) for clash in walked.clashes]
        side, deal = sides.of(walked)
        version = side.judge.playbook.sha256
        explainer = explainers.setdefault(version, Explainer(side.judge))
        verdicts = _verdicts(side.judge, explainer, deal, governed=walked.governed)
        yield Judged(walked.deal.id, walked.governed, tuple(verdicts), tuple(problems))


def _verdicts(
    judge: Judge, explainer: Explainer, deal: Deal, *, governed: bool
) -> Iterator[VerdictOnRule]:
    told = judge.judge(deal) if governed else [None] * len(judge.rules)
    for rule, verdict in zip(judge.rules, told, strict=True):
        if verdict is None:
            yield VerdictOnRule(rule.rule.info, "not applicable", None, None)
            continue
        finding = None if verdict.verdict == "met" else explainer.finding(rule, deal, verdict)
        yield VerdictOnRule(rule.rule.info, verdict.verdict, verdict.due.at, finding)
