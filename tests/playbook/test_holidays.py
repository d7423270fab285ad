"""Holidays of countries: what a library knows, what a ledger keeps of it, and what it does not
know."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from playgate.documents.stored import dump, load
from playgate.enforce.live import Live
from playgate.errors import Mistake
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.playbook import country_holidays
from playgate.playbook.build import build
from playgate.playbook.country_holidays import YEARS, dates_of
from playgate.playbook.holidays import keep_holidays
from playgate.playbook.load import read_playbook
from playgate.versions.compare import compare

HEAD = "playbook: p\nversion: 1\nholidays: "
STAGES = """
stages:
  - {stage: a, time_limit: 1 business day}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
FRANCE = "[{country: FR}, 12-27, 2026-07-15]"


def written(holidays: str) -> bytes:
    return f"{HEAD}{holidays}{STAGES}".encode()


def read(holidays: str) -> tuple[Playbook | None, list[Mistake]]:
    playbook, _, mistakes = read_playbook(written(holidays), "p.yaml")
    return playbook, mistakes


def of(holidays: str) -> Playbook:
    playbook, mistakes = read(holidays)
    assert playbook is not None, mistakes
    return playbook


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of the library, by which France has one holiday."""

    def dates(country: str, region: str = "") -> frozenset[date]:
        return frozenset((date(2026, 3, 3),))

    monkeypatch.setattr(country_holidays, "dates_of", dates)


@pytest.fixture
def without_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)


def test_a_country_has_its_holidays_in_so_many_years() -> None:
    days = of(FRANCE).calendar.holidays
    assert {date(2026, 7, 14), date(2026, 5, 1), date(2026, 7, 15)} <= days
    assert {day.year for day in days} == set(YEARS)
    assert date(2026, 12, 26) not in days


def test_a_region_has_holidays_of_its_own() -> None:
    assert date(2026, 12, 26) in of("[{country: FR, region: '57'}]").calendar.holidays
    assert dates_of("DE", "BY") - dates_of("DE")


def test_without_the_library_a_country_is_a_mistake(without_library: None) -> None:
    playbook, mistakes = read("[2026-12-25, {country: FR}]")
    assert playbook is None
    assert [(each.place.line, each.place.column, each.rule) for each in mistakes] == [
        (3, 34, "holidays-library")
    ]
    assert "playgate[holidays]" in mistakes[0].hint
    assert of("[2026-12-25, 12-26]").calendar.holidays == {date(2026, 12, 25)}


def test_a_stored_document_keeps_what_the_library_gave() -> None:
    playbook, document, _ = read_playbook(written(FRANCE), "p.yaml")
    assert playbook is not None
    assert document is not None
    stored = load(dump(keep_holidays(document, playbook.holidays)))
    assert stored.sha256 == playbook.sha256
    again = build(stored, frozenset(), [])
    assert again is not None
    assert again.calendar == playbook.calendar
    assert [each.words for each in again.holidays] == ["FR", "12-27", "2026-07-15"]


def test_a_stored_document_needs_no_library(without_library: None) -> None:
    data = {"country": "FR", "dates": ["2026-07-14"]}
    playbook, document, _ = read_playbook(written("[2026-12-25]"), "p.yaml")
    assert playbook is not None
    assert document is not None
    document.data["holidays"] = [data]
    again = build(document, frozenset(), [])
    assert again is not None
    assert again.calendar.holidays == {date(2026, 7, 14)}


def test_a_document_without_countries_is_kept_as_it_is() -> None:
    playbook, document, _ = read_playbook(written("[12-25]"), "p.yaml")
    assert playbook is not None
    assert document is not None
    assert keep_holidays(document, playbook.holidays) is document


def keep(db: Path) -> Playbook:
    """Publishes the playbook as the library is now, and returns it as the ledger has it."""
    playbook, document, mistakes = read_playbook(written(FRANCE), "p.yaml")
    assert playbook is not None, mistakes
    assert document is not None
    with Ledger.open(db, create=True) as ledger, ledger.writing():
        return Live(ledger, now=0).keep(playbook, document, written(FRANCE))


def kept(db: Path) -> Playbook:
    with Ledger.open(db) as ledger, ledger.reading():
        return Live(ledger, now=0).playbook(ledger.playbooks.all()[0].sha256)


def test_a_ledger_keeps_the_holidays_of_when_it_was_published(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    db = tmp_path / "deals.db"
    published = keep(db)
    request.getfixturevalue("elsewhere")
    assert of(FRANCE).calendar.holidays == {date(2026, 3, 3), date(2026, 7, 15)}
    assert keep(db).calendar == kept(db).calendar == published.calendar
    request.getfixturevalue("without_library")
    assert kept(db).calendar == published.calendar


def test_diff_tells_that_a_country_has_other_holidays(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    old = of("[{country: MC}]")
    request.getfixturevalue("elsewhere")
    changes = compare(old, of("[{country: MC}]")).changes
    assert [(each.kind, each.id, each.aspect) for each in changes] == [
        ("changed", "holidays", "MC"),
        ("changed", "a/time", ""),
    ]
    assert "2026-11-19" in changes[0].old
    assert changes[0].new == "2026-03-03"
