"""`--batch`: NDJSON in, an answer a line in order, acknowledged after the commit."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from gate import Said, check_schema, environment, events_of, say

from playgate.ledger.store import Ledger

ON_BOTH = True

MEGABYTE = 1_000_000


def send(db: Path, *requests: Any, command: str = "log") -> Said:
    """A batch; requests that are bytes go as they are."""
    lines = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in requests]
    said = say(command, "--batch", db=db, stdin=b"\n".join(lines) + b"\n")
    assert "Traceback" not in said.err
    assert not said.err, said
    return said


def log(**more: Any) -> dict[str, Any]:
    return {"command": "log", "deal": "d", "activity": "call", **more}


def error_of(db: Path, request: Any, *, command: str = "log") -> str:
    """The error that one request is answered with; the requests around it are done."""
    said = send(db, log(id="before"), request, log(id="after"), command=command)
    before, wrong, after = said.lines
    assert said.status == 2
    assert (before["kind"], wrong["kind"], after["kind"]) == ("recorded", "error", "recorded")
    text: str = wrong["error"]["message"]
    return text


@pytest.mark.thorough
def test_each_line_is_answered_in_order(db: Path, playbook: Path) -> None:
    said = send(
        db,
        {"command": "open", "deal": "n", "playbook": str(playbook), "fields": {"amount": 5}},
        {"command": "check", "deal": "n", "stage": "b"},
        {"command": "move", "deal": "n", "stage": "b", "by": "ann"},
        {"command": "waive", "deal": "n", "rule": "b/entry/note", "reason": "later"},
        {"command": "move", "deal": "n", "stage": "b"},
        {"deal": "n", "activity": "meeting", "outcome": "held", "with": "decider", "id": "m1"},
        {"command": "set", "deal": "n", "fields": {"note": "x", "amount": None}},
        b"",
        {"command": "move", "deal": "n", "stage": "b"},
    )
    assert said.status == 1
    kinds = [line.get("allowed", line["kind"]) for line in said.lines]
    assert kinds == [True, False, False, "recorded", True, "recorded", "recorded", False]
    assert said.lines[1]["recorded"] is False
    assert said.lines[2]["actor"] == "ann"
    assert said.lines[4]["actor"] == "rep"
    assert said.lines[5]["events"] == ["m1"]
    assert "already" in said.lines[7]["note"]
    assert events_of(db, "n") == [
        ("field", "amount", "5"),
        ("stage", "a", ""),
        ("waiver", "b/entry/note", "later"),
        ("stage", "b", ""),
        ("activity", "meeting", "held"),
        ("field", "note", "x"),
        ("field", "amount", ""),
    ]


def test_the_worst_answer_is_the_exit_status(db: Path) -> None:
    check = {"command": "check", "deal": "d", "stage": "b"}
    assert send(db, log()).status == 0
    assert send(db, log(), check, log()).status == 1
    assert send(db, check, b"no json", check).status == 2
    assert say("log", "--batch", db=db).status == 0


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (b"no json", "a line that is no JSON"),
        (b'{"deal": "d", "activity": NaN}', "a line that is no JSON"),
        (b'{"deal": "d", "activity": "ca', "a line that is no JSON"),
        (b"\xff\xfe", "a line that is no JSON"),
        (b"[" * 100_000, "a line that is no JSON"),
        (b'{"a":' * 100_000, "a line that is no JSON"),
        (b"9" * 5000, "a line that is no JSON"),
        ([1], "no JSON object"),
        ("text", "no JSON object"),
        (None, "no JSON object"),
        (log(command="delete"), 'no request "delete"'),
        (log(command=["log"]), "command must be text, not a list"),
        (log(command={}), "command must be text, not an object"),
        (log(command="people"), 'no request "people"'),
        (log(deal=5), "deal must be text, not 5"),
        (log(deal=None), "deal must be text, not null"),
        (log(deal=""), "deal is empty"),
        (log(deal=" "), "deal is empty"),
        ({"command": "log", "activity": "call"}, "log needs DEAL"),
        (log(deal="none"), "the ledger has no deal none"),
        (log(activity="cal"), 'activity "cal" does not exist'),
        (log(by=1), "by must be text"),
        (log(at=20260301), "at must be text"),
        (log(at="today"), "is no date"),
        (log(id=7), "id must be text"),
        (log(attrs=[1]), "attrs must be an object"),
        (log(**{"with": 5}), "with must be text or a list, not 5"),
        (log(**{"with": ["decider", 5]}), "an item of with must be text, not 5"),
        (log(**{"with": []}), "with is empty"),
        ({"command": "set", "deal": "d", "fields": ["note"]}, "fields must be an object"),
        ({"command": "set", "deal": "d", "fields": {}}, "fields is empty"),
        (
            {"command": "set", "deal": "d", "fields": {"note": {}}},
            "note in fields must be text or a num",
        ),
        ({"command": "set", "deal": "d", "fields": {"amount": True}}, "does not read as number"),
        ({"command": "set", "deal": "d", "fields": {"nope": 1}}, 'field "nope" does not exist'),
        (b'{"command":"set","deal":"d","fields":{"amount":1e999}}', "too large a number"),
        ({"command": "move", "deal": "d", "stage": "z"}, 'stage "z" does not exist'),
        ({"command": "move", "deal": "d", "stage": "b", "at": "2020-01-01"}, "later than that"),
        ({"command": "waive", "deal": "d", "rule": "*", "reason": "x"}, "covers"),
        ({"command": "waive", "deal": "d", "rule": "*", "reason": "x", "all": "no"}, "true or fa"),
        ({"command": "open"}, "open needs DEAL"),
        ({"command": "open", "deal": "n", "playbook": "none.yaml"}, "none.yaml"),
        ({"command": "open", "deal": "d", "playbook": "{playbook}"}, "d is open already"),
        (log(outcome="\ud800"), "is no Unicode text"),
        (log(deal="\ud800"), "is no Unicode text"),
        (log(attrs={"x": "\ud800"}), "is no Unicode text"),
        ({"command": "set", "deal": "d", "fields": {"note": "\ud800"}}, "is no Unicode text"),
        ({"command": "set", "deal": "d", "fields": {"\ud800": "x"}}, "is no Unicode text"),
        ({"command": "check", "deal": "d", "stage": "b", "by": "\ud800"}, "is no Unicode text"),
        ({"command": "check", "deal": "d", "stage": "\ud800"}, "is no Unicode text"),
        ({"command": "move", "deal": "d", "stage": "c", "from": "\ud800"}, "is no Unicode text"),
        ({"command": "history", "deal": "d", "only": "\ud800"}, "is no Unicode text"),
        (log(tag="\ud800"), "is no Unicode text"),
    ],
)
def test_a_line_that_is_wrong_touches_no_other(
    request_: Any, error: str, db: Path, playbook: Path
) -> None:
    if isinstance(request_, dict) and request_.get("playbook") == "{playbook}":
        request_ = {**request_, "playbook": str(playbook)}
    assert error in error_of(db, request_)
    assert [kind for kind, _, _ in events_of(db, "d")] == ["stage", "activity", "activity"]


@pytest.mark.parametrize("depth", range(200, 1100, 75))
def test_attributes_nested_deep_are_an_error_or_recorded(depth: int, db: Path) -> None:
    bomb = b'{"deal":"d","activity":"call","attrs":{"x":' + b"[" * depth + b"]" * depth + b"}}"
    said = send(db, bomb, log(id="after"))
    assert said.lines[0]["kind"] in ("recorded", "error")
    assert said.lines[1]["kind"] == "recorded"
    assert say("next", "d", db=db).status == 0


def test_what_fails_in_the_middle_leaves_nothing(db: Path) -> None:
    request = {"command": "set", "deal": "d", "fields": {"note": "x", "amount": "many"}}
    error_of(db, request)
    assert ("field", "note", "x") not in events_of(db, "d")


def test_an_opening_that_is_wrong_leaves_no_deal(db: Path, playbook: Path) -> None:
    request = {"command": "open", "deal": "n", "playbook": str(playbook), "fields": {"z": 1}}
    error_of(db, request)
    assert say("next", "n", db=db).status == 2


def test_numbers_are_kept_as_json_writes_them(db: Path) -> None:
    line = b'{"command":"set","deal":"d","fields":{"amount":%s,"note":%s}}'
    pairs = [(b"5", b"5"), (b"12.50", b"true"), (b"1e3", b"null"), (b"-0.1", b"12345678901234567")]
    said = send(db, *(line % pair for pair in pairs))
    assert said.status == 0
    values = [value for kind, _, value in events_of(db, "d") if kind == "field"]
    assert values == ["5", "5", "12.50", "true", "1e3", "", "-0.1", "12345678901234567"]


@pytest.mark.parametrize("key", ["command", "by", "at", "id", "outcome", "attrs", "with", "tag"])
def test_null_is_no_way_to_leave_a_key_out(key: str, db: Path) -> None:
    """Who sends it may have meant to send something: a guard, an instant, an outcome."""
    assert "not null" in error_of(db, log(**{key: None}))


def test_equal_requests_are_two_events_and_one_id_is_one(db: Path) -> None:
    said = send(db, log(), log(), log(id="x"), log(id="x"))
    assert [line["added"] for line in said.lines] == [1, 1, 1, 0]
    assert said.lines[3]["note"] == "known already: nothing was changed"
    assert len(events_of(db, "d")) == 4


def test_back_and_forth_in_one_group(db: Path) -> None:
    moves = [{"command": "move", "deal": "d", "stage": stage} for stage in "cacaca"]
    said = send(db, *moves)
    assert [line["allowed"] for line in said.lines] == [True] * 6
    assert [name for _, name, _ in events_of(db, "d")] == list("acacaca")


def test_ten_thousand_lines(db: Path, playbook: Path) -> None:
    deals = [
        {"command": "open", "deal": f"n{number}", "playbook": str(playbook)}
        for number in range(1000)
    ]
    facts = [log(deal=f"n{number % 1000}", id=str(number)) for number in range(9000)]
    said = send(db, *deals, *facts)
    assert said.status == 0
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert len(answers) == 10_000
    assert [each["deal"] for each in answers] == [each["deal"] for each in (*deals, *facts)]
    for each in answers[::500]:
        check_schema(each)
    assert len(events_of(db, "n7")) == 10


def test_a_partial_last_line(db: Path) -> None:
    whole = json.dumps(log(id="1")).encode()
    said = say("log", "--batch", db=db, stdin=whole + b"\n" + whole.replace(b"1", b"2"))
    assert [line["events"] for line in said.lines] == [["1"], ["2"]]
    said = say("log", "--batch", db=db, stdin=whole.replace(b"1", b"3") + b"\n" + whole[:30])
    assert said.status == 2
    assert [line["kind"] for line in said.lines] == ["recorded", "error"]


@pytest.mark.parametrize("size", [MEGABYTE + 1, 5 * MEGABYTE])
def test_a_huge_line_is_one_error(size: int, db: Path) -> None:
    huge = json.dumps(log(outcome="x" * size)).encode()
    said = send(db, log(id="1"), huge, log(id="2"))
    assert [line["kind"] for line in said.lines] == ["recorded", "error", "recorded"]
    assert "more than a megabyte" in said.lines[1]["error"]["message"]


def test_a_line_just_short_enough(db: Path) -> None:
    line = json.dumps(log(attrs={"notes": ["x" * 99_000] * 10})).encode()
    line += b" " * (MEGABYTE - 200 - len(line))
    assert send(db, line, line).status == 0


def test_line_ends_and_a_byte_order_mark(db: Path) -> None:
    line = json.dumps(log()).encode()
    said = say("log", "--batch", db=db, stdin=b"\xef\xbb\xbf" + line + b"\r\n\r\n" + line + b"\r\n")
    assert said.status == 0
    assert len(said.lines) == 2


def test_acknowledged_only_after_the_commit(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands on standard output another reader of the ledger can see."""

    class Out(io.StringIO):
        seen = 0

        def write(self, text: str) -> int:
            ids = [json.loads(line)["events"][0] for line in text.splitlines()]
            with Ledger.open(db) as ledger:
                there = {event.event_id for event in ledger.events.of("d")}
            assert set(ids) <= there
            Out.seen += len(ids)
            return len(text)

    lines = b"".join(json.dumps(log(id=f"{n}")).encode() + b"\n" for n in range(1000))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    monkeypatch.setattr(sys, "stdout", Out())
    from playgate.cli.batch import run_batch

    assert run_batch(db, {"command": "log", "by": "rep"}) == 0
    assert Out.seen == 1000


