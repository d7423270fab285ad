"""On a terminal: colour, width, and a bar for long work; plain text where that is wished."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from running import HISTORY, PLAYBOOK, on_terminal

AUDIT = ("audit", "sales.yaml", "history.csv", "--people", "people.csv")
STYLE = re.compile(r"\x1b\[[0-9;]*m")


def test_results_are_coloured(sales: Path) -> None:
    Path("wrong.yaml").write_text(PLAYBOOK.replace("- interview\n", "- interveiw\n"))
    for arguments, status in ((AUDIT, 1), (("show", "sales.yaml"), 0), (("lint", "wrong.yaml"), 2)):
        ended, text = on_terminal(*arguments)
        assert ended == status
        assert STYLE.search(text)
        assert "\x1b" not in STYLE.sub("", text)


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_plain_where_that_is_wished(
    name: str, value: str, sales: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    Path("wrong.yaml").write_text(PLAYBOOK.replace("- interview\n", "- interveiw\n"))
    for arguments in (AUDIT, ("lint", "wrong.yaml"), ("show", "wrong.yaml")):
        assert "\x1b" not in on_terminal(*arguments)[1]


def test_a_file_is_plain_though_a_terminal_asks(sales: Path) -> None:
    assert on_terminal(*AUDIT, "-o", "out") == (1, "")
    assert "\x1b" not in Path("out").read_text()


@pytest.mark.parametrize("columns", [60, 100])
@pytest.mark.parametrize("arguments", [AUDIT, ("show", "sales.yaml")], ids=["audit", "show"])
def test_lines_keep_to_the_terminal(arguments: tuple[str, ...], columns: int, sales: Path) -> None:
    text = STYLE.sub("", on_terminal(*arguments, columns=columns)[1])
    widest = max(map(cell_len, text.splitlines()))
    assert widest <= columns
    assert widest > 45


def test_long_work_shows_a_bar(sales: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(
        f"D-{deal},2026-03-02T09:00:00Z,activity,call,done {number},ann\n"
        for deal in range(200)
        for number in range(100)
    )
    Path("history.csv").write_text("deal,happened_at,kind,name,value,actor\n" + rows)
    _, text = on_terminal("import", "history.csv", "-o", "out.csv")
    assert "reading" in text
    assert "100%" in text
    monkeypatch.setenv("TERM", "dumb")
    _, text = on_terminal("import", "history.csv", "-o", "out.csv")
    assert "reading" not in text


def test_short_work_shows_none(sales: Path) -> None:
    assert len(HISTORY) < 1_000_000
    assert "reading" not in on_terminal(*AUDIT)[1]
