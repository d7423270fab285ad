"""Hosts of their own on this machine: namespaces of the network, joined by a bridge."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

__all__ = ["Host", "MissingNetworksError", "hosts"]


class MissingNetworksError(Exception):
    """Namespaces of the network cannot be made here."""


class Host(NamedTuple):
    """A host, as its neighbours see it."""

    name: str
    address: str

    @property
    def within(self) -> tuple[str, ...]:
        """What begins a command that runs there."""
        return ("ip", "netns", "exec", self.name)

    def cut(self) -> None:
        """Takes it off the network: nothing reaches it, and nobody is told."""
        _ip("link", "set", _cable(self.name), "down")

    def joined(self) -> None:
        """Puts it onto the network again."""
        _ip("link", "set", _cable(self.name), "up")


def _cable(name: str) -> str:
    return f"{name}-v"


def _ip(*words: str, check: bool = True) -> None:
    found = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if check and found.returncode:
        raise MissingNetworksError(f"ip {' '.join(words)}: {found.stderr.strip()}")


@contextmanager
def hosts(count: int) -> Iterator[list[Host]]:
    """So many hosts, which reach each other, and are reached from here."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        raise MissingNetworksError("namespaces of the network need root and iproute2")
    mark = os.getpid() % 30_000
    net, bridge = f"10.{200 + mark % 50}.{mark // 50 % 250}", f"pgb{mark}"
    made = [Host(f"pg{mark}h{number}", f"{net}.{number + 10}") for number in range(count)]
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("addr", "add", f"{net}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for host in made:
            _plugged(host, bridge)
        yield made
    finally:
        for host in made:
            _ip("link", "del", _cable(host.name), check=False)
            _ip("netns", "del", host.name, check=False)
        _ip("link", "del", bridge, check=False)


def _plugged(host: Host, bridge: str) -> None:
    _ip("netns", "add", host.name)
    _ip(
        "link", "add", _cable(host.name), "type", "veth", "peer", "name", "eth0", "netns", host.name
    )
    _ip("link", "set", _cable(host.name), "master", bridge, "up")
    _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", "eth0")
    _ip("-n", host.name, "link", "set", "eth0", "up")
    _ip("-n", host.name, "link", "set", "lo", "up")
