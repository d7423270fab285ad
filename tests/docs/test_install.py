"""What is said and shipped of installing is true: before the first release, and with it."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pages
import pytest
from pages import PAGES, ROOT
from workflow_files import RELEASE, WORKFLOWS, scripts, workflow

HEADINGS = re.findall(r"^## (\S+) — (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
RELEASED = [version for version, when in HEADINGS if when != "unreleased"]
LATER = "with the first release"
BY_NAME = re.compile(r"playgate(\[[\w,-]+\])?([=~<>!].*)?")
"""What a package index is asked for."""
NOT_FOR_USERS = {"browser", "dev", "engines", "fuzz"}


def by_name(line: str) -> list[str]:
    """What a line of shell has an index asked for that is called playgate."""
    return [word for command in re.split(r"&&|\|\||;", line) for word in _by_name(command)]


def _by_name(line: str) -> list[str]:
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # half of a text that goes on
        words = line.split()
    if "uvx" in words or words[:3] == ["uv", "tool", "run"]:
        chosen = [words[words.index("--from") + 1]] if "--from" in words else words[1:]
    elif "install" in words and {"pip", "pip3", "pipx", "uv"} & set(words):
        chosen = words[words.index("install") + 1 :]
    else:
        return []
    return [word for word in chosen if BY_NAME.fullmatch(word)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("python -m pip install 'playgate==0.1.0'", ["playgate==0.1.0"]),
        ("RUN pip install --no-cache-dir playgate[serve,sign]", ["playgate[serve,sign]"]),
        ("pipx install playgate   # once", ["playgate"]),
        ("uv tool install playgate~=0.1", ["playgate~=0.1"]),
        ("uvx playgate audit a.yaml", ["playgate"]),
        ("uvx --from playgate[report] playgate audit", ["playgate[report]"]),
        ("uvx --from git+https://example.org/p.git playgate audit", []),
        ('pip install "playgate @ $PLAYGATE"', []),
        ("pipx install git+https://example.org/playgate.git", []),
        ("pip install -c constraints.txt '.[dev]'", []),
        ("RUN pip install '/src[serve]' && useradd playgate", []),
        ("cd /src && pip install playgate", ["playgate"]),
        ("playgate init our-sales", []),
    ],
)
def test_what_asks_an_index_is_seen(line: str, found: list[str]) -> None:
    assert by_name(line) == found


def shipped() -> Iterator[tuple[str, str, str]]:
    """Each line of code that people are to run or copy: where, its block's mark, the line."""
    for page in PAGES:
        for block in pages.blocks(page):
            for line in block.body.splitlines():
                yield page, block.mark, re.sub(r"^(\$|RUN) ", "", line)
    for path in [*WORKFLOWS, RELEASE]:
        for script in scripts(workflow(path)):
            for line in script.splitlines():
                yield path.name, "", line
    others = [ROOT / ".pre-commit-hooks.yaml", ROOT / "Makefile", ROOT / ".ci" / "run"]
    for path in [*others, *(each for each in (ROOT / "playbooks").rglob("*") if each.is_file())]:
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if "install" in line or "uvx" in line:
                yield path.name, "", line.strip()


@pytest.mark.skipif(bool(RELEASED), reason="there is a release")
def test_before_the_first_release_nothing_asks_an_index_for_playgate() -> None:
    assert not [(where, line) for where, mark, line in shipped() if mark != LATER and by_name(line)]
    for name in ("README", "install"):
        assert "There is no release yet" in pages.text_of(name)
    said = "\n".join(line for _, mark, line in shipped() if mark == LATER)
    assert {"pipx install playgate", "uvx playgate --version"} <= set(said.splitlines())


@pytest.mark.skipif(not RELEASED, reason="there is no release yet")
def test_with_a_release_no_page_says_that_there_is_none() -> None:
    assert not [name for name in PAGES if "o release yet" in " ".join(pages.text_of(name).split())]
    assert not [where for where, mark, _ in shipped() if mark == LATER]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_to_copy_installs_what_there_is(path: Path) -> None:
    data = workflow(path)
    installs = [line for text in scripts(data) for line in text.splitlines() if "pip inst" in line]
    if RELEASED:
        assert [by_name(line) for line in installs] == [[f"playgate=={RELEASED[0]}"]]
        return
    assert installs == ['python -m pip install "playgate @ $PLAYGATE"']
    settings = data.get("env") or data["playbooks"]["variables"]
    # Nobody can have a name that ends so: until it is set, it fails.
    assert re.fullmatch(r"git\+https://[\w.]+\.invalid/\S+@\S+", settings["PLAYGATE"])


def test_every_extra_is_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = re.findall(r"^\| `(\w+)` \|", pages.text_of("install"), re.M)
    assert sorted(told) == sorted(project["optional-dependencies"].keys() - NOT_FOR_USERS)
