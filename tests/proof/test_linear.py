"""Lint takes twice as long for twice as much: what it does is counted, not timed."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable

import pytest

from playgate.cli.check_file import check_file

ENDS = "  - {stage: won, ends: won}\n  - {stage: lost, ends: lost}\n"
HEAD = "playbook: p\nversion: 1\nfields: {x: {type: number}}\nactivities: {c: {title: C}}\n"
STAGES = f"stages:\n  - {{stage: a}}\n{ENDS}"
KINDS: dict[str, tuple[str, Callable[[int], str], str]] = {
    "stages": (HEAD + "stages:\n", lambda i: f"  - {{stage: s{i}}}\n", ENDS),
    "time limits": (
        HEAD + "stages:\n",
        lambda i: f"  - {{stage: s{i}, time_limit: 3 days}}\n",
        ENDS,
    ),
    "fields": ("playbook: p\nversion: 1\nfields:\n", lambda i: f"  f{i}: {{type: text}}\n", STAGES),
    "activities": (
        "playbook: p\nversion: 1\nactivities:\n",
        lambda i: f"  a{i}: {{title: A}}\n",
        STAGES,
    ),
    "roles": (HEAD + "roles:\n", lambda i: f"  - r{i}\n", STAGES),
    "settings": (HEAD + STAGES + "rules:\n", lambda i: f"  'a{i}/*': {{level: warn}}\n", ""),
    "sequences": (
        HEAD + STAGES + "sequence:\n",
        lambda i: f"  - {{id: s{i}, before: {{field: x, is: present}}, need: {{activity: c}}}}\n",
        "",
    ),
    "kpis": (HEAD + "kpis:\n", lambda i: f"  k{i}: {{count: {{activity: c}}}}\n", STAGES),
    "segments": (
        HEAD + "segments:\n",
        lambda i: f"  k{i}: {{when: {{field: x, more_than: {i}}}}}\n",
        STAGES,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_twice_as_much_takes_twice_as_long(kind: str) -> None:
    begun, each, ended = KINDS[kind]
    _calls(f"{begun}{each(0)}{ended}".encode())  # imports and compiles what is done once
    counts = []
    for many in (80, 160, 320):
        text = begun + "".join(map(each, range(many))) + ended
        counts.append(_calls(text.encode()))
    first, second = counts[1] - counts[0], counts[2] - counts[1]
    assert second < 2.4 * first, counts


def _calls(content: bytes) -> int:
    profile = cProfile.Profile()
    profile.runcall(check_file, content, "p.yaml")
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]
