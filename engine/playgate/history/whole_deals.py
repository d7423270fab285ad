"""What only all events of a deal tell: what has changed, what it was before, and whether the deal
is closed.

They are looked at in the order of their instants, and of their places where these are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter

from playgate.history.event import START, Event
from playgate.history.marks import BEGUN, Mark
from playgate.history.order import FINELY
from playgate.history.spool import Spool
from playgate.history.statuses import Position

__all__ = ["whole_deals"]

_Row = tuple[int, Event, Mark | None]
"""An event, its place among those of its deal, and its mark."""


def whole_deals(events: Iterable[Event], marks: Mapping[str, Mark]) -> Iterator[Event]:
    """Yields the events deal by deal, what is marked among them settled."""
    with Spool() as spool:
        spool.extend(events)
        for _, group in spool.deals():
            yield from _Deal(group, marks).settled()


class _Deal:
    """The events of one deal."""

    def __init__(self, group: list[Event], marks: Mapping[str, Mark]) -> None:
        places = sorted(range(len(group)), key=lambda place: FINELY(group[place]))
        self._rows: list[_Row] = [
            (place, group[place], marks.get(group[place].kind)) for place in places
        ]

    def settled(self) -> list[Event]:
        """Returns the events in the order of the source, what was there from the start first."""
        before = self._before()
        fields = [event for key, event in before.items() if key != "stage" and event.value.strip()]
        first: list[_Row] = [(-1, event, None) for event in (*fields, *self._begun(before))]
        known = [row for row in self._rows if _is_told(row, before)]
        kept = sorted(_kept([*first, *known]), key=itemgetter(0))
        return [event for _, event in kept]

    def _before(self) -> dict[str, Event]:
        """Returns the values before the first that are told, as fields from the start."""
        found: dict[str, Event] = {}
        for _, event, mark in self._rows:
            if mark is not None and mark.was and event.name not in found:
                bare = event._replace(kind="field", actor="", event_id="", rest="")
                found[event.name] = bare._replace(happened_at=START, recorded_at=START)
        return found

    def _begun(self, before: dict[str, Event]) -> Iterator[Event]:
        """Yields the stage in which the deal began, if any is told."""
        told = next((event for _, event, mark in self._rows if _begins(event, mark)), None)
        was = before.get("stage")
        stage = was.value if was else told.value if told else ""
        told_at = (event.happened_at for _, event, _ in self._rows)
        first = min((each for each in told_at if each != START), default=None)
        if first is None or not stage.strip():
            return
        source = told or was
        assert source is not None  # noqa: S101  (one of them told the stage)
        at = source if source.happened_at != START else source._replace(happened_at=first, rest="")
        yield at._replace(
            kind="stage", name=stage, value="", recorded_at=at.happened_at, event_id="", attrs=""
        )


def _begins(event: Event, mark: Mark | None) -> bool:
    return event.name == BEGUN or (mark is not None and mark.begins)


def _is_told(row: _Row, before: Mapping[str, Event]) -> bool:
    """Returns whether an event is one of the deal's, and not only told what was before."""
    _, event, mark = row
    if mark is not None and (mark.was or mark.begins):
        return False
    return not (event.happened_at == START and (event.name in before or event.name == BEGUN))


def _kept(rows: Iterable[_Row]) -> Iterator[tuple[int, Event]]:
    position = Position()
    last: dict[tuple[str, str], str] = {}
    for place, event, mark in rows:
        settled: Event | None = event if mark is None else event._replace(kind=mark.kind)
        if settled is not None and settled.kind == "stage":
            settled = position.after(settled, mark.status if mark else None)
        if settled is None:
            continue
        key, value = _told(settled)
        if mark is not None and mark.changes and last.get(key, "") == value:
            continue
        last[key] = value
        yield place, settled


def _told(event: Event) -> tuple[tuple[str, str], str]:
    """Returns what an event tells the value of, and the value."""
    if event.kind == "stage":
        return ("stage", ""), event.name
    return (event.kind, event.name), event.value
