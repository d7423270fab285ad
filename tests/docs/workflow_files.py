"""Workflow files, and the calls of playgate in what they run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml
from pages import DOCS, ROOT

from playgate.cli.group import playgate

__all__ = ["PINNED", "RELEASE", "WORKFLOWS", "called", "check_call", "scripts", "workflow"]

WORKFLOWS = [DOCS / "ci" / "github.yml", DOCS / "ci" / "gitlab.yml"]
"""Those that users copy."""
RELEASE = ROOT / ".github" / "workflows" / "release.yml"
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
"""An action at a commit, which nobody can move."""


def workflow(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data


def scripts(node: Any) -> Iterator[str]:
    """Everything that a workflow runs."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("run", "script", "before_script") and not isinstance(value, dict):
                yield from value if isinstance(value, list) else [value]
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for value in node:
            yield from scripts(value)


def called(script: str) -> Iterator[list[str]]:
    """The words of each call of playgate in a script."""
    for line in script.replace("\\\n", " ").splitlines():
        found = re.search(r"^\s*playgate (.*?)(?: >>.*)?$", line)
        if found:
            yield shlex.split(found[1])


def check_call(words: list[str]) -> None:
    """The command takes these options, with these values."""
    name, *rest = words
    command = playgate.get_command(click.Context(playgate), name)
    assert command is not None, name
    # Under the group, as a command keeps the help option that it was first asked with.
    parent = click.Context(playgate, help_option_names=["-h", "--help"])
    command.make_context(name, rest, parent=parent)
