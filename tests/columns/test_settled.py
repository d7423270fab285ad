"""Rows settled as columns are what `history/order.py` makes of their events."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from playgate.columns.parts import Parts
from playgate.columns.rows import rows_of_events
from playgate.columns.settled import settled_rows
from playgate.history.event import START, Event
from playgate.history.order import settle

_EVENTS = st.lists(
    st.builds(
        lambda deal, at, name, value, given_id: Event(
            deal, at, "field", name, value, "", at, given_id, "", 0, 0, ""
        ),
        st.sampled_from("ab"),
        st.sampled_from([START, 10, 20, 30]),
        st.sampled_from(["amount", "owner"]),
        st.sampled_from(["", "1", "2"]),
        st.sampled_from(["", "", "x", "e-1"]),
    ),
    max_size=8,
)


@given(_EVENTS)
@settings(max_examples=400, deadline=None)
def test_columns_settle_as_events_do(events: list[Event]) -> None:
    """Fields known from the start, repeats, ids that are taken: all as deal by deal."""
    events = [event._replace(line=line) for line, event in enumerate(events)]
    rows = rows_of_events(events)
    wanted, twins = [], 0
    for deal in dict.fromkeys(event.deal for event in events):
        found = settle([event for event in events if event.deal == deal])
        twins += found.duplicates
        wanted += [(deal, e.line, e.happened_at, e.recorded_at) for e in found.events]
    seen, repeated = [], 0
    for numbers, row in Parts(rows, 100, ()).all():
        settled = settled_rows(rows, row, rows.deal[row] - numbers[0], len(numbers))
        repeated += settled.duplicates
        names = [rows.words.deals[numbers[0] + each] for each in settled.deal.tolist()]
        lines = rows.line[settled.row].tolist()
        columns = (settled.at.tolist(), settled.recorded.tolist())
        seen += list(zip(names, lines, *columns, strict=True))
        assert (np.diff(settled.deal) >= 0).all()
    assert (seen, repeated) == (wanted, twins)
