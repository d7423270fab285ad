from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playgate.conditions.instants import EVENTS_FROM, EVENTS_UNTIL
from playgate.documents.document import composed
from playgate.errors import InputError
from playgate.history.event import Event, event_id
from playgate.history.ndjson import canonical_json
from playgate.history.order import settle
from playgate.history.read import read_history
from playgate.history.write import write_history

ODD = ["=1+1", "-5", "@x", "\r\n", 'a "b"', "\\", '\\"x', "1234567890123456789", "'"]
SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXT = st.text(SIGNS, max_size=12).map(composed) | st.sampled_from(ODD)
NAME = TEXT.filter(lambda text: text.strip() != "")
INSTANT = st.integers(EVENTS_FROM, EVENTS_UNTIL)
ATTRS = st.dictionaries(
    st.text("abé", max_size=3),
    st.none() | st.booleans() | st.integers() | TEXT | st.lists(TEXT),
    max_size=3,
).map(lambda data: canonical_json(data) if data else "")
EVENTS = st.lists(
    st.builds(
        Event,
        st.just("D"),
        INSTANT,
        st.sampled_from(["stage", "activity", "field", "waiver"]),
        NAME,
        TEXT,
        TEXT,
        INSTANT,
        st.just("") | NAME,
        ATTRS,
        st.just(0),
        st.just(1),
        st.sampled_from(["", "", "1", "09"]),
    ),
    max_size=8,
)


@pytest.mark.parametrize("name", ["h.csv", "h.csv.gz", "h.ndjson", "h.jsonl.gz"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(events=EVENTS, deal=NAME.map(str.strip).filter(bool))
def test_what_is_written_reads_back(name, events, deal, tmp_path):
    settled = settle([each._replace(deal=deal) for each in events]).events
    file = str(tmp_path / name)
    assert write_history(file, [settled]) == len(settled)
    problems: list[object] = []
    back = list(read_history([file], report=problems.append))
    assert problems == []
    assert [(each[:9], each.rest) for each in back] == [
        (each._replace(event_id=event_id(each))[:9], each.rest) for each in settled
    ]
    assert settle([*settled, *back]) == (settled, len(settled), ())


def one(value: str = "") -> Event:
    return Event("D", 0, "field", "a", value, "", 0, "1", '{"with":["x"]}', 0, 1)


def test_ndjson_carries_attrs_as_data(tmp_path):
    file = tmp_path / "h.ndjson"
    write_history(str(file), [[one()]])
    assert json.loads(file.read_text()) == {
        "deal": "D",
        "happened_at": "1970-01-01T00:00:00Z",
        "kind": "field",
        "name": "a",
        "event_id": "1",
        "attrs": {"with": ["x"]},
    }


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    file = tmp_path / "h.csv"
    file.write_text("before")

    def deals():
        yield [one()]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_history(str(file), deals())
    assert file.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["h.csv"]


def test_the_same_events_give_the_same_bytes(tmp_path):
    files = [tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"]
    for file in files:
        write_history(str(file), [[one()]])
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("name", ["h.parquet", "h", "h.xlsx", "csv"])
def test_a_name_that_says_nothing(name, tmp_path):
    with pytest.raises(InputError, match="does not say"):
        write_history(str(tmp_path / name), [])


def test_a_folder_that_is_not_there(tmp_path: Path):
    with pytest.raises(InputError, match="cannot write"):
        write_history(str(tmp_path / "none" / "h.csv"), [])