def test_who_waits_for_each_answer_gets_it(db: Path) -> None:
    """One line is answered before the next is sent: nothing waits for a group to be full."""
    command = [sys.executable, "-m", "playgate.cli.main", "log", "--batch"]
    child = subprocess.Popen(
        command, env=environment(db), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    guard = threading.Timer(120, child.kill)
    guard.start()
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        for number in range(3):
            child.stdin.write(json.dumps(log(id=str(number))).encode() + b"\n")
            child.stdin.flush()
            assert json.loads(child.stdout.readline())["events"] == [str(number)]
            assert len(events_of(db, "d")) == number + 2
        child.stdin.close()
        assert child.wait() == 0
    finally:
        guard.cancel()
        child.kill()
        child.stdout.close()
        child.wait()


def test_where_deals_stand_and_what_happened_to_them(db: Path, playbook: Path) -> None:
    said = send(
        db,
        {"command": "open", "deal": "n", "playbook": str(playbook), "by": "ann"},
        log(deal="n", id="c1", by="bob", at="2026-01-05"),
        {"deal": "n"},
        {"command": "history", "deal": "n"},
        {"command": "history", "deal": "n", "only": "bob", "at": "2026-02-01"},
        {"deal": "nobody"},
        command="next",
    )
    assert said.status == 2
    opened, _, standing, history, only, unknown = said.lines
    assert (standing["kind"], standing["deal"]) == ("standing", "n")
    assert standing["stage"] == opened["to_stage"]
    assert [entry["kind"] for entry in history["entries"]] == ["activity", "decision", "stage"]
    assert [entry["event_id"] for entry in only["entries"]] == ["c1"]
    assert unknown["error"]["message"] == "the ledger has no deal nobody"


def test_a_playbook_is_read_anew_where_it_has_changed(db: Path, playbook: Path) -> None:
    request = {"command": "open", "playbook": str(playbook)}
    for version in (1, 2):
        text = playbook.read_text(encoding="utf-8").replace("version: 1", f"version: {version}")
        playbook.write_text(text, encoding="utf-8")
        send(db, {**request, "deal": f"of version {version}"})
    with Ledger.open(db) as ledger:
        assert [row.version for row in ledger.playbooks.all()] == ["1", "2"]


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="there is no /dev/fd")
def test_a_playbook_may_come_through_a_pipe(db: Path, playbook: Path) -> None:
    theirs, ours = os.pipe()
    os.write(ours, playbook.read_bytes())
    os.close(ours)
    said = say("open", "n", "--playbook", f"/dev/fd/{theirs}", db=db)
    os.close(theirs)
    assert (said.status, said.err) == (0, "")


