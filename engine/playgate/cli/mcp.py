"""`playgate mcp`: the gate for agents that are programs, as tools of the Model Context Protocol."""

from __future__ import annotations

import sys
import time

import click

from playgate.cli import completing
from playgate.cli.clock import now
from playgate.cli.door import put
from playgate.cli.errors import CLEAN, Bugs
from playgate.cli.options import db_option
from playgate.cli.requests import db_name
from playgate.conditions.patience import SECONDS
from playgate.documents.document import composed
from playgate.errors import InputError

__all__ = ["command", "without_mcp"]


@click.command("mcp")
@db_option
@click.option(
    "--by",
    metavar="ACTOR",
    shell_complete=completing.actors,
    help="Who the agent is: what it does is recorded under this name.",
)
@click.option("--write", "writes", is_flag=True, help="Let it record, too; else it only asks.")
@click.option(
    "--patience",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=SECONDS,
    show_default=True,
    help="How long judging may take.",
)
def command(db: str | None, by: str | None, writes: bool, patience: float) -> int:
    """Answer an agent over standard input and output, until it closes them.

    The host of the agent starts this. It gives tools: where deals stand, what is missing, a rule
    explained; with --write also `move` or `ask`, `log`, `set` and `request_waiver`. Nothing is
    recorded but for an ACTOR who has the role `agent` in the people file. Agents elsewhere come
    over HTTP with a token: playgate serve --mcp. No playgate.toml is read.

    \b
    playgate mcp --db deals.db
    playgate mcp --db deals.db --by scout --write
    """
    actor = composed(by or "").strip()
    if writes and not actor:
        raise InputError(
            "who is the agent?",
            hint="--by ACTOR, who has the role agent in the people file",
            code="usage",
        )
    try:
        from playgate.agents.here import run
        from playgate.serve.settings import World
    except ImportError as error:
        raise without_mcp(error) from None
    meaning = Bugs().meaning
    world = World(now=now, clock=time.monotonic, meaning=meaning, write=_write)
    run(db_name(db), actor=actor, writes=writes, patience=patience, world=world)
    return CLEAN


def without_mcp(error: ImportError) -> InputError:
    """Returns the error that the extra is not installed."""
    return InputError(
        f"a door for agents needs {error.name}",
        hint="pip install 'playgate[mcp]'",
        code="not-installed",
    )


def _write(line: str) -> None:
    put([line], sys.stderr)
