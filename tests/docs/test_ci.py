"""What others copy: hooks of pre-commit, workflows, the catalog of schemas."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
import pages
import pytest
import yaml
from pages import DOCS, ROOT

from playgate import __version__
from playgate.cli.group import playgate
from playgate.documents.tidy import tidy

COMMANDS = playgate.list_commands(click.Context(playgate))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
WORKFLOWS = [DOCS / "ci" / "github.yml", DOCS / "ci" / "gitlab.yml"]
CATALOG = json.loads((ROOT / "schemas" / "catalog.json").read_bytes())["schemas"]


def workflow(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data


def scripts(node: Any) -> Iterator[str]:
    """Everything that a workflow runs."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("run", "script", "before_script"):
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


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_call_what_there_is(path: Path) -> None:
    calls = [words for script in scripts(workflow(path)) for words in called(script)]
    assert {words[0] for words in calls} == {"fmt", "lint", "test", "plan"}
    for words in calls:
        check_call(words)
    assert any(f"playgate=={__version__}" in script for script in scripts(workflow(path)))


def test_the_workflow_of_github_may_little() -> None:
    data = workflow(WORKFLOWS[0])
    assert data["permissions"] == {}
    assert {name: job["permissions"] for name, job in data["jobs"].items()} == {
        "check": {"contents": "read"},
        "comment": {"pull-requests": "write"},
    }
    # What may write runs nothing of the pull request's, and is not run for those of strangers.
    comment = data["jobs"]["comment"]
    assert "head.repo.full_name == github.repository" in comment["if"]
    assert not any("checkout" in step.get("uses", "") for step in comment["steps"])
    for job in data["jobs"].values():
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])
    for script in scripts(data):  # what a stranger names comes in by the environment
        assert "${{" not in script


def test_hooks_call_what_there_is() -> None:
    assert {hook["id"]: hook["entry"] for hook in HOOKS} == {
        "playgate-lint": "playgate lint",
        "playgate-fmt": "playgate fmt",
        "playgate-test": "playgate test",
    }
    for hook in HOOKS:
        assert hook["language"] == "python"
        check_call([hook["entry"].removeprefix("playgate "), "a.playbook.yaml"])
        assert re.search(hook["files"], "sales/a.playbook.yaml")
        assert not re.search(hook["files"], "docker-compose.yaml")
    shown = "\n".join(block.body for block in pages.blocks("git"))
    assert set(re.findall(r"- id: (\S+)", shown)) == {hook["id"] for hook in HOOKS}


def test_the_layout_shown_is_what_fmt_makes() -> None:
    shown = {block.file: block.body for block in pages.blocks("git") if block.file}
    found = tidy(shown["sales.playbook.yaml"].encode(), "sales.playbook.yaml")
    assert found.decode() == shown["tidy.playbook.yaml"]


def test_the_catalog_names_each_schema_of_files_that_people_write() -> None:
    for path in (ROOT / "playbooks").rglob("*.*.yaml"):
        (entry,) = [
            each for each in CATALOG if any(fnmatch(path.name, form) for form in each["fileMatch"])
        ]
        schema = ROOT / "schemas" / entry["url"].rpartition("/")[2]
        assert schema.name == f"{path.name.split('.')[-2]}.schema.json"
        assert json.loads(schema.read_bytes())["$id"] == entry["url"]


def test_editors_are_told_what_the_catalog_says() -> None:
    (settings,) = (json.loads(b.body) for b in pages.blocks("editors") if b.lang == "json")
    wanted = {f"./schemas/{each['url'].rpartition('/')[2]}": each["fileMatch"] for each in CATALOG}
    assert settings["yaml.schemas"] == wanted
