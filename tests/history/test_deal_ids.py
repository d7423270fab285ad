"""The ids of deals: trimmed, and told where two become one."""

from __future__ import annotations

import pytest

from playgate.history.deal_ids import DealIds

HINT = "the white space around an id is no part of it"
CASES = [
    (["D", "E", "D"], []),
    (["D ", "\u00a0E", "D "], []),
    (["D", "D ", "D", " D"], [(2, '"D" and "D " are one deal', HINT)]),
    (["D ", "E", "D", "D "], [(3, '"D " and "D" are one deal', HINT)]),
    (["D ", " D", "D"], [(2, '"D " and " D" are one deal', HINT)]),
    (["", " ", "\t"], []),
    (["É", "\u3000É"], [(2, '"É" and "\u3000É" are one deal', HINT)]),
]


@pytest.mark.parametrize(("written", "problems"), CASES)
@pytest.mark.parametrize("at_once", [True, False])
def test_the_white_space_around_an_id_is_no_part_of_it(written, problems, at_once):
    found, told = [], []
    deals = DealIds()
    lines = range(1, len(written) + 1)
    batches = (
        [(lines, written)]
        if at_once
        else [((n,), (w,)) for n, w in zip(lines, written, strict=True)]
    )
    for each, ids in batches:
        found += deals.of(each, ids, lambda *problem: told.append(problem))
    assert found == [each.strip() for each in written]
    assert told == problems


ROWS = 'D,2026-01-05,stage,a\n" D",2026-01-06,stage,b\n'
MAPPING = """\
mapping: m
version: 1
tables:
  - deal: deal
    happened_at: happened_at
    rows: [{kind: stage, name: name}]
"""


@pytest.mark.parametrize("mapping", [None, MAPPING])
def test_a_history_reads_so(read, mapping):
    events, problems = read("deal,happened_at,kind,name\n" + ROWS, mapping=mapping)
    assert [each.deal for each in events] == ["D", "D"]
    assert problems == [(3, '"D" and " D" are one deal')]
