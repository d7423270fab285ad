"""The forms in which a mapping says that times are written."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from history.conftest import mapping_of
from playgate.conditions.instants import UTC, from_datetime, load_zone, show_instant
from playgate.history.mapping import parse_mapping
from playgate.history.plain_forms import plain_reader
from playgate.history.time_forms import EPOCH, EPOCH_MS, ISO, day_reader, moment_reader

PARIS = load_zone("Europe/Paris")
MAIL = "%a, %d %b %Y %H:%M:%S %z"
READ = [
    ("", "2026-03-02T09:00:00.000+0000", "2026-03-02T09:00:00Z"),  # Salesforce's REST
    ("", "2019-11-03T10:00:00+0100", "2019-11-03T09:00:00Z"),  # XES
    ("", "2026-03-02 09:00:00+00", "2026-03-02T09:00:00Z"),  # PostgreSQL
    ("", "2026-03-02 09:00:00 +0100", "2026-03-02T08:00:00Z"),
    ("", "2026-03-02T09:00Z", "2026-03-02T09:00:00Z"),
    ("", "2026-03-02T09:00", "2026-03-02T08:00:00Z"),
    ("", "2026-03-02 09:00:00.123456789Z", "2026-03-02T09:00:00.123456Z"),
    ("", "2026-03-02T09:00:00,5Z", "2026-03-02T09:00:00.500Z"),
    ("", "20260302T090000Z", "2026-03-02T09:00:00Z"),
    ("", "20260302T090000.25+0130", "2026-03-02T07:30:00.250Z"),
    ("", "2026-03-02 09:00:00 UTC", "2026-03-02T09:00:00Z"),
    ("", " 2026-03-02 ", "2026-03-01T23:00:00Z"),
    ("", "2026-03-02T24:00:00Z", None),
    ("", "2026-02-30T09:00Z", None),
    ("", "2026-03-02T09Z", None),
    ("", "20260302", None),
    ("", "2026-W10-1", None),
    ("", "2026-03-02T09:00:00 CET", None),
    (EPOCH, "1772442000", "2026-03-02T09:00:00Z"),
    (EPOCH, "1772442000.5", "2026-03-02T09:00:00.500Z"),
    (EPOCH, "-1.5", "1969-12-31T23:59:58.500Z"),
    (EPOCH, "1.77e9", None),
    (EPOCH, "1772442000000", None),  # the year 58136
    (EPOCH_MS, "1772442000123", "2026-03-02T09:00:00.123Z"),
    (EPOCH_MS, "x", None),
    ("%d.%m.%Y %H:%M %z", "04.03.2026 17:06 +0100", "2026-03-04T16:06:00Z"),
    ("%d.%m.%Y %H:%M %z", "04.03.2026 17:06 +01:00", "2026-03-04T16:06:00Z"),
    ("%d.%m.%Y %H:%M%z", "04.03.2026 17:06Z", "2026-03-04T17:06:00Z"),
    ("%Y-%m-%d %H:%M:%S %Z", "2026-03-04 17:06:00 UTC", "2026-03-04T17:06:00Z"),
    ("%Y-%m-%d %H:%M:%S %Z", "2026-03-04 17:06:00 CET", "2026-03-04T16:06:00Z"),
    ("%Y-%m-%d %H:%M:%S %Z", "2026-10-25 02:30:00 CEST", "2026-10-25T00:30:00Z"),
    ("%Y-%m-%d %H:%M:%S %Z", "2026-10-25 02:30:00 CET", "2026-10-25T01:30:00Z"),
    ("%Y-%m-%d %H:%M:%S %Z", "2026-03-04 17:06:00 IST", None),  # of which country?
    ("%a %b %d %H:%M:%S %Z %Y", "Wed Mar 04 17:06:00 EST 2026", "2026-03-04T22:06:00Z"),
    (MAIL, "Wed, 04 Mar 2026 17:06:00 +0100", "2026-03-04T16:06:00Z"),
    (MAIL, "Wed, 04 Mar 2026 17:06:00 GMT", "2026-03-04T17:06:00Z"),
    (MAIL, "Wed, 04 Mar 2026 17:06:00 PDT", "2026-03-05T00:06:00Z"),
    (MAIL, "Wed, 04 Mar 2026 17:06:00", None),
    ("%a, %d %b %Y %H:%M:%S GMT", "Wed, 04 Mar 2026 17:06:00 GMT", "2026-03-04T16:06:00Z"),
    ("%m/%d/%y %H:%M", "3/4/26 17:06", "2026-03-04T16:06:00Z"),
    ("%d %B %Y", "4 March 2026", "2026-03-03T23:00:00Z"),
    ("%Y%m%d%H%M%S", "20260304170600", "2026-03-04T16:06:00Z"),
    ("%Y-%j", "2026-063", "2026-03-03T23:00:00Z"),
    ("%d.%m.%Y %H:%M:%S,%f", "04.03.2026 17:06:00,5", "2026-03-04T16:06:00.500Z"),
    ("%b %d, %Y, %I:%M:%S %p", "Mar 04, 2026, 05:06:00 PM", "2026-03-04T16:06:00Z"),
    ("%d/%m/%Y %H:%M", "04/03/2026 24:00", None),
]


@pytest.mark.parametrize(("form", "text", "instant"), READ)
def test_what_a_form_reads(form, text, instant):
    found = moment_reader((form,) if form else (), PARIS)(text)
    assert (None if found is None else show_instant(found)) == instant


def test_of_several_forms_the_first_that_reads_counts():
    read = moment_reader((ISO, "%d.%m.%Y", EPOCH_MS), UTC)
    for text in ("2026-03-02", "02.03.2026", "1772409600000"):
        found = read(text)
        assert found is not None
        assert show_instant(found) == "2026-03-02T00:00:00Z"
    assert read("03/02/2026") is None


DAYS = [
    (ISO, "2026-03-02T23:30:00.000-0500", "2026-03-02"),
    (ISO, "2026-03-02", "2026-03-02"),
    (ISO, "2026-02-30", None),
    ("%Y-%m-%dT%H:%M:%S%z", "2026-03-02T00:30:00+05:00", "2026-03-02"),
    ("%Y-%m-%d %H:%M %Z", "2026-03-02 00:30 CET", "2026-03-02"),
    (EPOCH_MS, "1772409600000", "2026-03-02"),  # HubSpot's days are midnights in UTC
    ("%d.%m.%Y", "02.03.2026", "2026-03-02"),
    ("%d.%m.%Y", "2.3.26", None),
]


@pytest.mark.parametrize(("form", "text", "day"), DAYS)
def test_the_day_of_a_stamp_is_the_one_that_is_written(form, text, day):
    zone = load_zone("America/New_York" if form == EPOCH_MS else "Europe/Paris")
    assert day_reader((form,), zone)(text) == day


FORMS = [
    (),
    (ISO,),
    (EPOCH,),
    (EPOCH_MS,),
    ("%d.%m.%Y %H:%M:%S %z",),
    ("%m/%d/%Y %I:%M:%S %p %Z",),
    (MAIL,),
    ("%Y%m%dT%H%M%S%z",),
]
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda far: timezone(timedelta(minutes=far)))


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1), timezones=OFFSETS),
    st.sampled_from(FORMS),
)
def test_what_is_written_in_a_form_reads_back(moment, forms):
    moment = moment.replace(microsecond=0)
    form = forms[0] if forms else ISO
    if form in (EPOCH, EPOCH_MS):
        text = str(from_datetime(moment) // (1_000_000 if form == EPOCH else 1_000))
    elif "%" not in form:
        text = moment.isoformat()
    else:
        text = moment.strftime(form.replace("%Z", "%z"))
    assert moment_reader(forms, PARIS)(text) == from_datetime(moment)


MISTAKES = {
    "%d.%m.%Y %I:%M": "reads the hours of an afternoon as those of the morning",
    "%d.%m.%Y %H:%M %p": "reads the hours of an afternoon as those of the morning",
    "%H:%M": "does not read a whole date",
    "%s": "does not read a whole date",
    "dd.MM.yyyy": "there is no form",
    "[iso, '%d/%m/%Y', '%m/%d/%Y']": "before it reads as another day",
    "[epoch_ms, epoch]": "before it reads as another day",
    "[iso, '%H']": "does not read a whole date",
    "[]": "is empty",
}


def of_form(form):
    quoted = form if form.startswith("[") else f'"{form}"'
    return f"""\
