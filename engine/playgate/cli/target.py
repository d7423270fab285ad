"""`playgate target`: what a revenue goal asks of each week."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from playgate.cli.numbers import count, narrowing, opened, show, source
from playgate.cli.reading import progress_bar
from playgate.errors import InputError
from playgate.model.numbers import LARGEST, SMALLEST

if TYPE_CHECKING:
    from playgate.numbers.target import WhatIf

__all__ = ["command"]


@click.command("target")
@source
@narrowing
@click.option(
    "--what-if",
    "what_if",
    multiple=True,
    metavar="INPUT=VALUE",
    help="Change an input: closing-ratio=70%, first-calls=6, goal=+10%.",
)
def command(
    reps: tuple[str, ...],
    teams: tuple[str, ...],
    what_if: tuple[str, ...],
    form: str,
    output: str | None,
    **given: Any,
) -> None:
    """Show how many new opportunities per rep and week the goal needs, against what is done.

    \b
    playgate target bank-sales.yaml history.csv --people people.csv
    playgate target bank-sales.yaml history.csv --people people.csv --rep a.morel
    playgate target bank-sales.yaml history.csv --what-if closing-ratio=70% --what-if goal=+10%
    """
    from playgate.numbers.goal_forecast import goal_forecast
    from playgate.numbers.narrow import choose, narrow
    from playgate.numbers.target import goal_of, target

    changes = dict(_change(text) for text in what_if)
    period, strict = given["period"], given["strict"]
    with opened(refuse=lambda playbook: goal_of(playbook, changes), **given) as source:
        found = count(source, period=period, strict=strict)
        chosen = choose(found, reps, teams)
        with progress_bar("looking", source.history.events) as progress:
            coming = goal_forecast(
                source.playbook,
                source.history,
                as_of=found.as_of,
                people=source.people,
                rates=source.rates,
                progress=progress,
            )
    show(narrow(target(found, changes, coming), chosen), form, output)


def _change(text: str) -> tuple[str, WhatIf]:
    from playgate.numbers.target import WhatIf

    name, equals, said = (part.strip() for part in text.partition("="))
    is_share = said.endswith("%")
    try:
        value = float(said.rstrip("% "))
    except ValueError:
        value = math.nan
    if not (name and equals) or not (value == 0 or SMALLEST <= abs(value) <= LARGEST):
        hint = "for example closing-ratio=70%, first-calls=6 or goal=+10%"
        raise InputError(f'--what-if: "{text}" is not INPUT=VALUE', hint=hint, code="wrong-value")
    relative = is_share and said[0] in "+-"
    return name, WhatIf(value / 100 if is_share else value, relative, said)
