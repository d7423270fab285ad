"""`playgate segments`: effort against value, by group of customers."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli.numbers import narrowing, read, show, source

__all__ = ["command"]


@click.command("segments")
@source
@narrowing
def command(
    reps: tuple[str, ...], teams: tuple[str, ...], form: str, output: str | None, **given: Any
) -> None:
    """Show where the effort goes and where the value is: by segment, profile and product, for the
    company and each rep.

    \b
    playgate segments bank-sales.yaml history.csv
    playgate segments bank-sales.yaml history.csv --people people.csv --team Lyon
    playgate segments bank-sales.yaml history.csv --period "last 90 days" --format csv
    """
    from playgate.numbers.narrow import choose, narrow
    from playgate.numbers.segments import check_declared, segments

    found = read(refuse=check_declared, **given)
    chosen = choose(found, reps, teams)
    show(narrow(segments(found), chosen), form, output)
