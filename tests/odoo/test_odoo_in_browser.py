"""The gate as people meet it: a card is dragged, a refusal is read, and work opens the way."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pipeline_in_odoo import Crm

from playgate.cli.report_pdf import find_browser

pytestmark = pytest.mark.odoo

PICTURES = os.environ.get("ODOO_PICTURES", "")
"""The folder for screenshots; without it there are none."""
PIPELINE = "/odoo/action-crm.crm_lead_action_pipeline"
WAIVERS = "/odoo/action-playgate_gate.waiver_action"
SETTINGS = "/odoo/settings"
SIZE = {"width": 1180, "height": 720}


@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A browser that Playwright drives."""
    stop = pytest.fail if request.config.getoption("--browser-needed") else pytest.skip
    try:
        from playwright.sync_api import sync_playwright

        program = find_browser()
    except Exception as error:
        stop(f"no browser can run: {error}")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


def _is_saved(answer: Any) -> bool:
    return "crm.lead/web_save" in answer.url


class Desk:
    """Somebody's browser, in which they are signed in."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self._url = url

    def opens(self, path: str) -> None:
        self.page.goto(self._url + path)
        self.page.locator(".o_action_manager .o_action .o_content").first.wait_for()

    def card(self, name: str) -> Any:
        return self.page.locator(".o_kanban_record", has_text=name).first

    def column(self, name: str) -> Any:
        title = self.page.locator(".o_column_title", has_text=re.compile(f"^{name}"))
        return self.page.locator(".o_kanban_group", has=title)

    def drags(self, name: str, stage: str) -> None:
        """Takes a card by hand, and lets it go over a column; again where the page was not ready
        to notice."""
        self.card(name).wait_for()
        for tried in range(3):
            self.page.wait_for_timeout(500)
            try:
                with self.page.expect_response(_is_saved, timeout=8000 + 10_000 * tried):
                    self._drags(name, stage)
            except Exception:
                if tried == 2:
                    raise
            else:
                return

    def _drags(self, name: str, stage: str) -> None:
        start, goal = self.card(name).bounding_box(), self.column(stage).bounding_box()
        mouse = self.page.mouse
        mouse.move(start["x"] + 40, start["y"] + 12)
        mouse.down()
        mouse.move(start["x"] + 60, start["y"] + 20, steps=4)
        mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + 160, steps=12)
        mouse.up()

    def waits_in(self, name: str, stage: str) -> None:
        """Waits until a card is in a column."""
        self.column(stage).locator(".o_kanban_record", has_text=name).wait_for()

    def shot(self, name: str) -> None:
        if PICTURES:
            self.page.wait_for_timeout(800)  # until nothing fades any more
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(PICTURES) / f"{name}.png")


@pytest.fixture
def sit(crm: Crm, chromium: Any) -> Iterator[Any]:
    """Signs somebody in, in a browser of their own."""
    contexts: list[Any] = []

    @contextmanager
    def at(login: str) -> Iterator[Desk]:
        context = chromium.new_context(viewport=SIZE)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)  # scripts are put together for the first who asks
        page.goto(f"{crm.odoo.url}/web/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", f"{login}-{login}")
        page.click("button[type=submit]")
        page.wait_for_url("**/odoo**")
        desk = Desk(page, crm.odoo.url)
        try:
            yield desk
        except BaseException:
            page.screenshot(path=f"{crm.odoo.home}/broken-{login}.png")
            raise

    yield at
    for each in contexts:
        each.close()


def plan(crm: Crm, lead: int, kind: str, login: str) -> None:
    model = crm.ask("ada", "ir.model", "search", domain=[["model", "=", "crm.lead"]])[0]
    values = {"res_model_id": model, "res_id": lead, "activity_type_id": crm.types[kind]}
    crm.ask(login, "mail.activity", "create", vals_list=[values])


def test_a_card_is_dragged(crm: Crm, sit: Any) -> None:
    """The way of a rep: too early, refused, the call, and through."""
    lead = crm.lead("Coffee for the north wing", "bob", expected_revenue=12_400)
    crm.leads([{"name": "New chairs, ground floor", "expected_revenue": 5600}], "bob")
    plan(crm, lead, "Call", "bob")
    with sit("bob") as desk:
        page = desk.page
        desk.opens(PIPELINE)
        desk.drags("Coffee", "Qualified")
        dialog = page.locator(".modal", has_text="may not move to Qualified")
        dialog.wait_for()
        assert "call" in dialog.inner_text()
        desk.shot("refused")
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
        desk.waits_in("Coffee", "New")
        assert crm.stage(lead) == "New"

        desk.card("Coffee").click()
        page.locator(".o_form_view").wait_for()
        page.get_by_role("tab", name="Playbook").click()
        page.locator(".playgate-card").wait_for()
        assert "call" in page.locator(".playgate-card").inner_text()
        page.get_by_role("button", name="Ask for a waiver").scroll_into_view_if_needed()
        desk.shot("card")
        page.locator(".o-mail-Activity-markDone").first.click()
        page.get_by_role("button", name="Done", exact=True).click()
        page.locator(".o-mail-Message", has_text="Call").first.wait_for()

        desk.opens(PIPELINE)
        desk.drags("Coffee", "Qualified")
        desk.column("Qualified").locator(".o_kanban_record", has_text="Coffee").wait_for()
        assert crm.stage(lead) == "Qualified"
        desk.shot("through")
    assert crm.reconciled(lead) == ["gated"]


def test_an_exception_is_asked_for_and_approved(crm: Crm, sit: Any) -> None:
    lead = crm.lead("Carpets by Friday", "bob", expected_revenue=3100)
    with sit("bob") as rep:
        page = rep.page
        rep.opens(f"{PIPELINE}/{lead}")
        page.get_by_role("tab", name="Playbook").click()
        page.get_by_role("button", name="Ask for a waiver").click()
        page.locator(".modal textarea").fill("They ordered at the fair; there was no call")
        rep.shot("waiver")
        page.locator(".modal").get_by_role("button", name="Ask", exact=True).click()
        page.locator(".modal").wait_for(state="detached")
        with sit("eve") as manager:
            manager.opens(WAIVERS)
            row = manager.page.locator(".o_data_row", has_text="Carpets")
            row.wait_for()
            manager.shot("waivers")
            row.get_by_role("button", name="Approve").click()
            row.locator("text=Approved").wait_for()
        rep.opens(PIPELINE)
        rep.drags("Carpets", "Qualified")
        rep.column("Qualified").locator(".o_kanban_record", has_text="Carpets").wait_for()
    assert crm.stage(lead) == "Qualified"


def test_who_moves_several_is_told_which_stayed(crm: Crm, sit: Any) -> None:
    leads = crm.leads([{"name": f"Lamp {number}"} for number in range(3)], "bob")
    crm.done(leads[:2], "Call", "bob")
    with sit("bob") as desk:
        desk.opens(PIPELINE)
        desk.page.wait_for_timeout(1500)  # until the page listens
        crm.move(leads, "Qualified", "bob")
        told = desk.page.locator(".o_notification", has_text="stayed where")
        told.wait_for()
        assert "Lamp 2" in told.inner_text()
        desk.page.locator(".o_searchview_input").press("Enter")
        desk.column("Qualified").locator(".o_kanban_record", has_text="Lamp 0").wait_for()
        desk.shot("several")
    assert [crm.stage(each) for each in leads] == ["Qualified", "Qualified", "New"]


def test_where_playgate_is_stands_in_the_settings(crm: Crm, sit: Any) -> None:
    with sit("ada") as desk:
        desk.opens(f"{SETTINGS}#crm")
        desk.page.locator(".settings_tab .tab", has_text="CRM").click()
        field = desk.page.locator("[name=playgate_url] input")
        field.scroll_into_view_if_needed()
        assert field.input_value().startswith("http://127.0.0.1:")
        desk.page.get_by_role("button", name="Try it").click()
        desk.page.locator(".o_notification", has_text="playgate answers").wait_for()
        desk.shot("settings")


def test_the_morning_after(crm: Crm) -> None:
    """What came at night is what the digest and the report tell of."""
    from live.gate import say

    crm.night()
    told = crm.tells("digest", "--db", str(crm.db), "--since", "2026-01-01T00:00:00Z")
    assert told
    report = crm.odoo.home / "report.html"
    said = say("report", "--db", str(crm.db), "-o", str(report), db=crm.db)
    assert said.status in (0, 1), said
    assert "Pipeline" in report.read_text() or "pipeline" in report.read_text()
    today = say("today", "--db", str(crm.db), "--rep", "bob", db=crm.db)
    assert today.status in (0, 1), today
