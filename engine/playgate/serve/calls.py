"""Calls to other servers: to an address that was checked, in bounded time, with a bounded answer.

What a name resolves to is checked and connected to itself, so that it cannot be another address the
next time. Resolving it counts, too: who answers for names may be slow. Redirects are not followed,
and no proxy is asked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from queue import Empty, SimpleQueue
from urllib.parse import SplitResult, urlsplit

from playgate.errors import InputError
from playgate.records import Record

__all__ = ["Answer", "CallError", "call", "checked_url", "networks_of"]

_SECONDS = 10.0
"""In which a call must be over."""
_MOST_RESOLVING = 8
"""Names that are being resolved at once, those included for which nobody waits any more."""
_resolving = threading.BoundedSemaphore(_MOST_RESOLVING)
_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("::/96"))
"""Where addresses of version 4 stand within those of version 6."""
_OF_SIX = 0xFFFF
"""The last of the addresses there, such as ::1, which are none of version 4."""
_INSIDE = (ip_network("64:ff9b:1::/48"), ip_network("fec0::/10"))
"""What a network keeps to itself, though it is not told so everywhere."""


class CallError(InputError):
    """Says that a server could not be called, or did not answer; it may do later."""


class Answer(Record):
    """What a server answered."""

    status: int
    body: bytes


def networks_of(said: Iterable[str]) -> tuple[_Network, ...]:
    """Returns networks as they are written; raises `InputError` for what is none."""
    found = []
    for each in said:
        try:
            found.append(ip_network(each, strict=False))
        except ValueError:
            message = f'"{each[:60]}" is no network'
            hint = "such as 10.0.0.0/8, or one address"
            raise InputError(message, hint=hint, code="wrong-value") from None
    return tuple(found)


def checked_url(url: str, *, networks: Iterable[str]) -> SplitResult:
    """Returns the parts of an address that may be called; raises `InputError` for any other."""
    try:
        parts = urlsplit(url)
        port_is_one = parts.port != 0
    except ValueError:
        parts, port_is_one = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_one:
        raise InputError("this is no address of a web server", hint="https://…", code="wrong-value")
    if not url.isascii() or any(each <= " " for each in url) or "@" in parts.netloc:
        hint = "ASCII, without spaces, and without a name or a password"
        raise InputError("this address cannot be used", hint=hint, code="wrong-value")
    if parts.scheme == "http" and not tuple(networks):
        hint = "https, or name its private network with --private"
        raise InputError("what goes over http can be read by others", hint=hint, code="wrong-value")
    return parts


def call(
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str],
    networks: Iterable[str],
    most: int,
    seconds: float = _SECONDS,
) -> Answer:
    """Returns what a server answers to a body that is posted, or where there is none, to being
    asked; raises `CallError` where it does not within some seconds, or says more than `most` bytes.

    Addresses that are not public are called only where they lie in one of the networks; http is
    spoken with no others.
    """
    allowed = networks_of(networks)
    parts = checked_url(url, networks=networks)
    with _Deadline(seconds) as deadline:
        try:
            connection = _connected(parts, allowed, deadline)
            target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
            method = "GET" if body is None else "POST"
            connection.request(method, target, body, {**headers, "Connection": "close"})
            answer = connection.getresponse()
            said = answer.read(most + 1)
            _check_whole(answer, said, most, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = "did not answer in time" if deadline.is_over else _reason(error)
            raise _failed(parts, reason) from None
    if len(said) > most:
        raise _failed(parts, "answered with too much")
    return Answer(answer.status, said)


def _check_whole(
    answer: http.client.HTTPResponse, said: bytes, most: int, deadline: _Deadline
) -> None:
    """Raises an error where an answer was cut off: what came of it looks as if it were all."""
    if deadline.is_over:
        raise TimeoutError
    if answer.length and len(said) <= most:
        raise http.client.IncompleteRead(said, answer.length)


def _failed(parts: SplitResult, reason: str) -> CallError:
    return CallError(f"{parts.hostname} {reason}", code="cannot-connect")


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(error, ssl.SSLError):
        return f"could not be trusted: {error.reason or 'TLS failed'}"
    if isinstance(error, OSError):
        return f"could not be reached: {error.strerror or type(error).__name__}"
    return f"did not answer as a web server does: {type(error).__name__}"


class _Deadline:
    """Cuts a connection off where it takes too long, whatever it does meanwhile."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self._ends = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    @property
    def left(self) -> float:
        """How many seconds there are left."""
        return max(self._ends - time.monotonic(), 0.0)

    def watch(self, connected: socket.socket) -> None:
        """Says which connection is cut off; raises `TimeoutError` where that is due already."""
        self._socket = connected
        if self.is_over:
            raise TimeoutError

    def _cut(self) -> None:
        self.is_over = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it is cut off already


def _connected(
    parts: SplitResult, allowed: tuple[_Network, ...], deadline: _Deadline
) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = _resolved(host, port, deadline)
    for each in addresses:
        _check(parts, each, allowed)
    reached = socket.create_connection((addresses[0], port), timeout=max(deadline.left, 0.001))
    deadline.watch(reached)
    connection = http.client.HTTPConnection(host, port, timeout=deadline.seconds)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        reached = context.wrap_socket(reached, server_hostname=host, do_handshake_on_connect=False)
        deadline.watch(reached)
        reached.do_handshake()
        connection.default_port = 443
    connection.sock = reached
    return connection


def _resolved(host: str, port: int, deadline: _Deadline) -> list[str]:
    """Returns the addresses of a name; raises `OSError` where there are none, or none in time."""
    told: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def resolve() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            told.put([str(each[4][0]) for each in found])
        except (OSError, UnicodeError) as error:
            told.put(error if isinstance(error, OSError) else OSError(str(error)))
        finally:
            _resolving.release()

    if not _resolving.acquire(timeout=deadline.left):
        raise TimeoutError
    threading.Thread(target=resolve, name="resolving", daemon=True).start()
    try:
        addresses = told.get(timeout=deadline.left)
    except Empty:
        raise TimeoutError from None
    if isinstance(addresses, OSError):
        raise addresses
    return addresses


def _check(parts: SplitResult, said: str, allowed: tuple[_Network, ...]) -> None:
    """Raises `InputError` where an address may not be called."""
    address = _meant(ip_address(said.partition("%")[0]))
    if any(address in network for network in allowed if network.version == address.version):
        return
    is_inside = not address.is_global or any(address in each for each in _INSIDE)
    if is_inside or address.is_multicast or parts.scheme == "http":
        raise InputError(
            f"{parts.hostname} lies at {address}, which may not be called",
            hint="--private names the networks of one's own that may be, such as 10.0.0.0/8",
            code="not-public",
        )


def _meant(address: _Address) -> _Address:
    """Returns the address of version 4 that one of version 6 leads to, or the address itself."""
    if isinstance(address, IPv6Address):
        if int(address) > _OF_SIX and any(address in each for each in _TRANSLATED):
            return IPv4Address(int(address) & 0xFFFFFFFF)
        teredo = address.teredo
        return address.ipv4_mapped or address.sixtofour or (teredo and teredo[1]) or address
    return address
