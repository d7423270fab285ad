from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playgate.history.event import START, Event, event_id
from playgate.history.order import settle


def event(at: int, name: str = "a", *, line: int = 1, **more: object) -> Event:
    base = Event("D", at, "field", name, "", "", at, "", "", 0, line)
    return base._replace(**more)


def test_order_is_by_instant_then_source():
    late, first, second = event(5, line=1), event(2, "b", line=2), event(2, "a", line=3)
    assert settle([late, first, second]) == ([first, second, late], 0)


def test_identical_rows_count_once():
    one, two, other = event(2, line=1), event(2, line=9), event(2, line=3, value="x")
    assert settle([one, two, other]) == ([one, other], 1)


def test_of_two_with_one_id_the_first_in_the_source_stays():
    first, second = event(9, event_id="7", line=1), event(1, event_id="7", line=2)
    assert settle([first, second]) == ([first], 1)
    assert settle([second, first]) == ([second], 1)


def test_same_columns_with_ids_of_their_own_are_two():
    first, second = event(1, event_id="7"), event(1, event_id="8")
    assert settle([first, second]) == ([first, second], 0)


def test_a_derived_id_that_was_written_out_is_still_derived():
    plain = event(1)
    written = plain._replace(event_id=event_id(plain), line=5)
    assert settle([plain, written]) == ([plain], 1)
    assert settle([written, plain]) == ([written], 1)


def test_fields_from_the_start_take_the_first_instant_and_stand_first():
    known = event(START, "amount", recorded_at=START, value="5")
    again = known._replace(value="6", line=7)
    early, late = event(3), event(4)
    settled, duplicates = settle([late, early, known, again])
    assert settled == [known._replace(happened_at=3, recorded_at=3), early, late]
    assert duplicates == 0


def test_nothing_happened():
    assert settle([]) == ([], 0)
    assert settle([event(START, recorded_at=START)]) == ([], 0)


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from([START, 1, 2, 3]),
        st.sampled_from("ab"),
        line=st.integers(1, 99),
        event_id=st.sampled_from(["", "", "1", "2"]),
    ),
    max_size=12,
)


@given(EVENTS)
def test_laws(events):
    settled, duplicates = settle(events)
    instants = [each.happened_at for each in settled]
    assert instants == sorted(instants)
    assert START not in instants
    given_ids = [each.event_id for each in settled if each.event_id]
    assert len(given_ids) == len(set(given_ids)) or any(e.happened_at == START for e in events)
    assert settle(settled) == (settled, 0)
    plain = [each for each in events if each.happened_at != START]
    if len(plain) == len(events):
        assert len(settled) + duplicates == len(events)
