"""`playgate leads`: lists of prospects, whose they are, and who calls whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import click

from playgate.auditing.reading import refuse_problems
from playgate.cli.clock import now
from playgate.cli.errors import CLEAN, FINDINGS
from playgate.cli.language import lang_option
from playgate.cli.leads_plan import named_plan
from playgate.cli.numbers import CountedHistory, opened, refuse_counted
from playgate.cli.options import (
    FILE,
    FORMS_AND_BOOK,
    as_of_option,
    form_of,
    map_option,
    output_option,
    people_option,
    strict_option,
)
from playgate.cli.output import check_book, colour_wanted, width, write, write_book, write_exactly
from playgate.cli.requests import read_pair
from playgate.cli.when import instant_of
from playgate.errors import InputError
from playgate.history.event import Event, Problem, how_many
from playgate.history.people import read_people, those_called
from playgate.history.write import write_events, write_history
from playgate.leads.result import LeadsResult
from playgate.model.playbook import Playbook

__all__ = ["command"]


@click.command("leads")
@click.argument("playbook", metavar="PLAYBOOK", type=FILE)
@click.argument("prospects", metavar="PROSPECTS", type=FILE)
@click.option(
    "--clients", multiple=True, metavar="FILE", type=FILE, help="The firms that are clients."
)
@click.option(
    "--history", multiple=True, metavar="FILE", type=FILE, help="The deals that are worked on."
)
@click.option(
    "--db",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    type=FILE,
    help="The deals of a ledger instead.",
)
@map_option
@people_option
@as_of_option
@strict_option
@click.option("--rep", "rep", metavar="ACTOR", help="The list of one rep.")
@click.option(
    "--signed-by",
    "signer",
    metavar="ACTOR",
    help="Write the proposal as events of a history, decided by ACTOR.",
)
@click.option(
    "--pass-on",
    "passed_on",
    multiple=True,
    metavar="DEAL=REP",
    help="With --signed-by: a deal that was worked on for too long passes to another rep.",
)
@form_of(FORMS_AND_BOOK)
@lang_option
@output_option
def command(
    playbook: str,
    prospects: str,
    clients: tuple[str, ...],
    history: tuple[str, ...],
    db: str | None,
    mapping: str | None,
    people_file: str | None,
    as_of: str | None,
    strict: bool,
    rep: str | None,
    signer: str | None,
    passed_on: tuple[str, ...],
    form: str,
    output: str | None,
) -> int:
    """Look at a list of prospects by NAME.leads.yaml beside the playbook: what is missing, who is
    known already, whom to call first, and who might call.

    Exit status: 0 clean, 1 the list is shorter than it must be, 2 wrong input.

    \b
    playgate leads active-sales.yaml prospects.csv --clients clients.csv --people people.csv
    playgate leads active-sales.yaml prospects.csv --history history.csv --rep k.ozols
    playgate leads active-sales.yaml prospects.csv --people people.csv --signed-by d.head
    """
    # Only here: help and completion can do without.
    from playgate.leads.listing import list_leads
    from playgate.leads.rows import read_firms

    if form == "xlsx" and signer is None:
        check_book(output)
    found, plan = named_plan(playbook)
    problems: list[Problem] = []
    firms = read_firms(prospects, plan, problems.append)
    known = [firm for file in clients for firm in read_firms(file, plan, problems.append)]
    people = read_people(people_file, problems.append) if people_file else None
    if strict:
        refuse_problems(problems)
    with _history(found, history, db, mapping, as_of, strict=strict) as source:
        at = instant_of("--as-of", as_of, found.zone, end=True)
        if at is None and source is not None:
            at = source.history.latest if source.as_of is None else source.as_of
        people = people or (source.people if source else None)
        result = list_leads(
            plan,
            found,
            firms,
            known,
            history=source.history if source else None,
            people=people,
            as_of=now() if at is None else at,
            problems=how_many([*problems, *(source.problems if source else ())]),
        )
    refuse_counted(result.problems, strict=strict)
    if signer is not None:
        from playgate.leads.signed import check_signer, signed

        check_signer(signer, found, people)
        wishes = dict(read_pair(text, "--pass-on", "DEAL=REP", "D-12=ann") for text in passed_on)
        _write_events(list(signed(result, found, signer, wishes)), output)
    elif passed_on:
        raise InputError("--pass-on is a decision", hint="say whose: --signed-by", code="usage")
    else:
        _show(result, _one(result, rep), form, output)
    return FINDINGS if result.is_short else CLEAN


@contextmanager
def _history(
    playbook: Playbook,
    files: tuple[str, ...],
    db: str | None,
    mapping: str | None,
    as_of: str | None,
    *,
    strict: bool,
) -> Iterator[CountedHistory | None]:
    """Opens the deals that are worked on, where any are named."""
    if not files and db is None:
        yield None
        return
    with opened(
        playbook=playbook.file,
        history=files,
        db=db,
        mapping=mapping,
        people_file=None,
        rates=None,
        as_of=as_of,
        strict=strict,
        period="",
    ) as source:
        yield source


def _one(result: LeadsResult, rep: str | None) -> str:
    """Returns the rep whose list is asked for, by id or name; empty where the head's is."""
    if rep is None:
        return ""
    return those_called(rep, {each.rep: each.name for each in result.due})[0]


def _write_events(events: list[Event], output: str | None) -> None:
    if output not in (None, "-"):
        write_history(str(output), [events])
        return
    text = StringIO(newline="")
    write_events(text, [events], as_json=False)
    write_exactly(text.getvalue(), None)


def _show(result: LeadsResult, rep: str, form: str, output: str | None) -> None:
    match form:
        case "xlsx":
            from playgate.report import leads_sheets

            write_book(leads_sheets.book(result, rep), output)
        case "json":
            from playgate.report import leads_json

            write(leads_json.render(result, rep), output)
        case "csv":
            from playgate.report import leads_csv

            write(leads_csv.render(result, rep), output)
        case "markdown":
            from playgate.report import leads_text

            write(leads_text.render_markdown(result, rep), output)
        case _:
            from playgate.report import leads_text

            colour = colour_wanted(output)
            write(leads_text.render(result, rep, width=width(output), colour=colour), output)
