"""`playgate segments`: effort against value, by group of customers."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli.numbers import read, show, source

__all__ = ["command"]


@click.command("segments")
@source
def command(form: str, output: str | None, **given: Any) -> None:
    """Show where the effort goes and where the value is: by segment, profile and product.

    \b
    playgate segments bank-sales.yaml history.csv
    playgate segments bank-sales.yaml history.csv --period "last 90 days" --format csv
    """
    from playgate.numbers.segments import segments

    show(segments(read(**given)), form, output)
