"""`playgate diff`: what differs in meaning between two versions of a playbook."""

from __future__ import annotations

import click

from playgate.cli.errors import CLEAN, FINDINGS
from playgate.cli.load import playbook_from
from playgate.cli.options import FILE, output_option
from playgate.cli.output import colour_wanted, write
from playgate.versions.compare import compare

__all__ = ["command"]


@click.command("diff")
@click.argument("old", metavar="OLD", type=FILE)
@click.argument("new", metavar="NEW", type=FILE)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="How to show the result.",
)
@output_option
def command(old: str, new: str, form: str, output: str | None) -> int:
    """Show what differs in meaning between two versions of a playbook.

    Comments, layout and the order of keys are no difference. Exit status: 0 the same, 1 different,
    2 wrong input.

    \b
    playgate diff bank-sales-3.yaml bank-sales.yaml
    playgate diff bank-sales-3.yaml bank-sales.yaml --format markdown -o diff.md
    """
    found = compare(playbook_from(old), playbook_from(new))
    match form:
        case "json":
            from playgate.report import diff_json

            write(diff_json.render(found), output)
        case "markdown":
            from playgate.report.diff_text import render_markdown

            write(render_markdown(found), output)
        case _:
            from playgate.report.diff_text import render

            write(render(found, colour=colour_wanted(output)), output)
    return FINDINGS if found.changes else CLEAN
