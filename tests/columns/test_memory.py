"""Rows beyond a budget of memory wait on disk, and the result is the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy")
pytest.importorskip("pyarrow")
pytest.importorskip("ibis")  # what compares the results is shared with the relational engines

import numpy as np
import pyarrow.parquet as pq

from columns.tables import as_table
from playgate.audit.run import audit
from playgate.auditing.memory import MEMORY, bytes_of
from playgate.columns import gathered
from playgate.columns.gathered import Gathered, Gathering, gathered_events
from playgate.columns.parquet import gather_parquet
from playgate.columns.parted import Parted
from playgate.columns.run import audit_rows
from playgate.columns.unread import Unread
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.read import read_history
from playgate.history.spool import Spool
from playgate.history.write import write_history
from playgate.report import audit_text
from support.bulk import Collected, differences
from support.parity import Example, as_case, drawn
from support.thorough import but_first

ROOT = Path(__file__).parents[2]
SALES = ROOT / "playbooks" / "bank-sales"
DEALS = 30
FILES = ("one.parquet", "two.parquet")
IN_MEMORY, ON_DISK = 2_000_000, 8_000
"""Bytes that hold a drawn history in several parts, or only some of it."""


@pytest.fixture(autouse=True)
def little_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered, "_AT_ONCE", 5_000)
    monkeypatch.setattr(gathered, "_FEWEST", 200)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of each part that was begun on disk, how many bytes were in memory then."""
    found: list[int] = []
    begin = Parted._opened
    monkeypatch.setattr(Parted, "_opened", lambda self: (found.append(self._bytes), begin(self))[1])
    return found


def plain(seed: int) -> Example:
    """A drawn history whose rows all have instants, shuffled over two files."""
    whole = drawn(seed, deals=DEALS, small=seed % 4 != 0)
    events = [each for each in whole.events if each.happened_at > -(2**61)]
    half = len(events) // 2
    placed = [
        event._replace(source=place >= half, line=1 + place - half * (place >= half), rest="")
        for place, event in enumerate(events)
    ]
    return replace(whole, events=placed)


def in_files(whole: Example, folder: Path) -> list[str]:
    """The history as files in Parquet, several row groups each."""
    names = [str(folder / name) for name in FILES]
    for number, name in enumerate(names):
        its = [each for each in whole.events if each.source == number]
        pq.write_table(as_table(its), name, row_group_size=40)
    return names


def parts_of(rows: Gathered) -> list[list[Event]]:
    return [list(each.events(np.arange(each.size))) for each in rows.parts()]


# --- What is judged ------------------------------------------------------------------------------


@pytest.mark.parametrize("memory", but_first(1, [ON_DISK, IN_MEMORY]))
@pytest.mark.parametrize("seed", but_first(1, range(8)))
def test_the_result_is_the_judges(
    tmp_path: Path, written: list[int], seed: int, memory: int
) -> None:
    whole = plain(seed)
    files = in_files(whole, tmp_path)
    judges, columns = Collected(), Collected()
    judged = audit(
        whole.playbook,
        whole.events,
        people=whole.team,
        as_of=whole.as_of,
        sources=files,
        verdicts=judges,
    )
    for shown in (False, True):
        with Gathering(memory) as gathering:
            gather_parquet(files, gathering)
            found = audit_rows(
                whole.playbook,
                gathering.gathered(),
                people=whole.team,
                as_of=whole.as_of,
                sources=files,
                shown=shown,
                verified=None,
                verdicts=None if shown else columns,
            )
        assert "".join(audit_text.render(found)) == "".join(audit_text.render(judged))
        if not shown:
            assert list(differences(judged, found)) == [], as_case(whole)
            assert tuple(found.findings) == tuple(judged.findings)
            assert found.problems == judged.problems
    assert sorted(columns.rows) == sorted(judges.rows)
    assert bool(written) == (memory == ON_DISK)


