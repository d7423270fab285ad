"""`playgate reconcile`: moves of the CRM against decisions of the gate."""

from __future__ import annotations

import click

from playgate.cli.door import put, tell
from playgate.cli.errors import CLEAN, FINDINGS
from playgate.cli.options import db_option
from playgate.cli.requests import db_path, now
from playgate.enforce.live import Live
from playgate.enforce.reconcile import reconcile, window_of
from playgate.enforce.when import since_of
from playgate.ledger.store import Ledger

__all__ = ["command"]


@click.command("reconcile")
@click.option(
    "--window",
    metavar="DURATION",
    default="15 minutes",
    help="How far, either way, a move may lie from its decision (default: 15 minutes).",
)
@click.option("--since", metavar="T", help="Leave out what was earlier.")
@db_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    help="How to show the result.",
)
def command(window: str, since: str | None, db: str | None, form: str) -> int:
    """Match the moves that were imported from the CRM with the gate's decisions.

    Says what was gated, what went past the gate and what the gate would have said, what was
    allowed and never made, and what was allowed on facts that never came. Exit status: 0 nothing
    past the gate, 1 something, 2 wrong input.

    \b
    playgate reconcile
    playgate reconcile --window "1 hour" --since 2026-03-01 --format csv
    """
    length = window_of(window)
    start = since_of(since)
    with Ledger.open(db_path(db), reading=True) as ledger, ledger.reading():
        if ledger.note:
            tell(f"note: {ledger.note}")
        found = reconcile(Live(ledger, now=now()), window=length, since=start)
    from playgate.report import reconciled

    renderers = {"text": reconciled.as_text, "json": reconciled.as_json, "csv": reconciled.as_csv}
    put(renderers[form](found))
    return FINDINGS if found.of("past-the-gate") else CLEAN
