"""`playgate audit --db`: the deals of a ledger, each judged by the playbook that it began under."""

from __future__ import annotations

from playgate.audit.merge import merge
from playgate.audit.result import AuditResult
from playgate.audit.run import audit_spool
from playgate.audit.selection import Selection
from playgate.cli.history import progress_bar
from playgate.documents.stored import load
from playgate.errors import InputError
from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.ledger.store import Ledger, PlaybookRow
from playgate.playbook.build import build
from playgate.playbook.model import Playbook

__all__ = ["audit_ledger"]


def audit_ledger(
    ledger: Ledger,
    *,
    playbook: Playbook | None,
    people: People | None,
    as_of: int | None,
    selection: Selection,
) -> AuditResult:
    """Audit all deals, or those of one playbook's name, judged by `playbook` as it stands."""
    rows = [row for row in ledger.playbooks() if playbook is None or row.name == playbook.name]
    if not rows:
        what = f"no deal under {playbook.name}" if playbook else "no deal"
        raise InputError(f"{ledger.path} has {what}", hint="playgate open starts one")
    latest = ledger.latest() if as_of is None else as_of
    first = ledger.first_decisions()
    team = people or ledger.people()
    sources = (f"{ledger.path} (live)", f"{ledger.path} (imported)")
    results = []
    for row in rows:
        with Spool() as spool:
            spool.extend(ledger.all_events(row.sha256))
            with progress_bar("judging", spool.events) as progress:
                results.append(
                    audit_spool(
                        playbook or _stored(row), spool, people=team, as_of=latest,
                        sources=sources, selection=selection, first_decisions=first,
                        progress=progress,
                    )
                )  # fmt: skip
    return merge(results)


def _stored(row: PlaybookRow) -> Playbook:
    playbook = build(load(row.document), frozenset(), [])
    if playbook is None:
        raise InputError(f"the ledger's {row.name} version {row.version} is damaged")
    return playbook


