"""Requests of a batch that are nearly right, several deals, tags, and what fails in the middle."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gate import Said, events_of, say

from playgate import open_ledger
from playgate.cli import live_commands
from playgate.enforce.answers import facts as answers
from playgate.enforce.contract import load
from playgate.enforce.live import Live
from playgate.enforce.requests import Requests
from playgate.errors import InputError
from playgate.ledger.store import Ledger, LedgerError
from playgate.report.live_json import render
from playgate.report.request_line import RequestLine

ON_BOTH = True

AT = "2026-03-01T10:00:00Z"
WHOLE: dict[str, dict[str, Any]] = {
    "open": {"deal": "n", "stage": "a", "fields": {"amount": 5}, "id": "1", "by": "ann"},
    "log": {"deal": "d", "activity": "call", "outcome": "held", "with": "decider", "id": "1"},
    "set": {"deal": "d", "fields": {"note": "x"}, "id": "1", "by": "ann"},
    "move": {"deal": "d", "stage": "c", "from": "a", "by": "ann", "id": "1"},
    "check": {"deal": "d", "stage": "b", "by": "ann"},
    "waive": {"deal": "d", "rule": "b/entry/note", "reason": "later", "by": "ann", "id": "1"},
    "next": {"deal": "d", "by": "ann"},
    "history": {"deal": "d", "only": "ann"},
}
"""A request of each command that says most of what it can."""


def send(db: Path, *requests: Any, command: str = "move") -> Said:
    """A batch; requests that are bytes go as they are."""
    lines = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in requests]
    return say(command, "--batch", db=db, stdin=b"\n".join(lines) + b"\n")


def recorded(db: Path) -> list[tuple[Any, ...]]:
    """All that the ledger holds."""
    connection = sqlite3.connect(db)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
    tables = [name for name in names if name in ("deals", "events", "decisions", "playbooks")]
    rows = [row for name in tables for row in connection.execute(f"SELECT * FROM {name}")]  # noqa: S608
    connection.close()
    return rows


# Nearly right


def nearly(name: str) -> Iterator[dict[str, Any]]:
    """The request with one key dropped that it needs, misspelt, called otherwise, or mistyped."""
    whole = {"command": name, **WHOLE[name]}
    also = {key: load()["$defs"][key]["x-also"] for key in whole}
    for key in whole:
        rest = {each: value for each, value in whole.items() if each != key}
        if key in live_commands.LIVE[name].needs:
            yield rest
        for wrong in (*also[key], key[:-1], key + "s", key.upper()):
            if wrong and wrong not in whole and key != "command":
                yield {**rest, wrong: whole[key]}
        for value in (None, 5, False, [], {}, [[]], "", " "):
            yield {**rest, key: value}


@pytest.mark.parametrize("name", WHOLE)
def test_nearly_right_is_an_error_and_records_nothing(name: str, db: Path) -> None:
    before = recorded(db)
    tried = list(nearly(name))
    said = send(db, *tried, command=name)
    assert (said.status, said.err) == (2, "")
    for request, line in zip(tried, said.lines, strict=True):
        assert line["kind"] == "error", (request, line)
        assert line["error"]["code"] in {"missing-key", "unknown-key", "unknown-name"} | {
            "wrong-type",
            "wrong-value",
        }, (request, line)
    assert recorded(db) == before
    assert send(db, {"command": name, **WHOLE[name]}).status in (0, 1)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"deal":"d","stage":"c","stage":"b"}', '"stage" is said twice'),
        (b'{"command":"set","deal":"d","fields":{"note":"x","note":"y"}}', '"note" is said twice'),
        (b'{"command":"set","deal":"d","fields":{"amount":1e999}}', "1e999 is too large a number"),
        (b'{"command":"log","deal":"d","activity":"call","attrs":{"with":"x"}}', '"with" is no na'),
        (b'{"deals":["d","d"],"stage":"c"}', '"d" stands twice in deals'),
        (b'{"deals":["d"],"deal":"d","stage":"c"}', "deal and deals exclude each other"),
        (b'{"deals":[],"stage":"c"}', "deals is empty"),
        (b'{"command":"set","deal":"d","fields":{"":1}}', "fields has a name that is empty"),
        (b'{"deal":"d","stage":"c","tag":null}', "tag must be text or a number or"),
        (b'{"command":"next","deal":"d","unknown":"ignore"}', 'next takes no "unknown"'),
    ],
)
def test_what_json_lets_pass(line: bytes, message: str, db: Path) -> None:
    before = recorded(db)
    (said,) = send(db, line).lines
    assert message in said["error"]["message"]
    assert recorded(db) == before


def test_a_pair_that_is_said_twice_on_the_command_line(db: Path) -> None:
    said = say("set", "d", "note=x", "note=y", db=db)
    assert said.status == 2
    assert "note is said twice" in said.err


def test_options_of_a_batch(db: Path) -> None:
    said = say("move", "d", "--batch", "--format", "json", db=db)
    assert said.data["error"]["code"] == "usage"
    line = b'{"deal":"d","fields":{"x":1,"note":"y"}}'
    said = say("set", "--batch", "--unknown", "ignore", "--by", "ann", db=db, stdin=line)
    assert (said.status, said.lines[0]["ignored"]) == (0, ["x"])


# Unknown fields


def test_unknown_fields_are_passed_over_where_that_is_wanted(db: Path, playbook: Path) -> None:
    fields = {"note": "x", "hs_lastmodified": 5, "amount": 7, "zz": None}
    known = {"playbook": str(playbook)}
    told = send(
        db,
        {"command": "set", "deal": "d", "fields": fields},
        {"command": "set", "deal": "d", "fields": fields, "unknown": "ignore"},
        {"command": "set", "deal": "d", "fields": {"a": 1}, "unknown": "ignore"},
        {"command": "open", "deal": "n", "fields": fields, "unknown": "ignore", **known},
        {"command": "set", "deal": "d", "fields": {"amount": "x", "b": 1}, "unknown": "ignore"},
    ).lines
    assert told[0]["error"]["message"] == 'field "hs_lastmodified" does not exist in the playbook'
    assert (told[1]["added"], told[1]["ignored"]) == (2, ["hs_lastmodified", "zz"])
    assert (told[2]["added"], told[2]["events"], told[2]["ignored"]) == (0, [], ["a"])
    assert (told[3]["allowed"], told[3]["ignored"]) == (True, ["hs_lastmodified", "zz"])
    assert "does not read as number" in told[4]["error"]["message"]
    assert [event for event in events_of(db, "d") if event[0] == "field"] == [
        ("field", "note", "x"),
        ("field", "amount", "7"),
    ]


def test_unknown_fields_in_words(db: Path) -> None:
    said = say("set", "d", "note=x", "zz=1", "yy=2", "--unknown", "ignore", db=db)
    assert (said.status, said.out) == (0, "d: field note = x\n  ignored: zz, yy\n")
    said = say("set", "d", "zz=1", "--unknown", "ignore", db=db)
    assert "nothing was recorded\n  ignored: zz\n" in said.out
    assert say("set", "nobody", "zz=1", "--unknown", "ignore", db=db).status == 2


# Several deals


def test_each_deal_is_answered_by_itself(db: Path, playbook: Path) -> None:
    opened = [
        {"command": "open", "deal": deal, "playbook": str(playbook)} for deal in ("e", "f", "g")
    ]
    assert send(db, *opened).status == 0
    assert say("set", "e", "note=x", db=db).status == 0
    deals = ["d", "e", "nobody", "f"]
    for command in ("check", "move"):
        said = send(db, {"command": command, "deals": deals, "stage": "b", "tag": 7})
        (line,) = said.lines
        assert (said.status, line["kind"], line["tag"]) == (2, "decisions", 7)
        told = [
            each.get("allowed", each.get("error", {}).get("code")) for each in line["decisions"]
        ]
        assert told[0::3] == [False, False]
        assert told[1] is True
        assert [each["deal"] for each in line["decisions"]] == deals
        assert line["decisions"][2]["kind"] == "error"
    assert events_of(db, "e")[-1] == ("stage", "b", "")
    assert events_of(db, "f") == [("stage", "a", "")]
    said = send(db, {"deals": ["f", "g"], "stage": "c"})
    assert said.status == 0
    assert [events_of(db, deal)[-1][1] for deal in "fg"] == ["c", "c"]


# Tags


@pytest.mark.parametrize("tag", ["t", 5, 1.5, True, ["a", {"b": None}], {"x": "é"}])
def test_answers_give_the_tag_back(tag: Any, db: Path) -> None:
    told = send(
        db,
        {"command": "check", "deal": "d", "stage": "b", "tag": tag},
        {"command": "log", "deal": "d", "activity": "call", "tag": tag},
        {"command": "next", "deal": "d", "tag": tag},
        {"command": "history", "deal": "d", "tag": tag},
        {"command": "log", "deal": "nobody", "activity": "call", "tag": tag},
        {"command": "log", "deal": 5, "date": 1, "tag": tag},
        json.dumps({"deal": "d", "stage": "b", "tag": tag})[:-1].encode() + b',"deal":"e"}',
        {"command": "next", "deal": "d"},
    ).lines
    assert [line.get("tag") for line in told] == [tag] * 7 + [None]
    assert "tag" not in told[-1]


def test_a_tag_that_is_too_long(db: Path) -> None:
    for tag in ("x" * 1001, ["x" * 900] * 20, [0] * 101):
        (line,) = send(db, {"command": "next", "deal": "d", "tag": tag}).lines
        assert "longer than" in str(line) or "too long" in str(line)


# What fails in the middle


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which logs are kept."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def failing(monkeypatch: pytest.MonkeyPatch, name: str, error: Exception, outcome: str) -> None:
    """Lets a request fail after it has done its work."""
    done = getattr(answers, name)

    def answer(live: Live, request: Any) -> Any:
        found = done(live, request)
        if request.get("outcome") == outcome:
            raise error
        return found

    monkeypatch.setattr(answers, name, answer)


def log(number: int, outcome: str = "fine") -> dict[str, Any]:
    request = {"command": "log", "deal": "d", "activity": "call", "outcome": outcome}
    return {**request, "id": str(number), "tag": number}


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), KeyError("x"), RecursionError()])
def test_a_bug_takes_nothing_with_it(
    error: Exception, db: Path, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "log", error, "bad")
    requests = [log(number, "bad" if number in (3, 7) else "fine") for number in range(10)]
    said = send(db, *requests)
    assert (said.status, said.err) == (3, "")
    kinds = [line["kind"] for line in said.lines]
    assert kinds == ["error" if number in (3, 7) else "recorded" for number in range(10)]
    assert [line["tag"] for line in said.lines] == list(range(10))
    for line in (said.lines[3], said.lines[7]):
        assert line["error"]["code"] == "bug"
        assert type(error).__name__ in line["error"]["message"]
    (kept,) = logs.glob("playgate-bug-*.log")
    assert str(kept) in said.lines[3]["error"]["hint"]
    assert type(error).__name__ in kept.read_text()
    there = [event_id for event_id in ids_of(db) if event_id.isdigit()]
    assert there == [str(number) for number in range(10) if number not in (3, 7)]


def ids_of(db: Path) -> list[str]:
    with Ledger.open(db) as ledger:
        return [event.event_id for event in ledger.events.of("d")]


@pytest.mark.parametrize("code", ["ledger-full", "ledger-busy", "ledger-failed"])
def test_a_ledger_that_fails_at_the_commit(
    code: Any, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not committed is told as not; the next group is tried again."""
    failures = 1 if code == "ledger-busy" else 3
    writing = Ledger.writing
    left = [failures]

    class Failing:
        def __init__(self, ledger: Ledger) -> None:
            self.inner = writing(ledger)

        def __enter__(self) -> None:
            self.inner.__enter__()

        def __exit__(self, *told: Any) -> Any:
            if left[0] and not told[0]:
                left[0] -= 1
                error = LedgerError("it failed: nothing was recorded", code=code)
                self.inner.__exit__(type(error), error, None)
                raise error
            return self.inner.__exit__(*told)

    monkeypatch.setattr(Ledger, "writing", lambda ledger: Failing(ledger))
    said = send(db, *(log(number) for number in range(5)))
    assert (said.status, said.err) == (2, "")
    wrong = {line["tag"]: line["error"]["code"] for line in said.lines if "error" in line}
    # The group failed; of the others, tried one by one, the first two.
    expected = range(5) if code == "ledger-busy" else range(2)
    assert wrong == dict.fromkeys(expected, code)
    there = [int(each) for each in ids_of(db) if each.isdigit()]
    assert there == [number for number in range(5) if number not in expected]


