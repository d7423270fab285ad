"""`playgate waiver`: waivers that are asked for, and answered by who may."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from playgate.cli.answer import answer_asked
from playgate.cli.door import put
from playgate.cli.errors import CLEAN
from playgate.cli.options import db_option, form_option, live_command
from playgate.cli.requests import db_name, now
from playgate.enforce.live import Live
from playgate.enforce.values import WaiverRequests
from playgate.enforce.waiver_requests import list_requests
from playgate.enforce.when import zone_of
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.records import replace

__all__ = ["command"]


@click.group("waiver")
def command() -> None:
    """Ask for an exception, and answer who asked; who may waive needs only `waive`.

    \b
    playgate waiver request D-1042 proposal/entry/budget_known --reason "budget comes in May"
    playgate waiver list --for manager
    playgate waiver approve w-7 --by mia
    playgate waiver decline w-7 --reason "ask for the budget first" --by mia
    """


@live_command("waiver-request")
@click.option("--reason", metavar="TEXT", help="Why there should be an exception.")
@click.option("--expires", metavar="DATE", help="The last day (or instant) on which it counts.")
def _request(**asked: Any) -> int:
    """Ask that one RULE be waived on DEAL, with a reason; nothing is waived yet.

    \b
    playgate waiver request D-1042 proposal/entry/budget_known --reason "budget comes in May"
    """
    return answer_asked("waiver-request", asked)


@live_command("waiver-approve")
def _approve(**asked: Any) -> int:
    """Approve the REQUEST: the waiver is recorded, with --by as the one who approves.

    That must be somebody who may waive, and not who asked.

    \b
    playgate waiver approve w-7 --by mia
    """
    return answer_asked("waiver-approve", asked)


@live_command("waiver-decline")
@click.option("--reason", metavar="TEXT", help="Why there is no exception.")
def _decline(**asked: Any) -> int:
    """Decline the REQUEST, with a reason for who asked.

    \b
    playgate waiver decline w-7 --reason "ask for the budget first" --by mia
    """
    return answer_asked("waiver-decline", asked)


@click.command("list")
@click.option("--open/--all", "open_only", default=True, help="Without an answer, or all.")
@click.option("--for", "role", metavar="ROLE", default="", help="What who holds it may answer.")
@db_option
@form_option
def _list(open_only: bool, role: str, db: str | None, form: str) -> int:
    """List the requests that wait for an answer.

    \b
    playgate waiver list --for manager
    playgate waiver list --all --format json
    """
    with Ledger.open(db_name(db), reading=True) as ledger, ledger.reading():
        live = Live(ledger, now=now())
        if role and role not in _roles(live):
            raise InputError(
                f'no playbook of the ledger knows the role "{role}"',
                hint=f"known: {', '.join(sorted(_roles(live)))}" if _roles(live) else "",
                code="unknown-name",
            )
        requests = list_requests(live, open_only=open_only, role=role)
        found = replace(requests, head=ledger.log.head())
        told = _rendered(found, form, live)
    put(told)
    return CLEAN


def _rendered(found: WaiverRequests, form: str, live: Live) -> list[str]:
    if form == "json":
        from playgate.report.taken_back_json import render

        return [render(found), "\n"]
    from playgate.report.taken_back_text import render_requests

    return [*render_requests(found, zone_of=partial(zone_of, live))]


def _roles(live: Live) -> set[str]:
    """Returns the roles that any playbook of the ledger names."""
    playbooks = (live.playbook(row.sha256) for row in live.ledger.playbooks.all())
    return {
        role for playbook in playbooks for role in (*playbook.roles, *(playbook.may_waive or ()))
    }


for _name, _each in {
    "request": _request,
    "list": _list,
    "approve": _approve,
    "decline": _decline,
}.items():
    command.add_command(_each, _name)
