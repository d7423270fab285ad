"""The report without a browser: its numbers are those of the commands, its text is escaped."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pages_made
import pytest
from pages_made import BANK, EVIL, FILES, run

from playgate.conditions.instants import day_end, load_zone
from playgate.errors import InputError
from playgate.numbers.kpi import kpis as kpi_tables
from playgate.report import html_page
from playgate.report.figures import percent
from playgate.report.numbers_words import figure, number, value
from playgate.report.words import count, visible
from support.counting import of_sample
from support.counting import result as counted
from support.numbers_oracle import History


def _json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--format", "json").output)


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@pytest.fixture(scope="module")
def page(bank: Path) -> str:
    return bank.read_text(encoding="utf-8")


def _attributes(html: str) -> set[str]:
    """The names of all attributes, as a parser sees them."""
    found: set[str] = set()

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update(name for name, _ in attrs)

    Parser().feed(html)
    return found


# The numbers


def test_what_was_followed_is_the_audits(page: str) -> None:
    audit = _json("audit", *FILES, "--fail-on", "never")
    adherence = audit["adherence"]
    met, unmet, waived = (adherence[name] for name in ("met", "unmet", "waived"))
    assert f'data-of="">\n<p class="big">{percent(adherence["adherence"])}</p>' in page
    assert f"{count(met)} met, {count(unmet)} unmet, {count(waived)} waived" in page


def test_every_rule_in_the_heat_map_is_the_audits(page: str) -> None:
    audit = _json("audit", *FILES, "--fail-on", "never")
    tiles = re.findall(r'title="(\S+): (\S+) met, (\S+) unmet, (\S+) waived"><b>(.*?)</b>', page)
    shown = {tile[0]: tile[1:4] for tile in tiles}
    wanted = {
        rule["id"]: tuple(count(rule[name]) for name in ("met", "unmet", "waived"))
        for rule in audit["rules"]
        if rule["met"] + rule["unmet"] + rule["waived"]
    }
    assert shown == {name: tuple(map(str, counts)) for name, counts in wanted.items()}
    assert len(shown) > 30
    shares = {tile[0]: tile[4] for tile in tiles}
    for rule in audit["rules"]:
        if rule["met"] + rule["unmet"]:
            share = rule["met"] / (rule["met"] + rule["unmet"])
            assert unescape(shares[rule["id"]]) == percent(share)


def test_what_a_rep_followed_is_the_audits(page: str) -> None:
    """What the filters show: the share of a rep, and the rules by rep."""
    audit = _json("audit", *FILES, "--fail-on", "never", "--rep", "d.okafor")
    ids = re.findall(r'<option value="(r\d+)" data-key="d.okafor">Daniel Okafor</option>', page)
    assert len(ids) == 1
    own = audit["adherence"]
    part = page.partition(f'<div data-of="{ids[0]}" hidden>\n<p class="big">')[2].partition(
        "</div>"
    )[0]
    assert part.startswith(f"{percent(own['adherence'])}</p>")
    assert f"{own['met']} met, {own['unmet']} unmet, {own['waived']} waived" in part
    tiles = re.findall(r'data-own="([^"]*)" title="(\S+):', page)
    shown = {
        rule: tuple(entry.split("|")[3:])
        for held, rule in tiles
        for entry in held.split(";")
        if entry.split("|")[0] == ids[0]
    }
    assert shown == {
        rule["id"]: tuple(str(rule[name]) for name in ("met", "unmet", "waived"))
        for rule in audit["rules"]
        if rule["met"] + rule["unmet"] + rule["waived"]
    }
    assert len(shown) > 20


def test_every_open_deal_and_each_with_a_finding_is_there(page: str) -> None:
    audit = _json("audit", *FILES, "--fail-on", "never")
    judged = [each for each in audit["findings"] if each["level"] != "observe"]
    unmet = {each["deal"] for each in judged if each["state"] != "waived"}
    told = History(BANK)
    still = {deal for deal, rows in told.governed().items() if told.ended(rows) is None}
    assert still - unmet
    assert set(re.findall(r"<bdi>(.*?)</bdi>", page)) == unmet | still
    work = re.search(r"<b>(\d+)</b> of (\d+) open deals", page)
    assert work is not None
    assert 0 < int(work[1]) <= int(work[2])
    states = re.findall(
        r'data-state="([^"]*)" data-rule="[^"]*" data-way="[^"]*" data-edge="[^"]*" '
        r'data-group="[^"]*" data-practice="[^"]*" data-stake',
        page,
    )
    told_by = [each.split() for each in states]
    assert sum("todo" in each for each in told_by) == int(work[1])
    assert sum("open" in each for each in told_by) == int(work[2])
    assert sum("missed" in each for each in told_by) == len(unmet)


def test_the_reps_figures_are_those_of_kpi(page: str) -> None:
    kpis = _json("kpi", *FILES)["kpis"]
    sections = re.findall(r'<article class="card rep".*?</article>', page, re.DOTALL)
    by_name = {re.findall(r"<h3[^>]*>(.*?)</h3>", each)[0]: _text(each) for each in sections}
    compared = [table for table in kpis if table["source"] in ("playbook", "adherence")]
    seen = 0
    for table in compared:
        for line in table["lines"]:
            value = line["figure"]["value"]
            if line["scope"] == "rep" and table["kind"] == "ratio" and value is not None:
                assert f"{table['title']} {percent(value)}" in by_name[line["name"]]
                seen += 1
    assert seen > 20


def test_the_companys_figures_are_those_of_the_commands(page: str) -> None:
    """Every KPI of every kind, the goal and the alarms."""
    text = _text(page)
    kpis = counted("bank-sales", "kpi")
    for table in kpis.kpis:
        if table.source in ("playbook", "adherence"):
            assert f"{table.title} {figure(table.lines[0].figure, table)} " in text
    goals = counted("bank-sales", "target").goals
    for goal in goals:
        assert f"{number(goal.now.need)} ({number(goal.now.low)}–{number(goal.now.high)})" in text
    for alarm in counted("bank-sales", "alarms").alarms:
        assert alarm.message in text


def test_a_missed_rule_leads_to_as_many_deals_as_missed_it(page: str) -> None:
    audit = _json("audit", *FILES, "--fail-on", "never")
    waived = {each["deal"] for each in audit["findings"] if each["state"] == "waived"}
    articles = re.findall(r'<article class="deal".*?</article>', page, re.DOTALL)
    told = {re.findall(r"<bdi>(.*?)</bdi>", each)[0]: each for each in articles}
    assert waived & set(told)
    for deal in waived & set(told):
        missed = [
            each
            for each in audit["findings"]
            if each["deal"] == deal and each["state"] != "waived" and each["level"] != "observe"
        ]
        rules = re.findall(r'data-rule="([^"]*)"', told[deal])[0].split()
        assert len(rules) == len(missed), deal


def test_a_unit_stands_once_above_its_column_and_rules_have_titles(page: str) -> None:
    said = _text(page)
    assert "Goal, EUR" in said
    assert "Brings a week, EUR" in said
    assert "Value, EUR" in said
    for title in (
        "New opportunities",
        "So far this year, EUR",
        "By product, the most urgent first",
    ):
        own = page[page.index(f">{title}<") :].partition("</table>")[0]
        assert not re.search(r"\d EUR", own), title
    never = said[said.index("rules that are practically never missed:") :].partition(".")[0]
    assert "/" not in never
    assert "Solution outline is present" in said[said.index("Rules whose facts have marks") :]


def test_a_target_that_is_too_close_to_tell_is_marked_for_the_rep(page: str) -> None:
    table = next(each for each in counted("bank-sales", "kpi").kpis if each.title == "Sales cycle")
    lines = [each for each in table.lines if each.scope == "rep" and each.target]
    assert any(each.target == "met" and not each.sure for each in lines)
    for line in lines:
        own = page[page.index(f">{line.name}</h3>") :].partition("</article>")[0]
        row = own[own.index(">Sales cycle<") :].partition("</tr>")[0]
        assert f">{line.target}{'' if line.sure else ' ?'}<" in row, line.name


def test_what_changed_is_kpi_as_of_each_end(page: str) -> None:
    said = re.search(
        r'<p class="quiet">(\S+) to (\S+), against (\S+) to (\S+), each as it stood', page
    )
    assert said is not None
    rows = re.findall(
        r"<dt>(.*?)</dt><dd><b>(.*?)</b> from (.*?) <span class=\"\w+\">([▲▼=])", page
    )
    assert all((mark == "=") == (now == before) for _, now, before, mark in rows)
    for start, end, place in ((*said.groups()[:2], 1), (*said.groups()[2:], 2)):
        as_of = day_end(end, load_zone("Europe/Paris"))
        found = of_sample("bank-sales", period=f"{start}..{end}", as_of=as_of)
        tables = {table.title: table for table in kpi_tables(found).kpis}
        for row in rows:
            table = tables[row[0]]
            assert row[place] == value(table.lines[0].figure.value, table)
    assert len(rows) == 6


def test_the_funnel_is_that_of_kpi(page: str) -> None:
    flows = [each for each in _json("kpi", *FILES)["flows"] if each["scope"] == "company"]
    text = _text(page)
    for flow in flows:
        on = percent(flow["on"]["value"])
        assert f"{flow['title']} {count(flow['deals'])} {on}" in text


def test_a_period_narrows_findings_and_shares(tmp_path: Path) -> None:
    page = tmp_path / "q2.html"
    assert run("report", *FILES, "--period", "2026-Q2", "-o", str(page)).exception is None
    kpis = _json("kpi", *FILES, "--period", "2026-Q2")["kpis"]
    followed = next(table for table in kpis if table["source"] == "adherence")["lines"][0]
    text = page.read_text(encoding="utf-8")
    assert f'<p class="big">{percent(followed["figure"]["value"])}</p>' in text
    assert "against 2026-01-05 to 2026-03-31" in text


def test_what_no_interval_tells_is_not_called_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sale a week, many new deals in the second; all leave the first stage at once."""
    playbook, history, page = (tmp_path / name for name in ("p.yaml", "h.csv", "r.html"))
    playbook.write_text("""\
playbook: sales
version: 1
fields: {amount: {type: number}}
stages:
  [{stage: approach}, {stage: offer}, {stage: close}, {stage: won, ends: won},
   {stage: lost, ends: lost}]
kpis:
  money: {sum: {field: amount, at: won}}
  revenue: {mean: {field: amount, at: won}}
  new: {count: {reached: approach}}
""")
    rows = ["deal,happened_at,kind,name,value,actor"]
    for deal in range(42):
        at = "2026-03-01" if deal == 0 else "2026-03-10"
        rows += [f"{deal},{at},stage,approach,,ann", f"{deal},{at},stage,offer,,ann"]
        if deal in (0, 41):
            close, won = ("03-02", "03-03") if deal == 0 else ("03-12", "03-14")
            rows += [
                f"{deal},{at},field,amount,{deal + 1}00,ann",
                f"{deal},2026-{close},stage,close,,ann",
                f"{deal},2026-{won},stage,won,,ann",
            ]
    history.write_text("\n".join(rows))
    bars: list[Any] = []
    monkeypatch.setattr(
        "playgate.report.html_charts.stay_chart", lambda rows: bars.extend(rows) or "<svg></svg>"
    )
    assert run("report", str(playbook), str(history), "-o", str(page)).exception is None
    changed = dict(
        re.findall(
            r"<dt>(.*?)</dt><dd>.*?<span class=\"(.*?</span>)", page.read_text(encoding="utf-8")
        )
    )
    assert {name: changed[name] for name in ("money", "revenue", "new")} == {
        "money": 'none">▲</span>',
        "revenue": 'none">▲ too few to tell</span>',
        "new": 'good">▲ beyond chance</span>',
    }
    assert [(bar["lower"], bar["upper"]) for bar in bars] == [(0, 0), (1, 2)]


