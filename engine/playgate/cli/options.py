"""Options that commands have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

__all__ = [
    "FILE",
    "at_option",
    "batch_option",
    "by_option",
    "db_option",
    "form_option",
    "id_option",
    "map_option",
    "output_option",
    "strict_option",
]

# Whether it is there and can be read is said where it is read, in the same words for every file.
FILE = click.Path(readable=False)
"""A file's name, for the shell to complete."""

map_option = click.option(
    "--map", "-m", "mapping", metavar="MAPPING", type=FILE,
    help="A mapping file, or the name of a shipped one.",
)  # fmt: skip
output_option = click.option(
    "-o", "--output", metavar="FILE", type=FILE, help="Write there instead of the terminal."
)
strict_option = click.option(
    "--strict", is_flag=True, help="Stop where there are problems with the data (exit status 2)."
)

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

db_option: Decorator = click.option(
    "--db", metavar="FILE", envvar="PLAYGATE_DB",
    help="The ledger (default: PLAYGATE_DB, else playgate.db).",
)  # fmt: skip
by_option: Decorator = click.option(
    "--by", metavar="ACTOR", envvar="PLAYGATE_BY",
    help="Who does it (default: PLAYGATE_BY, else the system's user).",
)  # fmt: skip
at_option: Decorator = click.option(
    "--at", metavar="T", help="When it happened (default: now); it is recorded now all the same."
)
id_option: Decorator = click.option(
    "--id", "known_id", metavar="ID", help="The event's id: the same id twice changes nothing."
)
form_option: Decorator = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text",
    help="How to show the answer.",
)  # fmt: skip
batch_option: Decorator = click.option(
    "--batch", is_flag=True,
    help="Read requests as NDJSON from standard input; answer each with a line of JSON.",
)  # fmt: skip
