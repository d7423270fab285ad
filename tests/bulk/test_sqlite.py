"""SQLite finds what the judge finds, on generated playbooks."""

from __future__ import annotations

import sqlite3

import pytest

pytest.importorskip("ibis")

import ibis
from elsewhere import check, expressible, with_derived_ids

from playgate.bulk.errors import CannotExpressError

pytestmark = pytest.mark.thorough

EXAMPLES = 6
GROWS = (3, 46)
"""The version from which the stack of its parser grows."""


@pytest.mark.parametrize("number", range(EXAMPLES))
def test_of_generated_playbooks(number: int) -> None:
    try:
        check(ibis.sqlite.connect(), expressible("sqlite", number))
    except sqlite3.OperationalError as error:
        if "parser stack overflow" not in str(error) or sqlite3.sqlite_version_info >= GROWS:
            raise
        pytest.skip("this SQLite reads no expression so deep")


def test_of_ids_that_look_like_derived_ones() -> None:
    twice = with_derived_ids(expressible("sqlite", 0))
    with pytest.raises(CannotExpressError, match="sqlite has no SHA-256"):
        check(ibis.sqlite.connect(), twice)
