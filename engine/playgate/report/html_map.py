"""The map of the stages: where each stage and each step between two of them is drawn.

The track runs down the page. Steps to the next stage go straight down, those that leave out or
pass by a stage go round on the right, returns on the left, and what was lost from a stage stands in
a column beside it. Each step round has a lane: short ones inside, and none across another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from playgate.numbers.ways import Edge
from playgate.records import Record

__all__ = ["Box", "Column", "Drawn", "StageMap", "draw"]

_WIDE, _HIGH, _GAP, _TOP = 220, 46, 42, 40
_FIRST, _LANE, _LOST = 54, 30, 96
_TURN, _HEAD, _EDGE = 7, 7, 8
_TEXT_HIGH, _TEXT_WIDE = 17, 84
_MOST_SKIPS, _MOST_BACK, _MOST_LOST = 9, 7, 3
_THICK = 7

Side = Literal["right", "left"]


class Box(Record):
    """Where a stage stands; `x` and `y` are the left upper corner."""

    stage: str
    x: float
    y: float
    width: float
    height: float


class Drawn(Record, kw_only=True):
    """A step as it is drawn: its line, its head, and where its words stand."""

    edge: Edge
    line: str
    head: str
    thick: float
    x: float
    y: float
    anchor: Literal["start", "middle"]


class Column(Record):
    """The column of a stage in which deals are lost."""

    stage: str
    x: float
    width: float


class StageMap(Record):
    """A map, ready to be drawn; `left_out` steps were too rare to be on it."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    edges: tuple[Drawn, ...]
    columns: tuple[Column, ...]
    left_out: int


class _Round(NamedTuple):
    """A step that goes round other stages: from row to row, in a lane."""

    edge: Edge
    out_of: int
    into: int
    lane: int

    @property
    def low(self) -> int:
        return min(self.out_of, self.into)

    @property
    def high(self) -> int:
        return max(self.out_of, self.into)


def draw(track: Sequence[str], lost: Sequence[str], edges: Sequence[Edge]) -> StageMap:
    """Returns the map of the stages in `track`, in order, and of those in which deals are `lost`;
    of the `edges`, the commonest come first."""
    rows = {stage: row for row, stage in enumerate(track)}
    inside = [edge for edge in edges if edge.out_of in rows and edge.into in rows]
    straight = [edge for edge in inside if rows[edge.into] == rows[edge.out_of] + 1]
    skips = _rounds([e for e in inside if rows[e.into] > rows[e.out_of] + 1][:_MOST_SKIPS], rows)
    back = _rounds([e for e in inside if rows[e.into] < rows[e.out_of]][:_MOST_BACK], rows)
    columns = _columns(lost, edges, rows)
    losses = [e for e in edges if e.out_of in rows and e.into in columns]

    left = _breadth(back)
    right = left + _WIDE + _breadth(skips)
    most = max((edge.times for edge in inside), default=1)
    boxes = {
        stage: Box(stage, left, _TOP + row * (_HIGH + _GAP), _WIDE, _HIGH)
        for stage, row in rows.items()
    }
    found = [
        *(_straight(edge, boxes, most) for edge in straight),
        *_around(skips, "right", boxes, most),
        *_around(back, "left", boxes, most),
        *(_loss(edge, boxes, right + columns[edge.into] * _LOST) for edge in losses),
    ]
    return StageMap(
        right + len(columns) * _LOST,
        _TOP + len(rows) * (_HIGH + _GAP) - _GAP + _HEAD,
        tuple(boxes.values()),
        tuple(found),
        tuple(Column(stage, right + place * _LOST, _LOST) for stage, place in columns.items()),
        len(edges) - len(found),
    )


def _columns(lost: Sequence[str], edges: Iterable[Edge], rows: dict[str, int]) -> dict[str, int]:
    """Returns the place of the columns of those stages in which most was lost."""
    times: dict[str, int] = defaultdict(int)
    for edge in edges:
        if edge.into in lost and edge.out_of in rows:
            times[edge.into] += edge.times
    most = sorted(times, key=lambda stage: -times[stage])[:_MOST_LOST]
    return {stage: place for place, stage in enumerate(each for each in lost if each in most)}


def _rounds(edges: Sequence[Edge], rows: dict[str, int]) -> list[_Round]:
    """Gives each step round a lane: the innermost in which none that it meets goes."""
    found: list[_Round] = []
    for edge in sorted(edges, key=lambda each: abs(rows[each.into] - rows[each.out_of])):
        new = _Round(edge, rows[edge.out_of], rows[edge.into], 0)
        taken = {each.lane for each in found if each.low < new.high and new.low < each.high}
        lane = next(lane for lane in range(len(edges)) if lane not in taken)
        found.append(new._replace(lane=lane))
    return found


