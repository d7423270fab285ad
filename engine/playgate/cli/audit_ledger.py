"""`playgate audit --db`: the deals of a ledger, each judged by the playbook that it began under."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from playgate.audit.merge import merge
from playgate.audit.result import AuditResult
from playgate.audit.run import audit_spool
from playgate.audit.selection import Selection
from playgate.cli.reading import progress_bar
from playgate.documents.stored import load
from playgate.errors import InputError
from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.ledger.store import Ledger, PlaybookRow
from playgate.playbook.build import build
from playgate.playbook.model import Playbook

__all__ = ["audit_ledger"]


def audit_ledger(
    path: Path,
    *,
    playbook: Playbook | None,
    people: People | None,
    as_of: int | None,
    since: int | None,
    deals: Sequence[str],
    reps: Sequence[str],
    rules: tuple[str, ...],
) -> AuditResult:
    """Audit all deals, or those of one playbook's name, judged by `playbook` as it stands."""
    with Ledger.open(path, reading=True) as ledger:
        if ledger.note:
            click.echo(f"note: {ledger.note}", err=True)
        rows = [row for row in ledger.playbooks() if playbook is None or row.name == playbook.name]
        if not rows:
            what = f"no deal under {playbook.name}" if playbook else "no deal"
            raise InputError(f"{path} has {what}", hint="playgate open starts one")
        team = people or ledger.people()
        selection = Selection(
            deals=frozenset(deals), actors=_actors(reps, team), rules=rules, since=since
        )
        latest = ledger.latest() if as_of is None else as_of
        results = [
            _audit(ledger, row, playbook or _stored(row), team, latest, selection) for row in rows
        ]
    result = merge(results)
    if deals and not result.history.deals:
        raise InputError(f"the ledger has no deal {' or '.join(deals)}")
    if rules and not result.rules:
        raise InputError(
            f"no rule matches {' or '.join(rules)}", hint="playgate show lists the rules"
        )
    return result


def _audit(
    ledger: Ledger, row: PlaybookRow, playbook: Playbook, people: People | None,
    as_of: int | None, selection: Selection,
) -> AuditResult:  # fmt: skip
    with Spool() as spool:
        spool.extend(ledger.all_events(row.sha256))
        with progress_bar("judging", spool.events) as progress:
            return audit_spool(
                playbook, spool, people=people, as_of=as_of,
                sources=(f"{ledger.path} (live)", f"{ledger.path} (imported)"),
                selection=selection, first_decisions=ledger.first_decisions(), progress=progress,
            )  # fmt: skip


def _actors(reps: Sequence[str], people: People | None) -> frozenset[str]:
    """Reps by id, or by name where the ledger knows it."""
    return frozenset(
        actor for rep in reps for actor in (people.called(rep) if people else ()) or (rep,)
    )


def _stored(row: PlaybookRow) -> Playbook:
    playbook = build(load(row.document), frozenset(), [])
    if playbook is None:
        raise InputError(f"the ledger's {row.name} version {row.version} is damaged")
    return playbook


