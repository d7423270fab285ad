"""The fast reader answers as `read_instant` does, the first time and the next."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playgate.conditions.instants import instants_reader, load_zone, read_instant

ZONES = ["UTC", "Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]

STAMPS = st.builds(
    "{}{}{:02}{}{}{}".format,
    st.one_of(
        st.dates().map(str),
        st.sampled_from(["2026-03-29", "2026-10-25", "2026-04-05", "2026-10-04", "2026-02-30"]),
    ),
    st.sampled_from(["T", " ", "t", "_"]),
    st.integers(0, 25),
    st.sampled_from([":00:00", ":30:00", ":59:59", ":29:59", ":60:00", ":0:00"]),
    st.sampled_from(["", ".5", ".123456789", "."]),
    st.sampled_from(["", "Z", "z", "+01:00", "-03:30", "+1:00", "+01"]),
)


@pytest.mark.parametrize("name", ZONES)
@given(texts=st.lists(STAMPS, max_size=20))
def test_it_agrees_with_read_instant(name, texts):
    zone = load_zone(name)
    assert zone is not None
    read = instants_reader(zone)
    assert read(texts + texts) == [read_instant(text, zone) for text in texts + texts]


def test_a_bare_date_and_nonsense():
    read = instants_reader(UTC)
    assert read(["1970-01-02", "", "1970-01-02T00:00:00Z\n"]) == [86_400_000_000, None, None]
