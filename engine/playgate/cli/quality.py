"""`playgate quality`: facts that look as if they were recorded so that a rule passes."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from playgate.cli.numbers import count, narrowing, opened, show, source
from playgate.cli.reading import progress_bar
from playgate.errors import InputError
from playgate.model.playbook import Playbook

__all__ = ["command"]


@click.command("quality")
@partial(source, by_default="the whole history")
@narrowing
def command(
    reps: tuple[str, ...],
    teams: tuple[str, ...],
    form: str,
    output: str | None,
    period: str,
    strict: bool,
    **given: Any,
) -> None:
    """Show how much of what counts as met looks as if it was recorded to pass.

    Fields filled just before the move that needs them, the same text in many deals, activities
    logged in a batch, values that are just enough: by rep and rule, against the others. A mark is
    a reason to ask, and no verdict.

    \b
    playgate quality bank-sales.yaml history.csv --people people.csv
    playgate quality bank-sales.yaml history.csv --people people.csv --rep d.okafor
    playgate quality --db playgate.db --period "last 90 days" --format json
    """
    from playgate.numbers.narrow import choose, narrow
    from playgate.numbers.quality import quality

    with opened(period=period, strict=strict, refuse=_refuse, **given) as read:
        found = count(read, period=period, strict=strict)
        chosen = choose(found, reps, teams)
        with progress_bar("looking", read.history.events) as progress:
            result = quality(found, read.history, read.people, progress)
    show(narrow(result, chosen), form, output)


def _refuse(playbook: Playbook) -> None:
    if playbook.numbers is not None and playbook.numbers.quality is None:
        raise InputError(
            f"{playbook.name} switches quality off",
            hint="take quality: false out of the playbook",
            code="nothing-to-judge",
        )