def test_a_wrong_line_is_no_bug(db: Path, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, "log", InputError("not so", code="may-not"), "bad")
    said = send(db, log(1), log(2, "bad"), log(3))
    assert [line["kind"] for line in said.lines] == ["recorded", "error", "recorded"]
    assert said.lines[1]["error"]["code"] == "may-not"
    assert not list(logs.glob("playgate-bug-*.log"))
    assert ids_of(db)[1:] == ["1", "3"]


@pytest.mark.parametrize(
    ("request_", "word"),
    [
        ({"command": "set", "fields": {"note": "a" * 100_001}}, "a text of more than 100,000"),
        ({"command": "log", "activity": "call", "attrs": {"x": ["a" * 100_001]}}, "more than"),
        ({"command": "log", "activity": "call", "attrs": {"a" * 100_001: 1}}, "more than 100,000"),
        (
            {"command": "log", "activity": "call", "attrs": {"x": ["a" * 99_999] * 11}},
            "a request of more than 1,000,000",
        ),
        ({"command": "set", "fields": {"note": "a\0b"}}, "has a NUL"),
        ({"command": "set", "fields": {"no\0te": "b"}}, "has a NUL"),
        ({"command": "log", "activity": "call", "attrs": {"x": "\0"}}, "has a NUL"),
        ({"command": "log", "activity": "call", "by": "\0"}, "has a NUL"),
        ({"command": "log", "activity": "call", "id": "\0"}, "has a NUL"),
        ({"command": "set", "fields": {"note": "\ud800"}}, "is no Unicode text"),
        ({"command": "log", "activity": "call", "attrs": {"x": "\udc80"}}, "is no Unicode text"),
    ],
)
def test_texts_are_such_as_a_history_can_hold(
    db: Path, request_: dict[str, Any], word: str
) -> None:
    with open_ledger(str(db), by="ann") as session, pytest.raises(InputError, match=word):
        session.do({"deal": "d", **request_})
    assert events_of(db, "d") == [("stage", "a", "")]


@pytest.mark.parametrize("depth", [100, 300, 400, 450, 480, 500, 700, 2000])
def test_a_tag_that_is_nested_deep_is_no_bug(db: Path, depth: int) -> None:
    """Whatever depth can be read can be refused."""
    tag = "[" * depth + "]" * depth
    line = RequestLine.read(f'{{"command": "next", "deal": "d", "tag": {tag}}}'.encode())
    asked = line.request({})
    if isinstance(asked, InputError):
        assert asked.code in ("no-json", "wrong-value")
        return
    with Ledger.open(db, reading=True) as ledger:
        requests = Requests(ledger, now=lambda: 1_900_000_000_000_000, by="rep")
        assert line.tagged(render(requests.do(asked))).endswith(f'"tag": {tag}}}')
