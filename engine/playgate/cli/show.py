"""`playgate show`: a playbook on one screen, or as a diagram."""

from __future__ import annotations

import click

from playgate.cli.load import playbook_from
from playgate.cli.options import FILE, output_option
from playgate.cli.output import colour_wanted, width, write

__all__ = ["command"]


@click.command("show")
@click.argument("playbook", metavar="PLAYBOOK", type=FILE)
@click.option(
    "--format",
    "form",
    default="text",
    help="How to show it.",
    type=click.Choice(["text", "json", "markdown", "mermaid", "dot"]),
)
@output_option
def command(playbook: str, form: str, output: str | None) -> None:
    """Show a playbook: its stages in order, what each asks, and at which level.

    \b
    playgate show bank-sales.yaml
    playgate show bank-sales.yaml --format mermaid -o bank-sales.mmd
    """
    loaded = playbook_from(playbook)
    match form:
        case "json":
            from playgate.report import playbook_json

            write(playbook_json.render(loaded), output)
        case "markdown":
            from playgate.report import playbook_markdown

            write(playbook_markdown.render(loaded), output)
        case "mermaid":
            from playgate.report.playbook_diagram import render_mermaid

            write(render_mermaid(loaded), output)
        case "dot":
            from playgate.report.playbook_diagram import render_dot

            write(render_dot(loaded), output)
        case _:
            from playgate.report import playbook_text

            colour = colour_wanted(output)
            write(playbook_text.render(loaded, width=width(output), colour=colour), output)
