"""`playgate kpi`: the numbers of the sale, per rep, team and company."""

from __future__ import annotations

from typing import Any

import click

from playgate.cli.numbers import narrowing, read, show, source

__all__ = ["command"]


@click.command("kpi")
@source
@narrowing
def command(
    reps: tuple[str, ...], teams: tuple[str, ...], form: str, output: str | None, **given: Any
) -> None:
    """Show the KPIs that a playbook declares, the flow between stages and the time in each.

    Each figure has its 95 % interval; reps are compared with their peers where there is enough to
    tell. Needs scipy: pip install 'playgate[numbers]'.

    \b
    playgate kpi bank-sales.yaml history.csv --people people.csv
    playgate kpi bank-sales.yaml history.csv --people people.csv --period 2026-Q2 --team Lyon
    playgate kpi --db playgate.db --period "last 90 days" --format json
    """
    from playgate.numbers.kpi import kpis
    from playgate.numbers.narrow import choose, narrow

    found = read(**given)
    result = kpis(found)
    chosen = choose(found, reps, teams, others=[each.id for each in result.people])
    show(narrow(result, chosen), form, output)
