"""Digests that hooks are told by themselves: what lies between two mornings, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hooked import check_hooks, stub
from hypothesis import given
from hypothesis import strategies as st
from served import AT, Clock
from test_hooks_out import messages, new, refused, told, work

from live.gate import say
from playgate.conditions.instants import from_datetime, to_datetime
from playgate.serve.digests import DAYS, span_of

HOUR = 3_600_000_000
DAY = 24 * HOUR
MIDNIGHT = AT // DAY * DAY
ZONES = ("UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from(ZONES),
    st.sampled_from(sorted(DAYS)),
)
def test_a_span_lies_between_two_mornings(moment: datetime, name: str, kind: str) -> None:
    zone, now = ZoneInfo(name), from_datetime(moment.replace(tzinfo=UTC))
    span = span_of(kind, now, zone)
    since, until = (to_datetime(each, zone) for each in (span.since, span.until))
    for each in (since, until):
        assert (each.hour, each.minute, each.second, each.microsecond) == (7, 0, 0, 0)
    assert until.date() - since.date() == timedelta(days=DAYS[kind])
    assert span.until <= now < span.until + DAYS[kind] * DAY + 2 * HOUR  # clocks change
    assert kind == "daily" or until.weekday() == 0
    assert span.which == f"{kind}_{until.date().isoformat()}"
    # Whoever makes it before the next one tells the same; the next one begins where it ends.
    later = min(now + HOUR, from_datetime(_next(until.date(), kind, zone)) - 1)
    assert span_of(kind, later, zone) == span
    following = span_of(kind, from_datetime(_next(until.date(), kind, zone)), zone)
    assert following.since == span.until


def _next(day: date, kind: str, zone: ZoneInfo) -> datetime:
    following = day + timedelta(days=DAYS[kind])
    return datetime(following.year, following.month, following.day, 7, tzinfo=zone)


@pytest.mark.parametrize("kind", sorted(DAYS))
def test_a_digest_comes_once_and_is_that_of_the_command(db: Path, kind: str) -> None:
    with stub() as receiver:
        refused(db)
        new(db, receiver.url, kind)
        clock = Clock(MIDNIGHT + 7 * DAY + 8 * HOUR)
        span = span_of(kind, clock.at, UTC)
        for _ in range(3):  # three servers, or three starts
            work(db, clock)
        clock.at += HOUR
        work(db, clock)
        found = told(receiver)
    said = say(
        *(
            "digest",
            "--db",
            str(db),
            "--since",
            _instant(span.since),
            "--as-of",
            _instant(span.until),
        ),
        db=db,
        clock=clock.at,
    )
    assert said.status == 0
    assert [(each["type"], each["data"]["text"]) for each in found] == (
        [("playgate.digest", said.out)] if said.out else []
    )
    assert (kind, bool(found)) in (("daily", bool(said.out)), ("weekly", True))


def _instant(at: int) -> str:
    return to_datetime(at, UTC).isoformat()


def test_where_nothing_changed_nothing_is_told(db: Path) -> None:
    with stub() as receiver:
        hook = new(db, receiver.url, "daily", "weekly")
        work(db, Clock(MIDNIGHT + 400 * DAY + 8 * HOUR))
        assert receiver.asked == []
    assert messages(db, hook) == []


def test_what_cannot_be_counted_is_said(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with stub() as receiver:
        new(db, receiver.url, "weekly")
        work(db, Clock(MIDNIGHT + 7 * DAY + 8 * HOUR))
        (message,) = told(receiver)
    assert "there is no digest: it needs more libraries" in message["text"]


def test_a_hook_says_what_it_wants(db: Path) -> None:
    url = "https://chat.example.com/hooks/x"
    said = say("hook", "out", "new", url, "--on", "weekly", "--format", "json", db=db, clock=AT)
    assert check_hooks(said.out)["on"] == ["weekly"]
