"""One table tells the live commands; click and the quick path agree with it and each other."""

from __future__ import annotations

import shlex
from typing import Any

import click
import pytest

from playgate.cli.group import playgate
from playgate.cli.live_commands import LIVE
from playgate.cli.quick import _read
from playgate.cli.requests import read_pairs

OF_ALL = {"--db": "db", "--format": "form", "--patience": "patience", "--batch": "batch"}


def command_of(name: str) -> click.Command:
    command = playgate.get_command(click.Context(playgate), name)
    if command is None:  # one of a group
        group = playgate.get_command(click.Context(playgate), name.partition("-")[0])
        assert isinstance(group, click.Group)
        command = group.get_command(click.Context(group), name.partition("-")[2])
    assert command is not None
    return command


@pytest.mark.parametrize("name", LIVE)
def test_click_is_told_what_the_table_says(name: str) -> None:
    parameters = command_of(name).params
    words = [each.name for each in parameters if isinstance(each, click.Argument)]
    options = {each.opts[0]: each.name for each in parameters if isinstance(each, click.Option)}
    assert words == [*LIVE[name].words]
    assert options == {**LIVE[name].options, **OF_ALL}


@pytest.mark.parametrize(
    "line",
    [
        "open D stage=1 amount= --stage won --id 7 --by ann",
        "open D",
        "log D call --at 2026-03-02 --format json",
        "log D call reached --db a.db",
        "set D amount=a=b by=ann",
        "move --from lead D won",
        "check D won --by ann",
        "waive D a/b --reason no --expires 2026-03-02",
        'retract D e-1 --reason "never happened" --by ann',
        "merge D E --by ann",
        "next D --by ann --by bob",
        "history D --by ann --at 2026-03-02",
        "history --batch --db a.db",
    ],
)
def test_the_quick_path_reads_what_click_does(line: str) -> None:
    name, *words = shlex.split(line)
    asked: dict[str, Any] = command_of(name).make_context(name, [*words]).params
    if "fields" in asked:
        asked["fields"] = read_pairs(asked["fields"], name)
    quick = _read(LIVE[name], words)
    assert quick is not None
    assert {"form": "text", **{key: quick[key] for key in quick if quick[key] != {}}} == {
        key: value for key, value in asked.items() if value
    }


@pytest.mark.parametrize(
    "line",
    [
        "check D",
        "check D won more",
        "set D",
        "set D amount",
        "log D call --with decider",
        "log D call --attr a=b",
        "waive D a/b --all",
        "check D won --id 7",
        "history D --only ann",
        "history --batch --by ann",
        "check D won --format yaml",
        "check D won --by",
        "check D won --by=ann",
        "check --help",
    ],
)
def test_what_is_not_plain_is_for_click(line: str) -> None:
    name, *words = shlex.split(line)
    assert _read(LIVE[name], words) is None
