"""Which version of a playbook judges a deal that begins in a ledger, where experiments run.

Publishing a playbook keeps a version of it for each of its experiments, with the change. A deal is
pinned to the version of its arm as it begins, and stays there, whoever changes teams later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from playgate.enforce.live import Live
from playgate.history.deal import no_roles
from playgate.history.event import Event
from playgate.model.experiments import arm_version
from playgate.model.playbook import Playbook
from playgate.records import replace
from playgate.versions.arms import Arms, Assigned

__all__ = ["arm_of", "is_arm_of", "pins_of", "with_pinned"]


def is_arm_of(other: Playbook, playbook: Playbook) -> bool:
    """Whether one is the version of the other that has an experiment's change."""
    return (
        bool(other.arm)
        and other.name == playbook.name
        and other.version == arm_version(playbook.version, other.arm)
    )


def arm_of(live: Live, playbook: Playbook, deal: str, *, begins: int, rep: str) -> str:
    """Returns the digest of the version that judges a deal which begins at an instant."""
    if not playbook.experiments:
        return playbook.sha256
    return _pinned(live, playbook, Arms(playbook, live.people()).at(deal, begins, rep))


def _pinned(live: Live, playbook: Playbook, assigned: Assigned | None) -> str:
    if assigned is None or not assigned.treated:
        return playbook.sha256
    version = arm_version(playbook.version, assigned.experiment.id)
    return live.version(playbook.name, version) or playbook.sha256


def pins_of(live: Live, playbook: Playbook, deals: Iterable[Sequence[Event]]) -> dict[str, str]:
    """Returns for deals whose events are told what judges each: the digest of a version."""
    judge, arms = live.judge(playbook), Arms(playbook, live.people())
    reader = judge.reader(no_roles)
    read = (
        reader.read(events[0].deal, list(events), events[-1].happened_at)
        for events in deals
        if events
    )
    return {deal.id: _pinned(live, playbook, arms.of(deal)) for deal in read}


def with_pinned(live: Live, playbook: Playbook) -> Playbook:
    """Returns the playbook whose experiments know the version with their change, and which deals
    the ledger keeps under it, or kept under it in an earlier version of the playbook."""
    if not playbook.experiments:
        return playbook
    rows = [row for row in live.ledger.playbooks.all() if row.name == playbook.name]
    experiments = []
    for experiment in playbook.experiments:
        own = [live.playbook(row.sha256) for row in rows if _is_arm(row.version, experiment.id)]
        kept = [each for each in own if each.arm == experiment.id]
        assigned = frozenset(deal for each in kept for deal in _deals(live, each.sha256))
        treated = experiment.treated or next(iter(reversed(kept)), None)
        experiments.append(
            replace(experiment, treated=treated, assigned=assigned if kept else None)
        )
    return replace(playbook, experiments=tuple(experiments))


def _is_arm(version: str, experiment: str) -> bool:
    return version.endswith(arm_version("", experiment))


def _deals(live: Live, sha256: str) -> Iterable[str]:
    """Yields the deals that a version judges, or judged until they were migrated."""
    yield from (row.deal for row in live.ledger.deals.under(sha256))
    yield from live.ledger.migrations.out_of(sha256)