mapping: m
version: 1
tables:
  - deal: Id
    happened_at: {{column: When, format: {quoted}}}
    event_id: Id
    rows: [{{kind: stage, name: S}}]
"""


@pytest.mark.parametrize("form", MISTAKES)
def test_forms_that_lint_refuses(form):
    mapping, mistakes = parse_mapping(of_form(form).encode(), "m.yaml")
    assert mapping is None
    assert [MISTAKES[form] in each.message for each in mistakes] == [True]
    assert (mistakes[0].place.line, mistakes[0].hint != "") == (5, True)


@pytest.mark.parametrize("form", ["[iso, epoch_ms, '%d.%m.%Y']", "[epoch, epoch_ms]", MAIL, "%c"])
def test_forms_that_lint_takes(form):
    assert mapping_of(of_form(form))


def test_problems_name_the_forms(read):
    mapping = of_form("[iso, '%d.%m.%Y', epoch_ms]")
    content = "Id,When,S\n1,2026-03-02,lead\n2,3.4.2026,lead\n3,1772442000000,lead\n4,x,lead\n"
    events, problems = read(content, mapping=mapping)
    assert [each.deal for each in events] == ["1", "2", "3"]
    assert problems == [(5, 'happened_at "x" cannot be read as an instant')]


def test_a_year_that_is_none_of_ours(read):
    events, problems = read("Id,When,S\n1,99999999999,lead\n", mapping=of_form("epoch"))
    assert events == []
    assert problems == [(2, 'happened_at "99999999999" lies outside the years 1900 to 2200')]


def test_nanoseconds_order_what_iso_reads(read):
    content = "Id,When,S\n1,2026-03-02T09:00:00.000001900+0000,lead\n"
    for form in ("iso", "[iso, epoch]"):
        events, _ = read(content, mapping=of_form(form))
        assert [each.rest for each in events] == ["9"]


PLAIN = [
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%Y%m%d%H%M%S",
    "%m/%d/%Y %I:%M %p",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%H:%M on %d/%m/%Y",
    "%d%m%Y%H",
    "%Y-%m-%d  %M:%H",
]


@given(
    st.sampled_from(PLAIN),
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),
    st.text(" 0123456789:./-TPAMpmon", max_size=3),
    st.integers(0, 30),
)
def test_what_is_read_without_strptime_is_what_strptime_reads(form, moment, junk, place):
    plain = plain_reader(form)
    assert plain is not None
    written = f"{moment:%Y}".rjust(4, "0").join(moment.strftime(form).split(f"{moment:%Y}"))
    for text in (written, written[:place] + junk + written[place + len(junk) :]):
        found = plain(text)
        if found is not None:
            assert found == datetime.strptime(text, form)
    assert plain(datetime(2026, 3, 4, 17, 6, 7).strftime(form)) is not None


def test_forms_that_only_strptime_reads():
    for form in ("%d.%m.%y", "%d %b %Y", "%Y-%m-%d %H:%M %z", "%d.%m.%Y %I:%M", "%Y-%j", "%H:%M"):
        assert plain_reader(form) is None
