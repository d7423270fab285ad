"""Digests that hooks are told by themselves: what lies between two mornings, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hooked import check_hooks, quiet, stub
from hypothesis import given
from hypothesis import strategies as st
from served import AT, Clock
from test_hooks_out import messages, new, refused, told, work

from live.gate import say
from playgate.conditions.instants import from_datetime, to_datetime
from playgate.ledger.store import Ledger, LedgerError
from playgate.serve import digests
from playgate.serve.digests import DAYS, Span, digest_of, span_of
from playgate.serve.outbox import Outbox

HOUR = 3_600_000_000
MINUTE = HOUR // 60
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


OTHER = """\
playbook: other
version: 1
timezone: {zone}
fields: {{note: {{type: text}}}}
activities: {{call: {{title: Call}}}}
stages:
  - {{stage: a, activities: [{{do: call, within: 3 days}}]}}
  - {{stage: b, entry: [{{field: note, is: present}}]}}
  - {{stage: won, ends: won}}
  - {{stage: lost, ends: lost}}
"""


def ledger_in(folder: Path, zone: str, at: int) -> Path:
    """A ledger whose playbook is of a time zone, with a deal that begins at an instant."""
    playbook, db = folder / "other.yaml", folder / "zoned.db"
    playbook.write_text(OTHER.format(zone=zone))
    said = say("open", "o", "--playbook", str(playbook), db=db, clock=at)
    assert said.status == 0, said
    return db


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Australia/Adelaide", "America/Caracas"])
@pytest.mark.parametrize("kind", ["due", "daily"])
def test_it_is_told_at_seven_wherever_that_is(tmp_path: Path, zone: str, kind: str) -> None:
    """A server that looks each minute tells it in the first minute, in zones that are not whole
    hours away, too."""
    day = to_datetime(MIDNIGHT + DAY + DAY // 2, ZoneInfo(zone)).date()
    seven = from_datetime(datetime(day.year, day.month, day.day, 7, tzinfo=ZoneInfo(zone)))
    db = ledger_in(tmp_path, zone, seven - 3 * DAY + 8 * HOUR)
    words = ("waiver", "request", "o", "b/entry/note", "--reason", "please", "--by", "rep")
    assert say(*words, db=db, clock=seven - HOUR).status == 0
    first: dict[str, int] = {}
    clock = Clock(seven - 90 * MINUTE)
    with stub() as receiver:
        new(db, receiver.url, kind)
        with Ledger.open(db) as ledger:
            outbox = Outbox(ledger, quiet(clock))
            while clock.at < seven + MINUTE:
                outbox.work()
                outbox.work()
                for each in receiver.asked:
                    first.setdefault(each.headers["webhook-id"], clock.at)
                clock.at += MINUTE
    (at,) = (at for known, at in first.items() if known.endswith(f"_{kind}_{day.isoformat()}"))
    assert at == seven


def test_clocks_that_are_set_tell_nothing_twice(db: Path) -> None:
    """Of two servers whose clocks differ by a day, and which are set back and on again."""
    with stub() as receiver:
        refused(db)
        new(db, receiver.url, "daily", "weekly")
        morning = MIDNIGHT + 7 * DAY + 8 * HOUR
        with Ledger.open(db) as one, Ledger.open(db) as other:
            clocks = Clock(morning), Clock(morning + DAY)
            boxes = [
                Outbox(each, quiet(clock)) for each, clock in zip((one, other), clocks, strict=True)
            ]
            for passed in (0, -HOUR, 2 * HOUR, -DAY, DAY, 0):
                for box, clock in zip(boxes, clocks, strict=True):
                    clock.at += passed
                    box.work()
                    box.work()
        ids = [each.headers["webhook-id"] for each in receiver.asked]
    assert ids
    assert len(ids) == len(set(ids))


def test_a_request_is_told_with_its_own_playbook(db: Path, tmp_path: Path) -> None:
    """Where a ledger has several playbooks, each digest tells of its own deals."""
    playbook = tmp_path / "other.yaml"
    playbook.write_text(OTHER.format(zone="UTC"))
    at = MIDNIGHT + DAY
    assert say("open", "o", "--playbook", str(playbook), db=db, clock=at).status == 0
    words = ("waiver", "request", "o", "b/entry/note", "--reason", "please", "--by", "rep")
    assert say(*words, db=db, clock=at + HOUR).status == 0
    with Ledger.open(db, reading=True) as ledger:
        text = digest_of(ledger, Span(at, at + DAY, "daily_x"), now=at + DAY)
    assert text.count("please") == 1


def test_a_ledger_that_is_in_use_is_told_of_later(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise LedgerError("it is in use", code="ledger-busy")

    monkeypatch.setattr(digests, "spool_ledger", busy)
    span = span_of("weekly", MIDNIGHT + 7 * DAY + 8 * HOUR, UTC)
    with Ledger.open(db, reading=True) as ledger, pytest.raises(LedgerError):
        digest_of(ledger, span, now=span.until)


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
