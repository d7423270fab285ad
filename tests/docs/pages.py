"""The pages of the documentation as blocks, and what their marks ask for.

A mark is an HTML comment on the line before a fenced block (or, with `bad`, before a table):

- `<!-- file: NAME -->`: the page's commands find the block as this file.
- `<!-- change: NAME -->`: a diff that the page's commands find made, from there on.
- `<!-- fragment of PART -->`: a YAML block that is a piece of a playbook; see `framed`.
- `<!-- words of the fragments -->`: a YAML block of names that fragments may speak of.
- `<!-- bad PART -->`: a table whose first column is a lint rule and whose last an example of it.
- `<!-- bad and good PART -->`: the same, and then an example without mistakes.
- `<!-- not run -->`: a block that only shows something.
- `<!-- with the first release -->`: one that is true from then on.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import click

from playgate.cli.group import playgate
from playgate.cli.main import main
from playgate.documents import yaml12

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = {
    **{
        name: DOCS / f"{name}.md"
        for name in (
            "install",
            "walk",
            "playbooks",
            "cookbook",
            "judging",
            "histories",
            "lint",
            "testing",
            "versions",
            "git",
            "audit",
            "bulk",
            "numbers",
            "people",
            "pay",
            "leads",
            "practices",
            "forecast",
            "experiment",
            "report",
            "live",
            "crm",
            "serve",
            "agents",
            "ledger",
            "python",
            "cli",
            "errors",
            "editors",
        )
    },
    **{f"crms/{path.stem}": path for path in sorted((DOCS / "crms").glob("*.md"))},
    "README": ROOT / "README.md",
}

_BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<lang>\w*)\n(?P<body>.*?)^```$", re.DOTALL | re.M
)
_TABLE = re.compile(
    r"^<!-- bad (?P<good>and good )?(?P<part>[\w ]+) -->\n\|.*\n\|[-|]+\|\n(?P<rows>(?:\|.*\n)+)",
    re.M,
)
_ROW = re.compile(r"\| `(?P<rule>[a-z0-9-]+)` \|.*\| (?:`(?P<example>.+)`|.*) \|")
_PAIR = re.compile(
    r"\| `(?P<rule>[a-z0-9-]+)` \|.*?\| `(?P<example>[\[{a-z].*)` \| `(?P<good>.+)` \|"
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where its body starts (a line and an offset), and what it is."""

    page: str
    line: int
    start: int
    mark: str
    lang: str
    body: str

    @property
    def file(self) -> str:
        """The file that the block stands for; empty where it is none."""
        return self.mark.removeprefix("file: ") if self.mark.startswith("file: ") else ""

    def __str__(self) -> str:
        return f"{PAGES[self.page].relative_to(ROOT).as_posix()}:{self.line}"


@dataclass(frozen=True, slots=True)
class BadExample:
    """A row of the lint page: a rule, and an example that breaks it (empty where it is told)."""

    part: str
    rule: str
    example: str
    good: str = ""
    """An example in which nothing is wrong, where the table has one."""


def text_of(page: str) -> str:
    return PAGES[page].read_text(encoding="utf-8")


def blocks(page: str) -> Iterator[Block]:
    text = text_of(page)
    for found in _BLOCK.finditer(text):
        start = found.start("body")
        line = text.count("\n", 0, start) + 1
        yield Block(page, line, start, found["mark"] or "", found["lang"], found["body"])


def bad_examples() -> Iterator[BadExample]:
    for table in _TABLE.finditer(text_of("lint")):
        for row in table["rows"].splitlines():
            found = (_PAIR if table["good"] else _ROW).fullmatch(row)
            assert found, f"not a row of a rule: {row}"
            good = found["good"] if table["good"] else ""
            yield BadExample(table["part"], found["rule"], found["example"] or "", good)


def read_yaml(text: str) -> Any:
    document, mistakes = yaml12.parse(text.encode(), "block.yaml")
    assert document is not None, mistakes
    return document.data


