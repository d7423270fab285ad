"""`playgate forecast`: what open deals, and those to come, are likely to bring."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from playgate.cli.numbers import narrowing, opened, refuse_counted, show_or_book, source
from playgate.cli.options import FORMS_AND_BOOK
from playgate.cli.output import check_book
from playgate.cli.reading import progress_bar
from playgate.history.event import how_many
from playgate.model.numbers import Forecasting, Numbers
from playgate.records import replace

__all__ = ["command"]


@click.command("forecast")
@partial(source, period=False, forms=FORMS_AND_BOOK)
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    help="How many days are foretold [default: the playbook's, else 30].",
)
@narrowing
def command(
    reps: tuple[str, ...],
    teams: tuple[str, ...],
    days: int | None,
    form: str,
    output: str | None,
    **given: Any,
) -> None:
    """Tell what open deals and those to come are likely to bring in the next days: by rep, team and
    segment, deal by deal, and how well the same forecast did at earlier dates.

    \b
    playgate forecast bank-sales.yaml history.csv --people people.csv
    playgate forecast bank-sales.yaml --db deals.db --days 90 --rep ann
    """
    # Only here: it imports scipy, which help and completion can do without.
    from playgate.numbers.forecast.forecast import forecast
    from playgate.numbers.forecast.narrow import narrowed

    if form == "xlsx":
        check_book(output)
    with opened(**given) as source, progress_bar("looking", source.history.events) as progress:
        wanted = (source.playbook.numbers or Numbers()).forecast or Forecasting()
        found = forecast(
            source.playbook,
            source.history,
            wanted=wanted if days is None else replace(wanted, days=days),
            people=source.people,
            as_of=source.as_of,
            problems=how_many(source.problems),
            rates=source.rates,
            progress=progress,
        )
    refuse_counted(found.basis.problems, strict=given["strict"])
    show_or_book(narrowed(found, reps, teams, source.people), form, output)
