"""Options that the live commands have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

__all__ = ["at_option", "batch_option", "by_option", "db_option", "form_option", "id_option"]

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
