"""`playgate experiment`: one change with a control group: what it needs, how it goes, what came."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from playgate.cli.clock import now
from playgate.cli.numbers import opened, refuse_counted, show, source
from playgate.cli.reading import progress_bar
from playgate.cli.requests import db_path
from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.event import how_many
from playgate.ledger.rows import ExperimentRow
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.records import replace

if TYPE_CHECKING:
    from playgate.numbers.experiment.result import Compared, Experiments, Kept, Tried
    from playgate.numbers.result import Basis

__all__ = ["command"]


@click.command("experiment")
@partial(source, period=False, rates=False)
@click.option(
    "--name",
    "wanted",
    multiple=True,
    metavar="EXPERIMENT",
    help="Only this experiment; may be repeated [default: all].",
)
@click.option(
    "--keep", is_flag=True, help="With --db: keep in the ledger what came of those that are over."
)
def command(
    wanted: tuple[str, ...], keep: bool, form: str, output: str | None, **given: Any
) -> None:
    """Show what the experiments of a playbook need, how they go, and what came of them: one change,
    tried on some deals beside others.

    Before one begins: how many deals it needs, and when it will know. While it runs: counts and
    guards. Once it is over: the difference by what was assigned, with its interval.

    \b
    playgate experiment bank-sales.yaml history.csv --people people.csv
    playgate experiment active-sales.yaml history.csv --name repeat-sooner --as-of 2026-06-30
    playgate experiment --db deals.db --keep
    """
    if keep and given["db"] is None:
        hint = "playgate experiment --db deals.db --keep"
        raise InputError("--keep keeps it in a ledger", hint=hint, code="usage")
    # Only here: it imports scipy, which help and completion can do without.
    from playgate.numbers.experiment.trial import refuse_none, try_experiments
    from playgate.numbers.history import no_events

    def refuse(playbook: Playbook) -> None:
        refuse_none(playbook)
        known = [each.id for each in playbook.experiments]
        for name in wanted:
            if name not in known:
                message = f'--name: there is no experiment "{name}"'
                raise InputError(message, hint=nearest(name, known), code="unknown-name")

    with (
        opened(**given, rates=None, refuse=refuse) as source,
        progress_bar("counting", source.history.events) as progress,
    ):
        as_of = source.history.latest if source.as_of is None else source.as_of
        if as_of is None:
            raise no_events()
        found = try_experiments(
            source.playbook,
            source.history,
            wanted=wanted,
            people=source.people,
            as_of=as_of,
            problems=how_many(source.problems),
            progress=progress,
        )
    refuse_counted(found.basis.problems, strict=given["strict"])
    if given["db"] is not None:
        found = _with_kept(found, db_path(given["db"]), keep=keep)
    show(found, form, output)


def _with_kept(found: Experiments, db: Path | str, *, keep: bool) -> Experiments:
    """Returns the experiments with what a ledger keeps of them; what is over is kept first, where
    that is asked for."""
    if keep and all(each.measure is None for each in found.experiments):
        hint = "what is looked at before its time is no result"
        raise InputError("no experiment is over yet", hint=hint, code="too-early")
    with Ledger.open(db) as ledger:
        if keep:
            with ledger.writing():
                for each in found.experiments:
                    if each.measure is not None:
                        ledger.experiments.add(_row(found.basis, each, each.measure))
        rows = ledger.experiments.of(found.basis.playbook)
    kept = {
        each.id: tuple(_kept(row) for row in rows if row.experiment == each.id)
        for each in found.experiments
    }
    return replace(
        found, experiments=tuple(replace(each, kept=kept[each.id]) for each in found.experiments)
    )


def _row(basis: Basis, tried: Tried, measure: Compared) -> ExperimentRow:
    control, treated = tried.arms
    return ExperimentRow(
        playbook=basis.playbook,
        version=basis.version,
        experiment=tried.id,
        measure=measure.kpi,
        outcome=measure.outcome,
        difference=measure.difference,
        low=measure.low,
        high=measure.high,
        control=control.deals,
        treated=treated.deals,
        at=now(),
    )


def _kept(row: ExperimentRow) -> Kept:
    # Only here: it imports what the numbers are told with.
    from playgate.numbers.experiment.result import Kept

    told: Any = row.outcome
    values = (row.difference, row.low, row.high)
    return Kept(row.version, row.at, told, *values, row.control, row.treated)
