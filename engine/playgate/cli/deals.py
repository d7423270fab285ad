"""`playgate deals`: the ledger's deals, where each stands, and what falls due when."""

from __future__ import annotations

from collections.abc import Iterator

import click

from playgate.cli import completing
from playgate.cli.door import tell
from playgate.cli.errors import CLEAN
from playgate.cli.options import db_option, output_option
from playgate.cli.output import colour_wanted, width, write
from playgate.cli.requests import db_name, now
from playgate.conditions.instants import Zone
from playgate.enforce.deal_list import DealList, list_deals
from playgate.enforce.deals_named import Named, wanted, zone_of_all
from playgate.enforce.live import Live
from playgate.enforce.when import instant
from playgate.ledger.store import Ledger

__all__ = ["command"]

_SHOWN = 50


@click.command("deals")
@click.option(
    "--rep",
    "reps",
    multiple=True,
    metavar="ACTOR",
    shell_complete=completing.actors,
    help="Only deals of this rep, by id or name.",
)
@click.option("--team", "teams", multiple=True, metavar="TEAM", help="Only deals of this team.")
@click.option("--stage", "stages", multiple=True, metavar="STAGE", help="Only deals in this stage.")
@click.option(
    "--playbook",
    "playbooks",
    multiple=True,
    metavar="NAME",
    help="Only deals under this playbook; NAME@VERSION for one version.",
)
@click.option(
    "--due",
    metavar="WHEN",
    help='Only deals with something overdue, or due by then: "overdue", "today", "this week", or'
    ' a duration such as "3 days".',
)
@click.option("--open/--all", "open_only", default=True, help="Without deals that ended, or all.")
@click.option("--at", metavar="T", help="Where they stood then (default: now).")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=_SHOWN,
    show_default=True,
    metavar="N",
    help="Of text: show so many, and count the rest.",
)
@db_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    help="How to show the deals.",
)
@output_option
def command(
    reps: tuple[str, ...],
    teams: tuple[str, ...],
    stages: tuple[str, ...],
    playbooks: tuple[str, ...],
    due: str | None,
    open_only: bool,
    at: str | None,
    limit: int,
    db: str | None,
    form: str,
    output: str | None,
) -> int:
    """List the deals of the ledger, those that need attention first.

    First comes what is overdue, then who has the most open findings at block, then at warn, then
    what falls due soonest.

    \b
    playgate deals
    playgate deals --rep ann --due "this week"
    playgate deals --team North --due overdue
    playgate deals --stage proposal --all --format csv -o deals.csv
    """
    with Ledger.open(db_name(db), reading=True) as ledger, ledger.reading():
        live = Live(ledger, now=now())
        zone = zone_of_all(live)
        when = instant(at, zone, live.now)
        named = Named(
            reps=reps, teams=teams, stages=stages, playbooks=playbooks, due=due, ended=not open_only
        )
        found = list_deals(live, wanted(live, named, at=when), at=when)
    if ledger.note:
        tell(f"note: {ledger.note}")
    write(_render(found, form, output, zone=zone, limit=limit), output)
    return CLEAN


def _render(
    found: DealList, form: str, output: str | None, *, zone: Zone, limit: int
) -> Iterator[str]:
    from playgate.report import deal_list

    if form == "json":
        return deal_list.as_json(found)
    if form == "csv":
        return deal_list.as_csv(found)
    colour = colour_wanted(output)
    return deal_list.as_text(found, zone=zone, limit=limit, width=width(output), colour=colour)
