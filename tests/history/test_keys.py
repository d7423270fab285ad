"""What a cell says as a key, and the two forms of Salesforce's ids."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playgate.history.keys import as_keys, long_id
from playgate.history.mapping import ValueSource

SIGNS = string.ascii_letters + string.digits


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("006bm00000LKJNN", "006bm00000LKJNNAA5"),
        ("003bm00000zapth", "003bm00000zapthAAA"),
        ("005000000000000", "005000000000000AAA"),
        ("ABCDEFGHIJKLMNO", "ABCDEFGHIJKLMNO555"),
        ("aaaaBBBBBaaaaaC", "aaaaBBBBBaaaaaCQPQ"),
    ],
)
def test_an_id_of_15_becomes_the_one_of_18(short: str, long: str) -> None:
    assert long_id(short) == long
    assert long_id(long) == long


@pytest.mark.parametrize(
    "text", ["", "D-1", "006bm00000LKJN", "006bm00000LKJNN ", "006bm00000LKJNé"]
)
def test_what_is_no_id_stays(text: str) -> None:
    assert long_id(text) == text


@given(st.text(SIGNS, min_size=15, max_size=15), st.text(SIGNS, min_size=15, max_size=15))
def test_two_ids_stay_two_where_letters_no_longer_differ_by_case(one: str, other: str) -> None:
    same = long_id(one).casefold() == long_id(other).casefold()
    assert same is (one == other)
    swapped = one.swapcase()
    assert (long_id(one).casefold() == long_id(swapped).casefold()) is (one == swapped)


def test_parts_come_first_then_what_stands_behind_a_mark_then_the_form_of_an_id() -> None:
    value = ValueSource(columns=("who",), split=";", after=":", id="salesforce")
    cells = ["a:006bm00000LKJNN; b:x ;c", "", "d:y", ("e:1", "f:2;g:3")]
    assert as_keys(cells, value) == [("006bm00000LKJNNAA5", "x"), (), "y", ("1", "2", "3")]


def test_cells_without_a_form_stay_as_they_are() -> None:
    cells = ["a:b", ""]
    assert as_keys(cells, ValueSource(columns=("who",))) is cells
