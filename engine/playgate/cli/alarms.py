"""`playgate alarms`: what lies beyond its control limits."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli.errors import CLEAN, FINDINGS
from playgate.cli.numbers import narrowing, read, show, source

__all__ = ["command"]

_LEVELS = {"alarm": ("alarm",), "watch": ("alarm", "watch"), "never": ()}


@click.command("alarms")
@source
@narrowing
@click.option(
    "--fail-on",
    type=click.Choice(list(_LEVELS)),
    default="alarm",
    show_default=True,
    help="Exit with 1 where something is beyond these limits.",
)
def command(
    reps: tuple[str, ...],
    teams: tuple[str, ...],
    fail_on: str,
    form: str,
    output: str | None,
    **given: Any,
) -> int:
    """Show counts and ratios of the last weeks that chance alone does not explain.

    Exit status: 0 nothing beyond the limits, 1 an alarm, 2 wrong input.

    \b
    playgate alarms bank-sales.yaml history.csv --people people.csv
    playgate alarms --db playgate.db --fail-on watch --format json
    """
    from playgate.numbers.alarms import alarms
    from playgate.numbers.narrow import choose

    found = read(**given)
    result = alarms(found, choose(found, reps, teams))
    show(result, form, output)
    is_raised = any(alarm.level in _LEVELS[fail_on] for alarm in result.alarms)
    return FINDINGS if is_raised else CLEAN
