"""`playgate today`: one screen for the morning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playgate.auditing.reading import refuse_problems
from playgate.cli.language import lang_option
from playgate.cli.numbers import CountedHistory, count, inputs, opened, show
from playgate.cli.options import FILE, output_option, strict_option
from playgate.cli.output import write
from playgate.cli.sessions import held_sessions, sessions_option
from playgate.errors import InputError
from playgate.history.event import Problem

if TYPE_CHECKING:
    from playgate.numbers.survey import Survey
    from playgate.numbers.today_result import Calls

__all__ = ["command"]


@click.command("today")
@inputs
@click.option("--rep", "rep", metavar="ACTOR", required=True, help="Whose morning: id or name.")
@click.option(
    "--prospects",
    metavar="FILE",
    type=FILE,
    help="Whom to call: a list of prospects, by NAME.leads.yaml beside the playbook.",
)
@click.option(
    "--clients", multiple=True, metavar="FILE", type=FILE, help="The firms that are clients."
)
@sessions_option
@strict_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html", "csv", "markdown"]),
    default="text",
    help="How to show it; html is for an e-mail, too.",
)
@lang_option
@output_option
def command(
    rep: str,
    prospects: str | None,
    clients: tuple[str, ...],
    sessions: str | None,
    strict: bool,
    form: str,
    output: str | None,
    **given: Any,
) -> None:
    """Show one rep the day: deals with a next step, whom to call, the week's plan against what is
    done, and one question to think about.

    \b
    playgate today bank-sales.yaml history.csv --people people.csv --rep d.okafor
    playgate today active-sales.yaml history.csv --rep r04 --prospects prospects.csv
    playgate today --db playgate.db --rep ann --format html -o ann.html
    """
    from playgate.numbers.narrow import choose
    from playgate.numbers.person_goals import work_of_all
    from playgate.numbers.today import today

    if clients and prospects is None:
        raise InputError("--clients goes with --prospects", hint="name the list", code="usage")
    with opened(strict=strict, **given) as source:
        found = count(source, period="", strict=strict)
        others = [each.id for each in work_of_all(found)]
        (actor,) = choose(found, (rep,), (), others=others).reps
        result = today(
            found,
            source.history,
            actor,
            people=source.people,
            sessions=held_sessions(sessions, found),
            calls=_calls(source, found, actor, prospects, clients, strict=strict),
            rates=source.rates,
        )
    if form == "html":
        from playgate.report import today_html

        write(today_html.render(result), output)
        return
    show(result, form, output)


def _calls(
    source: CountedHistory,
    found: Survey,
    actor: str,
    prospects: str | None,
    clients: tuple[str, ...],
    *,
    strict: bool,
) -> Calls | None:
    """Returns whom to call, where a plan of leads stands beside the playbook."""
    from playgate.cli.leads_plan import has_plan, plan_beside
    from playgate.leads.calls import calls_of
    from playgate.leads.listing import list_leads
    from playgate.leads.rows import read_firms

    if prospects is None and not has_plan(source.playbook):
        return None
    plan = plan_beside(source.playbook)
    problems: list[Problem] = []
    firms = read_firms(prospects, plan, problems.append) if prospects else []
    known = [firm for file in clients for firm in read_firms(file, plan, problems.append)]
    if strict:
        refuse_problems(problems)
    result = list_leads(
        plan,
        source.playbook,
        firms,
        known,
        history=source.history,
        people=source.people,
        as_of=found.as_of,
        problems=0,
    )
    return calls_of(plan, result, actor)
