"""The report's forecast and practices: the figures of the commands, and rows that lead to deals."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from pages_made import FILES, run

PLAYBOOK = """
playbook: sales
version: 1
activities: {visit: {}, call: {}}
fields: {owner: {type: text}, amount: {type: number}}
stages:
  - {stage: approach, activities: [visit]}
  - stage: proposal
  - {stage: won, ends: won}
  - {stage: lost, ends: lost, entry: [{field: amount, more_than: 9}]}
practices: {landmark: proposal, look: [activities]}
"""


def _part(page: str, name: str) -> str:
    found = re.search(rf'<section id="{name}".*?\n</section>\n\n', page, re.S)
    assert found is not None
    return found[0]


@pytest.fixture(scope="module")
def page(bank: Path) -> str:
    return bank.read_text(encoding="utf-8")


def test_the_forecast_is_that_of_the_command(page: str) -> None:
    part = _part(page, "forecast")
    told = json.loads(run("forecast", *FILES, "--format", "json").output)
    for line in told["lines"]:
        assert f"{line['value']:,.0f}" in part, line
    assert f"{told['low']:,.0f}–{told['high']:,.0f}" in part
    shown = re.findall(r'<a href="#d(\d+)">([^<]*)</a>', part)
    assert [deal for _, deal in shown][:10] == [each["deal"] for each in told["deals"][:10]]
    for place, deal in shown:
        assert f'id="d{place}"' in page
        article = page[page.index(f'id="d{place}"') :]
        assert article[: article.index("</h3>")].endswith(f"<bdi>{deal}</bdi>")


def test_every_row_of_the_sums_leads_to_as_many_open_deals(page: str) -> None:
    part = _part(page, "forecast")
    told = json.loads(run("forecast", *FILES, "--format", "json").output)
    links = re.findall(r'href="#((?:rep|team|group)=[^"]*)"', part)
    assert len(links) == sum(line["scope"] != "company" for line in told["lines"])
    articles = re.findall(r'<article class="deal"[^>]*>', page)
    keys = dict(re.findall(r'<option value="(\w+)" data-key="([^"]*)"', page))
    short = {key: name for name, key in keys.items()}
    lines = [line for line in told["lines"] if line["scope"] == "rep"]
    for line in lines:
        own = [
            each
            for each in articles
            if f'data-rep="{short[line["id"]]}"' in each
            and "open" in re.findall(r'data-state="([^"]*)"', each)[0].split()
        ]
        assert len(own) == line["deals"], line["id"]


def test_practices_say_what_the_command_says(page: str) -> None:
    part = _part(page, "practices")
    told = json.loads(run("practices", *FILES, "--format", "json").output)
    assert f"{told['tried']} candidates tried in one half of the deals" in part
    assert len(re.findall(r'href="#rule=', part)) == min(8, len(told["alike"]))


def test_a_practice_leads_to_the_deals_without_it(tmp_path: Path) -> None:
    playbook, history = tmp_path / "sales.yaml", tmp_path / "history.csv"
    playbook.write_text(PLAYBOOK, encoding="utf-8")
    rows = ["deal,happened_at,kind,name,value,actor"]
    for number in range(400):
        day, visits, rep = 1 + number % 20, number % 2, f"r{number // 2 % 4}"
        wins = (number // 8) % 10 < (7 if visits else 3)
        rows.append(f"D{number},2026-03-{day:02}T01:00:00Z,stage,approach,,{rep}")
        rows += [f"D{number},2026-03-{day:02}T02:00:00Z,activity,visit,,{rep}"] * visits
        rows.append(f"D{number},2026-03-{day:02}T03:00:00Z,stage,proposal,,{rep}")
        end = "won" if wins else "lost"
        rows.append(f"D{number},2026-03-{day:02}T04:00:00Z,stage,{end},,{rep}")
    history.write_text("\n".join(rows) + "\n", encoding="utf-8")
    made = tmp_path / "report.html"
    assert run("report", str(playbook), str(history), "-o", str(made)).exception is None
    page = made.read_text(encoding="utf-8")
    part = _part(page, "practices")
    assert "Before the first move into proposal: visit" in part
    assert re.findall(r"href=\"#(practice[^\"]*)", part) == ["practice=without/visit&amp;at=deals"]
    options = re.findall(r'<option value="(\w+)" data-key="(with(?:out)?/visit)"', page)
    (left,) = [short for short, key in options if key == "without/visit"]
    articles = re.findall(r'data-practice="([^"]*)" data-stake[^>]*>\n<h3><bdi>D(\d+)<', page)
    assert articles
    for practised, number in articles:
        assert (left in practised.split()) == (int(number) % 2 == 0)


def test_a_rep_sees_of_the_forecast_their_own(tmp_path: Path) -> None:
    """Of the others, what all come to together, and no deal."""
    playbook, history = tmp_path / "sales.yaml", tmp_path / "history.csv"
    text = PLAYBOOK.replace("practices: {", "forecast: {days: 20, field: amount}\npractices: {")
    playbook.write_text(text, encoding="utf-8")
    rows = ["deal,happened_at,kind,name,value,actor"]
    for number in range(120):
        start, rep = date(2026, 1, 1) + timedelta(days=number), ("ann", "bo")[number % 2]
        rows.append(f"{rep}-{number},{start}T01:00:00Z,stage,approach,,{rep}")
        rows.append(f"{rep}-{number},{start}T02:00:00Z,field,amount,{100 + number},{rep}")
        end = start + timedelta(days=15 + number % 20)
        rows.append(
            f"{rep}-{number},{end}T03:00:00Z,stage,{('won', 'lost')[number % 3 == 0]},,{rep}"
        )
    history.write_text("\n".join(rows) + "\n", encoding="utf-8")
    people = tmp_path / "people.csv"
    people.write_text("actor,name,role\nann,Ann Abel,rep\nbo,Bo Brandt,rep\n", encoding="utf-8")
    words = (str(playbook), str(history), "--people", str(people), "--as-of", "2026-04-30")
    folder = tmp_path / "reps"
    found = run("report", *words, "--each", "rep", "-o", str(folder))
    assert found.exception is None, found.exception
    part = _part((folder / "ann.html").read_text(encoding="utf-8"), "forecast")
    told = json.loads(run("forecast", *words, "--format", "json").output)
    assert told["value"] is not None
    assert f"{told['value']:,.0f}" in part
    own = {each["deal"] for each in told["deals"] if each["rep"] == "ann"}
    assert set(re.findall(r"\b(?:ann|bo)-\d+", part)) <= own
    assert "Ann Abel" in part
    assert "Bo Brandt" not in part
