"""What the figures say of hooks: what waits, what is dead, what was done, how old the oldest is."""

from __future__ import annotations

import json
import time
from pathlib import Path

from hooked import KEY, SECRET, event, signed, stub
from served import AT, LONG, Clock, Server, serving, token

from live.gate import say


def figures(server: Server, key: str) -> dict[str, float]:
    """The figures of hooks by their names."""
    lines = server.get("/metrics", key).text.splitlines()
    return {
        name.removeprefix("playgate_hooks_"): float(value)
        for name, _, value in (line.partition(" ") for line in lines)
        if name.startswith("playgate_hooks_")
    }


def wait_for(server: Server, key: str, **expected: float) -> dict[str, float]:
    """The figures, once they are as they must become; what is done is counted a moment after it is
    recorded."""
    ends = time.monotonic() + LONG
    while True:
        found = figures(server, key)
        found["in_over"] = found["in_done_total"] + found["in_failed_total"]
        if all(found[name] == value for name, value in expected.items()):
            return found
        assert time.monotonic() < ends, (found, expected)
        time.sleep(0.05)


def test_hooks_are_counted_in_and_out(db: Path, rep: str) -> None:
    secret = db.parent / "secret"
    secret.write_text(SECRET)
    kept = ("--secret-file", str(secret))
    words = ("hook", "in", "new", "events", "--kind", "standard", "--map", "events", *kept)
    assert say(*words, db=db, clock=AT).status == 0
    key = token(db, "metrics", by="")
    with stub() as receiver, serving(db, clock=Clock(AT)) as server:
        receiver.status = 500
        words = ("hook", "out", "new", receiver.url, "--on", "refused", "--private", "127.0.0.0/8")
        assert say(*words, *kept, db=db, clock=AT).status == 0
        assert set(figures(server, key).values()) == {0.0}

        def send(number: int, body: bytes) -> None:
            headers = signed(body, at=server.clock.at, known_id=f"m{number}", key=KEY)
            answer = server.client.post("/v1/hooks/events", content=body, headers=headers)
            assert answer.status_code == 202

        send(1, json.dumps(event(1)).encode())
        send(2, json.dumps(event(2, deal="d", name="nothing")).encode())
        send(3, b'{"specversion": "1.0"}')
        found = wait_for(server, key, in_waiting=0, in_over=3)
        assert found["in_done_total"] + found["in_dead"] == 3
        assert found["in_failed_total"] == found["in_dead"] >= 1
        server.ask("move", rep, deal="d", stage="b")
        wait_for(server, key, out_waiting=1, out_failed_total=1, out_done_total=0)
        server.clock.on(3)
        assert 2.9 <= figures(server, key)["out_oldest_seconds"] <= 3.1
        receiver.status = 200
        server.clock.on(5)
        wait_for(server, key, out_waiting=0, out_done_total=1, out_oldest_seconds=0)
