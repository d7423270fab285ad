"""The page speaks the language that a browser asks for, and nothing else does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from unittest import mock

import pytest
from browsing import Browser, looking
from hypothesis import given
from hypothesis import strategies as st
from served import AT, Clock, Server, serving, token

from live.gate import say
from playgate.language import ENGLISH, Language
from playgate.ledger.store import Ledger
from playgate.serve.people import routes
from playgate.serve.people.tongues import language_for

FRENCH = {"accept-language": "fr-CA,fr;q=0.9,en;q=0.8"}
SCREENS = ("/", "/deal?id=d1", "/waivers", "/waivers?show=answered", "/waivers?show=given")
COUNTED = ("/playbooks", "/today")


@pytest.mark.parametrize(
    ("asked", "usual", "spoken"),
    [
        ("", "en", "en"),
        ("", "fr", "fr"),
        ("fr", "en", "fr"),
        ("FR-ca", "en", "fr"),
        ("de, fr;q=0.5, en;q=0.4", "en", "fr"),
        ("en;q=0.4,fr;q=0.5", "en", "fr"),
        ("fr;q=0, en", "fr", "en"),
        ("de", "fr", "fr"),
        ("*", "fr", "fr"),
        ("de, *;q=0.5, en;q=0.4", "fr", "fr"),
        ("fr;q=much", "en", "en"),
        ("fr;level=1", "en", "fr"),
        (";;,,=", "en", "en"),
        ("../../etc", "en", "en"),
    ],
)
def test_which_language_is_spoken(asked: str, usual: str, spoken: str) -> None:
    assert language_for(asked, usual).tag == spoken


@given(st.text(alphabet="frendq=;,*.0192- ", max_size=60))
def test_whatever_a_browser_asks_for_some_language_is_spoken(asked: str) -> None:
    assert language_for(asked, "en").tag in ("en", "fr")


def test_without_what_writes_french_it_is_english() -> None:
    from playgate.serve.people.tongues import spoken

    spoken.cache_clear()
    with mock.patch.dict("sys.modules", {"babel": None}):
        assert language_for("fr", "en") is ENGLISH
    spoken.cache_clear()


def test_two_people_at_once_are_spoken_to_in_their_own(page: Server, page_db: Path) -> None:
    """What is judged is said in the one and in the other, whoever came first."""
    browser = looking(page_db, page, "rep")
    for _ in range(2):
        text = browser.get("/", **FRENCH).text
        assert '<html lang="fr">' in text
        assert "<h1>Mes affaires</h1>" in text
        english = browser.get("/").text
        assert '<html lang="en">' in english
        assert "<h1>My deals</h1>" in english
        assert "fait 0 fois sur 1" in browser.get("/deal?id=d1", **FRENCH).text
        assert "0 of 1 done" in browser.get("/deal?id=d1").text
    answer = browser.get("/", **FRENCH)
    assert answer.headers["vary"] == "cookie, accept-language"


def test_what_is_recorded_and_what_programs_are_told_stays_english(
    page: Server, page_db: Path
) -> None:
    browser = looking(page_db, page, "rep")
    form = browser.form_token("/deal?id=d1", **FRENCH)
    asked = {"form": form, "deal": "d1", "rule": "b/entry/note", "reason": "parce que"}
    assert "La dérogation est demandée." in browser.post("/waivers/ask", asked, **FRENCH).text
    told = page.ask("check", token(page_db), deal="d1", stage="b", headers=FRENCH).json()
    assert "note was empty" in json.dumps(told)
    page.ask("move", token(page_db), deal="d1", stage="b", headers=FRENCH)
    with Ledger.open(page_db, reading=True) as ledger:
        assert "note was empty" in list(ledger.decisions.of("d1"))[-1].findings


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/deal?id=d3", "il n’y a pas de telle affaire pour vous"),
        ("/deal?id=none", "il n’y a pas de telle affaire pour vous"),
        ("/deal", "quelle affaire\N{NARROW NO-BREAK SPACE}?"),
        ("/playbooks?playbook=x", "il n’y a pas de tel playbook"),
        ("/today?rep=zoe", "il n’y a personne de ce nom pour vous"),
    ],
)
def test_what_is_wrong_is_said_in_it(page: Server, page_db: Path, path: str, said: str) -> None:
    answer = looking(page_db, page, "rep").get(path, **FRENCH)
    assert answer.status_code >= 400
    assert said in answer.text


def test_the_report_is_that_of_the_language(page_db: Path) -> None:
    say("move", "d1", "b", "--by", "rep", db=page_db, clock=AT)
    later = AT + 40 * 86_400 * 1_000_000
    with serving(page_db, clock=Clock(later)) as server:
        browser = looking(page_db, server, "mia")
        assert '<html lang="fr">' in browser.get("/report", **FRENCH).text
        assert ">Phases</h2>" in browser.get("/playbooks", **FRENCH).text
        assert "Ann Andrews, 2026-04-06" in browser.get("/today?rep=ann").text
        day = browser.get("/today?rep=ann", **FRENCH).text
        assert "6 avr. 2026" in day, re.findall("h-day.*", day)


# Screens in a language that marks all that it says


class _Marked(Language):
    """English, with brackets around each message."""

    tag = "en-x-marked"

    def wording(self, one: str, many: str, number: int | None, about: str) -> str:
        return f"⟦{super().wording(one, many, number, about)}⟧"


class _Texts(HTMLParser):
    """What of a screen people see or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "code"):
            self._inside.append(tag)
        self.found += [value for name, value in attrs if name in ("aria-label", "data-h") and value]

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.found.append(data)


