from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playgate.history.event import START, Event, event_id
from playgate.history.order import Clash, settle


def once(events: list[Event]) -> tuple[list[Event], int]:
    """What is kept, and how many repeat; no id is taken."""
    found = settle(events)
    assert found.clashes == ()
    return found.events, found.duplicates


def event(at: int, name: str = "a", *, line: int = 1, **more: object) -> Event:
    base = Event("D", at, "field", name, "", "", at, "", "", 0, line)
    return base._replace(**more)


def test_order_is_by_instant_then_source():
    late, first, second = event(5, line=1), event(2, "b", line=2), event(2, "a", line=3)
    assert once([late, first, second]) == ([first, second, late], 0)


def test_identical_rows_count_once():
    one, two, other = event(2, line=1), event(2, line=9), event(2, line=3, value="x")
    assert once([one, two, other]) == ([one, other], 1)


def test_of_two_with_one_id_the_first_in_the_source_stays():
    first, second = event(9, event_id="7", line=1), event(1, event_id="7", line=2)
    assert settle([first, second]) == ([first], 0, (Clash(first, second),))
    assert settle([second, first]) == ([second], 0, (Clash(second, first),))
    assert once([first, first._replace(line=7)]) == ([first], 1)


def test_a_clash_names_both_rows():
    first, second = event(9, event_id="7", line=4), event(1, event_id="7", line=2, source=1)
    (clash,) = settle([first, second]).clashes
    problem = clash.problem(["a.csv", "b.csv"])
    assert (problem.file, problem.line) == ("b.csv", 2)
    assert problem.reason == 'the id "7" is taken: a.csv:4 has it with other content'


def test_digits_beyond_the_microsecond_order_an_instant():
    late, early = event(5, rest="19"), event(5, "b", rest="1", line=2)
    assert once([late, early]) == ([early, late], 0)
    assert once([late, early, event(5, "c", line=3)])[0][0].name == "c"
    assert once([late, late._replace(rest="18"), late._replace(line=9)])[1] == 1


def test_same_columns_with_ids_of_their_own_are_two():
    first, second = event(1, event_id="7"), event(1, event_id="8")
    assert once([first, second]) == ([first, second], 0)


def test_a_derived_id_that_was_written_out_is_still_derived():
    plain = event(1)
    written = plain._replace(event_id=event_id(plain), line=5)
    assert once([plain, written]) == ([plain], 1)
    assert once([written, plain]) == ([written], 1)


def test_fields_from_the_start_take_the_first_instant_and_stand_first():
    known = event(START, "amount", recorded_at=START, value="5")
    again = known._replace(value="6", line=7)
    early, late = event(3), event(4)
    settled, duplicates = once([late, early, known, again])
    assert settled == [known._replace(happened_at=3, recorded_at=3), early, late]
    assert duplicates == 0


def test_nothing_happened():
    assert once([]) == ([], 0)
    assert once([event(START, recorded_at=START)]) == ([], 0)


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
    settled, duplicates, clashes = settle(events)
    instants = [each.happened_at for each in settled]
    assert instants == sorted(instants)
    assert START not in instants
    given_ids = [each.event_id for each in settled if each.event_id]
    assert len(given_ids) == len(set(given_ids)) or any(e.happened_at == START for e in events)
    assert once(settled) == (settled, 0)
    plain = [each for each in events if each.happened_at != START]
    if len(plain) == len(events):
        assert len(settled) + duplicates + len(clashes) == len(events)
