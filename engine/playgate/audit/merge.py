"""Several audits as one: those of a ledger whose deals began under different playbooks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from playgate.audit.chances import all_chances
from playgate.audit.findings_store import Ordered
from playgate.audit.result import (
    ActorTally,
    AuditResult,
    HistoryFacts,
    PlaybookFacts,
    RuleTally,
    Share,
    StageTally,
    UnknownName,
)
from playgate.audit.share import share, share_over_deals
from playgate.audit.summary import added, kinds_together, summarize
from playgate.audit.unjudged import still_unjudged
from playgate.findings import Finding
from playgate.records import replace

__all__ = ["merge"]

_T = TypeVar("_T")


def merge(results: Sequence[AuditResult], *, in_short: Sequence[AuditResult] = ()) -> AuditResult:
    """Adds up audits of different deals, of which there must be at least one.

    Versions of one playbook share their rules and stages, which speak as in the last of them. Of
    those `in_short` only the summary was asked for; then only that is told of all.
    """
    last = results[-1]
    if len(results) == 1:
        return last
    short = set(map(id, in_short))
    whole = [each for each in results if id(each) not in short]
    findings: Collection[Finding] = Ordered(
        [each.findings for each in whole], lambda finding: (finding.due_at, finding.deal)
    )
    every = dict.fromkeys(problem for each in whole for problem in each.problems)
    problems = tuple(sorted(every, key=lambda problem: (problem.file, problem.line)))
    summary = summarize(findings, problems)
    if in_short:
        summaries = [*(each.summary for each in in_short), summary]
        kinds = kinds_together(kind for each in summaries for kind in each.problems)
        summary = added(summaries, kinds)
        findings, problems = summary.findings, ()
    met, unmet, waived = (
        sum(getattr(each, name) for each in results) for name in ("met", "unmet", "waived")
    )
    rules, stages = _rules(results), _stages(results)
    spots = dict.fromkeys(spot for each in results for spot in each.blind_spots)
    return replace(
        last,
        playbooks=_playbooks(results),
        history=_history([each.history for each in results]),
        adherence=_together(each.adherence for each in results),
        met=met,
        unmet=unmet,
        waived=waived,
        stages=stages,
        rules=rules,
        findings=findings,
        actors=_actors(results),
        ungated=tuple(
            sorted(
                (move for each in results for move in each.ungated),
                key=lambda move: (move.happened_at, move.deal),
            )
        ),
        unknown_names=_unknown(results),
        blind_spots=tuple(still_unjudged(spots, rules, stages)),
        problems=problems,
        summary=summary,
        engine=_engine(results),
        names={actor: name for each in results for actor, name in each.names.items()},
    )


def _engine(results: Sequence[AuditResult]) -> str:
    """Returns what judged, the judge apart where it was not alone."""
    return next((each.engine for each in results if each.engine != "judge"), "judge")


def _together(shares: Iterable[Share]) -> Share:
    return share_over_deals(all_chances(each.chances for each in shares))


def _playbooks(results: Sequence[AuditResult]) -> tuple[PlaybookFacts, ...]:
    """Returns each version once, with all its deals."""
    found: dict[str, PlaybookFacts] = {}
    for facts in (facts for each in results for facts in each.playbooks):
        known = found.get(facts.sha256)
        found[facts.sha256] = replace(facts, deals=facts.deals + (known.deals if known else 0))
    return tuple(found.values())


def _history(parts: Sequence[HistoryFacts]) -> HistoryFacts:
    firsts = [each.first for each in parts if each.first is not None]
    lasts = [each.last for each in parts if each.last is not None]
    return HistoryFacts(
        sum(each.events for each in parts),
        sum(each.deals for each in parts),
        sum(each.left_out for each in parts),
        min(firsts, default=None),
        max(lasts, default=None),
        parts[-1].sources,
        sum(each.duplicates for each in parts),
    )


def _grouped(
    results: Sequence[AuditResult],
    items: Callable[[AuditResult], Iterable[_T]],
    key: Callable[[_T], str],
) -> list[list[_T]]:
    """Returns the items of one playbook (all versions) that have one key, playbook by playbook, in
    order of appearance."""
    groups: dict[str, dict[str, list[_T]]] = {}
    for result in results:
        own = groups.setdefault(result.playbooks[0].name, {})
        for item in items(result):
            own.setdefault(key(item), []).append(item)
    return [group for own in groups.values() for group in own.values()]


def _rules(results: Sequence[AuditResult]) -> tuple[RuleTally, ...]:
    tallies = []
    for group in _grouped(results, lambda each: each.rules, lambda tally: tally.rule.id):
        met, unmet = sum(each.met for each in group), sum(each.unmet for each in group)
        tallies.append(
            RuleTally(
                group[-1].rule,
                met,
                unmet,
                sum(each.waived for each in group),
                sum(each.not_applicable for each in group),
                share(met, unmet),
            )
        )
    return tuple(tallies)


def _stages(results: Sequence[AuditResult]) -> tuple[StageTally, ...]:
    tallies = []
    for group in _grouped(results, lambda each: each.stages, lambda tally: tally.id):
        met, unmet = sum(each.met for each in group), sum(each.unmet for each in group)
        tallies.append(
            StageTally(
                group[-1].id,
                group[-1].title,
                sum(each.deals for each in group),
                sum(each.passed for each in group),
                met,
                unmet,
                _together(each.adherence for each in group),
                group[-1].playbook,
            )
        )
    return tuple(tallies)


def _actors(results: Sequence[AuditResult]) -> tuple[ActorTally, ...]:
    groups: dict[str, list[ActorTally]] = {}
    for result in results:
        for tally in result.actors:
            groups.setdefault(tally.actor, []).append(tally)
    merged = []
    for actor in sorted(groups):
        group = groups[actor]
        met, unmet = sum(each.met for each in group), sum(each.unmet for each in group)
        merged.append(
            replace(
                group[0],
                met=met,
                unmet=unmet,
                waived=sum(each.waived for each in group),
                deals=sum(each.deals for each in group),
                adherence=_together(each.adherence for each in group),
            )
        )
    return tuple(merged)


def _unknown(results: Sequence[AuditResult]) -> tuple[UnknownName, ...]:
    found: dict[tuple[str, str, str], UnknownName] = {}
    for result in results:
        for unknown in result.unknown_names:
            key = (unknown.playbook, unknown.kind, unknown.name)
            known = found.get(key)
            events = unknown.events + (known.events if known else 0)
            found[key] = replace(unknown, events=events)
    return tuple(found[key] for key in sorted(found))
