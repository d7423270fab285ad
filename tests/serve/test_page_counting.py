"""What takes long for the page is counted once, and keeps nobody from writing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from served import LONG, Server, serving, token

from playgate.language import ENGLISH
from playgate.ledger.head import Head
from playgate.serve.counted import Counted


class World:
    """A head and a clock that go on when they are told to."""

    def __init__(self) -> None:
        self.seq = 1
        self.at = 0.0
        self.counted = 0
        self.takes = 1.0

    def head(self) -> Head:
        """The head of the ledger."""
        return Head(self.seq, "0" * 64)

    def job(self, _: Any) -> int:
        """Counts, which takes a while."""
        self.counted += 1
        self.at += self.takes
        return self.counted


class _Closed:
    def close(self) -> None:
        """Closes nothing."""


def _run(test: Callable[[World, Counted], Any]) -> None:
    async def all_of_it() -> None:
        world = World()
        opened: Any = _Closed
        counted = Counted(opened, head=world.head, clock=lambda: world.at)
        try:
            await test(world, counted)
        finally:
            counted.close()

    asyncio.run(all_of_it())


def test_it_is_counted_anew_when_something_was_recorded() -> None:
    async def test(world: World, counted: Counted) -> None:
        assert await counted.get("a", world.job) == 1
        world.at += 1_000
        assert await counted.get("a", world.job) == 1
        world.seq += 1
        assert await counted.get("a", world.job) == 2

    _run(test)


def test_of_a_busy_ledger_it_is_counted_a_sixth_of_the_time() -> None:
    async def test(world: World, counted: Counted) -> None:
        for _ in range(600):
            world.seq += 1
            world.at += 0.1
            await counted.get("a", world.job)
        assert world.counted <= 60 / 5 + 1

    _run(test)


def test_what_is_made_of_another_result_does_not_outlive_it() -> None:
    """Made of one that was shown again while something was recorded, it is not that of now."""

    async def test(world: World, counted: Counted) -> None:
        async def drawn() -> str:
            found = await counted.get("a", world.job)
            return await counted.get("b", lambda _: f"of {found}", of=found)

        assert await drawn() == "of 1"
        world.seq += 1
        world.at += 1
        assert await drawn() == "of 1"
        world.at += 10
        assert await drawn() == "of 2"
        assert await drawn() == "of 2"

    _run(test)


def test_what_depends_on_the_time_of_day_does_not_last() -> None:
    async def test(world: World, counted: Counted) -> None:
        await counted.get("a", world.job, lasts=60)
        world.at += 59
        assert await counted.get("a", world.job, lasts=60) == 1
        world.at += 1
        assert await counted.get("a", world.job, lasts=60) == 2

    _run(test)


def test_many_who_ask_at_once_wait_for_one() -> None:
    async def test(world: World, counted: Counted) -> None:
        found = await asyncio.gather(*(counted.get("a", world.job) for _ in range(20)))
        assert found == [1] * 20

    _run(test)


def test_not_more_is_kept_than_that() -> None:
    async def test(world: World, counted: Counted) -> None:
        for what in range(100):
            await counted.get(what, world.job)
        assert len(counted._kept) == 24
        before = world.counted
        await counted.get(99, world.job)
        assert world.counted == before
        await counted.get(0, world.job)
        assert world.counted == before + 1

    _run(test)


def test_what_goes_wrong_is_not_kept() -> None:
    async def test(world: World, counted: Counted) -> None:
        def wrong(_: Any) -> int:
            raise ValueError

        for _ in range(2):
            try:
                await counted.get("a", wrong)
            except ValueError:
                continue
            raise AssertionError
        assert await counted.get("a", world.job) == 1

    _run(test)


def test_who_writes_does_not_wait_for_who_counts(db: Path) -> None:
    rep = token(db)
    counting, go_on = threading.Event(), threading.Event()

    def long(_: Any) -> str:
        counting.set()
        assert go_on.wait(LONG)
        return "counted"

    with serving(db) as server:
        server.clock.on(1)
        assert _begun(server, long, counting)
        try:
            assert server.ask("log", rep, deal="d", activity="call").status_code == 200
            assert server.ask("next", rep, deal="d").status_code == 200
            assert server.get("/v1/deals", rep).status_code == 200
        finally:
            go_on.set()


def _begun(server: Server, job: Callable[[Any], str], counting: threading.Event) -> bool:
    async def begin() -> None:
        task = asyncio.ensure_future(server.app.house.voice(ENGLISH).counted.get("long", job))
        server.app.house.__dict__.setdefault("_kept_for_a_test", []).append(task)

    server.client.portal.call(begin)  # type: ignore[union-attr]
    return counting.wait(LONG)


def test_a_server_starts_without_what_numbers_need() -> None:
    """SciPy and what draws charts are of other extras, and take a second to import."""
    code = (
        "import sys, playgate.serve.app; print(*{'scipy', 'numpy', 'vl_convert'} & {*sys.modules})"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "\n"
