"""`playgate experiment`: one change with a control group: what it needs, how it goes, what came."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from playgate.cli.numbers import opened, refuse_counted, show, source
from playgate.cli.reading import progress_bar
from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.event import how_many
from playgate.model.playbook import Playbook

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
def command(wanted: tuple[str, ...], form: str, output: str | None, **given: Any) -> None:
    """Show what the experiments of a playbook need, how they go, and what came of them: one change,
    tried on some deals beside others.

    Before one begins: how many deals it needs, and when it will know. While it runs: counts and
    guards. Once it is over: the difference by what was assigned, with its interval.

    \b
    playgate experiment bank-sales.yaml history.csv --people people.csv
    playgate experiment active-sales.yaml history.csv --name repeat-sooner --as-of 2026-09-30
    playgate experiment --db deals.db --format json
    """
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
    show(found, form, output)
