from __future__ import annotations

from collections.abc import Iterator

from playgate.history.deal import Deal
from playgate.history.event import START, Event
from playgate.history.walk import Rows, Walked, settled, walk
from playgate.judge.judge import Judge
from support.counting import playbook_of

PLAYBOOK = """\
playbook: walks
version: 1
applies_to: {field: size, equals: 1}
fields: {size: {type: integer}}
stages: [{stage: first}, {stage: last, ends: won}, {stage: gone, ends: lost}]
"""


def event(deal: str, at: int, kind: str = "stage", name: str = "first", value: str = "") -> Event:
    return Event(deal, at, kind, name, value, "", at, "", "", 0, at)


def deals() -> Iterator[tuple[str, list[Event]]]:
    """One that is governed, one that is not, one that begins later, one of which only what was
    known from the start is known."""
    yield (
        "A",
        [event("A", 5, name="last"), event("A", 3), event("A", START, "field", "size", "1")],
    )
    yield "B", [event("B", 4), event("B", 4), event("B", 9), event("B", 9)]
    yield "C", [event("C", 8)]
    yield "D", [event("D", START, "field", "size", "1")]


def walked(rows: Rows, as_of: int, **more: object) -> list[Walked]:
    judge = Judge(playbook_of(PLAYBOOK), has_people=False)
    return list(walk(rows, judge.reader(), judge.ever_governs, as_of=as_of, **more))


def test_deals_are_settled_read_as_of_the_instant_and_asked_whether_they_are_governed():
    first, second, later, empty = walked(deals(), 6)
    assert first.governed
    assert first.deal.move_into == ["first", "last"]
    assert [each.happened_at for each in first.events] == [3, 3, 5]
    assert not second.governed
    assert [each.happened_at for each in second.events] == [4]
    assert second.duplicates == 2  # the later one as well
    for nothing in (later, empty):
        assert (nothing.events, nothing.deal.events, nothing.governed) == ([], [], False)


def test_nobody_asks_whether_a_deal_without_events_is_governed():
    asked: list[str] = []

    def governs(deal: Deal) -> bool:
        asked.append(deal.id)
        return True

    reader = Judge(playbook_of(PLAYBOOK), has_people=False).reader()
    found = list(walk(deals(), reader, governs, as_of=6))
    assert asked == ["A", "B"]
    assert [each.governed for each in found] == [True, True, False, False]


def test_progress_hears_of_every_row_and_only_wanted_deals_come():
    rows: list[int] = []
    found = walked(deals(), 6, only={"B", "D"}.__contains__, progress=rows.append)
    assert [each.deal.id for each in found] == ["B", "D"]
    assert rows == [3, 4, 1, 1]


def test_settled_deals_have_all_their_events():
    found = {each.deal: each for each in settled(deals())}
    assert [each.happened_at for each in found["B"].events] == [4, 9]
    assert {deal: each.duplicates for deal, each in found.items()} == {
        "A": 0,
        "B": 2,
        "C": 0,
        "D": 0,
    }
