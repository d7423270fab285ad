from __future__ import annotations

import errno
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playgate.errors import InputError
from playgate.history import spool as module
from playgate.history.event import START, Event
from playgate.history.spool import Spool


def event(deal: str, line: int, at: int = 1) -> Event:
    return Event(deal, at, "field", "a", "", "", at, "", "", 0, line)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Where temporary files go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@settings(max_examples=40)
@given(st.lists(st.integers(0, 40), max_size=120), st.sampled_from([0, 1, 7, 1000]))
def test_each_deal_once_in_source_order(deals, limit):
    events = [event(f"D{deal}", line) for line, deal in enumerate(deals)]
    with Spool(limit) as spool:
        for part in range(0, len(events), 50):
            spool.extend(events[part : part + 50])
        found = list(spool.deals())
        assert list(spool.deals()) == found
    assert sorted(deal for deal, _ in found) == sorted({each.deal for each in events})
    for deal, kept in found:
        assert kept == [each for each in events if each.deal == deal]


def test_far_more_than_the_limit(folder):
    events = [event(f"D{line % 3000}", line) for line in range(15_000)]
    with Spool(500) as spool:
        spool.extend(events)
        (own,) = folder.iterdir()
        assert stat.S_IMODE(own.stat().st_mode) == 0o700
        found = {deal: len(kept) for deal, kept in spool.deals()}
    assert found == {f"D{line}": 5 for line in range(3000)}
    assert list(folder.iterdir()) == []


def test_one_deal_larger_than_the_limit():
    with Spool(10) as spool:
        spool.extend(event("D", line) for line in range(15_000))
        ((deal, kept),) = spool.deals()
    assert (deal, [each.line for each in kept]) == ("D", list(range(15_000)))


def test_bounds_leave_out_the_start():
    with Spool() as spool:
        assert (spool.events, spool.earliest, spool.latest) == (0, None, None)
        spool.add(event("D", 1, START))
        assert (spool.events, spool.earliest, spool.latest) == (1, None, None)
        spool.extend([event("D", 2, 5), event("D", 3, START), event("D", 4, -3)])
        assert (spool.events, spool.earliest, spool.latest) == (4, -3, 5)


def test_the_folder_is_gone_after_an_error(folder):
    with pytest.raises(ZeroDivisionError), Spool(1) as spool:  # noqa: PT012
        spool.extend(event("D", line) for line in range(10))
        raise ZeroDivisionError
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_said(folder, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.marshal, "dump", full)
    with Spool(1) as spool, pytest.raises(InputError, match="no room left"):
        spool.extend(event("D", line) for line in range(10))
    assert list(folder.iterdir()) == []
