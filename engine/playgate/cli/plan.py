"""`playgate plan`: what publishing a newer version would mean, replayed on a history."""

from __future__ import annotations

from collections.abc import Iterator

import click

from playgate.auditing.reading import ahead_of, ledger_sources, refuse_problems
from playgate.cli.clock import horizon, now
from playgate.cli.errors import CLEAN, FINDINGS
from playgate.cli.load import playbook_from
from playgate.cli.options import (
    FILE,
    as_of_option,
    map_option,
    output_option,
    people_option,
    rates_option,
    strict_option,
)
from playgate.cli.output import colour_wanted, width, write
from playgate.cli.reading import fill, progress_bar
from playgate.cli.requests import db_path
from playgate.cli.when import instant_of
from playgate.documents.document import nearest
from playgate.enforce.arms import with_pinned
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.history.event import Problem, how_many
from playgate.history.people import People, read_people
from playgate.history.rates import read_rates
from playgate.history.spool import Spool
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.plan.impact import Plan
from playgate.plan.replay import Replay, Since, choose_amount
from playgate.records import replace
from playgate.versions.carry import translator

__all__ = ["command"]


@click.command("plan")
@click.argument("old", metavar="OLD", type=FILE)
@click.argument("new", metavar="NEW", type=FILE)
@click.argument("history", nargs=-1, metavar="HISTORY…", type=FILE)
@click.option(
    "--db",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    type=FILE,
    help="Replay the deals of a ledger instead of files.",
)
@map_option
@people_option
@as_of_option
@rates_option
@click.option(
    "--amount", metavar="FIELD", help="The field that tells what a deal is worth [default: amount]."
)
@click.option(
    "--arm",
    metavar="EXPERIMENT",
    help="Replay NEW with the change of this experiment, for all deals.",
)
@strict_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="How to show the result.",
)
@output_option
def command(
    old: str,
    new: str,
    history: tuple[str, ...],
    db: str | None,
    mapping: str | None,
    people_file: str | None,
    as_of: str | None,
    rates: str | None,
    amount: str | None,
    arm: str | None,
    strict: bool,
    form: str,
    output: str | None,
) -> int:
    """Replay a history under OLD and NEW before NEW is published: whom would it hit?

    Shows which deals in flight would be newly blocked at their next gate, freed, or without a
    stage; which deals and reps would be flagged or cleared; what they are worth, and how they
    ended. Exit status: 0 no impact, 1 impact, 2 wrong input.

    \b
    playgate plan bank-sales-3.yaml bank-sales.yaml history.csv --people people.csv
    playgate plan bank-sales-3.yaml bank-sales.yaml --db deals.db --format markdown -o plan.md
    playgate plan active-sales.yaml active-sales.yaml history.csv --arm repeat-sooner
    """
    before, after = playbook_from(old), playbook_from(new)
    if arm is not None:
        before, after = replace(before, experiments=()), _with_change(after, arm)
    if (db is not None) == bool(history):
        raise InputError(
            "a plan needs a history, or a ledger",
            hint="playgate plan OLD NEW HISTORY…, or --db",
            code="usage",
        )
    try:
        worth = choose_amount(before, after, amount)
    except KeyError:
        numbers = [
            name
            for book in (before, after)
            for name, kind in book.fields.items()
            if kind.kind in ("number", "integer")
        ]
        message = f'--amount: "{amount}" is no field that is a number'
        raise InputError(message, hint=nearest(str(amount), numbers), code="unknown-name") from None
    instant = instant_of("--as-of", as_of, after.zone, end=True)
    with Spool(until=horizon()) as spool:
        given: People | None = None
        problems: list[Problem] = []
        if people_file is not None:
            given = read_people(people_file, problems.append)
        if db is not None:
            people, since, (before, after) = _from_ledger(spool, db, before, after)
            people = given or people
            problems += ahead_of(spool, ledger_sources(db_path(db)), instant)
        else:
            problems += fill(spool, history, mapping, as_of=instant)
            people, since = given, _no_gate
        if strict:
            refuse_problems(problems)
        replay = Replay(
            before,
            after,
            people=people,
            as_of=spool.latest if instant is None else instant,
            amount=worth,
            rates=read_rates(rates, after) if rates is not None else None,
            since=since,
        )
        with progress_bar("replaying", spool.events) as progress:
            replay.walk(spool.deals(), progress)
        plan = replay.result(how_many(problems))
    write(_render(plan, form, output), output)
    return FINDINGS if plan.impacts else CLEAN


def _no_gate(_: str) -> int | None:
    """Returns `None`, as files know no gate: what fell due before the move never refuses then."""
    return None


def _with_change(playbook: Playbook, experiment: str) -> Playbook:
    """Returns the version of a playbook that has an experiment's change."""
    found = {each.id: each.treated for each in playbook.experiments}
    treated = found.get(experiment)
    if treated is None:
        message = f'--arm: {playbook.file} has no experiment "{experiment}"'
        raise InputError(message, hint=nearest(experiment, found), code="unknown-name")
    return treated


def _from_ledger(
    spool: Spool, db: str, old: Playbook, new: Playbook
) -> tuple[People | None, Since, tuple[Playbook, Playbook]]:
    """Returns the ledger's deals under the playbook's name, in the words of its version OLD; and
    both versions, whose experiments know which deals it pinned to them."""
    with Ledger.open(db_path(db)) as ledger, ledger.reading():
        live = Live(ledger, now=now())
        rows = [row for row in ledger.playbooks.all() if row.name == old.name]
        if not rows:
            raise InputError(f"{ledger.path} has no deal under {old.name}", code="no-deal")
        for row in rows:
            into = translator(live.playbook(row.sha256), old, drop=False)
            spool.extend(into(ledger.events.of_playbook(row.sha256)))
            for deal in ledger.deals.under(row.sha256, migrated=True):
                spool.extend(into(live.events(deal)))
        decided = ledger.deals.first_decisions()
        pinned = with_pinned(live, old), with_pinned(live, new)
        return ledger.people.all(), decided.get, pinned


def _render(plan: Plan, form: str, output: str | None) -> Iterator[str]:
    match form:
        case "json":
            from playgate.report import plan_json

            return plan_json.render(plan)
        case "markdown":
            from playgate.report.plan_text import render_markdown

            return render_markdown(plan)
    from playgate.report import plan_text

    return plan_text.render(plan, width=width(output), colour=colour_wanted(output))
