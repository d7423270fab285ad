"""The real judge and the naive one agree, finding by finding, on generated playbooks.

`python -m support.parity FIRST END` in the folder `tests` compares any number more.
"""

from __future__ import annotations

import pytest

from support.parity import as_case, differences, drawn, shrink

CHUNK = 10
SEEDS = 60
MORE = 700


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_both_judges_agree(first: int) -> None:
    check(first)


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(SEEDS, MORE, CHUNK))
def test_both_judges_agree_on_more(first: int) -> None:
    check(first)


def check(first: int) -> None:
    for seed in range(first, first + CHUNK):
        example = drawn(seed)
        for difference in differences(example):
            smallest = as_case(shrink(example, difference))
            pytest.fail(f"seed {seed}: {difference}\n\n{smallest}")
