"""Arguments and options that commands have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from playgate.cli import completing

__all__ = [
    "FILE",
    "activity_argument",
    "as_of_option",
    "at_option",
    "batch_option",
    "by_option",
    "db_option",
    "deal_argument",
    "fields_argument",
    "form_option",
    "live_options",
    "map_option",
    "output_option",
    "people_option",
    "rule_argument",
    "stage_argument",
    "strict_option",
]

# Whether it is there and can be read is said where it is read, in the same words for every file.
FILE = click.Path(readable=False)
"""A file's name, for the shell to complete."""

map_option = click.option(
    "--map",
    "-m",
    "mapping",
    metavar="MAPPING",
    shell_complete=completing.mappings,
    help="A mapping file, or the name of a shipped one.",
)
people_option = click.option(
    "--people",
    "people_file",
    metavar="FILE",
    type=FILE,
    help="Who is who: a CSV with actor, name, role, team, manager, started.",
)
as_of_option = click.option(
    "--as-of",
    "as_of",
    metavar="T",
    help="As of then; a bare date is that day's end (default: the latest event).",
)
output_option = click.option(
    "-o", "--output", metavar="FILE", type=FILE, help="Write there instead of the terminal."
)
strict_option = click.option(
    "--strict", is_flag=True, help="Stop where there are problems with the data (exit status 2)."
)

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

# What is missing is said by the command itself: with --batch, nothing is.
deal_argument: Decorator = click.argument("deal", required=False, shell_complete=completing.deals)
stage_argument: Decorator = click.argument(
    "stage", required=False, shell_complete=completing.stages
)
activity_argument: Decorator = click.argument(
    "activity", required=False, shell_complete=completing.activities
)
rule_argument: Decorator = click.argument("rule", required=False, shell_complete=completing.rules)
fields_argument: Decorator = click.argument(
    "fields", nargs=-1, metavar="FIELD=VALUE …", shell_complete=completing.fields
)

db_option: Decorator = click.option(
    "--db",
    metavar="FILE",
    type=FILE,
    envvar="PLAYGATE_DB",
    help="The ledger (default: PLAYGATE_DB, else playgate.db).",
)
by_option: Decorator = click.option(
    "--by",
    metavar="ACTOR",
    envvar="PLAYGATE_BY",
    shell_complete=completing.actors,
    help="Who does it (default: PLAYGATE_BY, else the system's user).",
)
at_option: Decorator = click.option(
    "--at", metavar="T", help="When it happened (default: now); it is recorded now all the same."
)
form_option: Decorator = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to show the answer.",
)
_id_option: Decorator = click.option(
    "--id", metavar="ID", help="The event's id: the same id twice changes nothing."
)
batch_option: Decorator = click.option(
    "--batch",
    is_flag=True,
    help="Read requests as NDJSON from standard input; answer each with a line of JSON.",
)


def live_options(*, records: bool) -> Decorator:
    """The options of a command of the live gate; one that `records` takes an `--id`, too."""
    known = (_id_option,) if records else ()
    chosen = (by_option, at_option, *known, db_option, form_option, batch_option)
    return lambda command: reduce(lambda made, option: option(made), reversed(chosen), command)
