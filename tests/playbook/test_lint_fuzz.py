"""`lint` never raises, and what it finds no mistake in can be compiled and judged.

Run it long by hand with `LINT_EXAMPLES=10000 pytest tests/playbook/test_lint_fuzz.py`.
"""

from __future__ import annotations

import json
import os
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playgate.conditions import tree
from playgate.documents import yaml12
from playgate.history.event import Event
from playgate.judge.judge import Judge
from playgate.model.playbook import Playbook
from playgate.playbook.load import parse_playbook
from playgate.proof.lint import lint_playbook
from playgate.rules.asks import condition_of

ROOT = Path(__file__).parent.parent.parent
SHIPPED = [
    path for path in sorted((ROOT / "playbooks").glob("*/*.yaml")) if path.stem == path.parent.name
]
INVALID = sorted((ROOT / "tests" / "cases" / "lint").glob("*.yaml"))
JUDGED = sorted((ROOT / "tests" / "cases" / "judge").glob("*.yaml"))
EXAMPLES = int(os.environ.get("LINT_EXAMPLES", "150"))
DAY = 86_400_000_000

fuzz = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


def _read(content: bytes) -> Any:
    document, _ = yaml12.parse(content, "fuzz.yaml")
    return document.data if document and isinstance(document.data, dict) else None


@cache
def documents() -> list[Any]:
    """The playbooks at hand as plain data, those without a mistake many times."""
    small = [_read(_read(path.read_bytes())["playbook"].encode()) for path in JUDGED]
    shipped = [_read(path.read_bytes()) for path in SHIPPED]
    invalid = [_read(path.read_bytes()) for path in INVALID]
    return [data for data in (*shipped, *invalid) if data] + [*small, *shipped] * 8


def _words(data: Any) -> set[str]:
    if isinstance(data, dict):
        return set(data).union(*map(_words, data.values()))
    if isinstance(data, list):
        return set().union(*map(_words, data))
    return {data} if isinstance(data, str) and len(data) < 40 else set()


@cache
def words() -> list[str]:
    """Every short text in these playbooks."""
    return sorted(set().union(*map(_words, documents())))


known = st.deferred(lambda: st.sampled_from(words()))
STRANGE = (
    "",
    " ",
    "a b",
    "*",
    "a/b",
    "yes",
    "010",
    "2026-02-30",
    "2026-03-31",
    "0 days",
    "2 days",
    "5 business days",
    "1 month",
    "(?=a)",
    "(a|b)+",
    "[",
    "UTC",
    "Europe/Paris",
    "../x",
    "ends",
    "\u202e",
    "x" * 200,
    "😀",
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**12)
    | st.floats(allow_nan=False, width=32)
    | st.sampled_from(STRANGE)
    | known
    | st.text(max_size=6)
)
CHANGES = ("delete", "delete", "delete", "double", "replace", "rename", "copy")
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(known | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def _containers(data: Any) -> list[Any]:
    """Every mapping and list that is not empty, from the top."""
    found, todo = [], [data]
    while todo:
        each = todo.pop()
        if isinstance(each, dict | list) and each:
            found.append(each)
            todo.extend(each.values() if isinstance(each, dict) else each)
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A playbook in which some nodes were deleted, doubled, replaced or moved."""
    data = deepcopy(draw(st.sampled_from(documents())))
    for _ in range(draw(st.sampled_from((1, 1, 1, 1, 2, 4)))):
        containers = _containers(data)
        if not containers:
            break
        where = draw(st.sampled_from(containers[1:] or containers))
        keys = list(where) if isinstance(where, dict) else list(range(len(where)))
        key = draw(st.sampled_from(keys))
        match draw(st.sampled_from(CHANGES)):
            case "delete":
                del where[key]
            case "double" if isinstance(where, list):
                where.append(deepcopy(where[key]))
            case "rename" if isinstance(where, dict):
                where[draw(known)] = where.pop(key)
            case "copy":
                other = draw(st.sampled_from(containers))
                where[key] = deepcopy(other)
            case _:
                where[key] = draw(values)
    return data


@fuzz
@given(mutated())
def test_a_damaged_playbook_is_read_to_its_end(data: Any) -> None:
    text = json.dumps(data, ensure_ascii=_has_surrogates(data), indent=1)
    playbook, mistakes = parse_playbook(text.encode(), "damaged.yaml")
    wrong = any(mistake.level == "error" for mistake in mistakes)
    assert (playbook is None) == wrong
    if playbook is not None:
        _judge(playbook)
        assert set(mistakes) <= set(lint_playbook(text.encode(), "damaged.yaml"))


def _has_surrogates(data: Any) -> bool:
    """Whether the data can only be written in ASCII; YAML reads `\\ud800` as nothing at all."""
    return any("\ud800" <= sign <= "\udfff" for sign in json.dumps(data, ensure_ascii=False))


@fuzz
@given(
    st.sampled_from([*SHIPPED * 20, *INVALID]),
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 3), st.binary(max_size=4)),
        min_size=1,
        max_size=4,
    ),
)
def test_damaged_bytes_are_read_to_their_end(
    path: Path, cuts: list[tuple[int, int, bytes]]
) -> None:
    content = path.read_bytes()
    for at, length, put in cuts:
        at %= len(content) + 1
        content = content[:at] + put + content[at + length :]
    playbook, mistakes = parse_playbook(content, "damaged.yaml")
    assert mistakes or playbook is not None
    if playbook is not None:
        _judge(playbook)


@fuzz
@given(st.text(st.sampled_from("ab:-?#&*!|>'\"%@`{}[], \n\t01~"), max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    playbook, mistakes = parse_playbook(text.encode(), "text.yaml")
    assert playbook is None
    assert mistakes


@pytest.mark.parametrize("path", [*SHIPPED, *INVALID], ids=lambda path: path.stem)
def test_every_beginning_of_a_file_is_read_to_its_end(path: Path) -> None:
    content = path.read_bytes()[:3000]
    for length in range(0, len(content), 1 + len(content) // 60):
        playbook, mistakes = parse_playbook(content[:length], "cut.yaml")
        assert mistakes or playbook is not None


def _judge(playbook: Playbook) -> None:
    judge = Judge(playbook, has_people=True)
    assert not any(_is_stand_in(condition_of(rule.rule.ask)) for rule in judge.rules)
    for events in ([], _history(playbook)):
        deal = judge.reader().read("d", events, as_of=4000 * DAY)
        judge.ever_governs(deal)
        assert len(judge.judge(deal)) == len(judge.rules)


def _is_stand_in(condition: tree.Condition | None) -> bool:
    """Whether something stands for a part that could not be read."""
    return condition is not None and any(
        isinstance(part, tree.SignalRef) and not part.name for part in tree.walk(condition, {})
    )


def _history(playbook: Playbook) -> list[Event]:
    names = [("stage", stage.id, "") for stage in playbook.stages]
    names += [("activity", name, "done") for name in playbook.activities]
    names += [("field", name, "5") for name in playbook.fields]
    names += [("waiver", "*", "agreed")]
    return [
        Event("d", day * DAY, kind, name, value, "ann", day * DAY, "", "", 0, day + 1)
        for day, (kind, name, value) in enumerate(names)
    ]
