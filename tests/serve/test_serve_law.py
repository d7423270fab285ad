"""Law: of moves of one deal that are asked for at once, both never happen; and what many clients
are answered reads as one story."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest
from served import AT, Server, serving, token

from live.gate import say
from live.many_clients import PLAYBOOK, answer_of, step
from playgate.ledger.store import Ledger
from playgate.serve.settings import Limits
from support.linear import Asked, is_linear


def test_of_two_moves_from_one_stage_one_happens(server: Server, rep: str, db: Path) -> None:
    """Each is asked of the deal as it was seen in its first stage."""

    def move(stage: str) -> Any:
        request = {"deal": "d", "stage": stage, "from": "a"}
        return server.ask("move", rep, **request).json()

    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(move, ["c", "lost"] * 12))
    assert sum(each["allowed"] for each in told) == 1
    with Ledger.open(db) as ledger:
        moves = [event.name for event in ledger.events.of("d") if event.kind == "stage"]
    assert len(moves) == 2


@pytest.mark.parametrize("seed", [1, 2])
def test_answers_read_as_one_story(tmp_path: Path, seed: int) -> None:
    """Moves from a stage to another, by several clients at once, over two servers of one ledger."""
    db, playbook = tmp_path / "deals.db", tmp_path / "sales.yaml"
    playbook.write_text(PLAYBOOK)
    assert say("open", "e", "--playbook", str(playbook), db=db, clock=AT).status == 0
    rep = token(db)
    histories: list[Asked] = []

    def client(server: Server, number: int) -> None:
        chance = Random(f"{seed}-{number}")
        for _ in range(5):
            stage, seen = chance.choice("ac"), chance.choice("ac")
            begun = time.monotonic()
            told = server.ask("move", rep, deal="e", stage=stage, **{"from": seen}).json()
            answer = answer_of(told)
            histories.append(Asked(begun, time.monotonic(), ("move", stage, seen), answer))

    limits = Limits(rate=1e9)
    with serving(db, limits) as one, serving(db, limits) as two:
        for server in (one, two):
            server.clock.on(1)
        threads = [
            threading.Thread(target=client, args=((one, two)[number % 2], number))
            for number in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(histories) == 20
    assert is_linear(histories, "a", step)