def _breadth(rounds: Sequence[_Round]) -> float:
    lanes = max((each.lane + 1 for each in rounds), default=0)
    return _FIRST + (lanes - 1) * _LANE + _TEXT_WIDE / 2 + 4 if lanes else _EDGE


def _thick(edge: Edge, most: int) -> float:
    return round(1.2 + _THICK * edge.times / most, 1)


def _straight(edge: Edge, boxes: dict[str, Box], most: int) -> Drawn:
    above, below = boxes[edge.out_of], boxes[edge.into]
    x, end = above.x + above.width / 2, below.y - 1
    return Drawn(
        edge=edge,
        line=f"M{x:g} {above.y + above.height:g}V{end - _HEAD:g}",
        head=f"M{x - _HEAD:g} {end - _HEAD:g}h{2 * _HEAD}L{x:g} {end:g}z",
        thick=_thick(edge, most),
        x=x + 14,
        y=above.y + above.height + _GAP / 2 + 3,
        anchor="start",
    )


def _loss(edge: Edge, boxes: dict[str, Box], x: float) -> Drawn:
    box = boxes[edge.out_of]
    middle = box.y + box.height / 2
    return Drawn(
        edge=edge, line="", head="", thick=0, x=x + _LOST / 2, y=middle + 4, anchor="middle"
    )


def _around(
    rounds: Sequence[_Round], side: Side, boxes: dict[str, Box], most: int
) -> Iterator[Drawn]:
    """Yields the steps on one side. On the right they go down, out of the lower half of a stage and
    into the upper one; on the left the other way round."""
    leaves = _ports(rounds, side, leaving=True)
    comes = _ports(rounds, side, leaving=False)
    away = 1 if side == "right" else -1
    words: list[tuple[float, float]] = []
    for each in rounds:
        box, into = boxes[each.edge.out_of], boxes[each.edge.into]
        start = box.y + leaves[each.edge.out_of, each.edge.into]
        end = into.y + comes[each.edge.out_of, each.edge.into]
        edge_x = box.x + (box.width if side == "right" else 0)
        x = edge_x + away * (_FIRST + each.lane * _LANE)
        turn = _TURN if end > start else -_TURN
        y = _free(words, x, (start + end) / 2)
        words.append((x, y))
        yield Drawn(
            edge=each.edge,
            line=(
                f"M{edge_x:g} {start:g}H{x - away * _TURN:g}Q{x:g} {start:g} {x:g} {start + turn:g}"
                f"V{end - turn:g}Q{x:g} {end:g} {x - away * _TURN:g} {end:g}"
                f"H{edge_x + away * _HEAD:g}"
            ),
            head=f"M{edge_x + away * _HEAD:g} {end - _HEAD + 2:g}v{2 * _HEAD - 4}"
            f"L{edge_x + away:g} {end:g}z",
            thick=_thick(each.edge, most),
            x=x,
            y=y + 4,
            anchor="middle",
        )


def _ports(rounds: Sequence[_Round], side: Side, *, leaving: bool) -> dict[tuple[str, str], float]:
    """Returns how far below its stage's upper edge each step leaves it, or comes into it.

    Where lines turn away at once, outer lanes lie beyond inner ones, so that none crosses another.
    """
    lower = leaving == (side == "right")
    by_stage: dict[str, list[_Round]] = defaultdict(list)
    for each in rounds:
        by_stage[each.edge.out_of if leaving else each.edge.into].append(each)
    found = {}
    for own in by_stage.values():
        own.sort(key=lambda each: each.lane, reverse=lower)
        room = _HIGH / 2 - 4
        for place, each in enumerate(own):
            offset = (place + 0.5) * room / len(own)
            found[each.edge.out_of, each.edge.into] = offset + (_HIGH / 2 if lower else 4)
    return found


def _free(words: Sequence[tuple[float, float]], x: float, y: float) -> float:
    """Returns the nearest height at which words at `x` stand over no others."""
    for step in range(40):
        for try_at in (y + step * _TEXT_HIGH / 2, y - step * _TEXT_HIGH / 2):
            if all(
                abs(x - other) >= _TEXT_WIDE or abs(try_at - at) >= _TEXT_HIGH
                for other, at in words
            ):
                return try_at
    return y
