"""The whole command line: usage, the table of exit statuses, pipes and signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.shell_completion import get_completion_class
from running import HISTORY, ROOT, Run, command, spawn

from playgate import __version__
from playgate.cli.group import playgate
from playgate.history.spool import Spool

FILE_COMMANDS = ("init", "lint", "show", "import", "audit")


class TestUsage:
    def test_help_and_version(self, run: Run) -> None:
        assert run("--version").out == f"playgate, version {__version__}\n"
        for option in ("-h", "--help"):
            done = run(option)
            assert done.status == 0
            assert "Exit status: 0 clean" in done.out

    def test_every_command_has_help_with_an_example(self, run: Run) -> None:
        names = playgate.list_commands(click.Context(playgate))
        assert {*FILE_COMMANDS} <= {*names}
        for name in names:
            done = run(name, "--help")
            assert done.status == 0
            assert f"\n  playgate {name} " in done.out

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ((), "Usage: playgate"),
            (("audt",), 'no command "audt"; did you mean "audit"?'),
            (("xyzzy",), 'no command "xyzzy"; known: init, new, lint'),
            (("show",), "Missing argument 'PLAYBOOK'"),
            (("audit",), "an audit needs a playbook and a history"),
            (("audit", "sales.yaml"), "an audit needs a playbook and a history"),
            (("show", "a", "b"), "unexpected extra argument"),
            (("lint", "a", "--fromat", "json"), "No such option"),
            (("lint", "a", "--format", "yaml"), "is not one of"),
            (("audit", "a", "b", "--fail-on", "error"), "is not one of 'block', 'warn'"),
            (("audit", "a", "b", "-o"), "requires an argument"),
        ],
    )
    def test_wrong_usage(self, arguments: tuple[str, ...], says: str, run: Run) -> None:
        done = run(*arguments)
        assert (done.status, done.out) == (2, "")
        assert says in done.err

    @pytest.mark.parametrize("name", ["lint", "show", "import", "audit"])
    def test_the_shell_completes_file_names(self, name: str) -> None:
        kind = get_completion_class("bash")
        assert kind is not None
        completion = kind(playgate, {}, "playgate", "_PLAYGATE_COMPLETE")
        for words in ([name], [name, "-o"]):
            (item,) = completion.get_completions(words, "sal")
            assert (item.type, item.value) == ("file", "sal")


class TestStatuses:
    def test_clean_findings_and_wrong(self, sales: Path) -> None:
        audit = ("audit", "sales.yaml", "history.csv")
        assert spawn(*audit, "--deal", "D-1").status == 0
        assert spawn(*audit).status == 1
        assert spawn(*audit, "--deal", "D-11").status == 2

    def test_a_bug_leaves_a_log_and_no_traceback(
        self, sales: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError("by nothing")

        monkeypatch.setattr(Spool, "extend", fail)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        done = run("audit", "sales.yaml", "history.csv", "-o", "out")
        assert (done.status, done.out) == (3, "")
        assert done.err.startswith("playgate has a bug (ZeroDivisionError); the log to send")
        (log,) = tmp_path.glob("playgate-bug-*.log")
        assert str(log) in done.err
        text = log.read_text()
        assert f"playgate {__version__}" in text
        assert "ZeroDivisionError: by nothing" in text
        assert not Path("out").exists()

    def test_a_bug_where_no_log_can_be_written(
        self, sales: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(Spool, "extend", fail)
        monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
        done = run("audit", "sales.yaml", "history.csv")
        assert (done.status, done.out) == (3, "")
        assert "no log could be written" in done.err

    def test_out_of_memory_is_no_bug(
        self, sales: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise MemoryError

        monkeypatch.setattr(Spool, "extend", fail)
        done = run("audit", "sales.yaml", "history.csv")
        assert (done.status, done.err) == (2, "error: out of memory\n")

    def test_errors_show_no_control_characters(self, sales: Path, run: Run) -> None:
        done = run("audit", "sales.yaml", "history.csv", "--deal", "\x1b[31mred")
        assert done.status == 2
        assert "\\x1b[31mred" in done.err

    def test_the_checkout_runs_without_being_installed(self, sales: Path) -> None:
        done = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), "lint", "crm.mapping.yaml"],
            env={"PATH": os.environ["PATH"], "PLAYGATE_CACHE": "cache", "PYTHONUTF8": "1"},
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, b"crm.mapping.yaml: no mistakes\n")


class TestPipes:
    @pytest.fixture
    def large(self, sales: Path) -> Path:
        """A history whose output fills a pipe."""
        head, *rows = HISTORY.splitlines(keepends=True)
        many = "".join(row.replace("D-", f"{number}-D-") for number in range(600) for row in rows)
        Path("history.csv").write_text(head + many)
        return sales

    @pytest.mark.parametrize(
        "arguments",
        [
            ("import", "history.csv"),
            ("audit", "sales.yaml", "history.csv", "--format", "csv"),
            ("audit", "sales.yaml", "history.csv", "--format", "json"),
        ],
    )
    def test_a_reader_that_goes_is_no_error(self, arguments: tuple[str, ...], large: Path) -> None:
        process = subprocess.Popen(
            command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait() == 141

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
    @pytest.mark.parametrize("name", ["import", "audit"])
    def test_a_full_disk_behind_standard_output(self, name: str, sales: Path) -> None:
        arguments = ("import",) if name == "import" else ("audit", "sales.yaml")
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                command(*arguments, "history.csv"), stdout=full, stderr=subprocess.PIPE, check=False
            )
        assert done.returncode == 2
        assert done.stderr == b"error: cannot write: No space left on device\n"

    def test_pipes_hold_plain_text_and_no_bar(self, large: Path) -> None:
        done = spawn("audit", "sales.yaml", "history.csv")
        assert done.err == ""
        assert "\x1b" not in done.out
        assert "\r" not in done.out

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
    def test_output_is_utf_8_wherever(
        self, encoding: str, sales: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PYTHONUTF8", "0")
        monkeypatch.setenv("PYTHONIOENCODING", encoding)
        done = spawn("audit", "sales.yaml", "history.csv")
        assert done.status == 1
        assert "→" in done.out


WAITING = """
import io, os, pathlib, signal, sys
from playgate.cli.main import main

class Input(io.RawIOBase):
    def readable(self):
        return True

    def readinto(self, buffer):
        pathlib.Path("waiting").touch()
        return os.readv(0, [buffer])

sys.stdin = io.TextIOWrapper(io.BufferedReader(Input()))
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
"""Playgate, which tells when it begins to read; under `nohup` and the like it starts deaf."""


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(2400):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def test_an_engine_is_left_in_a_hurry_but_in_order(
    sales: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ibis")
    pytest.importorskip("duckdb")
    words = ("audit", "sales.yaml", "history.csv", "--format", "json")
    folder = sales / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    ran, judged = spawn(*words, "--engine", "duckdb"), spawn(*words, "--engine", "judge")
    assert (ran.status, ran.err) == (judged.status, "")
    assert json.loads(ran.out)["findings"] == json.loads(judged.out)["findings"] != []
    assert list(folder.iterdir()) == []


def test_an_interrupt_stops_it(sales: Path) -> None:
    """It waits for standard input; who interrupts a process that starts hears Python speak."""
    words = [sys.executable, "-c", WAITING, "audit", "sales.yaml", "-", "-o", "out"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until((sales / "waiting").exists)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert err.strip() == b"stopped"
    assert not Path("out").exists()
