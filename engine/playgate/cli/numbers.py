"""What the commands of the numbers share: what they read, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from playgate.auditing.column_history import column_history
from playgate.auditing.ledger_history import spool_ledger
from playgate.auditing.reading import ahead_of, ledger_sources, refuse_problems
from playgate.cli.clock import horizon, now
from playgate.cli.errors import say_fault
from playgate.cli.language import lang_option
from playgate.cli.load import mapping_from, playbook_from
from playgate.cli.options import (
    FILE,
    FORMS,
    as_of_option,
    form_of,
    map_option,
    output_option,
    people_option,
    rates_option,
    strict_option,
)
from playgate.cli.output import colour_wanted, width, write, write_book
from playgate.cli.reading import fill, progress_bar
from playgate.cli.requests import db_path
from playgate.cli.when import instant_of
from playgate.documents.document import Document
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.money import Rates
from playgate.history.people import People, read_people
from playgate.history.rates import read_rates
from playgate.history.spool import Spool
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook

if TYPE_CHECKING:
    from playgate.columns.history import ColumnHistory
    from playgate.numbers.forecast.result import Forecast
    from playgate.numbers.practices.result import Practices
    from playgate.numbers.survey import Survey
    from playgate.report.numbers_json import NumbersResult

__all__ = [
    "CountedHistory",
    "count",
    "inputs",
    "narrowing",
    "opened",
    "read",
    "refuse_counted",
    "show",
    "show_or_book",
    "source",
]

_Options = Callable[..., Any]


def inputs(command: _Options, *, rates: bool = True) -> _Options:
    """Adds the arguments and options that say what is read; `rates` are asked for where currencies
    are made one."""
    options = (
        click.argument("playbook", required=False, metavar="PLAYBOOK", type=FILE),
        click.argument("history", nargs=-1, metavar="HISTORY…", type=FILE),
        click.option(
            "--db",
            is_flag=False,
            flag_value="",
            metavar="[FILE]",
            type=FILE,
            help="Count a ledger's deals instead of files'.",
        ),
        map_option,
        people_option,
        *((rates_option,) if rates else ()),
        as_of_option,
    )
    return _with(options, command)


def source(
    command: _Options,
    *,
    rates: bool = True,
    period: bool = True,
    forms: Sequence[str] = FORMS,
    by_default: str = "each KPI's own, else the whole history",
) -> _Options:
    """Adds the arguments and options that say what is read, and how the result is shown, in one of
    these `forms`; `by_default` is the period without one that is named."""
    of_period = (
        click.option(
            "--period",
            default="",
            metavar="PERIOD",
            help="Such as 2026-Q2, 2026-05, 2026-01-01..2026-03-31 or 'last 90 days' "
            f"(default: {by_default}).",
        ),
    )
    options = (
        *(of_period if period else ()),
        strict_option,
        form_of(forms),
        lang_option,
        output_option,
    )
    return inputs(_with(options, command), rates=rates)


def _with(options: Sequence[_Options], command: _Options) -> _Options:
    for option in reversed(options):
        command = option(command)
    return command


def narrowing(command: _Options) -> _Options:
    """Adds the options that say who is shown."""
    rep = click.option(
        "--rep", "reps", multiple=True, metavar="ACTOR", help="Only this rep (id or name)."
    )
    team = click.option("--team", "teams", multiple=True, metavar="TEAM", help="Only this team.")
    return rep(team(command))


class CountedHistory(NamedTuple):
    """What is counted: by which playbook, for whom, as of when."""

    playbook: Playbook
    history: Spool | ColumnHistory
    people: People | None
    as_of: int | None
    problems: list[Problem]
    rates: Rates | None
    document: Document | None = None
    """The one that the playbook was read from, where a ledger keeps it."""


@contextmanager
def opened(
    *,
    playbook: str | None,
    history: tuple[str, ...],
    db: str | None,
    mapping: str | None,
    people_file: str | None,
    as_of: str | None,
    strict: bool,
    rates: str | None,
    period: str = "",
    refuse: Callable[[Playbook], object] | None = None,
) -> Iterator[CountedHistory]:
    """Opens the events of files or of a ledger, for as long as the context lasts.

    `refuse` raises `InputError` for a playbook that does not declare what is asked for; it is asked
    before any event is read.
    """
    if (db is not None) == bool(history) or (db is None and playbook is None):
        name = click.get_current_context().info_name
        hint = f"playgate {name} PLAYBOOK HISTORY…, or playgate {name} --db FILE [PLAYBOOK]"
        raise InputError(
            "the numbers need a playbook and a history, or a ledger", hint=hint, code="usage"
        )
    loaded = playbook_from(playbook) if playbook is not None else None
    problems: list[Problem] = []
    columns: ColumnHistory | None = None
    document: Document | None = None
    people = read_people(people_file, problems.append) if people_file else None

    def check(playbook: Playbook) -> None:
        if period:
            # Only here: it imports scipy, which not all that reads a history needs.
            from playgate.numbers.survey import check_period

            check_period(period, playbook.zone)
        if refuse is not None:
            refuse(playbook)

    with Spool(until=horizon()) as spool:
        if db is not None or loaded is None:
            with Ledger.open(db_path(db)) as ledger:
                kept = spool_ledger(ledger, spool, now=now(), playbook=loaded, check=check)
            loaded, document, latest = kept.playbook, kept.document, kept.latest
            people = people or kept.people
            instant = _as_of(as_of, loaded)
            problems += ahead_of(spool, ledger_sources(db_path(db)), instant)
        else:
            check(loaded)
            instant, latest = _as_of(as_of, loaded), None
            columns = column_history(
                history,
                mapping_from(mapping) if mapping else None,
                until=horizon(),
                as_of=instant,
                problems=problems,
                on_fault=say_fault,
            )
            if columns is None:
                problems += fill(spool, history, mapping, as_of=instant)
        if strict:
            refuse_problems(problems)
        instant = latest if instant is None else instant
        known = read_rates(rates, loaded) if rates is not None else None
        history_read = columns or spool
        yield CountedHistory(loaded, history_read, people, instant, problems, known, document)


def read(*, period: str, strict: bool, **given: Any) -> Survey:
    """Counts everything, from files or from a ledger."""
    with opened(strict=strict, period=period, **given) as source:
        return count(source, period=period, strict=strict)


def count(source: CountedHistory, *, period: str, strict: bool) -> Survey:
    """Counts everything in a history that is open."""
    # Only here: it imports scipy, which help and completion can do without.
    from playgate.numbers.survey import survey

    with progress_bar("counting", source.history.events) as progress:
        found = survey(
            source.playbook,
            source.history,
            people=source.people,
            as_of=source.as_of,
            period=period,
            problems=source.problems,
            rates=source.rates,
            progress=progress,
        )
    refuse_counted(found.basis.problems, strict=strict)
    return found


def refuse_counted(problems: int, *, strict: bool) -> None:
    """Raises `InputError` where `--strict` is given and what was counted has problems, those of
    rows that were read as well."""
    if strict and problems:
        said = f"{problems:,} problem{'s' * (problems > 1)}"
        message = f"{said} with the data, and --strict lets none pass"
        raise InputError(message, hint="playgate audit shows them", code="strict")


def _as_of(text: str | None, playbook: Playbook) -> int | None:
    return instant_of("--as-of", text, playbook.zone, end=True)


def show_or_book(result: Forecast | Practices, form: str, output: str | None) -> None:
    """Writes a result as a workbook, or in another form that was asked for."""
    if form != "xlsx":
        show(result, form, output)
        return
    from playgate.report.numbers_sheets import book

    write_book(book(result), output)


def show(result: NumbersResult, form: str, output: str | None) -> None:
    """Writes a result in the form that was asked for."""
    match form:
        case "json":
            from playgate.report import numbers_json

            write(numbers_json.render(result), output)
        case "csv":
            from playgate.report import numbers_csv

            write(numbers_csv.render(result), output)
        case "markdown":
            from playgate.report import numbers_text

            write(numbers_text.render_markdown(result), output)
        case _:
            from playgate.report import numbers_text

            colour = colour_wanted(output)
            write(numbers_text.render(result, width=width(output), colour=colour), output)
