"""`playgate audit`: judge a whole history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

import click

from playgate.audit.result import AuditResult
from playgate.audit.verified import Verified
from playgate.auditing.memory import bytes_of
from playgate.auditing.of_history import IN_PLACE, HistoryAudit
from playgate.auditing.of_ledger import audit_ledger
from playgate.auditing.reading import refuse_problems, uncollected
from playgate.auditing.select import Scope
from playgate.cli import completing
from playgate.cli.clock import now
from playgate.cli.door import tell
from playgate.cli.errors import CLEAN, FINDINGS, WRONG, say_fault
from playgate.cli.language import lang_option
from playgate.cli.load import mapping_from, playbook_from
from playgate.cli.options import (
    FILE,
    as_of_option,
    map_option,
    output_option,
    people_option,
    strict_option,
)
from playgate.cli.output import check_book, colour_wanted, width, write, write_book
from playgate.cli.reading import progress_bar
from playgate.cli.requests import db_path
from playgate.cli.verdicts import verdicts_option, verdicts_to
from playgate.cli.when import instant_of
from playgate.errors import InputError
from playgate.findings import LEVELS
from playgate.history.event import Problem
from playgate.history.people import People, read_people
from playgate.ledger.store import Ledger

__all__ = ["command"]

_FORMATS = ("text", "json", "ndjson", "csv", "markdown", "sarif", "junit", "xlsx")
_SHOWN = ("text", "markdown")
"""The formats for people, who are shown the first findings and the counts of the rest."""


def _verified(_: click.Context, __: click.Parameter, told: str) -> Verified:
    """Returns of how many events the deals are judged twice."""
    if told == "all":
        return None
    if told == "some":
        return "some"
    if not (told.isascii() and told.isdigit()):
        raise click.BadParameter(f'"{told}" is no number of events, nor "some" or "all"')
    return int(told)


@click.command("audit")
@click.argument("playbook", required=False, metavar="PLAYBOOK", type=FILE)
@click.argument("history", nargs=-1, metavar="HISTORY…", type=FILE)
@click.option(
    "--db",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    type=FILE,
    help="Audit a ledger instead of files; each deal is judged by its own version.",
)
@click.option(
    "--under",
    metavar="VERSION",
    help="With --db: judge every deal by this published version (NAME@VERSION) instead.",
)
@map_option
@people_option
@as_of_option
@click.option(
    "--fail-on",
    type=click.Choice([*LEVELS, "never"]),
    default="block",
    show_default=True,
    help="Exit with 1 where a finding at or above this level is unmet.",
)
@click.option(
    "--deal",
    "deals",
    multiple=True,
    metavar="DEAL",
    shell_complete=completing.deals,
    help="Only this deal.",
)
@click.option(
    "--rep",
    "reps",
    multiple=True,
    metavar="ACTOR",
    shell_complete=completing.actors,
    help="Only what is charged to this rep.",
)
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="GLOB",
    shell_complete=completing.rules,
    help="Only rules that match.",
)
@click.option("--since", metavar="T", help="Only what was done then or later.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Processes that share the work (default: as many as processors, for a large history).",
)
@click.option(
    "--engine",
    default="auto",
    metavar="ENGINE",
    show_default=True,
    help="What judges: judge, columns, duckdb, or an engine's address such as postgres://host/db; "
    "auto takes columns, where installed, for what is large.",
)
@click.option(
    "--verify",
    default="some",
    callback=_verified,
    metavar="EVENTS",
    show_default=True,
    help="Columns: of how many events the deals are judged by the judge as well, or all; some are "
    "one event in 200, from 2000 to 20000.",
)
@click.option(
    "--memory",
    default="1GiB",
    callback=lambda _, __, told: bytes_of(told),
    metavar="SIZE",
    show_default=True,
    help="Columns: what the rows of the history take at most; beyond it they wait on disk, in the "
    "folder that TMPDIR names.",
)
@click.option("--table", metavar="NAME", help="The history is this table at the engine's address.")
@verdicts_option
@strict_option
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default="text", help="How to show the result."
)
@lang_option
@output_option
def command(
    playbook: str | None,
    history: tuple[str, ...],
    db: str | None,
    under: str | None,
    mapping: str | None,
    people_file: str | None,
    as_of: str | None,
    fail_on: str,
    deals: tuple[str, ...],
    reps: tuple[str, ...],
    rules: tuple[str, ...],
    since: str | None,
    jobs: int | None,
    engine: str,
    verify: Verified,
    memory: int,
    table: str | None,
    verdicts: str | None,
    strict: bool,
    form: str,
    output: str | None,
) -> int:
    """Judge every deal of a history against a playbook; "-" reads standard input.

    Exit status: 0 clean, 1 findings at or above --fail-on, 2 wrong input.

    \b
    playgate audit bank-sales.yaml history.csv --people people.csv
    playgate audit loan-application.yaml log.xes.gz --map bpic2012 --fail-on never
    playgate audit bank-sales.yaml history.csv --rep ann --since 2026-07-01 --format json
    playgate audit bank-sales.yaml history.parquet
    playgate audit --db playgate.db --fail-on warn
    playgate audit --db --under bank-sales@4
    """
    if form == "xlsx":
        check_book(output)
    if (table is not None) > (engine not in IN_PLACE):
        raise InputError(
            "--table needs --engine", hint="--engine postgres://host/database", code="usage"
        )
    if under is not None and (db is None or playbook is not None):
        raise InputError(
            "--under goes with --db and no PLAYBOOK", hint="audit --db --under 4", code="usage"
        )
    sources = sum((db is not None, bool(history), table is not None))
    if sources != 1 or (db is None and playbook is None):
        hint = "playgate audit PLAYBOOK HISTORY…, or playgate audit --db FILE [PLAYBOOK]"
        raise InputError(
            "an audit needs a playbook and a history, or a ledger", hint=hint, code="usage"
        )
    loaded = playbook_from(playbook) if playbook is not None else None
    zone = loaded.zone if loaded else UTC
    people, problems = _people(people_file)
    scope = Scope(
        now=now(),
        people=people,
        as_of=instant_of("--as-of", as_of, zone, end=True),
        since=instant_of("--since", since, zone, end=False),
        deals=deals,
        reps=reps,
        rules=rules,
    )
    with verdicts_to(verdicts) as sink:
        if db is not None or loaded is None:
            with Ledger.open(db_path(db), reading=True) as ledger:
                if ledger.note:
                    tell(f"note: {ledger.note}")
                result = audit_ledger(
                    ledger,
                    scope,
                    playbook=loaded,
                    under=under,
                    engine=engine,
                    shown=form in _SHOWN and not strict,
                    verdicts=sink,
                    watch=progress_bar,
                    memory=memory,
                    on_fault=say_fault,
                )
            if strict:
                refuse_problems(result.problems)
        else:
            result = HistoryAudit(
                playbook=loaded,
                scope=scope,
                history=history,
                mapping=mapping_from(mapping) if mapping else None,
                problems=problems,
                engine=engine,
                table=table,
                jobs=jobs,
                strict=strict,
                shown=form in _SHOWN,
                verdicts=sink,
                watch=progress_bar,
                verified=verify,
                memory=memory,
                on_fault=say_fault,
            ).run()
    with uncollected():
        if form == "xlsx":
            from playgate.report.audit_sheets import book

            write_book(book(result), output)
        else:
            write(_render(result, form, output), output)
    if db is None and as_of is None and not result.history.deals:
        tell("error: no deal could be judged")
        return WRONG
    return _status(result, fail_on)


def _people(file: str | None) -> tuple[People | None, list[Problem]]:
    problems: list[Problem] = []
    return (read_people(file, problems.append) if file else None), problems


def _render(result: AuditResult, form: str, output: str | None) -> Iterator[str]:
    match form:
        case "json":
            from playgate.report.audit_json import render
        case "ndjson":
            from playgate.report.audit_ndjson import render
        case "csv":
            from playgate.report.audit_csv import render
        case "markdown":
            from playgate.report.audit_markdown import render
        case "sarif":
            from playgate.report.audit_sarif import render
        case "junit":
            from playgate.report.audit_junit import render
        case _:
            from playgate.report import audit_text

            colour = colour_wanted(output)
            return audit_text.render(result, width=width(output), colour=colour)
    return render(result)


def _status(result: AuditResult, fail_on: str) -> int:
    worst = result.worst()
    if fail_on == "never" or worst is None:
        return CLEAN
    order: tuple[str, ...] = LEVELS
    return FINDINGS if order.index(worst) <= order.index(fail_on) else CLEAN
