"""`playgate pay`: what each rep is paid, line by line."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from playgate.cli.numbers import opened, refuse_counted, source
from playgate.cli.options import FILE
from playgate.cli.output import colour_wanted, width, write
from playgate.cli.reading import progress_bar
from playgate.documents.yaml12 import read_bytes
from playgate.errors import InputError
from playgate.model.playbook import Playbook
from playgate.pay.model import PayPlan
from playgate.pay.read import parse_pay
from playgate.pay.result import PayResult
from playgate.playbook.beside import PAY, files_beside

__all__ = ["command"]


@click.command("pay")
@partial(source, rates=False, period=False)
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
def command(
    plan: str | None,
    reps: tuple[str, ...],
    wishes: tuple[str, ...],
    form: str,
    output: str | None,
    period: str,
    **given: Any,
) -> None:
    """Show what each rep is paid, so that each can recompute it: by NAME.pay.yaml beside the
    playbook.

    \b
    playgate pay bank-sales.yaml history.csv --people people.csv
    playgate pay bank-sales.yaml history.csv --rep a.morel --period 2026-05
    playgate pay bank-sales.yaml history.csv --rep a.morel --what-if BK-1012=won
    """
    # Only here: help and completion can do without.
    from playgate.pay.statements import statements

    supposed = dict(_wish(text) for text in wishes)
    plans: list[PayPlan] = []
    with (
        opened(
            refuse=lambda playbook: plans.append(_plan(plan, playbook)),
            period="",
            rates=None,
            **given,
        ) as source,
        progress_bar("reckoning", source.history.events) as progress,
    ):
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
            progress=progress,
        )
    refuse_counted(found.problems, strict=given["strict"])
    _show(found, form, output)


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
    files = files_beside(Path(playbook.file), playbook.name, PAY)
    if len(files) > 1:
        names = ", ".join(file.name for file in files)
        raise InputError(f"there are several plans: {names}", hint="--plan FILE", code="usage")
    return files[0]


def _wish(text: str) -> tuple[str, str]:
    deal, equals, stage = (part.strip() for part in text.rpartition("="))
    if not (deal and equals and stage):
        hint = "for example D-12=won"
        raise InputError(f'--what-if: "{text}" is not DEAL=STAGE', hint=hint, code="wrong-value")
    return deal, stage


def _show(result: PayResult, form: str, output: str | None) -> None:
    match form:
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
