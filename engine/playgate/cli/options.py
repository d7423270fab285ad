"""Arguments and options that commands have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import click

from playgate.cli import completing
from playgate.cli.live_commands import LIVE
from playgate.conditions.patience import SECONDS

__all__ = [
    "FILE",
    "FORMS",
    "FORMS_AND_BOOK",
    "as_of_option",
    "at_option",
    "by_option",
    "db_option",
    "form_of",
    "form_option",
    "live_command",
    "map_option",
    "output_option",
    "people_option",
    "rates_option",
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
rates_option = click.option(
    "--rates",
    metavar="FILE",
    type=FILE,
    help="What other currencies are worth: a CSV with date, currency, rate.",
)
strict_option = click.option(
    "--strict", is_flag=True, help="Stop where there are problems with the data (exit status 2)."
)

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

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
FORMS = ("text", "json", "csv", "markdown")
FORMS_AND_BOOK = (*FORMS, "xlsx")
"""How the numbers are shown; a workbook needs a file."""


def form_of(forms: Sequence[str]) -> Decorator:
    """Returns the option that says in which of these forms a result is shown."""
    return click.option(
        "--format", "form", type=click.Choice(forms), default="text", help="How to show the result."
    )


_id_option: Decorator = click.option(
    "--id", metavar="ID", help="The event's id: the same id twice changes nothing."
)
_batch_option: Decorator = click.option(
    "--batch",
    is_flag=True,
    help="Read requests as NDJSON from standard input; answer each with a line of JSON.",
)

_patience_option: Decorator = click.option(
    "--patience",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    help=f"How long judging may take (default: {SECONDS:.0f}); beyond that nothing is recorded.",
)

_unknown_option: Decorator = click.option(
    "--unknown",
    type=click.Choice(["refuse", "ignore"]),
    help="Fields that the playbook does not know: an error, or passed over (default: refuse).",
)

# What is missing is said by the command itself: with --batch, nothing is.
_ARGUMENTS: dict[str, Decorator] = {
    "deal": click.argument("deal", required=False, shell_complete=completing.deals),
    "stage": click.argument("stage", required=False, shell_complete=completing.stages),
    "activity": click.argument("activity", required=False, shell_complete=completing.activities),
    "outcome": click.argument("outcome", required=False),
    "rule": click.argument("rule", required=False, shell_complete=completing.rules),
    "event": click.argument("event", required=False, shell_complete=completing.events),
    "into": click.argument("into", required=False, shell_complete=completing.deals),
    "request": click.argument("request", required=False, shell_complete=completing.requests),
    "fields": click.argument(
        "fields", nargs=-1, metavar="FIELD=VALUE …", shell_complete=completing.fields
    ),
}
_SHARED = {"unknown": _unknown_option, "by": by_option, "at": at_option, "id": _id_option}


def live_command(name: str) -> Callable[[Callable[..., int]], click.Command]:
    """Makes a function the live command `name`: its arguments, its own options, the shared ones.

    Shared options that the function declares itself keep its own help.
    """
    words, options = LIVE[name].words, LIVE[name].options.values()

    def made(function: Callable[..., int]) -> click.Command:
        command = click.command(name)(function)
        own = {parameter.name for parameter in command.params}
        shared = [option for each, option in _SHARED.items() if each in {*options} - own]
        command.params = [
            *_parameters([_ARGUMENTS[word] for word in words]),
            *command.params,
            *_parameters([*shared, db_option, form_option, _patience_option, _batch_option]),
        ]
        return command

    return made


def _parameters(decorators: Sequence[Decorator]) -> list[click.Parameter]:
    """Returns the parameters that decorators stand for, in the same order."""
    bearer = reduce(lambda made, each: each(made), reversed(decorators), lambda: None)
    return click.command("")(bearer).params
