"""`playgate serve`: the gate as a server, which answers requests over HTTP."""

from __future__ import annotations

import os
import re
import sys
import time
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

import click

from playgate.cli.clock import now
from playgate.cli.door import put, tell
from playgate.cli.errors import CLEAN, Bugs
from playgate.cli.mcp import without_mcp
from playgate.cli.options import db_option
from playgate.cli.requests import db_name
from playgate.conditions.patience import SECONDS
from playgate.errors import InputError
from playgate.language import ENGLISH
from playgate.report.catalogue import language_of
from playgate.serve.settings import Behind, Limits, Logged, Settings, World

if TYPE_CHECKING:
    from playgate.serve.app import Door

__all__ = ["command"]

_MOST_READERS = 8
_ABOVE_NOTHING = click.FloatRange(min=0, min_open=True)
_LOGGED: dict[str, Logged] = {"all": "all", "problems": "problems", "nothing": "nothing"}

_HEADER = re.compile(r"[A-Za-z0-9-]{1,80}")
_TAKEN = ("authorization", "connection", "content-length", "content-type", "cookie", "host")
"""Headers that say something else already."""


@click.command("serve")
@db_option
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; elsewhere than here, only behind a proxy that speaks TLS.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8642,
    show_default=True,
    help="Where to listen; 0 takes a free one.",
)
@click.option(
    "--rate",
    type=_ABOVE_NOTHING,
    default=Limits().rate,
    show_default=True,
    metavar="N",
    help="Requests a second by one token.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(min=1),
    default=Limits().concurrency,
    show_default=True,
    metavar="N",
    help="Requests that are answered at once.",
)
@click.option(
    "--readers",
    type=click.IntRange(0, 64),
    metavar="N",
    help="Processes that answer questions (default: one less than there are cores, at most 8).",
)
@click.option(
    "--patience",
    metavar="SECONDS",
    type=_ABOVE_NOTHING,
    default=SECONDS,
    show_default=True,
    help="How long judging may take.",
)
@click.option("--mcp", "agents", is_flag=True, help="At /mcp, a door for agents, too.")
@click.option(
    "--user-header",
    metavar="NAME",
    help="The header in which a proxy names who looks at the page; with --proxy.",
)
@click.option(
    "--proxy",
    "proxies",
    metavar="ADDRESS",
    multiple=True,
    help="An address, or a network, from which that header is believed; may be given again.",
)
@click.option(
    "--log",
    "logged",
    type=click.Choice(list(_LOGGED)),
    default="all",
    show_default=True,
    help="Which answers to log, as lines of JSON on standard error.",
)
@click.option(
    "--public-url",
    metavar="URL",
    default="",
    help="How the outside calls this server, without a path: HubSpot signs that.",
)
@click.option(
    "--lang",
    metavar="LANGUAGE",
    default=ENGLISH.tag,
    envvar="PLAYGATE_LANG",
    help="The language of the page for who asks for none that there is (default: PLAYGATE_LANG,"
    " else en).",
)
def command(
    db: str | None,
    host: str,
    port: int,
    rate: float,
    concurrency: int,
    readers: int | None,
    patience: float,
    user_header: str | None,
    proxies: tuple[str, ...],
    logged: str,
    agents: bool,
    public_url: str,
    lang: str,
) -> int:
    """Answer requests over HTTP, as the live commands answer them here.

    Who asks brings a token of `playgate token new`. It listens on this machine alone, unless --host
    says otherwise, and speaks no TLS: that is for a proxy before it. SIGTERM stops it, once what it
    accepted is done. No playgate.toml is read.

    At / it has a page for people, who sign in there by a token, or whom a proxy names.

    \b
    playgate serve --db deals.db
    playgate serve --db deals.db --port 8000 --log problems
    playgate serve --db deals.db --mcp
    playgate serve --db deals.db --user-header X-Forwarded-User --proxy 10.0.0.5
    """
    run = _runner()
    doors = [_door()] if agents else []
    if not _is_here(host):
        tell(
            f"note: {host} is reached from elsewhere: tokens travel in clear but for a proxy's TLS"
        )
    limits = Limits(rate=rate, concurrency=concurrency, patience=patience)
    settings = Settings(
        db=db_name(db),
        host=host,
        port=port,
        limits=limits,
        readers=_readers() if readers is None else readers,
        logged=_LOGGED[logged],
        behind=_behind(user_header, proxies),
        public_url=public_url,
        language=language_of(lang).tag,
    )
    world = World(
        now=now,
        clock=time.monotonic,
        meaning=Bugs().meaning,
        write=_write,
        random=os.urandom,
        variable=_variable,
    )
    run(settings, world, doors)
    return CLEAN


def _readers() -> int:
    """Returns how many processes answer questions beside the one that records."""
    if os.name == "nt":
        return 0  # it cannot hand on the socket over which they are asked
    known = getattr(os, "sched_getaffinity", None)  # not on macOS
    cores = len(known(0)) if known else os.cpu_count() or 1
    return min(cores - 1, _MOST_READERS)


def _behind(header: str | None, proxies: tuple[str, ...]) -> Behind | None:
    """Returns the proxy whose word is taken; raises `InputError` where it is not told whole."""
    if header is None and not proxies:
        return None
    if not header or not proxies:
        message = "--user-header and --proxy go together"
        hint = "--proxy says from which address the header is believed"
        raise InputError(message, hint=hint, code="usage")
    if not _HEADER.fullmatch(header) or header.lower() in _TAKEN:
        message = f'--user-header: "{header[:60]}" is no header for this'
        raise InputError(message, hint="such as X-Forwarded-User", code="wrong-value")
    return Behind(header.lower(), tuple(map(_network, proxies)))


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        message = f'--proxy: "{text[:60]}" is no address'
        raise InputError(
            message, hint="such as 10.0.0.5 or 10.0.0.0/24", code="wrong-value"
        ) from None


def _runner() -> partial[None]:
    """Returns what runs a server; raises `InputError` where the extra is not installed."""
    try:
        from playgate.serve.running import run
    except ImportError as error:
        raise InputError(
            f"a server needs {error.name}",
            hint="pip install 'playgate[serve]'",
            code="not-installed",
        ) from None
    return partial(run)


def _door() -> Door:
    """Returns the door for agents; raises `InputError` where its extra is not installed."""
    try:
        from playgate.agents.there import HttpDoor
    except ImportError as error:
        raise without_mcp(error) from None
    return HttpDoor()


def _write(line: str) -> None:
    put([line], sys.stderr)
    sys.stderr.flush()


def _variable(name: str) -> str:
    return os.environ.get(name, "")


def _is_here(host: str) -> bool:
    """Returns whether an address is reached from this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
