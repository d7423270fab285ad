"""Settles the rows of some deals: one of each event, in order, as `history/order.py` does.

Deals in which rows may be alike or share an id are settled by it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from playgate.columns.arrays import Bools, Ints, by_instant
from playgate.columns.rows import DERIVED, NO_ID, Rows
from playgate.history.event import START, Event
from playgate.history.order import Clash, settle

__all__ = ["SettledRows", "settled_rows"]

_MULTIPLIER = np.int64(0x1E3779B97F4A7C15)
_SLOTS, _SHIFT = 1 << 22, 40
"""Rows that share an id share a slot, which these bits of their digest tell; few others do."""


class SettledRows(NamedTuple):
    """The rows of some deals, settled: each once, by deal and in order."""

    row: Ints
    deal: Ints
    at: Ints
    recorded: Ints
    duplicates: int
    clashes: tuple[Clash, ...]


def settled_rows(rows: Rows, row: Ints, deal: Ints, deals: int) -> SettledRows:
    """Settles rows that are given by deal (numbered from 0), those of a deal in the order of the
    source."""
    at = rows.at[row]
    order = by_instant(deal, at)
    if order is not None:
        row, deal, at = row[order], deal[order], at[order]
    found = SettledRows(row, deal, at, rows.recorded[row], 0, ())
    is_known = at == START
    if is_known.any():
        found = _begun(rows, found, is_known, deals)
    odd = _odd_deals(rows, found, deals)
    return _settled_apart(rows, found, odd) if odd.any() else found


def _begun(rows: Rows, found: SettledRows, is_known: Bools, deals: int) -> SettledRows:
    """Gives the fields that are known from the start, which stand in front, the first instant of
    their deal; the first of each field stays, and nothing of a deal of which no more is known."""
    row, deal, at, recorded = found[:4]
    known, other = np.flatnonzero(is_known), np.flatnonzero(~is_known)
    begins = np.full(deals, START, np.int64)
    is_first = np.ones(len(other), np.bool_)
    is_first[1:] = deal[other[1:]] != deal[other[:-1]]
    begins[deal[other[is_first]]] = at[other[is_first]]
    field = deal[known] * len(rows.words.names) + rows.name[row[known]]
    kept = ~is_known
    kept[known[np.unique(field, return_index=True)[1]]] = True
    kept &= begins[deal] != START
    at, recorded = (np.where(is_known, begins[deal], each)[kept] for each in (at, recorded))
    return SettledRows(row[kept], deal[kept], at, recorded, 0, ())


def _odd_deals(rows: Rows, found: SettledRows, deals: int) -> Bools:
    """Tells the deals that may be more than an order."""
    row, deal, at = found.row, found.deal, found.at
    odd = np.zeros(deals, np.bool_)
    if rows.rest:
        odd[deal[np.isin(row, np.fromiter(rows.rest, np.int64))]] = True
    kind = rows.id_kind[row]
    bare = kind == NO_ID
    own = np.flatnonzero(~bare)
    if len(own):
        odd[_sharing(deal[own], rows.digest[row[own]])] = True
    if not bare.any():
        return odd
    tied = np.zeros(len(row), np.bool_)
    same = (deal[1:] == deal[:-1]) & (at[1:] == at[:-1])
    tied[1:] |= same
    tied[:-1] |= same
    some = np.flatnonzero(tied & bare)
    odd[
        _alike(
            deal[some],
            (at[some], *(each[row[some]].astype(np.int64) for each in (rows.name, rows.value))),
        )
    ] = True
    derived = kind == DERIVED
    if derived.any():
        has_bare, has_derived = np.zeros(deals, np.bool_), np.zeros(deals, np.bool_)
        has_bare[deal[bare]] = True
        has_derived[deal[derived]] = True
        odd |= has_bare & has_derived
    return odd


def _sharing(deal: Ints, digest: Ints) -> Ints:
    """Returns the deals in which two rows may have one id."""
    slot = ((digest ^ (deal * _MULTIPLIER)) >> _SHIFT) & (_SLOTS - 1)
    place = np.arange(len(slot), dtype=np.int32)
    last = np.empty(_SLOTS, np.int32)  # of slots that no row has nothing is ever read
    last[slot] = place
    is_shared = np.zeros(_SLOTS, np.bool_)
    is_shared[slot[last[slot] != place]] = True
    some = np.flatnonzero(is_shared[slot])
    return _alike(deal[some], (digest[some],))


def _alike(deal: Ints, columns: tuple[Ints, ...]) -> Ints:
    """Returns the deals in which two rows have the same in all columns."""
    order = np.lexsort((*columns, deal))
    same = deal[order[1:]] == deal[order[:-1]]
    for column in columns:
        same &= column[order[1:]] == column[order[:-1]]
    found: Ints = deal[order[1:][same]]
    return found


def _settled_apart(rows: Rows, found: SettledRows, odd: Bools) -> SettledRows:
    """Settles the odd deals one by one; the others are in order."""
    is_odd = odd[found.deal]
    plain = ~is_odd
    pieces = [(found.row[plain], found.deal[plain], found.at[plain], found.recorded[plain])]
    row, deal = found.row[is_odd], found.deal[is_odd]
    order = np.lexsort((row, deal))
    row, deal = row[order], deal[order]
    cuts = np.flatnonzero(np.diff(deal)) + 1
    duplicates, clashes = 0, []
    for its, number in zip(np.split(row, cuts), deal[[0, *cuts]], strict=True):
        events = [
            event._replace(line=place)
            for event, place in zip(rows.events(its), its.tolist(), strict=True)
        ]
        kept, twins, taken = settle(events)
        duplicates += twins
        clashes += [Clash(*(_placed(rows, each) for each in pair)) for pair in taken]
        pieces.append(_columns(kept, number))
    row, deal, at, recorded = (np.concatenate(column) for column in zip(*pieces, strict=True))
    order = np.argsort(deal, kind="stable")
    return SettledRows(
        row[order], deal[order], at[order], recorded[order], duplicates, tuple(clashes)
    )


def _columns(events: list[Event], deal: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Returns settled events, whose lines are their rows, as columns again."""
    row, at, recorded = (
        np.array([event[place] for event in events], np.int64) for place in (10, 1, 6)
    )
    return row, np.full(len(row), deal, np.int64), at, recorded


def _placed(rows: Rows, event: Event) -> Event:
    return event._replace(line=int(rows.line[event.line]))
