"""The page for people: who is let in, what each is shown, and the forms that come back."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browsing import OWNERS, PAGE, Browser, looking
from hypothesis import given
from hypothesis import strategies as st
from served import AT, Clock, Server, serving, token
from starlette.testclient import TestClient

from live.gate import say
from playgate.cli.errors import Bugs
from playgate.history.people import People, Person
from playgate.ledger.store import Ledger
from playgate.serve.app import App
from playgate.serve.people.page import local
from playgate.serve.people.sight import sight_of
from playgate.serve.settings import Behind, Settings, World

SEES = {
    "rep": {"d1"},
    "ann": {"d2"},
    "zoe": {"d3"},
    "mia": {"d1", "d2"},
    "boss": {"d1", "d2", "d3"},
    "": {"d1", "d2", "d3", "d4"},
}
SCREENS = ("/", "/deal?id=d1", "/waivers", "/waivers?show=answered", "/waivers?show=given")


def _deals(text: str) -> set[str]:
    return set(re.findall(r'href="/deal\?id=([^"]+)"', text))


# Who is let in


def test_somebody_signs_in_and_out(page: Server, page_db: Path) -> None:
    browser = Browser(page)
    for path in (*SCREENS, "/today", "/playbooks", "/report"):
        answer = browser.get(path)
        assert "Your token" in answer.text, path
        assert _deals(answer.text) == set()
    assert browser.sign_in("pgt_x_y").status_code == 401
    assert _deals(browser.get("/").text) == set()
    assert _deals(browser.sign_in(token(page_db, *PAGE, by="rep")).text) == {"d1"}
    (kept,) = [value for name, value in browser.jar.items() if "session" in name]
    assert len(kept) >= 43
    before = dict(browser.jar)
    browser.post("/sign-out", {"form": browser.form_token("/")})
    browser.jar = before  # whoever still has the cookie
    assert "Your token" in browser.get("/").text


def test_the_cookie_is_kept_from_scripts_and_other_pages(page: Server, page_db: Path) -> None:
    text = token(page_db, *PAGE, by="rep")
    for host, secure in (("http://localhost", False), ("http://gate.example", True)):
        browser = Browser(page, host)
        form = browser.form_token("/sign")
        answer = page.client.request(
            "POST",
            f"{host}/sign-in",
            data={"form": form, "token": text},
            headers={"cookie": "; ".join(f"{n}={v}" for n, v in browser.jar.items())},
            follow_redirects=False,
        )
        (said,) = answer.headers.get_list("set-cookie")
        assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=28800"} <= set(said.split("; "))
        assert ("Secure" in said.split("; ")) is secure
        assert said.startswith("__Host-playgate_session=") is secure
    browser = Browser(page)
    browser.get("/sign", **{"x-forwarded-proto": "https"})
    assert all("; Secure" in each for each in browser.set)


def test_a_session_ends_with_its_hours_and_with_its_token(page_db: Path) -> None:
    ticks = iter(range(10, 10_000_000, 10))
    with serving(page_db, at=lambda: float(next(ticks))) as server:
        server.clock.on(1)
        browser = looking(page_db, server, "rep")
        server.clock.on(8 * 3600 - 1)
        assert _deals(browser.get("/").text) == {"d1"}
        server.clock.on(1)
        assert "Your token" in browser.get("/").text
        text = token(page_db, *PAGE, by="rep")
        browser.sign_in(text)
        assert _deals(browser.get("/").text) == {"d1"}
        known_id = text.split("_")[1]
        assert say("token", "revoke", known_id, db=page_db, clock=AT).status == 0
        assert "Your token" in browser.get("/").text


def test_a_session_is_no_way_past_a_token_for_programs(page: Server, page_db: Path) -> None:
    browser = looking(page_db, page, "rep")
    assert browser.get("/v1/deals").status_code == 401
    assert browser.post("/v1/move", {"deal": "d1"}).status_code == 401
    text = token(page_db, *PAGE, by="rep")
    assert page.get("/v1/deals", text).status_code == 403
    assert page.ask("history", text, deal="d2").status_code == 403
    assert page.ask("waiver-approve", text, request="w-1").status_code == 403


def test_a_token_that_is_for_something_else(page: Server, page_db: Path) -> None:
    browser = Browser(page)
    for scopes in (("metrics",), ("read", "write", "waiver-approve")):
        answer = browser.sign_in(token(page_db, *scopes, by="rep"))
        assert answer.status_code == 403
        assert "this token is not for page" in answer.text
        assert "Your token" in browser.get("/").text


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\r\nb: c",
    ],
)
def test_nobody_is_led_elsewhere(to: str) -> None:
    assert local(to) == "/"
    assert local("/deal?id=a%2Fb&page=2") == "/deal?id=a%2Fb&page=2"


# By a proxy

NAMED = {"x-user": "rep"}


@pytest.fixture
def proxied(page_db: Path) -> Iterator[Any]:
    """Servers behind a proxy at 10.0.0.5, each asked from an address."""
    running: list[TestClient] = []

    def asked_from(address: str) -> Server:
        behind = Behind("x-user", (ip_network("10.0.0.5/32"),))
        clock = Clock(AT + 1_000_000)
        world = World(
            now=clock,
            clock=lambda: 1.0,
            meaning=Bugs().meaning,
            write=lambda _: None,
            random=os.urandom,
        )
        app = App(Settings(db=str(page_db), behind=behind), world)
        client = TestClient(app, client=(address, 1))
        client.__enter__()
        running.append(client)
        return Server(client, app, clock, [])

    yield asked_from
    for each in running:
        each.__exit__(None, None, None)


def test_a_proxy_names_who_looks(proxied: Any, page_db: Path) -> None:
    for address in ("10.0.0.5", "::ffff:10.0.0.5"):
        browser = Browser(proxied(address))
        assert _deals(browser.get("/", **NAMED).text) == {"d1"}
        assert "Your token" in browser.get("/").text
        assert browser.get("/", **{"x-user": " "}).status_code == 401
    form = {"deal": "d1", "rule": "b/entry/note", "reason": "told by phone"}
    token_of_page = browser.form_token("/deal?id=d1", **NAMED)
    stolen = {"form": token_of_page, **form}
    assert browser.post("/waivers/ask", stolen, **{"x-user": "ann"}).status_code == 403
    assert browser.post("/waivers/ask", stolen, **NAMED).status_code == 200
    with Ledger.open(page_db) as ledger:
        assert [each.actor for each in ledger.waiver_requests.all(open_only=True)] == ["rep"]


def test_nobody_else_is_believed(proxied: Any) -> None:
    for address in ("10.0.0.6", "127.0.0.1", "testclient"):
        assert "Your token" in Browser(proxied(address)).get("/", **NAMED).text


def test_a_header_said_twice_is_not_believed(proxied: Any) -> None:
    server = proxied("10.0.0.5")
    twice = [("x-user", "rep"), ("x-user", "mia"), ("host", "localhost")]
    assert server.client.get("/", headers=twice).status_code == 401


@pytest.mark.parametrize(
    "words",
    [
        ("--user-header", "x-user"),
        ("--proxy", "10.0.0.5"),
        ("--user-header", "x-user", "--proxy", "10.0.0.5/8"),
        ("--user-header", "x-user", "--proxy", "proxy.example"),
        ("--user-header", "Cookie", "--proxy", "10.0.0.5"),
        ("--user-header", "x:user", "--proxy", "10.0.0.5"),
    ],
)
def test_a_proxy_that_is_not_told_whole(page_db: Path, words: tuple[str, ...]) -> None:
    said = say("serve", *words, "--port", "0", db=page_db, clock=AT)
    assert said.status == 2
    assert "Traceback" not in said.err
    assert "hint: " in said.err or "such as" in said.err or "--proxy says" in said.err


# What each is shown


@pytest.mark.parametrize("actor", SEES)
def test_everybody_sees_their_own(page: Server, page_db: Path, actor: str) -> None:
    browser = looking(page_db, page, actor)
    assert _deals(browser.get("/").text) == SEES[actor]
    for deal in OWNERS:
        answer = browser.get(f"/deal?id={deal}")
        assert answer.status_code == (200 if deal in SEES[actor] else 404), deal
    unknown = browser.get("/deal?id=nothing").text
    for deal in OWNERS.keys() - SEES[actor]:
        assert browser.get(f"/deal?id={deal}").text == unknown
    assert browser.get("/deal").status_code == 404


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdef"),
            st.sampled_from(["rep", "manager"]),
            st.sampled_from(["", "N", "S"]),
            st.sampled_from(["", *"abcdef"]),
        ),
        max_size=6,
        unique_by=lambda each: each[0],
    )
)
def test_whom_somebody_leads(rows: list[tuple[str, str, str, str]]) -> None:
    """As the closure of who leads whom says it."""
    persons = [Person(a, "", role, team, manager) for a, role, team, manager in rows]
    leads = {(p.manager, p.actor) for p in persons if p.manager}
    for _ in persons:
        leads |= {(a, d) for a, b in leads for c, d in leads if b == c}
    for person in persons:
        team = {p.actor for p in persons if p.team and p.team == person.team}
        expected = {person.actor} | {b for a, b in leads if a == person.actor}
        expected |= team if person.role == "manager" else set()
        assert sight_of(person.actor, People(persons), AT).owners == expected
    assert sight_of("", People(persons), AT).owners is None
    assert sight_of("a", None, AT).owners == {"a"}


def test_a_deal_with_its_timeline_and_evidence(page: Server, page_db: Path) -> None:
    assert say("log", "d1", "call", "done", "--by", "rep", db=page_db, clock=AT).status == 0
    say("move", "d1", "b", "--by", "rep", db=page_db, clock=AT)
    text = looking(page_db, page, "mia").get("/deal?id=d1").text
    assert "First &amp; last" in text
    assert "&lt;b&gt;why&lt;/b&gt;" in text
    assert "b/entry/note" in text
    assert re.search(r"did Call.*done.*Rita Rep", text)
    assert re.search(r"asked for b.*<mark>refused</mark>.*Rita Rep", text)


def test_long_lists_are_paged(page: Server, page_db: Path) -> None:
    for number in range(120):
        say("open", f"more-{number}", db=page_db, clock=AT)
    page.clock.on(100)
    browser = looking(page_db, page, "")
    path: str | None = "/"
    found: list[str] = []
    while path:
        text = browser.get(path).text
        found += re.findall(r'<h2><a href="/deal\?id=([^"]+)"', text)
        after = re.search(r'rel="next" href="([^"]+)"', text)
        path = after[1].replace("&amp;", "&") if after else None
        assert len(found) <= 150
    assert len(found) == len(set(found)) == 124
    assert "more-7" in _deals(browser.get("/?find=more-7").text)
    assert _deals(browser.get("/?page=999999").text)
    assert _deals(browser.get("/?page=-1&show=x&stage=y").text) == set()


# Waivers


def test_a_waiver_is_asked_for_and_approved(page: Server, page_db: Path) -> None:
    rep = looking(page_db, page, "rep")
    asked = {"deal": "d1", "rule": "b/entry/note", "reason": "<i>told</i> by phone"}
    answer = rep.post("/waivers/ask", {"form": rep.form_token("/deal?id=d1"), **asked})
    assert "The waiver is asked for." in answer.text
    own = rep.get("/waivers").text
    assert "&lt;i&gt;told&lt;/i&gt; by phone" in own
    assert "Approve" not in own
    theirs = rep.post("/waivers/approve", {"form": rep.form_token("/"), "request": "w-1"})
    assert theirs.status_code == 403
    assert "nobody answers their own" in theirs.text
    assert "w-1" not in looking(page_db, page, "zoe").get("/waivers").text
    zoe = looking(page_db, page, "zoe")
    assert (
        zoe.post("/waivers/approve", {"form": zoe.form_token("/"), "request": "w-1"}).status_code
        == 404
    )
    mia = looking(page_db, page, "mia")
    form = {"form": mia.form_token("/waivers"), "request": "w-1"}
    assert "The waiver is approved." in mia.post("/waivers/approve", form).text
    again = mia.post("/waivers/approve", form)
    assert again.status_code == 422
    assert "approved already" in again.text
    assert "b/entry/note" in mia.get("/waivers?show=given").text
    with Ledger.open(page_db) as ledger:
        (row,) = ledger.waiver_requests.all(open_only=False)
        assert (row.answer, row.actor, row.answered_by) == ("approved", "rep", "mia")


def test_a_waiver_is_declined_with_a_reason(page: Server, page_db: Path) -> None:
    say(
        "waiver",
        "request",
        "d1",
        "b/entry/note",
        "--reason",
        "why not",
        "--by",
        "rep",
        db=page_db,
        clock=AT,
    )
    mia = looking(page_db, page, "mia")
    form = {"form": mia.form_token("/waivers"), "request": "w-1", "reason": ""}
    assert mia.post("/waivers/decline", form).status_code == 422
    assert "declined" in mia.post("/waivers/decline", {**form, "reason": "not yet"}).text
    assert "not yet" in mia.get("/waivers?show=answered").text


def test_who_is_not_named_has_no_form(page: Server, page_db: Path) -> None:
    nobody = looking(page_db, page, "")
    assert "Ask for a waiver" not in nobody.get("/deal?id=d1").text
    asked = {"deal": "d1", "rule": "b/entry/note", "reason": "so"}
    assert nobody.post("/waivers/ask", {"form": nobody.form_token("/"), **asked}).status_code == 403


def test_a_form_of_another_page_does_nothing(page: Server, page_db: Path) -> None:
    ann, mia = looking(page_db, page, "ann"), looking(page_db, page, "mia")
    asked = {"deal": "d1", "rule": "b/entry/note", "reason": "so"}
    own = mia.form_token("/deal?id=d1")
    for form in ({}, {"form": ""}, {"form": "0" * 64}, {"form": ann.form_token("/")}):
        assert mia.post("/waivers/ask", {**asked, **form}).status_code == 403
        assert mia.post("/sign-out", {**asked, **form}).status_code == 403
        assert mia.post("/sign-in", {**asked, **form}).status_code == 403
    sent = {**asked, "form": own}
    for site in ("cross-site", "same-site", "none"):
        assert mia.post("/waivers/ask", sent, **{"sec-fetch-site": site}).status_code == 403
    assert mia.post("/waivers/ask", sent, **{"content-type": "text/plain"}).status_code == 422
    assert mia.get("/waivers/ask").status_code == 405
    with Ledger.open(page_db) as ledger:
        assert ledger.waiver_requests.all(open_only=False) == []
    assert mia.post("/waivers/ask", sent, **{"sec-fetch-site": "same-origin"}).status_code == 200


def test_who_is_not_signed_in_learns_nothing_by_a_form(page: Server, page_db: Path) -> None:
    """Whether there is a deal, or a request, is the same to them: they are led to the sign-in."""
    words = ("waiver", "request", "d1", "b/entry/note", "--reason", "why", "--by", "rep")
    assert say(*words, db=page_db, clock=AT).status == 0
    told = set()
    for deal, request in (("d1", "w-1"), ("none", "w-9")):
        browser = Browser(page)
        form = {"form": browser.form_token("/sign"), "rule": "b/entry/note", "reason": "x"}
        for path in ("/waivers/ask", "/waivers/approve", "/waivers/decline"):
            answer = browser.post(path, {**form, "deal": deal, "request": request})
            told.add((answer.status_code, re.sub("[0-9a-f]{64}", "", answer.text)))
    ((status, text),) = told
    assert status == 200
    assert "Your token" in text


@pytest.mark.parametrize("body", [b"\xff", b"form=%FF", b"&" * 100, b"a=1&" * 50, b"x" * 70_000])
def test_forms_that_cannot_be_read(page: Server, body: bytes) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = page.client.post("/sign-in", content=body, headers=kind)
    assert answer.status_code in (403, 413, 422)


# What a screen is made of


class _Parts(HTMLParser):
    """The addresses, styles and scripts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.styles: list[str] = []
        self._in_style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        said = dict(attrs)
        if tag in ("script", "img", "iframe", "object", "base"):
            self.wrong.append(tag)
        self.wrong += [name for name in said if name == "style" or name.startswith("on")]
        for name in ("href", "src", "action"):
            to = said.get(name) or "/"
            if not (to.startswith(("/", "#")) and not to.startswith("//")) and to != "data:,":
                self.wrong.append(to)

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.styles.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False


EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror="alert(1)">',
    "</style><h1 id=evil>",
    "{{ 7 * 7 }}",
    "x" * 3_000,
    "a/b?c=d&e#f",
    "..",
    "שלום \u202ecod",
)


def test_screens_hold_nothing_that_runs_or_loads(page: Server, page_db: Path) -> None:
    for name in EVIL:
        assert say("open", name, "--by", name[:50], db=page_db, clock=AT).status == 0, name
        asked = (
            "waiver",
            "request",
            name,
            "b/entry/note",
            "--reason",
            name[:500],
            "--by",
            name[:50],
        )
        assert say(*asked, db=page_db, clock=AT).status == 0
    browser = looking(page_db, page, "")
    paths = (
        *SCREENS,
        "/sign",
        "/deal?id=no",
        *(f"/deal?id={quote(each, safe='')}" for each in EVIL),
    )
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == (404 if path.endswith("=no") else 200), path
        parts = _Parts(answer.text)
        assert parts.wrong == [], path
        digest = hashlib.sha256("".join(parts.styles).encode()).digest()
        policy = answer.headers["content-security-policy"]
        assert f"style-src 'sha256-{base64.b64encode(digest).decode()}';" in policy
        assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(
            policy.split("; ")
        )
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert "\u202e" not in answer.text
        assert "49" not in re.findall(r"<bdi>(.*?)</bdi>", answer.text)
    listed = _deals(browser.get("/").text)
    assert {quote(each, safe="").replace("%20", "+") for each in EVIL} <= listed


