"""A playbook in every format: what ships, and names and texts that mean harm."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from rich.cells import cell_len

from playgate.documents.schema import load_schema
from playgate.model.playbook import Playbook
from playgate.playbook.load import load_playbook, parse_playbook
from playgate.report import playbook_diagram, playbook_json, playbook_markdown, playbook_text
from playgate.report.words import UNSAFE
from playgate.rules.list import list_rules

FOLDER = Path(__file__).parents[2] / "playbooks"
NAMES = ("bank-sales", "active-sales", "loan-application", "strange")

STRANGE = """\
playbook: strange
version: "1.0"
title: "\\e[31mred ``` <script>alert(1)</script> [a](https://evil.example) | \\u202e"
roles: [rep]
activities: {a: {title: "<b>"}}
profiles:
  p: {story: "line one\\nline two <i>", fit: {any: [{field: f, is: present}]}}
fields: {f: {type: text}}
stages:
  - stage: "a\\"b;#{}"
    title: "end\\n--> [*] : x"
    optional: true
    by: [rep]
    story: "<script>"
    activities:
      - {do: a, why: "a | b\\nc", ask: "why?", tools: [t], from: 2026-01-01}
  - {stage: "a'b;#{}", when: {field: f, is: present}}
  - {stage: w, ends: won}
  - {stage: l, ends: lost}
"""


@cache
def playbook(name: str) -> Playbook:
    if name != "strange":
        return load_playbook(FOLDER / name / f"{name}.yaml")
    found, mistakes = parse_playbook(STRANGE.encode(), "strange.yaml")
    assert found is not None, mistakes
    return found


@pytest.mark.parametrize("name", NAMES)
class TestText:
    @pytest.mark.parametrize("width", [60, 80, 100, 120])
    def test_lines_keep_to_the_width(self, width: int, name: str) -> None:
        text = "".join(playbook_text.render(playbook(name), width=width))
        assert max(map(cell_len, text.splitlines())) <= width

    @pytest.mark.parametrize("width", [60, 100])
    def test_every_rule_stands_with_its_id(self, width: int, name: str) -> None:
        text = "".join(playbook_text.render(playbook(name), width=width))
        ends = [line.split()[-1] for line in text.splitlines() if line.strip()]
        for rule in list_rules(playbook(name)):
            assert rule.info.id.removeprefix(f"{rule.info.stage}/") in ends

    def test_stages_and_rules_fit_two_screens(self, name: str) -> None:
        text = "".join(playbook_text.render(playbook(name)))
        above = re.split(r"^    (?:Signals|Fields)$", text, maxsplit=1, flags=re.MULTILINE)[0]
        assert len(above.splitlines()) <= 120
        assert len(text.splitlines()) <= 180

    def test_colour_changes_nothing_else(self, name: str) -> None:
        plain = "".join(playbook_text.render(playbook(name)))
        coloured = "".join(playbook_text.render(playbook(name), colour=True))
        assert coloured != plain
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
        assert set(re.findall(f"[{UNSAFE}]", plain)) == {"\n"}


@pytest.mark.parametrize("name", NAMES)
def test_json_follows_its_schema(name: str) -> None:
    schema = load_schema("show")
    Draft202012Validator.check_schema(schema)
    data = json.loads("".join(playbook_json.render(playbook(name))))
    assert list(map(str, Draft202012Validator(schema).iter_errors(data))) == []
    assert [rule["id"] for rule in data["rules"]] == [
        rule.info.id for rule in list_rules(playbook(name))
    ]
    assert data["track"][0]["from"] is None


def test_json_says_since_when_and_why() -> None:
    data = json.loads("".join(playbook_json.render(playbook("strange"))))
    rule = next(each for each in data["rules"] if each["family"] == "activity")
    assert rule["from"] == "2026-01-01T00:00:00Z"
    assert (rule["why"], rule["ask"], rule["tools"]) == ("a | b\nc", "why?", ["t"])
    assert data["playbook"]["version"] == "1.0"


@pytest.mark.parametrize("name", NAMES)
def test_markdown_is_one_table_row_for_each_rule(name: str) -> None:
    text = "".join(playbook_markdown.render(playbook(name)))
    for rule in list_rules(playbook(name)):
        assert text.count(f"\n| `{rule.info.id}` | {rule.info.level} | ") == 1
    for row in re.findall(r"^\| `.*$", text, re.MULTILINE):
        assert len(re.findall(r"(?<!\\)\|", row)) == 5


def test_markdown_shows_text_as_it_is() -> None:
    text = "".join(playbook_markdown.render(playbook("strange")))
    assert "<script>" not in re.sub(r"```mermaid.*?^```$", "", text, flags=re.S | re.M)
    assert text.count("```") == 2


@pytest.mark.parametrize("name", NAMES)
def test_diagrams_hold_every_stage_and_step(name: str) -> None:
    found = playbook(name)
    steps = json.loads("".join(playbook_json.render(found)))["track"]
    mermaid = "".join(playbook_diagram.render_mermaid(found))
    dot = "".join(playbook_diagram.render_dot(found))
    ends = sum(1 for stage in found.stages if stage.ends)
    assert mermaid.count("\n    state ") == len(found.stages)
    assert len(re.findall(r"^    \S+ --> \S+", mermaid, re.M)) == len(steps) + ends
    lost = sum(1 for stage in found.stages if stage.ends == "lost")
    assert len(re.findall(r'^    ".*" -> ".*";$', dot, re.M)) + len(
        re.findall(r'^    ".*" -> ".*" \[style=dashed\];$', dot, re.M)
    ) == len(steps)
    assert dot.count("style=dotted") == lost


def test_nothing_unsafe_gets_through() -> None:
    found = playbook("strange")
    for render in (
        playbook_text.render,
        playbook_json.render,
        playbook_markdown.render,
        playbook_diagram.render_mermaid,
        playbook_diagram.render_dot,
    ):
        assert set(re.findall(f"[{UNSAFE}]", "".join(render(found)))) == {"\n"}


def test_working_time_is_shown_where_it_is_not_the_usual() -> None:
    parts = (
        b"workdays: [sunday, monday]\nhours: ['08:00', '24:00']\nholidays: [12-25, {country: FR}]"
    )
    usual, _ = parse_playbook(STRANGE.encode(), "p.yaml")
    other, mistakes = parse_playbook(STRANGE.encode() + parts, "p.yaml")
    assert usual is not None
    assert other is not None, mistakes
    assert "Working time" not in "".join(playbook_text.render(usual))
    said = "Working time: monday, sunday, 08:00 to 24:00; holidays: 12-25, FR\n"
    assert said in "".join(playbook_text.render(other))
    data = json.loads("".join(playbook_json.render(other)))["playbook"]
    assert data["workdays"] == ["monday", "sunday"]
    assert data["hours"] == ["08:00", "24:00"]
    assert data["holidays"] == ["12-25", "FR"]


DECLARED = """\
playbook: declared
version: 1
roles: [rep, desk]
may_waive: []
parts: [decider, buyer]
applies_to: {field: size, one_of: [small, large]}
fields:
  amount: {type: number, unit: EUR, title: Deal value}
  size: {type: choice, options: [small, large]}
  tags: {type: choices, options: [new, old]}
