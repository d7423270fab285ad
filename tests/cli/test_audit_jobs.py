"""An audit that several processes share says what one says."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from running import ROOT, Run

from playgate.audit import parts
from playgate.auditing import reading
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.part import PartOfDeals
from playgate.history.spool import Spool
from support.thorough import but_first

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux")

SHIPPED = ("bank-sales", "active-sales", "loan-application")
STRANGE = """\
deal,happened_at,kind,name,value,actor
A,2026-01-05,stage,approach,,ann
B,2026-01-06,stage,aproach,,bob
,2026-01-06,stage,approach,,bob
C,never,stage,approach,,bob
D,2026-01-07,stage,approach,,bob,one cell too many
E,2026-01-08,nothing,approach,,ann
"F,2026-01-08,stage,approach,,ann
"""


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("jobs", but_first(1, [2, 5]))
def test_the_same_result_to_the_byte(run: Run, name: str, jobs: int, form: str) -> None:
    folder = ROOT / "playbooks" / name
    words = (
        "audit",
        folder / f"{name}.yaml",
        folder / "history.csv",
        "--people",
        folder / "people.csv",
        "--format",
        form,
    )
    alone, shared = run(*words, "--jobs", 1), run(*words, "--jobs", jobs)
    assert alone.out.count("\n") > 50
    assert (shared.status, shared.out, shared.err) == (alone.status, alone.out, alone.err)


def test_rows_with_problems_are_told_once(run: Run, sales: Path) -> None:
    Path("strange.csv").write_text(STRANGE.replace('"F', "F"), encoding="utf-8")
    words = ("audit", "sales.yaml", "strange.csv", "history.csv", "--format", "json")
    alone, shared = run(*words, "--jobs", 1), run(*words, "--jobs", 3)
    assert alone.out.count('"reason"') >= 5
    assert shared.out == alone.out


def test_mapped_rows(run: Run, sales: Path) -> None:
    rows = "\n".join(f"{100 + n},2026-01-{n:02},Call,ok,{n}" for n in range(1, 29))
    Path("crm.csv").write_text(f"Opportunity,When,What,Result,Who\n{rows}\n", encoding="utf-8")
    mapping = (
        "mapping: own\nversion: 1\ntables:\n  - deal: Opportunity\n    happened_at: When\n"
        "    actor: Who\n    start: {owner: Who}\n    rows:\n"
        "      - {kind: activity, name: What, value: Result}\n"
    )
    Path("own.mapping.yaml").write_text(mapping, encoding="utf-8")
    words = ("audit", "sales.yaml", "crm.csv", "--map", "own.mapping.yaml", "--format", "json")
    alone, shared = run(*words, "--jobs", 1), run(*words, "--jobs", 4)
    assert '"deals": 28' in alone.out
    assert shared.out == alone.out


def test_a_history_without_events(run: Run, sales: Path) -> None:
    Path("none.csv").write_text("deal,happened_at,kind,name\n", encoding="utf-8")
    words = ("audit", "sales.yaml", "none.csv")
    assert run(*words, "--jobs", 2).out == run(*words, "--jobs", 1).out


@pytest.mark.parametrize("text", [STRANGE, "no,columns\n1,2\n"])
def test_a_broken_file_is_told_once_and_ends_all(run: Run, sales: Path, text: str) -> None:
    Path("broken.csv").write_text(text, encoding="utf-8")
    alone = run("audit", "sales.yaml", "broken.csv", "--jobs", 1)
    shared = run("audit", "sales.yaml", "broken.csv", "--jobs", 3)
    assert (shared.status, shared.out, shared.err) == (alone.status, alone.out, alone.err)
    assert alone.status == 2


def test_what_goes_wrong_elsewhere_is_said() -> None:
    def fill(spool: object, part: PartOfDeals, first: bool) -> list:
        if first:
            return []
        raise InputError("wrong there", hint="mend it") if part.count == 2 else KeyError("bug")

    with pytest.raises(InputError, match="wrong there") as said:
        parts.audit_parts(fill, lambda _: pytest.fail("not judged"), jobs=2, as_of=None)
    assert said.value.hint == "mend it"
    with pytest.raises(RuntimeError, match="KeyError: 'bug'"):
        parts.audit_parts(fill, lambda _: pytest.fail("not judged"), jobs=3, as_of=None)


def test_a_process_that_is_killed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(spool: object, part: PartOfDeals, first: bool) -> list:
        if not first:
            import os
            import signal

            os.kill(os.getpid(), signal.SIGKILL)
        return []

    with pytest.raises(InputError, match="ended from outside"):
        parts.audit_parts(fill, lambda _: pytest.fail("not judged"), jobs=2, as_of=None)


def test_how_many_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, large, packed = (tmp_path / name for name in ("small.csv", "large.csv", "large.csv.gz"))
    small.write_bytes(b"x" * 1000)
    large.write_bytes(b"x" * 9_000_000)
    packed.write_bytes(b"x" * 900_000)
    monkeypatch.setattr(reading.os, "sched_getaffinity", lambda _: range(32))
    assert reading.processes(None, [str(small)]) == 1
    assert reading.processes(None, [str(large)]) == 8
    assert reading.processes(None, [str(packed)]) == 8
    assert reading.processes(3, [str(small)]) == 3
    assert reading.processes(3, [str(small), "-"]) == 1


def test_parts_are_all_of_the_deals() -> None:
    parted = [PartOfDeals(number, 3) for number in range(3)]
    for deal in ("", "A", "é", "\ud800", *map(str, range(300))):
        assert sum(part[deal] for part in parted) == 1


def test_temporary_files_are_put_away_where_the_first_process_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tmp_path / "temporary"
    files.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(files))
    monkeypatch.setattr(parts, "_PATIENCE", 120.0)
    ready = files / "ready"

    def fill(spool: Spool, part: PartOfDeals, first: bool) -> list:
        if not first:
            spool._limit = 0
            spool.add(Event("d", 1, "stage", "a", "", "", 1, "", "", 0, 1))
            ready.touch()
            time.sleep(600)
        while not ready.exists():
            time.sleep(0.01)
        raise InputError("wrong here")

    with pytest.raises(InputError, match="wrong here"):
        parts.audit_parts(fill, lambda _: pytest.fail("not judged"), jobs=2, as_of=None)
    assert list(files.iterdir()) == [ready]


ORPHAN = """
import time
from playgate.audit.parts import audit_parts
from playgate.history.event import Event

def fill(spool, part, first):
    if part.number == 1:
        spool._limit = 0
        spool.add(Event("d", 1, "stage", "a", "", "", 1, "", "", 0, 1))
        print("ready", flush=True)
    time.sleep(600)

audit_parts(fill, None, jobs=3, as_of=None)
"""


def test_all_end_and_put_away_their_files_where_the_first_process_is_killed(tmp_path: Path) -> None:
    files = tmp_path / "temporary"
    files.mkdir()
    environment = {"PYTHONPATH": str(ROOT / "engine"), "TMPDIR": str(files)}
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True, env=environment
    ) as first:
        assert first.stdout is not None
        told, kept = first.stdout.readline(), list(files.iterdir())
        first.kill()
        assert (told, len(kept)) == ("ready\n", 1)
        # The pipe ends once no process holds it any more.
        assert first.communicate(timeout=120) == ("", None)
    assert list(files.iterdir()) == []
