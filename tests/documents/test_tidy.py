"""`fmt`: the layout is stable, says the same, and keeps every comment."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from playgate.documents.tidy import tidy
from playgate.documents.yaml12 import parse

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "cases" / "fmt").glob("*.in.yaml"))
SHIPPED = sorted((ROOT / "playbooks").rglob("*.yaml"))


def read(content: bytes) -> Any:
    document, mistakes = parse(content, "file.yaml")
    assert document is not None, (mistakes, content.decode())
    return document.data


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name.split(".")[0])
def test_cases(path: Path, request: pytest.FixtureRequest) -> None:
    found = tidy(path.read_bytes(), path.name)
    wanted = path.with_name(path.name.replace(".in.", ".out."))
    if request.config.getoption("--update-golden"):
        wanted.write_bytes(found)
    assert found == wanted.read_bytes()
    assert tidy(found, path.name) == found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_ships_is_laid_out(path: Path) -> None:
    assert tidy(path.read_bytes(), path.name) == path.read_bytes()


def elsewhere(text: str) -> Any:
    """What another reader of YAML 1.2 says."""
    return YAML(typ="safe", pure=True).load(text)


# YAML of every shape, with a comment wherever one may stand; each comment is its own.

NAMES = st.sampled_from(["field", "playbook", "version", "stages", "why", "id", "b c", "on", "1"])
WORDS = st.sampled_from(
    [
        "",
        "plain",
        "two words",
        "10",
        "true",
        "~",
        "a: b",
        "# no",
        "it's",
        'say "x"',
        "back\\slash",
        "tab\there",
        "ünï",
        "\u00a0",
        "*star",
        "- dash",
        "yes",
        "2026-01-01",
        "trailing ",
        "x" * 90,
        "line\nbreak",
        "{a",
        "ende:",
        "\U0001f600",
    ]
)


def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=word.endswith(("ï", "\u00a0")))


class Writer:
    """Writes data as YAML in a way that is drawn, and remembers its comments."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.comments: list[str] = []

    def maybe(self) -> bool:
        return bool(self.draw(st.integers(0, 4)) == 4)

    def comment(self) -> str:
        self.comments.append(f"# {len(self.comments)} it's: {{x")
        return self.comments[-1]

    def above(self, indent: str) -> str:
        lines = ""
        while self.maybe():
            lines += "\n" if self.maybe() else f"{indent}{self.comment()}\n"
        return lines

    def behind(self) -> str:
        return f" {self.comment()}\n" if self.maybe() else "\n"

    def scalar(self, indent: str | None) -> str:
        """A text; with an indentation it may take several lines."""
        word = self.draw(WORDS)
        style = self.draw(st.integers(0, 5))
        if indent is not None and style == 5:
            sign = self.draw(st.sampled_from(["|", ">", ">-", "|+", "|-"]))
            header = sign + (f" {self.comment()}" if self.maybe() else "")
            words = st.sampled_from(["one", "# two", "", "three: 3"])
            lines = self.draw(st.lists(words, max_size=4))
            return header + "".join(f"\n{indent}{line}" if line else "\n" for line in ["x", *lines])
        if indent is not None and style == 4:
            return f"begin\n{indent} and\n\n{indent}   go on"
        if indent is not None and style == 3:
            return f'"begin \\\n{indent}  {_quoted(word)[1:-1]}\n{indent}end"'
        if style == 2 and "\n" not in word and "\t" not in word:
            return "'" + word.replace("'", "''") + "'"
        plain = re.fullmatch(r"[a-z0-9~-]+( [a-z]+)*", word) and not word.startswith("- ")
        return word if style == 1 and plain else _quoted(word)

    def flow(self, depth: int) -> str:
        pieces, is_map = [], self.draw(st.booleans())
        for name in self.draw(st.lists(NAMES, max_size=4, unique=True)):
            value = self.flow(depth + 1) if depth < 3 and self.maybe() else self.scalar(None)
            pieces.append(f"{name}: {value}" if is_map else value)
        opening, closing = "{}" if is_map else "[]"
        gap = ","
        if len(pieces) > 1 and self.maybe():
            gap = f", {self.comment()}\n      "
        text = f"{gap} ".join(pieces)
        end = f"  {self.comment()}\n     " if self.maybe() else ""
        return f"{opening}{text}{end}{closing}"

    def value(self, indent: str, depth: int) -> str:
        """What stands behind a colon or dash, the end of the line included."""
        kind = self.draw(st.integers(0, 5))
        if kind == 5 and depth < 4:
            deeper = indent + " " * self.draw(st.integers(2, 3))
            return self.behind() + self.block(deeper, depth + 1)
        if kind == 4:
            return f" {self.flow(0)}" + self.behind()
        text = self.scalar(indent + "  ")
        is_block = text[:1] in ("|", ">")
        return f" {text}" + ("\n" if is_block else self.behind())

    def block(self, indent: str, depth: int) -> str:
        names = self.draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
        is_map = depth == 0 or self.draw(st.booleans())
        text = ""
        for name in names:
            head = f"{name}:" + " " * self.draw(st.integers(0, 3)) if is_map else "-"
            text += self.above(indent) + indent + head + self.value(indent, depth)
        if self.maybe():
            text += f"{indent}{self.comment()}\n"
        return text


@st.composite
def written(draw: Any) -> tuple[str, list[str]]:
    writer = Writer(draw)
    text = writer.above("") + writer.block("", 0)
    return text, writer.comments


@given(written())
def test_layout_is_stable_and_loses_nothing(made: tuple[str, list[str]]) -> None:
    text, comments = made
    found = tidy(text.encode(), "file.yaml")
    assert tidy(found, "file.yaml") == found
    assert read(found) == read(text.encode())
    assert elsewhere(found.decode()) == elsewhere(text)
    lines = found.decode()
    missing = [each for each in comments if not re.search(re.escape(each) + r"$", lines, re.M)]
    assert not missing
