"""`playgate pay`: what each rep is paid, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from playgate.cli.clock import now
from playgate.cli.numbers import opened, refuse_counted, source
from playgate.cli.options import FILE, FORMS_AND_BOOK, by_option
from playgate.cli.output import check_book, colour_wanted, width, write, write_book
from playgate.cli.reading import progress_bar
from playgate.cli.requests import actor_or_user, db_path, read_pair
from playgate.documents.yaml12 import read_bytes
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.pay.model import PayPlan
from playgate.pay.read import parse_pay
from playgate.pay.result import PayResult
from playgate.playbook.beside import PAY, plan_beside

__all__ = ["command"]


@click.command("pay")
@partial(source, rates=False, period=False, forms=FORMS_AND_BOOK)
@click.option(
    "--period",
    default="",
    metavar="PERIOD",
    help="Such as 2026-Q2, 2026-05 or 2026-01-01..2026-03-31 (default: the running one, so far).",
)
@click.option("--plan", metavar="FILE", type=FILE, help="The plan, in place of the one beside it.")
@click.option("--rep", "reps", multiple=True, metavar="ACTOR", help="Only this rep (id or name).")
@click.option(
    "--what-if",
    "wishes",
    multiple=True,
    metavar="DEAL=STAGE",
    help="Suppose that a deal came into a stage, or was won or lost.",
)
@click.option(
    "--keep",
    is_flag=True,
    help="Keep the statements of a period that is over in the ledger; later ones correct them.",
)
@by_option
def command(
    plan: str | None,
    reps: tuple[str, ...],
    wishes: tuple[str, ...],
    form: str,
    output: str | None,
    period: str,
    keep: bool,
    by: str | None,
    **given: Any,
) -> None:
    """Show what each rep is paid, so that each can recompute it: by NAME.pay.yaml beside the
    playbook.

    \b
    playgate pay bank-sales.yaml history.csv --people people.csv
    playgate pay bank-sales.yaml history.csv --rep a.morel --period 2026-05
    playgate pay bank-sales.yaml history.csv --rep a.morel --what-if BK-1012=won
    playgate pay bank-sales.yaml --db deals.db --period 2026-05 --keep
    """
    # Only here: help and completion can do without.
    from playgate.pay.kept import KeptPay
    from playgate.pay.statements import statements

    supposed = dict(read_pair(text, "--what-if", "DEAL=STAGE", "D-12=won") for text in wishes)
    if keep:
        _check_keeping(given["db"], wishes)
    if form == "xlsx":
        check_book(output)
    plans: list[PayPlan] = []
    with (
        opened(
            refuse=lambda playbook: plans.append(_plan(plan, playbook)),
            period="",
            rates=None,
            **given,
        ) as source,
        _ledger(given["db"]) as ledger,
        progress_bar("reckoning", source.history.events) as progress,
    ):
        kept = None
        if ledger is not None:
            kept = KeptPay(ledger.statements, plans[0], source.playbook.sha256)
        found = statements(
            plans[0],
            source.playbook,
            source.history,
            people=source.people,
            as_of=source.as_of,
            period=period,
            reps=reps,
            wishes=supposed,
            problems=source.problems,
            kept=kept,
            progress=progress,
        )
        refuse_counted(found.problems, strict=given["strict"])
        if keep and ledger is not None:
            found = _kept(ledger, found, plans[0], source.playbook, by)
    _show(found, form, output)


def _check_keeping(db: str | None, wishes: tuple[str, ...]) -> None:
    if db is None:
        hint = "playgate pay PLAYBOOK --db FILE --period 2026-05 --keep"
        raise InputError("statements are kept in a ledger", hint=hint, code="usage")
    if wishes:
        hint = "leave --what-if or --keep out"
        raise InputError("what is only supposed is not kept", hint=hint, code="usage")


@contextmanager
def _ledger(db: str | None) -> Iterator[Ledger | None]:
    """Opens the ledger whose deals are counted, for what it keeps of pay."""
    if db is None:
        yield None
        return
    with Ledger.open(db_path(db)) as ledger:
        yield ledger


def _kept(
    ledger: Ledger, found: PayResult, plan: PayPlan, playbook: Playbook, by: str | None
) -> PayResult:
    """Keeps statements, and returns them as they stand from now on."""
    from playgate.pay.kept import as_kept, check_whole, keep

    check_whole(found, plan, playbook)
    at = now()
    with ledger.writing():
        keep(ledger.statements, found, at=at, actor=actor_or_user(by))
    return as_kept(found, at)


def _plan(file: str | None, playbook: Playbook) -> PayPlan:
    """Returns the plan in a file, or the one beside the playbook; raises `InputError` with all its
    mistakes where it has any."""
    path = Path(file) if file else _beside(playbook)
    found, mistakes = parse_pay(read_bytes(path), str(path), playbook)
    if found is None:
        raise InputError(mistakes=[each for each in mistakes if each.level == "error"])
    return found


def _beside(playbook: Playbook) -> Path:
    if not playbook.file:
        raise InputError("a ledger keeps no pay", hint="name the plan with --plan", code="usage")
    return plan_beside(Path(playbook.file), playbook.name, PAY, hint="--plan FILE")


def _show(result: PayResult, form: str, output: str | None) -> None:
    match form:
        case "xlsx":
            from playgate.report import pay_sheets

            write_book(pay_sheets.book(result), output)
        case "json":
            from playgate.report import pay_json

            write(pay_json.render(result), output)
        case "csv":
            from playgate.report import pay_csv

            write(pay_csv.render(result), output)
        case "markdown":
            from playgate.report import pay_text

            write(pay_text.render_markdown(result), output)
        case _:
            from playgate.report import pay_text

            colour = colour_wanted(output)
            write(pay_text.render(result, width=width(output), colour=colour), output)
