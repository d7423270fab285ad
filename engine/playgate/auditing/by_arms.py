"""The audit of a history in which experiments run: each deal by the version of its arm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack

from playgate.audit.merge import merge
from playgate.audit.result import AuditResult, BlindSpot
from playgate.history.deal import no_roles
from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.history.walk import walk
from playgate.judge.judge import Judge
from playgate.model.playbook import Playbook
from playgate.records import replace
from playgate.versions.arms import Arms, check_arms

__all__ = ["audit_arms", "seeing"]

_OF_ALL_RULES = ("rule", "end")
"""Kinds of blind spots that a merge tells anew of all arms together."""


def audit_arms(
    playbook: Playbook,
    spool: Spool,
    audit: Callable[[Playbook, Spool], AuditResult],
    *,
    people: People | None,
    until: int,
    as_of: int | None,
    shown: bool,
) -> AuditResult:
    """Returns the sum of the audits of all arms, each made by `audit`; raises `InputError` where
    the arms cannot be told apart.

    What happens after `until` is the future. With `shown`, only summaries are asked for.
    """
    check_arms(playbook, people)
    instant = spool.latest if as_of is None else as_of
    treated = _treated(playbook, spool, people, instant)
    if not treated:
        return audit(playbook, spool)
    with ExitStack() as opened:
        parts = [opened.enter_context(Spool(until=until)) for _ in range(len(treated) + 1)]
        place = {deal: n for n, deals in enumerate(treated.values()) for deal in deals}
        for deal, events in spool.deals():
            parts[place.get(deal, -1)].extend(events)
        versions = [_version(playbook, name) for name in treated]
        results = [audit(*each) for each in zip((*versions, playbook), parts, strict=True)]
    found = seeing(results)
    return merge(found, in_short=found if shown else ())


def _treated(
    playbook: Playbook, spool: Spool, people: People | None, as_of: int | None
) -> dict[str, list[str]]:
    """Returns the deals that try a change, by experiment."""
    found: dict[str, list[str]] = defaultdict(list)
    if as_of is None:
        return found
    judge, arms = Judge(playbook, has_people=people is not None), Arms(playbook, people)
    reader = judge.reader(people.roles if people else no_roles)
    for walked in walk(spool.deals(), reader, judge.ever_governs, as_of=as_of):
        assigned = arms.of(walked.deal)
        if assigned is not None and assigned.treated:
            found[assigned.experiment.id].append(walked.deal.id)
    return found


def _version(playbook: Playbook, experiment: str) -> Playbook:
    found = next(each.treated for each in playbook.experiments if each.id == experiment)
    assert found is not None  # noqa: S101  (a playbook that is read from a file has it)
    return found


def seeing(results: list[AuditResult]) -> list[AuditResult]:
    """Returns the audits without the blind spots of one version of a playbook that another sees."""
    judged = [each for each in results if each.history.deals]

    def is_blind(spot: BlindSpot) -> bool:
        return spot.kind in _OF_ALL_RULES or all(
            any((other.kind, other.name) == (spot.kind, spot.name) for other in each.blind_spots)
            for each in judged
            if each.playbooks[-1].name == spot.playbook
        )

    return [
        replace(each, blind_spots=tuple(filter(is_blind, each.blind_spots))) for each in results
    ]