activities:
  call: {title: Call, outcomes: [held, missed], attributes: {minutes: number}, tools: [script]}
  demo: {}
signals:
  asked: {activity: [call, demo], outcome: held, in_last: 30 days}
  ready: {any: [asked, {all: [{field: amount, at_least: 100}, {field: tags, includes: new}]}]}
stages:
  - stage: talk
    activities: [demo]
  - {stage: offer, when: {field: amount, more_than: 9}, entry: [ready, {activity: call, by: rep}]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost, by: [desk]}
"""

TEXT = """
    Signals
      asked        call or demo held, in the last 30 days
      ready        asked or (amount is at least 100 and tags includes new)

    Fields
      owner        text
      amount       Deal value: number in EUR
      size         choice of small, large
      tags         choices of new, old

    Activities
      call         Call; outcomes: held, missed; attributes: minutes (number); tools: script
      demo         demo

    People
      roles             rep, desk
      may waive         nobody
      customer's parts  decider, buyer
"""


def test_what_is_declared_is_written_out() -> None:
    found, mistakes = parse_playbook(DECLARED.encode(), "p.yaml")
    assert found is not None, mistakes
    text = "".join(playbook_text.render(found))
    assert text.endswith(TEXT)
    assert "\nGoverns deals where size is one of small, large\n" in text
    assert " 2  offer  offer, only where amount is more than 9\n" in text
    markdown = "".join(playbook_markdown.render(found))
    assert "\n## Signals\n\n| | |\n|---|---|\n| asked | call or demo held, in the" in markdown
    assert "\n| amount | Deal value: number in EUR |\n" in markdown
    assert "\n| may waive | nobody |\n" in markdown
    assert "\n## offer\n\nOnly where amount is more than 9.\n" in markdown


def test_what_is_declared_is_data() -> None:
    found, _ = parse_playbook(DECLARED.encode(), "p.yaml")
    assert found is not None
    data = json.loads("".join(playbook_json.render(found)))
    assert list(map(str, Draft202012Validator(load_schema("show")).iter_errors(data))) == []
    asked = "call or demo held, in the last 30 days"
    assert data["signals"][0] == {"id": "asked", "says": asked}
    assert data["fields"][1] == {
        "id": "amount",
        "title": "Deal value",
        "type": "number",
        "unit": "EUR",
        "currency": None,
        "options": [],
        "set_by": None,
    }
    assert data["fields"][2]["options"] == ["small", "large"]
    assert data["activities"][0]["outcomes"] == ["held", "missed"]
    about = data["playbook"]
    assert (about["roles"], about["may_waive"]) == (["rep", "desk"], [])
    assert (about["parts"], about["applies_to"]) == (
        ["decider", "buyer"],
        "size is one of small, large",
    )
    assert [stage["when"] for stage in data["stages"][:2]] == [None, "amount is more than 9"]
