"""Several servers on several hosts share one ledger on a host of its own: one of them is killed,
one is cut off; the others go on, and what any of them acknowledged is there, once."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPException
from pathlib import Path

import pytest
from networks import Host, MissingNetworksError, hosts
from served import AT, LONG, PLAYBOOK, Process, token, until

from bulk import servers
from live.gate import say
from live.on_server import given_name, ledgers_on, raw
from playgate.ledger.store import Ledger

pytestmark = [pytest.mark.postgres, pytest.mark.thorough]
CLIENTS = 2
"""Of each server."""
HELD_UP = 45.0
"""Seconds for which a host that is cut off may hold the others up: until the database notices that
nobody is there, of one that writes and of one that waits."""
COMES_BACK = 120.0
"""Seconds after which a host that is on the network again answers: until it notices that the
database has given it up."""


class Load:
    """Clients of one server; where they hear nothing, they ask the next under the same id."""

    def __init__(self, there: list[Process], place: int, key: str) -> None:
        self._there = there
        self._place = place
        self._key = key
        self.acknowledged: list[str] = []
        self.last = 0.0
        """When something was acknowledged last."""
        self.stops = threading.Event()
        self.threads = [
            threading.Thread(target=self._run, args=(number,)) for number in range(CLIENTS)
        ]
        for thread in self.threads:
            thread.start()

    def _run(self, client: int) -> None:
        number = 0
        while not self.stops.is_set():
            name = f"{self._place}-{client}-{number}"
            for turn in range(len(self._there)):
                server = self._there[(self._place + turn) % len(self._there)]
                if self._asked(server, name):
                    self.acknowledged.append(name)
                    if turn == 0:
                        self.last = time.monotonic()
                    break
            number += 1
            time.sleep(0.01)

    def _asked(self, server: Process, name: str) -> bool:
        said = {"authorization": f"Bearer {self._key}"}
        body = {"deal": f"h{self._place}", "activity": "call", "id": name}
        connection = server.connection(timeout=3)
        try:
            connection.request("POST", "/v1/log", json.dumps(body), said)
            answer = connection.getresponse()
            return answer.status == 200 and bool(answer.read())
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


@pytest.fixture
def network(request: pytest.FixtureRequest) -> Iterator[tuple[list[Host], str]]:
    """Hosts, and the address of a database on the first of them."""
    try:
        with ExitStack() as stack:
            made = stack.enter_context(hosts(4))
            address = stack.enter_context(servers.postgres(made[0].address, made[0].within))
            yield made[1:], address.replace("postgres:", "postgresql:")
    except (servers.MissingError, MissingNetworksError) as error:
        pytest.skip(str(error))


def goes_on(load: Load, seconds: float) -> float:
    """After how many seconds something is acknowledged again by the server of a load."""
    begun = time.monotonic()
    while load.last < begun:
        assert time.monotonic() - begun < seconds, "held up"
        time.sleep(0.05)
    return load.last - begun


def test_hosts_share_a_ledger(network: tuple[list[Host], str], tmp_path: Path) -> None:
    machines, address = network
    db = tmp_path / "deals.db"
    playbook = tmp_path / "small.yaml"
    playbook.write_text(PLAYBOOK)
    with ledgers_on(address), ExitStack() as stack:
        assert say("publish", str(playbook), db=db, clock=AT).status == 0
        for number in range(len(machines)):
            assert say("open", f"h{number}", db=db, clock=AT).status == 0
        key = token(db)

        def started(host: Host) -> Process:
            words = ("--db", given_name(db), "--host", host.address, "--rate", "1e9")
            server = Process(db, *words, "--log", "nothing", within=host.within)
            stack.callback(lambda: server.child.poll() is None and server.stopped(signal.SIGKILL))
            assert server.port, server.first
            return server

        there = [started(host) for host in machines]
        loads = [Load(there, place, key) for place in range(len(there))]
        try:
            first = [goes_on(load, LONG) for load in loads]
            time.sleep(3)
            there[1].stopped(signal.SIGKILL)
            killed = [goes_on(loads[place], HELD_UP) for place in (0, 2)]
            time.sleep(2)
            machines[2].cut()
            time.sleep(1)
            cut = goes_on(loads[0], HELD_UP)
            time.sleep(2)
            machines[2].joined()
            joined = goes_on(loads[2], COMES_BACK)
            until(lambda: sum(len(load.acknowledged) for load in loads) > 50)
        finally:
            for load in loads:
                load.stops.set()
            for load in loads:
                for thread in load.threads:
                    thread.join()
        print(f"first {first}, killed {killed}, cut off {cut:.1f} s, joined {joined:.1f} s")
        acknowledged = [name for load in loads for name in load.acknowledged]
        print(f"{len(acknowledged)} acknowledged")
        with Ledger.open(db, reading=True) as ledger:
            assert ledger.verify().fault is None
        with raw(db) as connection:
            rows = connection.execute("SELECT event_id FROM events WHERE name = 'call'").fetchall()
        times = Counter(str(each) for (each,) in rows)
        assert set(times.values()) == {1}
        assert not set(acknowledged) - times.keys(), "acknowledged, and lost"
        assert len(acknowledged) > 50
