"""`playgate report`: what a manager looks at, as one HTML file."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from playgate.cli.language import lang_option
from playgate.cli.numbers import opened, refuse_counted
from playgate.cli.options import (
    FILE,
    as_of_option,
    map_option,
    people_option,
    rates_option,
    strict_option,
)
from playgate.cli.output import check_book, is_plain, write, write_book
from playgate.documents.document import Document
from playgate.documents.yaml12 import read_bytes
from playgate.errors import InputError
from playgate.model.playbook import Playbook
from playgate.playbook.load import load_whole

if TYPE_CHECKING:
    from playgate.numbers.review import Review

__all__ = ["command"]

_NEEDED = {
    "html": ("vl_convert", "jinja2", "scipy"),
    "pdf": ("vl_convert", "jinja2", "scipy"),
    "xlsx": ("xlsxwriter", "scipy"),
}
_MOST_ROWS = 20_000
"""The deals of a workbook, of which all events are held meanwhile."""


@click.command("report")
@click.argument("playbook", required=False, metavar="PLAYBOOK", type=FILE)
@click.argument("history", nargs=-1, metavar="HISTORY…", type=FILE)
@click.option(
    "--db",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    type=FILE,
    help="Report on a ledger's deals instead of files'.",
)
@map_option
@people_option
@rates_option
@as_of_option
@click.option(
    "--period",
    default="",
    metavar="PERIOD",
    help="Such as 2026-Q2 or 'last 90 days' (default: each KPI's own, else the whole history).",
)
@strict_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "pdf", "xlsx"]),
    default="html",
    help="A page; a PDF, where a Chromium or Chrome is installed; or a workbook of its tables.",
)
@click.option(
    "--each",
    type=click.Choice(["rep"]),
    help="A page for each rep, with their own deals alone, and a list of them; -o is a folder.",
)
@click.option(
    "--force", is_flag=True, help="With --each: replace files that playgate did not write, too."
)
@lang_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=FILE,
    required=True,
    help='Where to write it; "-" is standard output, for HTML.',
)
def command(form: str, output: str, each: str | None, force: bool, **given: Any) -> None:
    """Write one file to look at, with no network needed: what was followed, where it breaks, who
    needs help, which deals to act on today and how, and what changed.

    \b
    playgate report bank-sales.yaml history.csv --people people.csv -o report.html
    playgate report bank-sales.yaml history.csv --period 2026-Q2 -o second-quarter.html
    playgate report --db playgate.db --format pdf -o report.pdf
    playgate report bank-sales.yaml history.csv --people people.csv --each rep -o reps/
    playgate report bank-sales.yaml history.csv --format xlsx -o report.xlsx
    """
    if each and form != "html":
        raise InputError("--each goes with --format html", hint="leave --format out", code="usage")
    if force and not each:
        raise InputError("--force goes with --each", hint="-o replaces its file", code="usage")
    missing = [name for name in _NEEDED[form] if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            f"a report needs more libraries: {', '.join(missing)}",
            hint=f"pip install 'playgate[{'report' if form != 'xlsx' else 'numbers,sheets'}]'",
            code="not-installed",
        )
    if form == "pdf":
        from playgate.cli.report_pdf import find_browser, print_pdf

        browser = find_browser()
        print_pdf(browser, _page(**given), Path(output))
        return
    if form == "xlsx":
        from playgate.report.review_sheets import book

        check_book(output)
        write_book(book(_review(most=_MOST_ROWS, **given)), output)
        return
    if each:
        from playgate.cli.report_folder import check_folder, refuse_others, write_pages
        from playgate.report.html_each import MARK, names, pages
        from playgate.report.html_page import MOST_DEALS

        check_folder(output)
        found = _review(most=MOST_DEALS, of_each=True, **given)
        if not force:
            refuse_others(names(found), output, mark=MARK)
        write_pages(pages(found), output)
        return
    write(_page(**given), output)


def _page(**given: Any) -> Iterator[str]:
    from playgate.report.html_page import MOST_DEALS, render

    return render(_review(most=MOST_DEALS, **given))


def _review(*, most: int, of_each: bool = False, **given: Any) -> Review:
    from playgate.numbers.review import review

    with opened(**given) as source, _passes() as step:
        found = review(
            source.playbook,
            source.history,
            people=source.people,
            as_of=source.as_of,
            period=given["period"],
            problems=source.problems,
            most=most,
            of_each=of_each,
            rates=source.rates,
            is_live=given["db"] is not None,
            document=source.document or _document(source.playbook),
            step=step,
        )
    refuse_counted(found.kpis.basis.problems, strict=given["strict"])
    return found


def _document(playbook: Playbook) -> Document | None:
    """Returns the document of a playbook that is a file, where it is asked for."""
    if playbook.numbers is None or playbook.numbers.practices is None or not playbook.file:
        return None
    return load_whole(read_bytes(Path(playbook.file)), playbook.file)[1]


@contextmanager
def _passes() -> Iterator[Callable[[], None]]:
    """Shows a bar on a terminal that grows with each pass over the history, and nothing in a
    pipe."""
    if is_plain(sys.stderr):
        yield lambda: None
        return
    bar: Any = click.progressbar(length=4, label="counting", file=sys.stderr)
    with bar:
        yield lambda: bar.update(1)
        bar.update(bar.length - bar.pos)  # a short history has no period before to pass over