# Escaping


def test_hostile_names_are_text(hostile: Path) -> None:
    html = hostile.read_text(encoding="utf-8")
    assert len(re.findall(r"<script\b", html)) == len(re.findall(r"</script", html)) == 1
    assert len(re.findall(r"</style", html)) == 1
    assert not re.search(r"<img|<h1 id=evil|\u202e|\u200b", html)
    names = _attributes(html)
    assert "class" in names
    assert not [name for name in names if name == "style" or name.startswith("on")]
    assert visible(EVIL[3]) in unescape(html)
    assert "{{ 7 * 7 }}" in html
    assert max(map(len, html.split("<"))) < 20_000
    assert "x" * 200 not in html


def test_the_policy_names_what_stands_in_the_page(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', page)
    assert policy is not None
    for tag in ("style", "script"):
        inner = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert inner is not None
        digest = base64.b64encode(hashlib.sha256(inner[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in unescape(policy[1])
    assert "default-src 'none'" in unescape(policy[1])
    assert not re.search(r'(?:src|href)="(?!#|data:,")', page)


# Bounds and wrong input


def test_a_page_stays_small_and_says_what_it_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html_page, "MOST_BYTES", 600_000)
    page = pages_made.bank(tmp_path).read_text(encoding="utf-8")
    assert len(page.encode()) < 610_000
    shown = page.count('<article class="deal"')
    assert 0 < shown < 178
    assert f"{shown} of 178 deals that are open or have a finding" in page
    assert f"{178 - shown} are left out" in page


def test_a_pdf_without_a_browser_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("playgate.cli.report_pdf._APPS", ())
    found = run("report", *FILES, "--format", "pdf", "-o", str(tmp_path / "r.pdf")).exception
    assert isinstance(found, InputError)
    assert "needs a Chromium or Chrome" in found.message
    assert "install one" in found.hint


def test_without_its_libraries_a_report_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = {"html": ("no_such_library",), "xlsx": ("no_such_library",)}
    monkeypatch.setattr("playgate.cli.report._NEEDED", needed)
    for form, extra in (("html", "report"), ("xlsx", "numbers,sheets")):
        found = run("report", *FILES, "--format", form, "-o", "-").exception
        assert isinstance(found, InputError)
        assert found.hint == f"pip install 'playgate[{extra}]'"


def test_an_empty_history_is_wrong_input(tmp_path: Path) -> None:
    history = tmp_path / "none.csv"
    history.write_text("deal,happened_at,kind,name\n", encoding="utf-8")
    page = tmp_path / "r.html"
    found = run("report", FILES[0], str(history), "-o", str(page)).exception
    assert isinstance(found, InputError)
    assert not page.exists()
