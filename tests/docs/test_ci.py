"""What others copy: hooks of pre-commit, workflows, the catalog of schemas."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch
from pathlib import Path

import click
import pages
import pytest
import yaml
from pages import ROOT
from workflow_files import PINNED, WORKFLOWS, called, check_call, scripts, workflow

from playgate.cli.group import playgate
from playgate.documents.tidy import tidy

COMMANDS = playgate.list_commands(click.Context(playgate))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
CATALOG = json.loads((ROOT / "schemas" / "catalog.json").read_bytes())["schemas"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_call_what_there_is(path: Path) -> None:
    calls = [words for script in scripts(workflow(path)) for words in called(script)]
    assert {words[0] for words in calls} == {"fmt", "lint", "test", "plan"}
    for words in calls:
        check_call(words)


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
                assert PINNED.fullmatch(step["uses"])
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
