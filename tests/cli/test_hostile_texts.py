"""No text of a playbook, a history or a request is more than text in what playgate writes."""

from __future__ import annotations

import ast
import contextlib
import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running import Ran, Run

from playgate.cli.door import harmless
from playgate.report.words import UNSAFE

sys.path.insert(0, str(Path(__file__).parent.parent / "report"))
from hostile import NASTY, NASTY_ID, world

ENGINE = Path(__file__).parents[2] / "engine" / "playgate"
HARM = re.compile(f"(?![\\n\\t])[{UNSAFE}]")
BOOK, HISTORY = "hostile.yaml", "history.csv"
WORDS = [
    *((command, BOOK) for command in ("lint", "show", "test")),
    ("audit", BOOK, HISTORY, "--people", "people.csv", "--as-of", "2026-03-01"),
    ("audit", BOOK, HISTORY, "--strict"),
    ("audit", BOOK, "--db", "hostile.db", "--people", "people.csv"),
    *(
        (command, BOOK, HISTORY, "--people", "people.csv", "--as-of", "2026-03-01")
        for command in ("kpi", "target", "segments", "alarms", "coach", "quality")
    ),
    ("plan", BOOK, "other.yaml", HISTORY),
    ("diff", BOOK, "other.yaml"),
    ("import", HISTORY, "-o", "out.csv"),
    ("case", NASTY, HISTORY, "--playbook", BOOK),
    ("compile", BOOK, "--dialect", "duckdb"),
    ("fmt", "--check", BOOK),
    ("ledger", "show"),
    ("deals",),
    ("reconcile",),
    ("waiver", "list"),
    ("people", "people.csv"),
    ("people", BOOK),
    *((command, NASTY) for command in ("next", "history", "allowed")),
    *((command, f"{NASTY} no such") for command in ("next", "history", "allowed")),
    *((command, "L", NASTY_ID) for command in ("check", "move")),
    *((command, "L", NASTY) for command in ("check", "move", "log", "set", "waive")),
    ("check", "L", "won"),
    ("move", "L", "won"),
    ("set", "L", f"{NASTY_ID}={NASTY}"),
    ("log", "L", NASTY_ID, NASTY, "--attr", f"{NASTY}={NASTY}"),
    ("waive", "L", f"{NASTY_ID}/*", "--all", "--reason", NASTY),
    ("waiver", "request", "L", f"{NASTY_ID}/time", "--reason", NASTY),
    ("retract", "L", NASTY, "--reason", NASTY),
    ("merge", "L", NASTY),
    ("migrate", "--to", NASTY),
    ("audit", f"{NASTY}.yaml", NASTY),
    ("audit", BOOK, HISTORY, "--deal", NASTY),
    ("audit", BOOK, HISTORY, "--rule", NASTY),
    ("audit", BOOK, HISTORY, "--map", NASTY),
    ("audit", BOOK, HISTORY, "--as-of", NASTY),
    *((command, "\udcff") for command in ("next", "audit", "lint", "\udcff")),
    ("audit", BOOK, HISTORY, "--deal", "\udcff"),
    ("audit", BOOK, HISTORY, "-o", "\udcff/\udcff"),
    ("set", "L", f"{NASTY_ID}=\udcff"),
    (NASTY,),
    ("audit", f"--{NASTY}"),
    ("show", "--format", NASTY),
]
FORMATS = ("text", "json", "csv", "markdown", "ndjson", "sarif", "junit", "tap", "mermaid", "dot")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile")
    book, _, _ = world(path)
    (path / "other.yaml").write_text(book.read_text("utf-8").replace("2 days", "3 days"), "utf-8")
    return path


@pytest.fixture
def playgate(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    monkeypatch.setenv("PLAYGATE_BY", NASTY)
    monkeypatch.setenv("PLAYGATE_DB", "hostile.db")

    def ran(*words: str) -> Ran:
        with contextlib.chdir(folder):
            if not Path("hostile.db").exists():
                for deal in ("L", NASTY):
                    assert run("open", deal, "--playbook", BOOK).status == 0
            return run(*words)

    return ran


def cases() -> Iterator[tuple[tuple[str, ...], str]]:
    for words in WORDS:
        yield words, ""
        yield from ((words, form) for form in FORMATS)


@pytest.mark.parametrize(
    ("words", "form"), [*cases()], ids=lambda each: ascii(each)[:30] if each else ""
)
def test_nothing_is_more_than_text(
    playgate: Callable[..., Ran], words: tuple[str, ...], form: str
) -> None:
    asked = [*words, *(["--format", form] if form else [])]
    done = playgate(*asked)
    if "No such option" in done.err or "is not one of" in done.err:
        assert not HARM.search(done.err.replace("\r\n", "\n"))
        return
    assert done.status in (0, 1, 2), done.err
    # A script for DuckDB, which knows no codes above 127, is written sign by sign into a pipe.
    for text in (done.err,) if words[0] == "compile" else (done.out, done.err):
        found = HARM.search(text if form != "csv" else text.replace("\r\n", "\n").replace("\r", ""))
        assert found is None, (found, text[max(0, found.start() - 80) : found.end() + 20])
        if form != "csv":
            assert not re.search(r"^\s*(forged: x|\| x \|)", text, re.MULTILINE), text
    check = {"json": check_json, "csv": check_csv, "markdown": check_markdown}.get(form)
    if check and words[0] != "import" and done.out.strip():
        check(done.out)


def check_json(text: str) -> None:
    assert json.loads(text)


def check_csv(text: str) -> None:
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert not cell.startswith(tuple("=+@\t\r")), cell


def check_markdown(text: str) -> None:
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    plain = re.sub(r"(?<![`\\])(`+)(?!`)[^\n]*?(?<!`)\1(?!`)", "", text)
    assert "<script" not in plain
    assert "<b>" not in plain
    assert not re.search(r"(?<!\\)\]\(javascript", plain)
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(widths) == 1, table


@pytest.mark.parametrize("sign", ["\x1b", "\x07", "\x9b", "\u202e", "\u2028", "\ud800", "\u200b"])
def test_what_somebody_forgot_does_no_harm(sign: str) -> None:
    assert not HARM.search("".join(harmless([f"a{sign}b\n", "c\r", "d\r\n"])).replace("\r\n", ""))
    assert "".join(harmless([f"\x1b[31m{sign}\x1b[0m"], colour=True)).startswith("\x1b[31m")


def test_nothing_else_writes() -> None:
    """Only the door touches the streams of the process, and what is written to files is rendered
    by `report/`."""
    found = []
    for path in sorted(ENGINE.rglob("*.py")):
        if path.name == "door.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if re.fullmatch(
                    r"print|click\.s?echo|click\.secho|sys\.std(out|err)\.write(lines)?", called
                ):
                    found.append(f"{path.relative_to(ENGINE)}:{node.lineno} {called}")
    # A text that is to be read again, sign by sign, leaves as it is.
    assert [each for each in found if not each.startswith("cli/output.py")] == []
    assert len(found) == 1
