"""What a server is told: where it listens, and what it lets nobody go beyond."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Literal

from playgate.conditions.patience import SECONDS
from playgate.enforce.largest import Largest
from playgate.errors import InputError
from playgate.records import Record
from playgate.report.request_line import LONGEST_LINE

__all__ = ["Behind", "Limits", "Logged", "Settings", "World"]

Logged = Literal["all", "problems", "nothing"]
"""Which answers are logged."""


class Limits(Record, kw_only=True):
    """What nobody may go beyond."""

    rate: float = 500.0
    """Requests a second by one token, a line of a batch being one; twice as many at once."""
    concurrency: int = 200
    """Requests that are being answered at once."""
    waiting: int = 2_000
    """Requests that wait to be recorded."""
    connections: int = 2_000
    batches: int = 8
    """Batches that are being answered at once."""
    batch_lines: int = 100_000
    batch_bytes: int = 100_000_000
    body: int = LONGEST_LINE
    """Bytes of a request, or of a line of a batch."""
    bodies: int = 100_000_000
    """Bytes of all bodies together of which more is waited for."""
    head: int = 32_768
    """Bytes of what stands before a body."""
    deals: int = 10_000
    """Deals in a list."""
    largest: Largest = Largest(20_000, 20_000_000)
    """The deal of which no more is recorded."""
    patience: float = SECONDS
    """Seconds for which a question may be judged."""
    head_seconds: float = 10.0
    """In which what stands before a body must come."""
    body_seconds: float = 20.0
    """In which a body must come; of a batch, more of it."""
    idle_seconds: float = 60.0
    """After which a connection is closed on which nothing is asked."""
    write_seconds: float = 30.0
    """In which an answer must be taken; of a long one, more of it."""
    session_seconds: float = 8 * 3600.0
    """For which somebody who signed in to the page stays so."""
    sessions: int = 10_000
    """People who are signed in at once; of more, who came first has to sign in again."""
    form: int = 65_536
    """Bytes of a form of the page."""
    stop_seconds: float = 25.0
    """For which what was accepted may be finished, where the server is told to stop."""


def _no_variable(_: str) -> str:
    return ""


class World(Record, kw_only=True):
    """What is outside of the server: its clocks, and how what stopped a request is told."""

    now: Callable[[], int]
    """Reads the clock, in microseconds since 1970 in UTC."""
    clock: Callable[[], float]
    """Reads a clock that is never set, in seconds."""
    meaning: Callable[[Exception], InputError]
    """Tells what stopped a request; of a bug, it keeps a log."""
    write: Callable[[str], None]
    """Takes a line of the server's log."""
    random: Callable[[int], bytes]
    """Returns so many bytes that nobody can guess."""
    variable: Callable[[str], str] = _no_variable
    """Tells a variable of the environment that a hook names; nothing where it is not set."""


class Behind(Record):
    """A proxy that knows who asks, and says so."""

    header: str
    """The header in which it names them, in small letters."""
    networks: tuple[IPv4Network | IPv6Network, ...]
    """The addresses of which that is believed."""

    def is_at(self, address: str) -> bool:
        """Whether a request from an address comes from the proxy."""
        try:
            known = ip_address(address)
        except ValueError:
            return False
        inner = getattr(known, "ipv4_mapped", None)
        return any((inner or known) in network for network in self.networks)


class Settings(Record, kw_only=True):
    """What a server is told."""

    db: str
    host: str = "127.0.0.1"
    port: int = 8642
    limits: Limits = Limits()
    readers: int = 0
    """Processes that answer questions, where the ledger is a file."""
    logged: Logged = "all"
    behind: Behind | None = None
    """The proxy whose word is taken for who looks at the page."""
    public_url: str = ""
    """How the outside calls this server, without a path."""
    language: str = "en"
    """In which the page speaks to who asks for none that there is."""