def test_what_is_counted_is_that_of_the_command_line(page_db: Path) -> None:
    """The report, the playbook and the day; each of whom it is for."""
    say("move", "d1", "b", "--by", "rep", db=page_db, clock=AT)
    say("log", "d2", "call", "--by", "ann", db=page_db, clock=AT)
    say("set", "d2", "note=x", db=page_db, clock=AT)
    say("move", "d2", "b", "--by", "ann", db=page_db, clock=AT)
    later = AT + 40 * 86_400 * 1_000_000
    say("log", "d3", "meeting", "--by", "zoe", db=page_db, clock=later)
    with serving(page_db, clock=Clock(later + 1_000_000)) as server:
        nobody = looking(page_db, server, "")
        text = nobody.get("/playbooks").text
        words = ("audit", "--db", str(page_db), "--format", "json", "--fail-on", "never")
        said = say(*words, db=page_db, clock=later)
        counted = json.loads(said.out)["adherence"]
        shown = re.search(r'<p class="big">(\d+) %</p>', text)
        assert shown
        assert int(shown[1]) == round(100 * counted["adherence"])
        assert parts_of(nobody.get("/report")) == {"All screens"}
        mia = looking(page_db, server, "mia")
        report = mia.get("/report").text
        assert "Rita Rep" in report
        assert "Zoe Zimmer" not in report
        assert "of those whom you lead" in mia.get("/playbooks").text
        day = mia.get("/today?rep=ann")
        assert "Ann Andrews, 2026-04-06" in day.text, day.text
        assert mia.get("/today?rep=zoe").status_code == 403
        assert mia.get("/report?playbook=none").status_code == 422
        rep = looking(page_db, server, "rep").get("/report").text
        assert "Rita Rep" in rep
        assert "Ann Andrews" not in rep


def parts_of(answer: Any) -> set[str]:
    """Where a report leads out of it; its policy names what stands in it, and nothing else."""
    policy = answer.headers["content-security-policy"]
    for tag in ("style", "script"):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        assert text
        digest = base64.b64encode(hashlib.sha256(text[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    return set(re.findall(r'<a href="/">([^<]+)</a>', answer.text))
