"""What the cookbook says is so: each piece lints, and its cases show it met and unmet."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any

import pages
import pytest
from pages import Block

from playgate.cases.coverage import cover
from playgate.cases.load import parse_cases
from playgate.cases.run import Bench
from playgate.cli.check_file import check_file
from playgate.model.playbook import Playbook
from playgate.playbook.load import parse_playbook
from playgate.rules.list import list_rules

PAGE = "cookbook"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What people say, the piece of a playbook that says it, and its cases."""

    said: str
    piece: Block
    cases: Block


def _sections() -> list[tuple[str, list[Block]]]:
    """The headings of the page that say something, each with the blocks below it."""
    text, blocks = pages.text_of(PAGE), list(pages.blocks(PAGE))
    starts = [at for at, line in enumerate(text.splitlines(), 1) if line.startswith("### ")]
    ends = [*starts[1:], len(text)]
    lines = text.splitlines()
    return [
        (lines[start - 1].removeprefix("### "), [b for b in blocks if start < b.line < end])
        for start, end in zip(starts, ends, strict=True)
    ]


SECTIONS = _sections()
FRAME, HEAD = itertools.islice(pages.blocks(PAGE), 2)
RECIPES = [Recipe(said, *blocks) for said, blocks in SECTIONS if len(blocks) == 2]


def _text(data: Any) -> bytes:
    """Data as a file; JSON is YAML."""
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def _with(piece: dict[str, Any]) -> dict[str, Any]:
    """The page's playbook with a piece put into it: by name, and stages by their ids."""
    data = pages.read_yaml(FRAME.body)
    for key, more in piece.items():
        if key == "stages":
            data[key] = _joined(data[key], more)
        elif isinstance(more, dict) and isinstance(data.get(key), dict):
            data[key] = {**data[key], **more}
        else:
            data[key] = more
    return data


def _joined(stages: list[dict[str, Any]], more: list[dict[str, Any]]) -> list[dict[str, Any]]:
    pieces = {stage["stage"]: stage for stage in more}
    joined = [{**stage, **pieces.pop(stage["stage"], {})} for stage in stages]
    assert not pieces, f"the page's playbook has no such stages: {', '.join(pieces)}"
    return joined


def test_each_heading_has_a_piece_and_its_cases() -> None:
    assert [said for said, blocks in SECTIONS if len(blocks) != 2] == []
    assert len(RECIPES) >= 47


def _playbook(text: bytes) -> Playbook:
    playbook, mistakes = parse_playbook(text, "piece.yaml")
    assert playbook is not None, mistakes
    return playbook


def _levels(playbook: Playbook) -> set[tuple[str, str]]:
    """The rules of a playbook with their levels."""
    return {(rule.info.id, rule.info.level) for rule in list_rules(playbook)}


def test_the_frame_lints() -> None:
    """It asks nothing of its words: the pieces do."""
    found = check_file(FRAME.body.encode(), "frame.yaml")
    assert {mistake.rule for mistake in found} == {"unused"}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.said)
def test_what_is_said_is_so(recipe: Recipe) -> None:
    text = _text(_with(pages.read_yaml(recipe.piece.body)))
    assert [each for each in check_file(text, "piece.yaml") if each.rule != "unused"] == []
    playbook = _playbook(text)
    head, cases = pages.read_yaml(HEAD.body), pages.read_yaml(recipe.cases.body)
    file, mistakes = parse_cases(_text({**head, "cases": cases}), "piece.cases.yaml", playbook)
    assert mistakes == []
    assert file is not None
    bench = Bench(playbook, file.people)
    assert [each for each in map(bench.outcome, file.cases) if each.differences] == []
    said = _levels(playbook) - _levels(_playbook(FRAME.body.encode()))
    assert said
    seen = {each.rule.id: each for each in cover(playbook, [(bench, file.cases)]).rules}
    assert [rule for rule, _ in said if not (seen[rule].met and seen[rule].unmet)] == []
