"""A ledger loses nothing to a power cut, and tells of a disk that fails.

`python -m live.campaign power --rounds 5000` in the folder `tests` does the same for longer.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

pytest.importorskip("apsw")

import apsw

from live import campaign, simulated_disk
from live.campaign import COMMANDS, NAME, carried_out, cut, failing, held_after, made, power
from live.simulated_disk import Disk, Done, restored


def test_the_power_is_cut() -> None:
    assert power(12, seed=1) == []


@pytest.mark.thorough
def test_the_power_is_cut_after_each_step() -> None:
    assert power(400, seed=2) == []


@pytest.mark.thorough
def test_each_step_of_a_disk_may_fail() -> None:
    assert failing(120, seed=3) == []


def test_a_ledger_that_flushes_nothing_would_be_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The simulation sees what is lost where no commit is flushed."""
    told = simulated_disk._Connection.execute

    def careless(self, statement, values=()):
        return told(self, statement.replace("synchronous = FULL", "synchronous = OFF"), values)

    before, disk = made(tmp_path), Disk()
    monkeypatch.setattr(simulated_disk._Connection, "execute", careless)
    outcome = carried_out(tmp_path / NAME, disk, range(4))
    assert outcome.acknowledged == [0, 1, 2, 3]
    first = outcome.at[0]
    monkeypatch.undo()
    assert cut(before, disk.done[:first], None) != held_after((0,))


def test_a_disk_that_is_full_is_said_and_nothing_is_recorded(tmp_path: Path) -> None:
    made(tmp_path)
    outcome = carried_out(tmp_path / NAME, Disk(0, apsw.FullError, for_good=True), range(3))
    assert outcome.acknowledged == []
    assert outcome.wrong == []
    assert campaign.contents(tmp_path / NAME) == held_after(())


def test_what_is_restored_is_what_was_synced(tmp_path: Path) -> None:
    done = [
        Done("write", "f", 0, b"a" * 1024),
        Done("sync", "f"),
        Done("write", "f", 512, b"b" * 1024),
        Done("truncate", "f", 10),
    ]
    restored(tmp_path, {"f": b""}, done, None)
    assert (tmp_path / "f").read_bytes() == b"a" * 1024
    seen = set()
    for seed in range(60):
        restored(tmp_path, {"f": b""}, done, Random(seed))
        seen.add((tmp_path / "f").read_bytes())
    assert {b"a" * 1024, b"a" * 512 + b"b" * 1024, b"a" * 10, b"a" * 512 + b"b" * 512} == seen


def test_all_kinds_of_commands_are_in_it() -> None:
    names = {each["command"] for each in COMMANDS}
    assert {"open", "log", "set", "move", "waive", "retract", "merge"} == names
