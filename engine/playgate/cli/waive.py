"""`playgate waive`: an exception for one rule."""

from __future__ import annotations

import click

from playgate.cli.answer import answer
from playgate.cli.options import (
    at_option,
    batch_option,
    by_option,
    db_option,
    form_option,
    id_option,
)

__all__ = ["command"]


@click.command("waive")
@click.argument("deal", required=False)
@click.argument("rule", required=False)
@click.option("--reason", metavar="TEXT", help="Why: it is shown wherever the waiver counts.")
@click.option("--expires", metavar="DATE", help="The last day (or instant) on which it counts.")
@click.option("--all", "whole", is_flag=True, help="RULE is a glob and covers all that it matches.")
@by_option
@at_option
@id_option
@db_option
@form_option
@batch_option
def command(
    deal: str | None, rule: str | None, reason: str | None, expires: str | None, whole: bool,
    by: str | None, at: str | None, known_id: str | None, db: str | None, form: str, batch: bool,
) -> int:  # fmt: skip
    """Make an exception for one RULE on DEAL, with a reason.

    It is listed in every later decision and audit. Where the playbook names who may waive, --by
    must hold such a role, and nobody excuses their own move.

    \b
    playgate waive D-1042 proposal/entry/budget_known --reason "budget comes in May" --by bob
    playgate waive D-1042 "assess-needs/*" --all --reason "from Lyon" --expires 2026-06-30
    """
    request = {
        "deal": deal, "rule": rule, "reason": reason, "expires": expires, "all": whole, "by": by,
        "at": at, "id": known_id,
    }  # fmt: skip
    return answer("waive", request, ("deal", "rule"), db=db, form=form, batch=batch)
