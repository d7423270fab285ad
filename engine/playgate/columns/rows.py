"""The rows of a history as encoded columns: each distinct text is held once, and has a number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from playgate.columns.arrays import Ints, distinct
from playgate.columns.arrow_texts import texts_of
from playgate.history.event import START, Event

__all__ = ["DERIVED", "GIVEN", "NO_ID", "Rows", "Words", "latest_of", "rows_of_events"]

NO_ID, GIVEN, DERIVED = 0, 1, 2
"""Whether a row brings an id, and whether that looks as ours do that are derived."""
_CHUNK = 65_536
_KINDS = (
    np.int32,
    np.int64,
    np.int32,
    np.int32,
    np.int32,
    np.int64,
    np.int32,
    np.int64,
    np.int8,
    np.int16,
    np.int32,
)


class Words(NamedTuple):
    """The distinct texts of a history, by their numbers.

    0 is the empty text of values, actors and attributes.
    """

    deals: Sequence[str]
    names: Sequence[tuple[str, str]]
    """Kind and name."""
    values: Sequence[str]
    actors: Sequence[str]
    attrs: Sequence[str]


class Rows(NamedTuple):
    """Rows in the order of the source; what is a text is its number among the words."""

    deal: npt.NDArray[np.int32]
    at: Ints
    name: npt.NDArray[np.int32]
    value: npt.NDArray[np.int32]
    actor: npt.NDArray[np.int32]
    recorded: Ints
    attrs: npt.NDArray[np.int32]
    digest: Ints
    """Equal where ids are equal, and hardly ever where they are not."""
    id_kind: npt.NDArray[np.int8]
    source: npt.NDArray[np.int16]
    line: npt.NDArray[np.int32]
    words: Words
    ids: Callable[[Ints], list[str]]
    """Returns the ids of rows."""
    rest: Mapping[int, str]
    """The digits beyond the microsecond of the rows that have some."""

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.deal)

    def values_of(self, kind: str, name: str) -> set[str]:
        """Returns the values of all rows of a kind and name."""
        if (kind, name) not in self.words.names:
            return set()
        number = self.words.names.index((kind, name))
        return {self.words.values[each] for each in distinct(self.value[self.name == number])}

    def events(self, places: Ints, *, with_ids: bool = True) -> Iterator[Event]:
        """Yields rows as events; what is only judged needs no ids."""
        words, rest = self.words, self.rest
        columns = (
            self.deal,
            self.at,
            self.name,
            self.value,
            self.actor,
            self.recorded,
            self.attrs,
            self.source,
            self.line,
        )
        told = [column[places].tolist() for column in columns]
        told[0], told[3] = texts_of(words.deals, told[0]), texts_of(words.values, told[3])
        ids = self.ids(places) if with_ids else [""] * len(places)
        for place, event_id, deal, at, name, value, actor, recorded, attrs, source, line in zip(
            places.tolist(), ids, *told, strict=True
        ):
            kind, called = words.names[name]
            yield Event(
                deal,
                at,
                kind,
                called,
                value,
                words.actors[actor],
                recorded,
                event_id,
                words.attrs[attrs],
                source,
                line,
                rest.get(place, ""),
            )


class _Numbers:
    """Numbers texts in the order in which they first come."""

    def __init__(self, *known: Any) -> None:
        self.known: dict[Any, int] = {each: number for number, each in enumerate(known)}

    def of(self, texts: Iterable[Any]) -> list[int]:
        known = self.known
        return [known.setdefault(text, len(known)) for text in texts]


def rows_of_events(events: Iterable[Event]) -> Rows:
    """Encodes events, which are in the order of their source."""
    deals, names = _Numbers(), _Numbers()
    values, actors, attrs = _Numbers(""), _Numbers(""), _Numbers("")
    pieces: list[list[Any]] = [[np.zeros(0, kind)] for kind in _KINDS]
    ids: list[str] = []
    rest: dict[int, str] = {}
    given = iter(events)
    begun = 0
    while chunk := list(islice(given, _CHUNK)):
        deal, at, kind, name, value, actor, recorded, own, more, source, line, beyond = zip(
            *chunk, strict=True
        )
        columns = (
            deals.of(deal),
            at,
            names.of(zip(kind, name, strict=True)),
            values.of(value),
            actors.of(actor),
            recorded,
            attrs.of(more),
            map(hash, own),
            map(_id_kind, own) if any(own) else repeat(NO_ID, len(own)),
            source,
            line,
        )
        for piece, column, kept in zip(pieces, columns, _KINDS, strict=True):
            piece.append(np.fromiter(column, kept, len(chunk)))
        if any(beyond):
            rest.update((begun + place, text) for place, text in enumerate(beyond) if text)
        ids += own
        begun += len(chunk)
    words = Words(*(list(each.known) for each in (deals, names, values, actors, attrs)))
    arrays = map(np.concatenate, pieces)
    others: tuple[Any, ...] = (words, lambda places: [ids[each] for each in places.tolist()], rest)
    return Rows._make((*arrays, *others))


def _id_kind(text: str) -> int:
    return NO_ID if not text else DERIVED if text.startswith("e-") else GIVEN


def latest_of(rows: Rows, until: int | None) -> int | None:
    """Returns the latest instant that is no future, fields known from the start apart."""
    at = rows.at[rows.at != START]
    if until is not None:
        at = at[at <= until]
    return int(at.max()) if len(at) else None
