"""The page for people as a browser shows it: on a desk and a phone, in light and in dark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pages_made
import pytest

pytest.importorskip("uvicorn")

pytestmark = pytest.mark.browser

SCREENS = ("/", "/deal?id=BK-1265", "/today", "/waivers", "/waivers?show=given", "/playbooks")
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
_SMALLEST = """() => Math.min(...Array.from(document.querySelectorAll("body *")).filter(each =>
  each.getClientRects().length && !each.closest(".unseen, thead, svg")
  && Array.from(each.childNodes).some(node => node.nodeType === 3 && node.textContent.trim())
).map(each => parseFloat(getComputedStyle(each).fontSize)))"""


class Running(NamedTuple):
    """A server over the bank's deals, with a token of a rep and of who leads them."""

    address: str
    rep: str
    manager: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server as a process."""
    db = tmp_path_factory.mktemp("people") / "bank.db"
    files = pages_made.BANK
    _say(db, "publish", str(files / "bank-sales.yaml"))
    _say(db, "people", str(files / "people.csv"))
    playbook = str(files / "bank-sales.yaml")
    _say(db, "import", str(files / "history.csv"), "--playbook", playbook)
    rep, manager = (_token(db, each) for each in ("b.haddad", "h.garnier"))
    command = [sys.executable, "-m", "playgate.cli.main", "serve", "--port", "0", "--db", str(db)]
    command += ["--log", "nothing", "--patience", "120"]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ)
    try:
        assert child.stderr is not None
        port = json.loads(child.stderr.readline())["port"]
        yield Running(f"http://localhost:{port}", rep, manager)
    finally:
        child.terminate()
        child.communicate(timeout=120)


def _say(db: Path, *words: str) -> str:
    found = pages_made.run(*words, "--db", str(db))
    assert found.exception is None, found.output
    return found.output


def _token(db: Path, who: str) -> str:
    said = _say(db, "token", "new", "--by", who, "--scope", "page", "--format", "json")
    token: str = json.loads(said)["token"]
    return token


@contextmanager
def signed_in(browser: Any, running: Running, token: str, **options: Any) -> Iterator[Any]:
    """A tab of somebody; nothing may be complained of, nor come from elsewhere."""
    context = browser.new_context(**options)
    tab = context.new_page()
    tab.set_default_timeout(120_000)
    said: list[str] = []
    asked: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(running.address)
    tab.locator("#token").fill(token)
    tab.locator(".sign button").click()
    tab.wait_for_url(f"{running.address}/")
    yield tab
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith((running.address, "data:"))] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_screen_can_be_read(browser: Any, running: Running, size: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    look = {"viewport": SIZES[size], "color_scheme": scheme}
    with signed_in(browser, running, running.manager, **look) as tab:
        for path in SCREENS:
            assert tab.goto(running.address + path).status == 200, path
            tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert tab.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
            assert tab.evaluate(_SMALLEST) >= 12, path
            result = axe.Axe().run(tab)
            assert result.violations_count == 0, (path, result.generate_report())


def test_every_screen_can_be_read_in_french(browser: Any, running: Running) -> None:
    """Its words are longer; they have room on a phone, too."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    look = {"viewport": SIZES["phone"], "locale": "fr-FR"}
    with signed_in(browser, running, running.manager, **look) as tab:
        for path in (*SCREENS, "/report"):
            assert tab.goto(running.address + path).status == 200, path
            assert tab.evaluate("document.documentElement.lang") == "fr"
            assert tab.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
            result = axe.Axe().run(tab)
            assert result.violations_count == 0, (path, result.generate_report())


def test_a_waiver_without_a_script(browser: Any, running: Running) -> None:
    """Asked for by a rep on a phone, and approved by who leads them."""
    look = {"viewport": SIZES["phone"], "java_script_enabled": False}
    with signed_in(browser, running, running.rep, **look) as tab:
        assert tab.get_by_role("heading", level=1).inner_text() == "My deals"
        tab.get_by_role("link", name="BK-1265").click()
        tab.get_by_label("Why").fill("the client asked us to wait")
        tab.get_by_role("button", name="Ask").click()
        assert tab.get_by_role("status").inner_text() == "The waiver is asked for."
        assert "the client asked us to wait" in tab.locator(".line").inner_text()
        tab.get_by_role("link", name="Waivers").click()
        tab.wait_for_url("**/waivers")
        assert tab.get_by_role("button", name="Approve").count() == 0
        tab.get_by_role("button", name="Sign out").click()
        tab.get_by_label("Your token").wait_for()
    with signed_in(browser, running, running.manager, **look) as tab:
        tab.get_by_role("link", name="Waivers").click()
        tab.get_by_role("button", name="Approve w-1").click()
        assert tab.get_by_role("status").inner_text() == "The waiver is approved."
        tab.get_by_role("link", name="Given").click()
        tab.wait_for_url("**/waivers?show=given")
        assert "the client asked us to wait" in tab.locator("main").inner_text()


def test_the_report_runs_by_its_own_policy(browser: Any, running: Running) -> None:
    with signed_in(browser, running, running.manager) as tab:
        tab.get_by_role("link", name="Report").click()
        tab.wait_for_url("**/report")
        tab.locator("#filters").wait_for(state="visible")  # its script ran
        assert "Bilal Haddad" in tab.locator("#team").inner_text()
        assert "Ines Costa" not in tab.content()
        tab.get_by_role("link", name="All screens").click()
        tab.wait_for_url(f"{running.address}/")


def test_the_keyboard_is_enough_for_the_page(browser: Any, running: Running) -> None:
    with signed_in(browser, running, running.rep) as tab:
        focused = "document.activeElement.textContent.trim()"
        tab.keyboard.press("Tab")
        assert tab.evaluate(focused) == "Skip to the content"
        tab.keyboard.press("Enter")
        pages_made.until(tab, lambda: tab.evaluate("document.activeElement.id") == "main")
        for _ in range(4):
            tab.keyboard.press("Tab")
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
