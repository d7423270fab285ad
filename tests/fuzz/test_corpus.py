"""What fuzzing ever found is tried again; the thorough run fuzzes each input for some seconds.

`python -m fuzz.run INPUT --seconds 3600` in the folder `tests` fuzzes for longer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.inputs import INPUTS
from fuzz.law import Ran, breaches
from fuzz.mutate import Mutator
from fuzz.rig import opened
from fuzz.run import CORPUS, fuzz, kept, shrunk

SECONDS = 3.0
"""For each kind: with what it takes to begin, a minute or two for all."""


@pytest.mark.parametrize("name", sorted(each.name for each in CORPUS.iterdir() if each.is_dir()))
def test_what_was_found_is_mended(name: str) -> None:
    found = kept(name)
    assert found
    with opened(name) as rig:
        broken = [each for content in found for each in rig.tried(content)[0]]
    assert not broken


@pytest.mark.thorough
@pytest.mark.parametrize("name", INPUTS)
def test_inputs_that_nobody_thought_of(name: str, tmp_path: Path) -> None:
    assert fuzz(name, seconds=SECONDS, seed=1, found=tmp_path) == 0


def test_the_same_seed_gives_the_same_input() -> None:
    from random import Random

    seeds = [b"a: 1\nb: [c, d]\n", b"x"]
    made = [
        [Mutator(seeds).mutated(seeds[0], seeds[1], Random(f"7 {n}")) for n in range(50)]
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert len({*made[0]}) > 30


@pytest.mark.parametrize(
    ("ran", "told"),
    [
        (Ran(3, "", "playgate has a bug", 0, 0), ["exit status 3", "errors: playgate has a bug"]),
        (Ran(0, "\x1b[2J", "", 0, 0), ["output: U+001B as it is"]),
        (Ran(2, "", "", 0, 0), ["wrong input, and nothing is said"]),
        (Ran(1, "fine\tas\n", "", 99, 1 << 30), ["99 seconds", "1048576 MB of memory"]),
        (Ran(1, "fine", "", 1, 0), []),
    ],
)
def test_the_law_sees_what_breaks_it(ran: Ran, told: list[str]) -> None:
    assert breaches(("audit",), ran) == told


def test_what_breaks_it_is_made_small() -> None:
    assert shrunk(b"a" * 500 + b"!" + b"b" * 300, lambda each: b"!" in each) == b"!"
