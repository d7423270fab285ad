"""The map of the stages: nothing is drawn over anything else, whatever the steps."""

from __future__ import annotations

import re
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from playgate.numbers.ways import Edge
from playgate.report.html_map import Drawn, StageMap, draw

TRACK = [f"s{place}" for place in range(14)]
LOST = ["lost", "cancelled", "dormant", "merged"]
_STEPS = st.lists(
    st.tuples(st.sampled_from(TRACK), st.sampled_from([*TRACK, *LOST]), st.integers(1, 500)),
    max_size=60,
    unique_by=lambda each: each[:2],
)


def _edges(steps: list[tuple[str, str, int]]) -> list[Edge]:
    found = [
        Edge(out_of=out_of, into=into, kind="next", times=times, share=0.5, days=3.0, skips=0)
        for out_of, into, times in steps
        if out_of != into
    ]
    return sorted(found, key=lambda each: -each.times)


def _lane(drawn: Drawn) -> tuple[float, float, float] | None:
    """Where a step that goes round others runs along the track, and from where to where."""
    turns = re.findall(r"Q(\S+) (\S+) ", drawn.line)
    if not turns:
        return None
    (x, start), (_, end) = turns
    low, high = sorted((float(start), float(end)))
    return float(x), low, high


@given(_STEPS)
@settings(max_examples=50, deadline=None)
def test_lines_and_words_keep_apart(steps: list[tuple[str, str, int]]) -> None:
    found = draw(TRACK, LOST, _edges(steps))
    lanes = [lane for each in found.edges if (lane := _lane(each))]
    for (x, low, high), (other, other_low, other_high) in combinations(lanes, 2):
        assert x != other or high <= other_low or other_high <= low
    for one, other in combinations([each for each in found.edges if _lane(each)], 2):
        assert abs(one.x - other.x) >= 80 or abs(one.y - other.y) >= 15
    for box, each in ((box, each) for box in found.boxes for each in found.edges if _lane(each)):
        half = 40
        is_beside = each.x + half <= box.x or each.x - half >= box.x + box.width
        assert is_beside, "words stand over a stage"
    _is_inside(found)


def _is_inside(found: StageMap) -> None:
    for box in found.boxes:
        assert box.x >= 0
        assert box.x + box.width <= found.width
        assert box.y + box.height <= found.height
    for each in found.edges:
        for x, y in re.findall(r"[ML](\S+?) (\S+?)[A-Zz]", each.line + "Z"):
            assert 0 <= float(x) <= found.width
            assert 0 <= float(y) <= found.height
        assert 0 <= each.x <= found.width
        assert 0 <= each.y <= found.height


def test_every_step_is_drawn_or_counted_as_left_out() -> None:
    steps = [(one, other, 9) for one in TRACK for other in (*TRACK, *LOST) if one != other]
    found = draw(TRACK, LOST, _edges(steps))
    assert len(found.edges) + found.left_out == len(steps)
    assert len(found.columns) == 3
    straight = [each for each in found.edges if each.line and not _lane(each)]
    assert len(straight) == 13
    assert sum(bool(_lane(each)) for each in found.edges) == 9 + 7


def test_the_thicker_the_more() -> None:
    found = draw(TRACK[:3], [], _edges([("s0", "s1", 100), ("s1", "s2", 10)]))
    thick = {each.edge.times: each.thick for each in found.edges}
    assert thick[100] > 3 * thick[10]