def test_a_command_that_is_no_name_beside_options_for_all(db: Path) -> None:
    lines = b'{"command":[],"tag":1}\n{"command":{},"tag":2}\n{"deal":"d","fields":{"note":"x"}}\n'
    said = say("set", "--batch", "--unknown", "ignore", db=db, stdin=lines)
    assert (said.status, said.err) == (2, "")
    told = [each.get("error", each).get("message", "done") for each in said.lines]
    assert told == [
        "command must be text, not a list",
        "command must be text, not an object",
        "done",
    ]


def test_a_value_that_somebody_may_not_set_is_refused(db: Path, tmp_path: Path) -> None:
    file = tmp_path / "owned.yaml"
    file.write_text(
        "{playbook: p, version: 1, roles: [desk], fields: {"
        "cut: {type: number, by: desk}, size: {type: number, by: desk, level: warn}},"
        " stages: [{stage: a}, {stage: won, ends: won}, {stage: lost, ends: lost}]}",
        encoding="utf-8",
    )
    said = send(
        db,
        {"command": "open", "deal": "n", "playbook": str(file)},
        {"command": "set", "deal": "n", "fields": {"cut": 5}, "by": "ann", "tag": 7},
        {"command": "set", "deal": "n", "fields": {"size": 5}, "by": "ann"},
    )
    assert said.status == 1
    refused, warned = said.lines[1:]
    for each in (refused, warned):
        check_schema(each)
    assert (refused["kind"], refused["allowed"], refused["tag"]) == ("decision", False, 7)
    assert (refused["to_stage"], refused["fields"], refused["event_id"]) == (None, ["cut"], None)
    assert (warned["kind"], warned["added"]) == ("recorded", 1)
    told = [(each["rule"], each["refuses"]) for each in warned["findings"]]
    assert told == [("field/size/by", False)]
    assert [name for _, name, _ in events_of(db, "n")] == ["a", "size"]