@pytest.fixture
def marked(page_db: Path) -> Iterator[Browser]:
    """Somebody to whom the page marks all that it says."""
    say("log", "d1", "call", "done", "--by", "rep", db=page_db, clock=AT)
    say("move", "d1", "b", "--by", "rep", db=page_db, clock=AT)
    for rule in ("b/entry/note", "b/by"):
        words = ("waiver", "request", "d1", rule, "--reason", "why", "--by", "rep")
        assert say(*words, "--expires", "2026-04-01", db=page_db, clock=AT).status == 0
    say("waiver", "decline", "1", "--reason", "no", "--by", "mia", db=page_db, clock=AT)
    say("waive", "d2", "b/by", "--reason", "why", "--by", "mia", db=page_db, clock=AT)
    language = _Marked()
    clock = Clock(AT + 86_400 * 1_000_000)
    with (
        mock.patch.object(routes, "language_for", return_value=language),
        serving(page_db, clock=clock) as server,
    ):
        yield looking(page_db, server, "mia")


_DATA = {
    *("d1", "d2", "call", "note", "done", "first", "last", "why", "owner", "entry", "small", "by"),
    *("rita", "rep", "ann", "andrews", "mia", "marsh", "manager", "playgate", "no", "won", "lost"),
}


def _beside(text: str) -> set[str]:
    """The words of a screen that no message says and no data has."""
    texts = _Texts()
    texts.feed(text)
    found = "\n".join(texts.found)
    while (less := re.sub(r"⟦[^⟦⟧]*(⟧|…)", " ", found)) != found:
        found = less
    return {each for each in re.findall(r"[^\W\d_]{2,}", found.lower()) if each not in _DATA}


def test_screens_say_nothing_beside_their_messages_and_the_data(marked: Browser) -> None:
    for path in (*SCREENS, *COUNTED, "/deal", "/deal?id=none", "/playbooks?playbook=x"):
        assert _beside(marked.get(path).text) == set(), path


# Several playbooks


def test_a_report_leads_to_those_on_other_playbooks(page_db: Path, tmp_path: Path) -> None:
    """Each by its title, which may be hostile, and without a script."""
    second = tmp_path / "second.yaml"
    second.write_text(
        'playbook: second\nversion: 1\ntitle: "<b>&\\"\'"\n'
        "stages: [{stage: a}, {stage: won, ends: won}, {stage: lost, ends: lost}]\n"
    )
    one = "small"
    with serving(page_db, clock=Clock(AT + 5_000_000)) as server:
        assert "?playbook=" not in looking(page_db, server, "").get("/report").text
    assert say("publish", str(second), db=page_db, clock=AT).status == 0
    words = ("open", "s1", "--playbook", str(second), "--by", "rep")
    assert say(*words, db=page_db, clock=AT).status == 0
    with serving(page_db, clock=Clock(AT + 5_000_000)) as server:
        browser = looking(page_db, server, "")
        text = browser.get("/report").text
        assert f'<b aria-current="page">{one}</b>' in text
        assert '<a href="/report?playbook=second">&lt;b&gt;&amp;&#34;&#39;</a>' in text
        other = browser.get("/report?playbook=second").text
        assert f'<a href="/report?playbook={one}">{one}</a>' in other
        assert browser.get("/report?playbook=%3Cb%3E").status_code == 422