@pytest.mark.parametrize("memory", [IN_MEMORY, ON_DISK])
def test_each_part_is_of_whole_deals_in_the_order_of_the_source(
    tmp_path: Path, memory: int
) -> None:
    whole = plain(3)
    files = in_files(whole, tmp_path)
    with Gathering(memory) as gathering:
        gather_parquet(files, gathering)
        rows = gathering.gathered()
        assert rows.size == len(whole.events)
        assert rows.latest == max(each.happened_at for each in whole.events)
        parts = parts_of(rows)
    assert len(parts) > 2
    seen: set[str] = set()
    for part in parts:
        deals = {each.deal for each in part}
        assert not deals & seen
        seen |= deals
        places = [(each.source, each.line) for each in part]
        assert places == sorted(places)
    keys = sorted((each for part in parts for each in part), key=lambda each: each[9:11])
    assert keys == whole.events


def test_only_what_finds_no_room_is_on_disk(tmp_path: Path, written: list[int]) -> None:
    whole = plain(4)
    files = in_files(whole, tmp_path)
    with Gathering(IN_MEMORY) as gathering:
        gather_parquet(files, gathering)
        everything = parts_of(gathering.gathered())
    assert not written
    with Gathering(ON_DISK * 20) as gathering:
        gather_parquet(files, gathering)
        assert parts_of(gathering.gathered()) == everything
    assert 0 < len(written) < len(everything)


def test_so_are_the_parts_of_what_our_own_reader_reads() -> None:
    whole = plain(4)
    with Spool(limit=100) as spool:
        parts = parts_of(gathered_events(iter(whole.events), spool, 1))
    assert len(parts) > 2
    assert sum(map(len, parts)) == len(whole.events)
    of_part = [{each.deal for each in part} for part in parts]
    assert sum(map(len, of_part)) == len(set().union(*of_part))


def test_what_is_later_than_until_is_not_the_latest(tmp_path: Path) -> None:
    whole = plain(5)
    instants = sorted(each.happened_at for each in whole.events)
    until = instants[len(instants) // 3]
    files = in_files(whole, tmp_path)
    with Gathering(ON_DISK, until) as gathering:
        gather_parquet(files, gathering)
        assert gathering.gathered().latest == until


def test_long_texts_that_nobody_reads_are_not_kept(tmp_path: Path) -> None:
    """Rows with one id say the same where their texts do, whether these are kept or not."""
    whole = plain(3)
    letter = "x" * 50 + "é"
    stage, *_ = whole.playbook.stages
    at = whole.events[0].happened_at
    told = [
        ("a", "field", "letter", letter + "1", "n1"),
        ("a", "field", "letter", letter + "1", "n1"),
        ("a", "field", "letter", letter + "2", "n1"),
        ("a", "field", "letter", letter + "3", ""),
        ("a", "activity", "letter", letter + "4", "n4"),
        ("a", "stage", stage.id, letter + "5", "n5"),
        ("a", "waiver", "*", letter + "6", "n6"),
        ("a", "field", next(iter(whole.playbook.fields)), letter + "7", "n7"),
    ]
    events = [
        Event(deal, at, kind, name, value, "ann", at, own, "", 0, line)
        for line, (deal, kind, name, value, own) in enumerate(told, 1)
    ]
    file = str(tmp_path / "letters.parquet")
    pq.write_table(as_table(events), file)
    with Gathering(MEMORY, None, Unread(whole.playbook)) as gathering:
        gather_parquet([file], gathering)
        (rows,) = gathering.gathered().parts()
    values = [event.value for event in rows.events(np.arange(rows.size))]
    assert [len(value) < len(letter) for value in values] == [True] * 3 + [False, True] + [
        False
    ] * 3
    assert values[0] == values[1] != values[2]
    judged = audit(whole.playbook, events, people=whole.team, sources=[file])
    found = audit_rows(whole.playbook, rows, people=whole.team, sources=[file], verified=None)
    assert judged.history.duplicates == 1
    assert any("n1" in problem.reason for problem in judged.problems)
    assert list(differences(judged, found)) == []


# --- What is on disk -----------------------------------------------------------------------------


def test_nothing_has_a_name_and_all_is_let_go_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: list[int]
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    files = in_files(plain(3), tmp_path)
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    with Gathering(ON_DISK) as gathering:
        gather_parquet(files, gathering)
        assert written
        assert list(place.iterdir()) == []
    if sys.platform == "linux":
        assert len(os.listdir("/proc/self/fd")) <= before


def test_a_folder_that_cannot_be_written_to_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = in_files(plain(3), tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with Gathering(ON_DISK) as gathering, pytest.raises(InputError, match="cannot write to"):
        gather_parquet(files, gathering)


# --- How much is said ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1GiB", MEMORY),
        ("512MiB", 512 * 2**20),
        ("512m", 512 * 2**20),
        ("2GB", 2_000_000_000),
        ("1.5 GiB", 3 * 2**29),
        ("20000000", 20_000_000),
        ("16777216B", 2**24),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("much", '"much" is no size'),
        ("", '"" is no size'),
        ("-1GiB", '"-1GiB" is no size'),
        ("1 PiB", '"1 PiB" is no size'),
        ("²GB", '"²GB" is no size'),
        ("1MiB", '"1MiB" is too little memory'),
        ("0", '"0" is too little memory'),
    ],
)
def test_what_is_no_size_is_refused(run: Any, text: str, said: str) -> None:
    words = ("audit", SALES / "bank-sales.yaml", SALES / "history.csv", f"--memory={text}")
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert said in err
    assert "hint: " in err


