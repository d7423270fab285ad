"""What only all events of a deal tell: what has changed, what it was before, and whether the deal
is closed.

They are looked at in the order of their instants, and of their places where these are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter

from playgate.history.event import START, Event
from playgate.history.marks import BEGUN, Mark
from playgate.history.spool import Spool
from playgate.history.statuses import Position

__all__ = ["whole_deals"]

_FINELY = itemgetter(1, 11)
_Numbered = tuple[int, Event]
"""An event and its place among those of its deal."""


def whole_deals(events: Iterable[Event], marks: Mapping[str, Mark]) -> Iterator[Event]:
    """Yields the events deal by deal, what is marked among them settled."""
    with Spool() as spool:
        spool.extend(events)
        for _, group in spool.deals():
            yield from _Deal(group, marks).settled()


class _Deal:
    """The events of one deal."""

    def __init__(self, group: list[Event], marks: Mapping[str, Mark]) -> None:
        self._marks = marks
        self._group = sorted(enumerate(group), key=lambda each: _FINELY(each[1]))

    def settled(self) -> list[Event]:
        """Returns the events in the order of the source, what was there from the start first."""
        before = self._before()
        begun = self._begun(before)
        fields = [event for key, event in before.items() if key != "stage" and event.value.strip()]
        known = [
            (place, event)
            for place, event in self._group
            if not (event[1] == START and (event.name in before or event.name == BEGUN))
            and not self._mark(event).was
            and not self._mark(event).begins
        ]
        first = [(-1, event) for event in (*fields, *begun)]
        kept = sorted(self._kept([*first, *known]), key=itemgetter(0))
        return [event for _, event in kept]

    def _mark(self, event: Event) -> Mark:
        return self._marks.get(event.kind) or Mark(event.kind)

    def _before(self) -> dict[str, Event]:
        """Returns the values before the first that are told, as fields from the start."""
        found: dict[str, Event] = {}
        for _, event in self._group:
            if self._mark(event).was and event.name not in found:
                bare = event._replace(kind="field", actor="", event_id="", rest="")
                found[event.name] = bare._replace(happened_at=START, recorded_at=START)
        return found

    def _begun(self, before: dict[str, Event]) -> Iterator[Event]:
        """Yields the stage in which the deal began, if any is told."""
        told = next((each for _, each in self._group if self._tells_stage(each)), None)
        was = before.get("stage")
        stage = was.value if was else told.value if told else ""
        first = min((each[1] for _, each in self._group if each[1] != START), default=None)
        if first is None or not stage.strip():
            return
        source = told or was
        assert source is not None  # noqa: S101  (one of them told the stage)
        at = source if source[1] != START else source._replace(happened_at=first, rest="")
        yield at._replace(
            kind="stage", name=stage, value="", recorded_at=at.happened_at, event_id="", attrs=""
        )

    def _tells_stage(self, event: Event) -> bool:
        return self._mark(event).begins or (event[1] == START and event.name == BEGUN)

    def _kept(self, events: Iterable[_Numbered]) -> Iterator[_Numbered]:
        position = Position()
        last: dict[tuple[str, str], str] = {}
        for place, event in events:
            mark = self._mark(event)
            bare = event._replace(kind=mark.kind) if mark.kind != event.kind else event
            settled = position.after(bare, mark.status) if mark.kind == "stage" else bare
            if settled is None:
                continue
            key, value = _told(settled)
            if mark.changes and last.get(key, "") == value:
                continue
            last[key] = value
            yield place, settled


def _told(event: Event) -> tuple[tuple[str, str], str]:
    """Returns what an event tells the value of, and the value."""
    if event.kind == "stage":
        return ("stage", ""), event.name
    return (event.kind, event.name), event.value