def frame() -> dict[str, Any]:
    """The first playbook of the first page, to which the fragments of all pages belong, and the
    words of which they speak, too."""
    first = next(block for block in blocks("playbooks") if block.body.startswith("playbook:"))
    words = next(block for block in blocks("playbooks") if block.mark == "words of the fragments")
    data: dict[str, Any] = read_yaml(first.body)
    for key, more in read_yaml(words.body).items():
        data[key] = {**data[key], **more} if isinstance(more, dict) else more
    return data


def framed(part: str, piece: Any) -> dict[str, Any]:
    """A playbook that holds `piece` as its `part`.

    `top` is keys of the playbook, `stage` keys of a stage, `conditions` a list of them that stands
    under `entry`, `activities` a list of a stage's, `stages` and `sequence` lists of their items.
    """
    data = frame()
    match part:
        case "top":
            for key, value in piece.items():
                both = isinstance(value, dict) and isinstance(data.get(key), dict)
                is_condition = key == "applies_to"
                data[key] = {**data[key], **value} if both and not is_condition else value
        case "stages":
            data["stages"] = [*piece, *data["stages"]]
        case "sequence":
            data["sequence"] = piece
        case "stage":
            data["stages"] = [{"stage": "trial", **piece}, *data["stages"]]
        case "conditions":
            data["stages"] = [{"stage": "trial", "entry": piece}, *data["stages"]]
        case "activities":
            data["stages"] = [{"stage": "trial", "activities": piece}, *data["stages"]]
        case _:
            raise AssertionError(f"no such part of a playbook: {part}")
    return data


def with_true_output(page: str, folder: Path) -> str:
    """The page's text with the output of each of its commands as it is, run in `folder`."""
    text = text_of(page)
    for block in blocks(page):
        if block.file:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.body, encoding="utf-8")
    pieces, end = [], 0
    for block in blocks(page):
        if block.mark.startswith("change: "):
            _change(block, folder / block.mark.removeprefix("change: "))
        if block.lang == "console" and block.mark != "not run":
            pieces += [text[end : block.start], _session(block, folder)]
            end = block.start + len(block.body)
    return "".join(pieces) + text[end:]


def _change(block: Block, path: Path) -> None:
    """Make the change that a diff shows; `@@` stands between its places."""
    text = path.read_text(encoding="utf-8")
    for piece in block.body.split("@@\n"):
        lines = piece.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] != "+")
        after = "".join(line[1:] for line in lines if line[0] != "-")
        assert text.count(before) == 1, f"{block}: this does not stand once in the file:\n{before}"
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")


def _session(block: Block, folder: Path) -> str:
    """The commands of a block, each with its output."""
    shown, status = "", 0
    for line in block.body.splitlines():
        if not line.startswith("$ "):
            continue
        shown += line + "\n"
        program, *arguments = shlex.split(line.removeprefix("$ "))
        if (program, *arguments) == ("echo", "$?"):
            shown += f"{status}\n"
            continue
        if program == "cp":
            shutil.copy(*(folder / each for each in arguments))
            continue
        assert program == "playgate", f"{block}: only playgate, cp and `echo $?` are run: {line}"
        said, status = _run(arguments, folder)
        shown += said
    return shown


def _run(arguments: list[str], folder: Path) -> tuple[str, int]:
    """What playgate says, run in this process, and its exit status."""
    command = playgate.get_command(click.Context(playgate), arguments[0])
    if command is not None:
        command._help_option = None  # click keeps the one that was first asked for, by whomever
    heard = io.BytesIO()
    said = io.TextIOWrapper(heard, encoding="utf-8", write_through=True)
    environment = {"PLAYGATE_CACHE": str(folder / ".cache"), "COLUMNS": "80"}
    with (
        mock.patch.object(sys, "argv", ["playgate", *arguments]),
        mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO())),
        mock.patch.dict(os.environ, environment),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = int(ended.code or 0)
    return heard.getvalue().decode().replace("\r\n", "\n"), status
