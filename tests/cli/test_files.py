"""Files that are not there, are something else, or cannot be written: status 2 and plain words."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from running import Run

AUDIT = ("audit", "sales.yaml", "history.csv")
WRITERS = (
    (*AUDIT, "--fail-on", "never", "--format", "json"),
    ("show", "sales.yaml", "--format", "json"),
    ("lint", "sales.yaml", "--format", "json"),
    ("import", "history.csv"),
)


def wrong(run: Run, *arguments: str, says: str) -> None:
    done = run(*arguments)
    if "json" in arguments:
        assert (done.status, done.err) == (2, "")
        assert json.loads(done.out)["error"]["message"] == says
        return
    assert (done.status, done.out) == (2, "")
    assert says in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint", "nowhere"),
        ("show", "nowhere"),
        ("import", "nowhere"),
        ("import", "history.csv", "--map", "nowhere.yaml"),
        ("audit", "nowhere", "history.csv"),
        ("audit", "sales.yaml", "nowhere"),
        ("audit", "sales.yaml", "history.csv", "nowhere"),
        ("audit", "sales.yaml", "history.csv", "--people", "nowhere"),
        ("audit", "sales.yaml", "history.csv", "--map", "nowhere/map"),
    ],
)
def test_missing(arguments: tuple[str, ...], sales: Path, run: Run) -> None:
    done = run(*arguments)
    assert done.status == 2
    assert "nowhere" in done.err
    assert "No such file" in done.err or "does not exist" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint", "folder"),
        ("show", "folder"),
        ("import", "folder"),
        ("import", "history.csv", "--map", "./folder"),
        ("audit", "folder", "history.csv"),
        ("audit", "sales.yaml", "folder"),
        ("audit", "sales.yaml", "history.csv", "--people", "folder"),
    ],
)
def test_folders(arguments: tuple[str, ...], sales: Path, run: Run) -> None:
    Path("folder").mkdir()
    wrong(run, *arguments, says="folder is a folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_what_may_not_be_read_or_written(sales: Path, run: Run) -> None:
    for name, arguments in {
        "sales.yaml": ("show", "sales.yaml"),
        "history.csv": ("import", "history.csv"),
        "people.csv": (*AUDIT, "--people", "people.csv"),
    }.items():
        Path(name).chmod(0)
        wrong(run, *arguments, says=f"cannot read {name}: Permission denied")
        Path(name).chmod(0o600)
    Path("locked").mkdir(mode=0o500)
    wrong(run, *AUDIT, "-o", "locked/out", says="cannot write locked/out: Permission denied")


@pytest.mark.parametrize(
    "arguments",
    [("lint", "history.csv/x"), ("show", "history.csv/x"), ("audit", "sales.yaml", "sales.yaml/x")],
)
def test_below_a_file(arguments: tuple[str, ...], sales: Path, run: Run) -> None:
    wrong(run, *arguments, says="Not a directory")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "history.csv is empty"),
        (b"\n", "history.csv is empty"),
        (b"deal,happened_at,kind,name,caf\xe9\nD-1,2026-03-02,stage,a,\n", "is not UTF-8"),
        (b"deal,happened_at\0", "a NUL byte, which is no text"),
        (b"id,when\n1,2\n", "has no columns"),
        (b"PK\x03\x04rest", "a zip archive or a spreadsheet"),
        (b"PAR1rest", "a Parquet file"),
        (b"\x1f\x8b\x08\x00broken", "is broken"),
        (b"[{}]", "one JSON list"),
    ],
)
def test_histories_that_are_none(content: bytes, says: str, sales: Path, run: Run) -> None:
    Path("history.csv").write_bytes(content)
    wrong(run, *AUDIT, says=says)
    wrong(run, "import", "history.csv", says=says)


def test_a_history_with_nothing_but_a_header(sales: Path, run: Run) -> None:
    Path("history.csv").write_text("deal,happened_at,kind,name\n")
    done = run(*AUDIT)
    assert (done.status, done.err) == (2, "error: no deal could be judged\n")
    assert "0 deals judged on 0 events." in done.out
    assert "Blind spots" not in done.out
    for form in ("json", "ndjson", "csv", "markdown", "sarif", "junit"):
        assert run(*AUDIT, "--format", form).status == 2


def test_people_that_are_none(sales: Path, run: Run) -> None:
    Path("people.csv").write_text("actr,name\nann,Ann\n")
    done = run(*AUDIT, "--people", "people.csv")
    assert done.status == 2
    assert 'has no column "actor"' in done.err
    assert 'did you mean "actr"?' in done.err


class TestOutput:
    @pytest.mark.parametrize("arguments", WRITERS, ids=lambda words: words[0])
    def test_replaces_a_file_whole(self, arguments: tuple[str, ...], sales: Path, run: Run) -> None:
        out = Path("out.csv")
        out.write_text("old " * 100_000)
        out.chmod(0o600)
        assert run(*arguments, "-o", "out.csv").status == 0
        assert "old" not in out.read_text()
        assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []

    def test_keeps_who_may_read_it(self, sales: Path, run: Run) -> None:
        out = Path("out")
        out.write_text("")
        out.chmod(0o600)
        run("show", "sales.yaml", "-o", "out")
        assert stat.S_IMODE(out.stat().st_mode) == 0o600

    def test_keeps_a_link(self, sales: Path, run: Run) -> None:
        Path("real").write_text("old")
        Path("link").symlink_to("real")
        run("show", "sales.yaml", "-o", "link")
        assert Path("link").is_symlink()
        assert Path("real").read_text() != "old"

    @pytest.mark.parametrize("arguments", WRITERS, ids=lambda words: words[0])
    def test_is_left_alone_when_something_fails(
        self, arguments: tuple[str, ...], sales: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        out = Path("out.csv")
        out.write_text("old")

        def fail(*_: object) -> None:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(os, "replace", fail)
        wrong(run, *arguments, "-o", "out.csv", says="cannot write out.csv: Input/output error")
        assert out.read_text() == "old"
        assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []

    def test_is_left_alone_when_the_input_is_wrong(self, sales: Path, run: Run) -> None:
        Path("out").write_text("old")
        Path("history.csv").write_text("")
        assert run(*AUDIT, "-o", "out").status == 2
        assert Path("out").read_text() == "old"

    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("folder.csv", "cannot write folder.csv: Is a directory"),
            ("nowhere/out.csv", "cannot write nowhere/out.csv: No such file or directory"),
            ("history.csv/out.csv", "cannot write history.csv/out.csv: Not a directory"),
        ],
    )
    @pytest.mark.parametrize("arguments", WRITERS, ids=lambda words: words[0])
    def test_where_nothing_can_be_written(
        self, arguments: tuple[str, ...], name: str, says: str, sales: Path, run: Run
    ) -> None:
        Path("folder.csv").mkdir()
        wrong(run, *arguments, "-o", name, says=says)

    def test_a_device_is_written_to(self, sales: Path, run: Run) -> None:
        assert run("show", "sales.yaml", "-o", "/dev/null") == (0, "", "")
        assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
    def test_a_full_disk(self, sales: Path, run: Run) -> None:
        wrong(run, "show", "sales.yaml", "-o", "/dev/full", says="No space left on device")
