"""`digest`: what changed between two instants, for whom, and what it remembers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from playgate.cli.group import playgate
from playgate.errors import InputError

SCHEMAS = {
    path.name: json.loads(path.read_bytes())
    for path in (Path(__file__).parents[2] / "schemas").glob("*.schema.json")
}
VALID = Draft202012Validator(
    SCHEMAS["digest.schema.json"],
    registry=Registry().with_resources(
        (each["$id"], Resource.from_contents(each)) for each in SCHEMAS.values()
    ),
)
PLAYBOOK = """\
playbook: sales
version: 1
roles: [rep, manager]
fields: {amount: {type: number, unit: EUR}}
activities: {call: {}}
may_waive: [manager]
stages:
  - {stage: approach, title: Approach, activities: [call], time_limit: 20 days}
  - {stage: offer, title: Offer, entry: [{field: amount, more_than: 0}]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
PEOPLE = """\
actor,name,role,team,manager
ann,Ann Abel,rep,North,mia
bob,Bob Brandt,rep,South,max
mia,Mia Mann,manager,North,
max,Max Mohr,manager,South,
"""
HISTORY = """\
deal,happened_at,kind,name,value,actor,recorded_at
A-1,2026-03-01T09:00:00Z,stage,approach,,ann,
A-1,2026-03-02T09:00:00Z,field,amount,900,ann,
A-1,2026-03-03T09:00:00Z,stage,offer,,ann,
A-1,2026-03-12T09:00:00Z,activity,call,,ann,
A-2,2026-03-04T09:00:00Z,stage,approach,,ann,
A-2,2026-03-12T10:00:00Z,stage,offer,,ann,
B-1,2026-03-05T09:00:00Z,stage,approach,,bob,
B-1,2026-03-06T09:00:00Z,activity,call,,bob,
B-1,2026-03-13T09:00:00Z,stage,lost,,bob,
B-2,2026-03-06T09:00:00Z,stage,approach,,bob,
B-2,2026-03-07T09:00:00Z,waiver,approach/*,known for years,max,2026-03-12T08:00:00Z
B-2,2026-03-08T09:00:00Z,stage,offer,,bob,2026-03-12T08:00:00Z
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("p.yaml", PLAYBOOK), ("h.csv", HISTORY), ("people.csv", PEOPLE)):
        (tmp_path / name).write_text(text)
    return tmp_path


def _digest(folder: Path, *words: str) -> Result:
    files = (str(folder / "p.yaml"), str(folder / "h.csv"), "--people", str(folder / "people.csv"))
    return CliRunner().invoke(playgate, ["digest", *files, *words], standalone_mode=False)


def _json(folder: Path, *words: str) -> Any:
    found = _digest(folder, *words, "--format", "json")
    assert found.exception is None, found.exception
    data = json.loads(found.output)
    VALID.validate(data)
    return data


def _told(data: Any) -> dict[str, list[Any]]:
    return {
        "missed": [(each["deal"], each["rule"]) for each in data["missed"]],
        "made_good": [(each["deal"], each["rule"]) for each in data["made_good"]],
        "due": [(each["deal"], each["rule"]) for each in data["due"]],
        "given": [(each["deal"], each["rule"], each["actor"]) for each in data["given"]],
        "moved": [
            (each["deal"], each["from_stage"], each["to_stage"], each["was"], each["state"])
            for each in data["moved"]
        ],
    }


def test_what_changed_since_an_instant(folder: Path) -> None:
    told = _told(_json(folder, "--since", "2026-03-10"))
    assert told == {
        "missed": [
            ("B-2", "approach/activity/call"),
            ("B-2", "offer/entry/amount"),
            ("A-2", "approach/activity/call"),
            ("A-2", "offer/entry/amount"),
        ],
        "made_good": [("A-1", "approach/activity/call")],
        "due": [],
        # what was recorded after the last digest is new, however early it happened
        "given": [("B-2", "approach/*", "max")],
        "moved": [
            ("B-2", "approach", "offer", "open", "open"),
            ("A-2", "approach", "offer", "open", "open"),
            ("B-1", "approach", "lost", "open", "lost"),
        ],
    }


def test_what_falls_due_within_a_week_is_told_each_time(folder: Path) -> None:
    data = _json(folder, "--since", "2026-03-10", "--as-of", "2026-03-18")
    assert _told(data)["due"] == []
    data = _json(folder, "--since", "2026-03-10", "--as-of", "2026-03-11")
    assert _told(data)["due"] == []
    (folder / "h.csv").write_text(HISTORY + "C-1,2026-03-01T09:00:00Z,stage,approach,,ann,\n")
    data = _json(folder, "--since", "2026-03-14", "--as-of", "2026-03-15")
    assert _told(data)["due"] == [("C-1", "approach/time")]


@pytest.mark.parametrize(
    ("whom", "deals"),
    [
        ("manager", {"A-1", "A-2", "B-1", "B-2"}),
        ("manager=mia", {"A-1", "A-2"}),
        ("manager=Max Mohr", {"B-1", "B-2"}),
        ("team=North", {"A-1", "A-2"}),
        ("rep=bob", {"B-1", "B-2"}),
        ("rep=Ann Abel", {"A-1", "A-2"}),
    ],
)
def test_readers_are_told_of_their_own(folder: Path, whom: str, deals: set[str]) -> None:
    data = _json(folder, "--since", "2026-03-10", "--for", whom)
    parts = ("missed", "made_good", "due", "given", "moved")
    assert {each["deal"] for part in parts for each in data[part]} == deals


@pytest.mark.parametrize("whom", ["nobody", "rep=zoe", "team=West", "manager=ann", "rep="])
def test_who_is_nobody_is_told_so(folder: Path, whom: str) -> None:
    found = _digest(folder, "--since", "2026-03-10", "--for", whom)
    assert isinstance(found.exception, InputError)
    assert found.exception.code in ("wrong-value", "unknown-name")


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_nothing_to_say_prints_nothing(folder: Path, form: str) -> None:
    found = _digest(folder, "--since", "2026-03-13", "--format", form)
    assert (found.exception, found.output) == (None, "")


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_each_form_tells_the_same(folder: Path, form: str) -> None:
    text = _digest(folder, "--since", "2026-03-10", "--format", form).output
    shown = " ".join(re.sub(r"<[^>]*>", " ", text).replace("\\", "").split())
    for word in ("New findings", "A-2", "Deals that moved", "ended, not sold", "known for years"):
        assert word in shown, word
    assert "4 new findings, 1 made good, 3 deals that moved, 1 waiver given." in shown


def test_an_e_mail_has_its_style_and_nothing_that_loads_or_runs(folder: Path) -> None:
    (folder / "h.csv").write_text(HISTORY.replace("A-2", "<img src=x>"))
    page = _digest(folder, "--since", "2026-03-10", "--format", "html").output
    tags: list[tuple[str, dict[str, str | None]]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, dict(attrs)))

    Parser().feed(page)
    assert {tag for tag, _ in tags}.isdisjoint({"img", "script", "link", "a", "iframe"})
    assert all("style" in had for tag, had in tags if tag in ("td", "th", "table", "p", "h1", "h2"))
    assert "prefers-color-scheme:dark" in page
    assert "&lt;img src=x&gt;" in page


# What it remembers


def test_a_state_goes_on_from_the_last_time(folder: Path) -> None:
    state = folder / "told.json"
    words = ("--state", str(state))
    first = _json(folder, *words, "--as-of", "2026-03-10")
    assert first["since"] == "2026-03-03T23:59:59.999999Z"
    again = _json(folder, *words)
    assert again["since"] == "2026-03-10T23:59:59.999999Z"
    assert _told(again) == _told(_json(folder, "--since", "2026-03-10"))
    assert _digest(folder, *words).output == ""
    assert json.loads(state.read_text()) == {
        "digest": 1,
        "playbook": "sales",
        "told": {"manager": "2026-03-13T09:00:00Z"},
    }


def test_each_reader_has_an_own_last_time(folder: Path) -> None:
    words = ("--state", str(folder / "told.json"))
    _json(folder, *words, "--for", "rep=ann")
    assert _json(folder, *words, "--for", "rep=bob")["missed"]
    assert not _json(folder, *words, "--for", "rep=ann")["missed"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"digest": 2}',
        '{"digest": 1, "playbook": "other", "told": {}}',
        '{"digest": 1, "playbook": "sales", "told": []}',
        '{"digest": 1, "playbook": "sales", "told": {"manager": 3}}',
        '{"digest": 1, "playbook": "sales", "told": {"manager": "soon"}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_state_is_refused_and_stays(folder: Path, text: str) -> None:
    state = folder / "told.json"
    state.write_text(text)
    found = _digest(folder, "--state", str(state))
    assert isinstance(found.exception, InputError)
    assert found.exception.code == "wrong-file"
    assert state.read_text() == text


LATE = ("--since", "2026-03-12", "--as-of", "2026-03-11")


def test_since_when_must_be_known_and_not_later(folder: Path) -> None:
    for words, code in (((), "usage"), (LATE, "wrong-value")):
        found = _digest(folder, *words)
        assert isinstance(found.exception, InputError)
        assert found.exception.code == code


# A ledger, and alarms


def test_a_ledger_knows_what_was_asked_for(folder: Path) -> None:
    db = str(folder / "live.db")

    def say(*words: str) -> Result:
        found = CliRunner().invoke(playgate, [*words, "--db", db], standalone_mode=False)
        assert found.exception is None, found.exception
        return found

    playbook, rule = str(folder / "p.yaml"), "approach/activity/call"
    say("people", str(folder / "people.csv"))
    say("open", "L-1", "--playbook", playbook, "--by", "ann", "--at", "2026-03-02T09:00:00Z")
    for reason in ("known for years", "no phone"):
        say("waiver", "request", "L-1", rule, "--reason", reason, "--by", reason[:2])
    say("waiver", "decline", "w-2", "--reason", "call them", "--by", "mia")
    say("waive", "L-1", "approach/time", "--reason", "moving house", "--by", "mia")
    data = json.loads(say("digest", "--since", "2026-03-01", "--format", "json").output)
    VALID.validate(data)
    asked = [(each["reason"], each["answer"]) for each in data["asked"]]
    assert asked == [("known for years", "open"), ("no phone", "declined")]
    french = say("digest", "--since", "2026-03-01", "--lang", "fr").output
    assert ("sans réponse" in french, "refusée" in french) == (True, True)
    assert [(each["rule"], each["actor"]) for each in data["given"]] == [("approach/time", "mia")]
    assert [each["was"] for each in data["moved"]] == [""]
    later = json.loads(say("digest", "--since", data["as_of"], "--format", "json").output)
    assert [later[part] for part in ("asked", "given", "moved")] == [[], [], []]


def _weeks() -> Iterator[str]:
    """Six new deals a week for 20 weeks, none for 4, six again for 8."""
    monday = date(2026, 1, 5)
    for week in range(32):
        for number in range(6):
            if not 20 <= week < 24:
                day = monday + timedelta(weeks=week, days=number % 5)
                yield f"W-{week}-{number},{day}T09:00:00Z,stage,approach,,ann,"


def test_alarms_begin_and_end(folder: Path) -> None:
    head = HISTORY.partition("\n")[0]
    (folder / "h.csv").write_text("\n".join((head, *_weeks())) + "\n")

    def series(since: str, as_of: str, part: str) -> set[tuple[str, str]]:
        data = _json(folder, "--since", since, "--as-of", as_of)
        return {(each["kpi"], each["scope"]) for each in data[part]}

    alarm = ("new-deals", "company")
    assert alarm not in series("2026-05-10", "2026-05-24", "begun")
    assert alarm in series("2026-05-24", "2026-06-21", "begun")
    assert alarm not in series("2026-06-20", "2026-06-21", "begun")
    assert alarm in series("2026-06-21", "2026-08-16", "over")