def test_the_report_is_the_same_with_little_memory(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathered, "_AT_ONCE", 60_000)
    words = ("audit", SALES / "bank-sales.yaml", SALES / "history.csv", "--engine", "columns")
    words = (*words, "--people", SALES / "people.csv", "--format", "json")
    assert run(*words, "--memory", "16MiB") == run(*words)


# --- What is interrupted -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history that does not fit into 16 MiB, twenty times that of the sample and more."""
    events = list(read_history([str(SALES / "history.csv")], report=pytest.fail))
    file = tmp_path_factory.mktemp("large") / "history.csv"
    times = 400_000 // len(events) + 1

    def copies() -> Iterator[list[Event]]:
        for number in range(times):
            yield [each._replace(deal=f"{each.deal}-{number}", event_id="") for each in events]

    write_history(str(file), copies())
    return file


def _has_files(process: int) -> bool:
    """Whether a process has files without a name."""
    return any("deleted" in each for each in _files_of(process))


def _reads(file: Path) -> Callable[[int], bool]:
    """Tells whether a process has a file open."""
    return lambda process: str(file) in _files_of(process)


def _files_of(process: int) -> list[str]:
    """What a process has open."""
    found = []
    for each in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            found.append(os.readlink(each))
    return found


def _hears_interrupts() -> None:
    """What a shell runs in the background may not hear them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("when", ["reading", "on disk", "judging"])
def test_an_interrupt_stops_at_once_and_leaves_nothing(
    tmp_path: Path, large: Path, when: str
) -> None:
    words = [sys.executable, ROOT / "cli.py", "audit", SALES / "bank-sales.yaml", large]
    words += ["--engine", "columns", "--memory", "16MiB", "--verify", "all", "--fail-on", "never"]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        words,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hears_interrupts,
    )
    try:
        begun = _reads(large) if when == "reading" else _has_files
        until = time.monotonic() + 300
        while not begun(process.pid):
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep({"reading": 0.2, "on disk": 0, "judging": 2}[when])
        assert process.poll() is None, "it was over before it was interrupted"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert said.endswith("stopped\n")
    assert list(tmp_path.iterdir()) == []
