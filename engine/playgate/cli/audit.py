"""`playgate audit`: judge a whole history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

import click

from playgate.audit.parts import audit_parts
from playgate.audit.result import AuditResult
from playgate.audit.run import Audit, audit_spool
from playgate.audit.selection import Selection
from playgate.audit.verdict_rows import VerdictSink
from playgate.cli import completing
from playgate.cli.audit_ledger import audit_ledger
from playgate.cli.clock import horizon
from playgate.cli.errors import CLEAN, FINDINGS
from playgate.cli.load import playbook_from
from playgate.cli.options import (
    FILE,
    as_of_option,
    map_option,
    output_option,
    people_option,
    strict_option,
)
from playgate.cli.output import colour_wanted, width, write
from playgate.cli.reading import fill, processes, progress_bar, refuse_problems
from playgate.cli.requests import db_path
from playgate.cli.select import check_deals, check_rules, find_actors, instant_of
from playgate.cli.verdicts import verdicts_option, verdicts_to
from playgate.errors import InputError
from playgate.findings import LEVELS
from playgate.history.event import Problem
from playgate.history.part import PartOfDeals
from playgate.history.people import People, read_people
from playgate.history.spool import Spool
from playgate.model.playbook import Playbook
from playgate.records import replace

__all__ = ["command"]

_FORMATS = ("text", "json", "ndjson", "csv", "markdown", "sarif", "junit")
_IN_PLACE = ("auto", "judge")
_SHOWN = ("text", "markdown")
"""The formats for people, who are shown the first findings and the counts of the rest."""


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
    help="What judges: judge, duckdb, or an engine's address such as postgres://host/db; "
    "auto takes DuckDB, where installed, for what is large.",
)
@click.option("--table", metavar="NAME", help="The history is this table at the engine's address.")
@verdicts_option
@strict_option
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default="text", help="How to show the result."
)
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
    if (table is not None) > (engine not in _IN_PLACE):
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
    instant = instant_of("--as-of", as_of, zone, end=True)
    start = instant_of("--since", since, zone, end=False)
    people, problems = _people(people_file)
    with verdicts_to(verdicts) as sink:
        if db is not None or loaded is None:
            result = audit_ledger(
                db_path(db),
                playbook=loaded,
                under=under,
                people=people,
                as_of=instant,
                since=start,
                deals=deals,
                reps=reps,
                rules=rules,
                verdicts=sink,
            )
        else:
            check_rules(rules, loaded)
            found = None
            if engine not in _IN_PLACE or (engine == "auto" and not (strict or jobs)):
                found = _by_engine(
                    loaded,
                    history,
                    engine=engine,
                    table=table,
                    mapping=mapping,
                    people=people,
                    as_of=instant,
                    problems=problems,
                    shown=form in _SHOWN and not strict,
                    verdicts=sink,
                    selection=Selection(
                        deals=frozenset(deals), actors=frozenset(reps), rules=rules, since=start
                    ),
                )
            result = found or _by_judge(
                loaded,
                history,
                mapping=mapping,
                people=people,
                as_of=instant,
                problems=problems,
                jobs=jobs,
                strict=strict,
                deals=deals,
                reps=reps,
                stable_ids=form not in _SHOWN,
                selection=Selection(rules=rules, since=start),
                verdicts=sink,
            )
        if strict:
            refuse_problems(result.problems)
    write(_render(result, form, output), output)
    return _status(result, fail_on)


def _by_engine(
    playbook: Playbook,
    history: tuple[str, ...],
    *,
    engine: str,
    table: str | None,
    mapping: str | None,
    people: People | None,
    as_of: int | None,
    problems: list[Problem],
    selection: Selection,
    shown: bool,
    verdicts: VerdictSink | None,
) -> AuditResult | None:
    """Returns the audit by a relational engine, or `None` where `auto` leaves it to the judge."""
    from playgate.cli.audit_bulk import BulkAudit, is_worth_it

    if engine == "auto" and not is_worth_it(history):
        return None
    audit = BulkAudit(
        playbook=playbook,
        history=history,
        mapping=mapping,
        people=people,
        as_of=as_of,
        selection=selection,
        problems=problems,
        shown=shown,
        verdicts=verdicts,
    )
    return audit.if_possible() if engine == "auto" else audit.by(engine, table)


def _by_judge(
    playbook: Playbook,
    history: tuple[str, ...],
    *,
    mapping: str | None,
    people: People | None,
    as_of: int | None,
    problems: list[Problem],
    jobs: int | None,
    strict: bool,
    deals: tuple[str, ...],
    reps: tuple[str, ...],
    stable_ids: bool,
    selection: Selection,
    verdicts: VerdictSink | None,
) -> AuditResult:
    """Returns the audit deal by deal, by several processes where that is worth it."""
    if not (deals or reps or strict) and (shared := processes(jobs, history)) > 1:
        return _shared(
            playbook,
            history,
            mapping,
            problems,
            people=people,
            as_of=as_of,
            jobs=shared,
            stable_ids=stable_ids,
            selection=selection,
            verdicts=verdicts,
        )
    with Spool(until=horizon()) as spool:
        problems += fill(spool, history, mapping, as_of=as_of, stable_ids=stable_ids)
        if strict:
            refuse_problems(problems)
        check_deals(deals, spool)
        actors = find_actors(reps, spool, people)
        with progress_bar("judging", spool.events) as progress:
            return audit_spool(
                playbook,
                spool,
                people=people,
                as_of=as_of,
                sources=history,
                problems=problems,
                selection=replace(selection, deals=frozenset(deals), actors=actors),
                verdicts=verdicts,
                progress=progress,
            )


def _shared(
    playbook: Playbook,
    history: tuple[str, ...],
    mapping: str | None,
    problems: list[Problem],
    *,
    people: People | None,
    as_of: int | None,
    selection: Selection,
    verdicts: VerdictSink | None,
    jobs: int,
    stable_ids: bool,
) -> AuditResult:
    """Returns the audit, shared by several processes."""

    def read(spool: Spool, part: PartOfDeals, first: bool) -> list[Problem]:
        found = fill(
            spool, history, mapping, as_of=as_of, part=part, quiet=not first, stable_ids=stable_ids
        )
        return problems + found if first else found

    def start(as_of: int | None, sink: VerdictSink | None) -> Audit:
        return Audit(
            playbook,
            people=people,
            as_of=as_of,
            sources=history,
            selection=selection,
            verdicts=sink,
        )

    return audit_parts(
        read, start, jobs=jobs, as_of=as_of, until=horizon(), verdicts=verdicts, watch=progress_bar
    )


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
