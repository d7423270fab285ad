"""The report as a browser shows it: content, filters, hostile names, light and dark, keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pages_made import FILES, run, until

from playgate.cli.report_pdf import pages_of
from playgate.report.figures import percent

pytestmark = pytest.mark.browser

PHONE = {"width": 375, "height": 812}
DESK = {"width": 1280, "height": 900}


@contextmanager
def opened(browser: Any, page: Path, **options: Any) -> Iterator[Any]:
    """The page; in the end nothing may have been complained of, and nothing loaded."""
    context = browser.new_context(**{"viewport": DESK, **options})
    tab = context.new_page()
    tab.set_default_timeout(120_000)
    said: list[str] = []
    asked: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(page.as_uri())
    yield tab
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def _seen(tab: Any) -> int:
    return int(tab.locator("article.deal:not([hidden])").count())


def _deals(tab: Any) -> list[str]:
    return list(tab.locator("article.deal:not([hidden]) h3").all_text_contents())


def _attribute(tab: Any, name: str) -> list[str]:
    read = f"all => all.map(each => each.dataset.{name})"
    return list(tab.eval_on_selector_all("article.deal:not([hidden])", read))


def _show_all(tab: Any) -> None:
    """Take the filters away."""
    tab.get_by_role("button", name="Show all").click()
    until(tab, lambda: not tab.locator("#shown").inner_text())


def test_the_first_screen_says_what_to_do(browser: Any, bank: Path) -> None:
    with opened(browser, bank) as tab:
        lead = tab.locator(".lead p:visible").first
        assert lead.bounding_box()["y"] < DESK["height"] / 3
        assert re.search(r"\d+ of \d+ open deals skipped .* at stake", lead.inner_text())
        for head in ("How much was followed", "Act on today", "What changed"):
            found = tab.get_by_role("heading", name=head)
            assert found.bounding_box()["y"] < DESK["height"] / 2, head
        assert tab.locator(".todo a:visible").count() == 5
        assert tab.locator(".chart svg, svg.stages").count() == 11
        lines = tab.locator(".spark:visible")
        assert lines.count() > 3
        assert "lowest" in lines.first.get_attribute("aria-label")


def test_a_number_leads_to_its_deals_and_a_deal_to_its_evidence(browser: Any, bank: Path) -> None:
    with opened(browser, bank) as tab:
        tab.locator(".lead a:visible").click()
        assert "state=todo" in tab.evaluate("location.hash")
        number = int(tab.locator(".matrix tr.company td").nth(1).inner_text())
        assert _seen(tab) == number > 0
        _show_all(tab)
        row = tab.locator(".matrix tr.rep", has_text="Jules Vasseur")
        row.locator("td").nth(0).locator("a").click()
        assert _seen(tab) == int(row.locator("td").nth(0).inner_text()) > 0
        row.locator("th a").click()
        page = tab.locator("article.rep:not([hidden])")
        assert page.count() == 1
        assert "Jules Vasseur" in page.inner_text()
        _show_all(tab)
        tab.locator(".heat a", has_text="Second pair of eyes").click()
        found = tab.locator("article.deal:not([hidden])")
        assert found.count() > 0
        found.first.locator("summary").click()
        assert "design/activity/peer_review" in found.first.inner_text()


def test_what_is_chosen_stands_in_the_address_and_survives(browser: Any, bank: Path) -> None:
    with opened(browser, bank) as tab:
        tab.locator("select[name=rep]").select_option(label="Jules Vasseur")
        tab.locator("select[name=state]").select_option("lost")
        tab.locator("input[name=q]").fill("lost reason")
        tab.locator("select[name=order]").select_option("age")
        tab.get_by_role("button", name="Steps followed").click()
        address, seen = tab.evaluate("location.hash"), _deals(tab)
        said = "#rep=j.vasseur&state=lost&q=lost%20reason&order=age&sort=-Steps%20followed"
        assert address == said
        assert 0 < len(seen) < 20
        ages = [int(each) for each in _attribute(tab, "age")]
        assert ages == sorted(ages, reverse=True)
        tab.reload()
        assert _deals(tab) == seen
        assert tab.locator("input[name=q]").input_value() == "lost reason"
        tab.goto(f"{bank.as_uri()}#rep=nobody&q=&x=1")
        until(tab, lambda: tab.locator("select[name=rep]").input_value() == "")


def test_a_step_or_a_way_on_the_map_leads_to_its_deals(browser: Any, bank: Path) -> None:
    """By a click and by the keyboard; what is chosen survives a reload, and a name that nobody
    knows chooses nothing."""
    with opened(browser, bank) as tab:
        every = _seen(tab)
        step = tab.locator(".stages a[aria-label^='Approach the prospect to Assess needs']")
        step.locator("text").click()
        assert "edge=approach%3Eassess-needs" in tab.evaluate("location.hash")
        gone = _deals(tab)
        assert 0 < len(gone) < every
        box = tab.locator("select[name=edge]")
        assert box.evaluate("all => all.options[all.selectedIndex].text").startswith(
            "Approach the prospect → Assess needs"
        )
        tab.reload()
        assert _deals(tab) == gone
        _show_all(tab)
        tab.goto(f"{bank.as_uri()}#edge=approach>assess-needs")
        until(tab, lambda: _deals(tab) == gone)
        _show_all(tab)
        tab.locator(".stages a").nth(1).focus()
        tab.keyboard.press("Enter")
        assert "edge=" in tab.evaluate("location.hash")
        assert 0 < _seen(tab) < every
        _show_all(tab)
        tab.locator(".ways tbody a").first.click()
        assert "way=" in tab.evaluate("location.hash")
        way = _deals(tab)
        tab.reload()
        assert _deals(tab) == way
        tab.goto(f"{bank.as_uri()}#edge=nowhere>else")
        until(tab, lambda: _seen(tab) == every)


def test_a_group_of_customers_and_every_cell_lead_to_their_deals(browser: Any, bank: Path) -> None:
    with opened(browser, bank) as tab:
        tab.locator("#customers a", has_text="Large").click()
        large = _seen(tab)
        assert 0 < large <= 25
        assert set(_attribute(tab, "group")) != {""}
        _show_all(tab)
        row = tab.locator(".matrix tr.rep", has_text="Daniel Okafor")
        for place in range(row.locator("td").count()):
            cell = row.locator("td").nth(place)
            if cell.get_attribute("data-v") not in ("", "0"):
                assert cell.locator("a").count() == 1
        row.locator("td").nth(3).locator("a").click()
        assert "rep=d.okafor&state=missed" in tab.evaluate("location.hash")
        assert all("missed" in each for each in _attribute(tab, "state"))


def test_back_takes_a_choice_back(browser: Any, bank: Path) -> None:
    with opened(browser, bank) as tab:
        every = _seen(tab)
        tab.locator(".matrix tr.team th a").first.click()
        team = _seen(tab)
        assert 0 < team < every
        tab.go_back()
        until(tab, lambda: _seen(tab) == every)
        tab.go_forward()
        until(tab, lambda: _seen(tab) == team)


def test_the_table_of_reps_is_sorted_by_any_column(browser: Any, bank: Path) -> None:
    with opened(browser, bank) as tab:
        heads = tab.locator(".matrix th button")
        for place in range(1, heads.count()):
            for way in ("descending", "ascending"):
                heads.nth(place).click()
                assert tab.locator(".matrix th").nth(place).get_attribute("aria-sort") == way
                cells = tab.eval_on_selector_all(
                    ".matrix tbody tr:not(.company)",
                    f"all => all.map(row => row.cells[{place}].dataset.v)",
                )
                values = [float(each) if each else float("-inf") for each in cells]
                assert values == sorted(values, reverse=way == "descending")
        assert tab.locator(".matrix tbody tr").first.get_attribute("class") == "company"


def test_filters_narrow_deals_reps_and_rules(browser: Any, bank: Path) -> None:
    with opened(browser, bank) as tab:
        every = _seen(tab)
        tab.locator("select[name=team]").select_option(label="Lyon")
        lyon = _seen(tab)
        assert 0 < lyon < every
        assert tab.locator("#shown").inner_text() == f"{lyon} of {every} deals"
        assert tab.locator("article.rep:not([hidden])").count() == 4
        tab.locator("select[name=rep]").select_option(label="Daniel Okafor")
        owners = tab.locator("article.deal:not([hidden]) > p.quiet").all_text_contents()
        assert owners
        assert all("Daniel Okafor" in each for each in owners)
        assert tab.locator(".everyone:visible").count() == 9
        _show_all(tab)
        assert _seen(tab) == every
        assert tab.locator(".everyone:visible").count() == 0
        tab.locator("select[name=level]").select_option(label="should")
        levels = tab.eval_on_selector_all(
            ".heat li:not([hidden])", "all => all.map(each => each.dataset.level)"
        )
        assert set(levels) == {"warn"}
        _show_all(tab)
        tab.locator("select[name=stage]").select_option(label="Lost")
        assert all(
            "Lost" in each
            for each in tab.locator("article.deal:not([hidden]) > p.quiet").all_text_contents()
        )


def test_what_was_followed_and_what_to_do_follow_the_filters(browser: Any, bank: Path) -> None:
    read = "all => all.map(each => each.className + each.title + each.textContent)"
    found = run("audit", *FILES, "--rep", "d.okafor", "--format", "json", "--fail-on", "never")
    audit = json.loads(found.output)
    with opened(browser, bank) as tab:
        whole = tab.eval_on_selector_all(".heat li", read)
        first = tab.locator(".todo li:visible").all_inner_texts()
        tab.locator("select[name=rep]").select_option(label="Daniel Okafor")
        assert tab.locator(".followed .big:visible").all_inner_texts() == [
            percent(audit["adherence"]["adherence"])
        ]
        for rule in audit["rules"]:
            if rule["met"] + rule["unmet"] + rule["waived"]:
                counts = ", ".join(f"{rule[key]} {key}" for key in ("met", "unmet", "waived"))
                assert tab.locator(f'.heat li[title="{rule["id"]}: {counts}"]').count() == 1
        assert tab.locator(".who:visible").all_inner_texts() == ["Daniel Okafor"] * 2
        assert all(
            "Daniel Okafor" in each for each in tab.locator(".todo li:visible").all_inner_texts()
        )
        _show_all(tab)
        tab.locator("select[name=team]").select_option(label="Lille")
        assert tab.locator(".followed .big:visible").count() == 1
        assert 0 < tab.locator(".todo li:visible").count() <= 5
        _show_all(tab)
        assert tab.eval_on_selector_all(".heat li", read) == whole
        assert tab.locator(".todo li:visible").all_inner_texts() == first


def test_without_a_script_everything_can_be_read(browser: Any, bank: Path) -> None:
    with opened(browser, bank, java_script_enabled=False) as tab:
        assert _seen(tab) == 178
        assert tab.locator(".todo li:visible").count() == 5
        assert tab.locator(".followed .big:visible").count() == 1
        assert not tab.locator("#filters").is_visible()
        assert not tab.locator("#theme").is_visible()
        tab.locator("article.deal summary").first.click()
        tab.locator("article.deal ol.line").first.wait_for()


def test_hostile_names_do_nothing(browser: Any, hostile: Path) -> None:
    for size in (DESK, PHONE):
        with opened(browser, hostile, viewport=size) as tab:
            assert tab.title() != "owned"
            assert tab.locator("img, #evil, main b b, main i i").count() == 0
            assert tab.locator("article.deal").count() > 0
            assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["bank", "hostile"])
def test_axe_finds_nothing(
    browser: Any, which: str, scheme: str, request: pytest.FixtureRequest
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page: Path = request.getfixturevalue(which)
    with opened(browser, page, color_scheme=scheme) as tab:
        tab.evaluate("document.querySelectorAll('details').forEach((e, i) => e.open = i < 30)")
        result = axe.Axe().run(tab)
        assert result.violations_count == 0, result.generate_report()


def test_light_and_dark(browser: Any, bank: Path) -> None:
    def paper(tab: Any) -> str:
        return str(tab.evaluate("getComputedStyle(document.body).backgroundColor"))

    with opened(browser, bank, color_scheme="light") as light:
        bright, button = paper(light), light.locator("#theme")
        assert button.inner_text() == "Dark"
        button.click()
        dark = paper(light)
        assert dark != bright
        assert button.inner_text() == "Light"
        light.emulate_media(media="print")
        assert light.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
    with opened(browser, bank, color_scheme="dark") as tab:
        assert paper(tab) == dark
        drawn = tab.locator("#course svg path[fill^='var']").first
        assert drawn.evaluate("each => getComputedStyle(each).fill") == "rgb(90, 169, 230)"


@pytest.mark.parametrize("width", [390, 360])
@pytest.mark.parametrize("which", ["bank", "hostile"])
def test_a_phone_shows_cards_that_can_be_read(
    browser: Any, which: str, width: int, request: pytest.FixtureRequest
) -> None:
    """No scrolling sideways, of the page or in it, and no text under 12 px, charts included."""
    page: Path = request.getfixturevalue(which)
    with opened(browser, page, viewport={"width": width, "height": 812}) as tab:
        tab.evaluate("document.querySelectorAll('details').forEach((e, i) => e.open = i < 40)")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        wide = tab.eval_on_selector_all(
            ".scroll", "all => all.filter(each => each.scrollWidth > each.clientWidth + 1).length"
        )
        assert wide == 0
        sizes = tab.evaluate(_SIZES)
        assert len(sizes) > 100
        assert min(sizes) >= 12


_SIZES = """() => Array.from(document.querySelectorAll("body *")).filter(each =>
  each.getClientRects().length && !each.closest(".unseen, thead")
  && Array.from(each.childNodes).some(node => node.nodeType === 3 && node.textContent.trim())
).map(each => {
  const drawn = each.closest("svg"), size = parseFloat(getComputedStyle(each).fontSize);
  return drawn ? size * drawn.getBoundingClientRect().width / drawn.viewBox.baseVal.width : size;
})"""


def test_the_keyboard_is_enough(browser: Any, bank: Path) -> None:
    with opened(browser, bank) as tab:
        tab.keyboard.press("Tab")
        focused = "document.activeElement.textContent.trim()"
        assert tab.evaluate(focused) == "Skip to the report"
        tab.keyboard.press("Enter")
        until(tab, lambda: tab.evaluate("location.hash") == "#main")
        until(tab, lambda: tab.evaluate("document.activeElement.id") == "main")
        tab.keyboard.press("Tab")
        assert tab.evaluate(focused) == tab.locator(".lead a:visible").inner_text()
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        tab.locator("article.deal summary").first.focus()
        tab.keyboard.press("Enter")
        tab.locator("article.deal ol.line").first.wait_for()


def test_a_pdf_is_printed(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    assert run("report", *FILES, "--format", "pdf", "-o", str(file)).exception is None
    assert file.read_bytes().startswith(b"%PDF-")
    assert file.stat().st_size > 50_000
    pages = re.findall(rb"/MediaBox ?\[0 0 (\d+)\.?\d* (\d+)\.?\d*\]", file.read_bytes())
    assert set(pages) == {(b"594", b"841")}  # A4
    assert 5 < len(pages) <= 15
    _contents_are_right(file.read_bytes())


def _contents_are_right(pdf: bytes) -> None:
    """What stands in the contents is the page on which a part begins, told by another reading of
    the file: pages in the order of their objects."""
    found = pages_of(pdf)
    objects = [int(each) for each in re.findall(rb"(\d+) 0 obj\s*<<\s*/Type /Page\s", pdf)]
    parts = (
        *("overview", "team", "numbers", "customers", "forecast", "practices", "weeks"),
        *("course", "reps", "deals"),
    )
    assert [found[each] for each in parts] == sorted(found[each] for each in parts)
    for each in parts:
        page = re.search(rb"/" + each.encode() + rb" \[(\d+) 0 R", pdf)
        assert page is not None
        assert found[each] == objects.index(int(page[1])) + 1
    assert found["deals"] > found["numbers"] > 1
