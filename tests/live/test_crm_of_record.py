"""A ledger for which the CRM keeps the record: what its commands print, and what they leave."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from gate import Said, say

from playgate.conditions.instants import read_instant
from playgate.ledger.store import Ledger
from support.ledgers import check_all_ways

ON_BOTH = True

PLAYBOOK = """\
playbook: sales
version: 1
roles: [rep, manager]
may_waive: [manager]
applies_to: {field: pipeline, not_equals: renewals}
fields:
  amount: {type: number}
  pipeline: {type: text}
activities:
  needs_interview: {title: Needs interview}
stages:
  - stage: assess-needs
    title: Assess needs
    activities: [{do: needs_interview, outcome: completed}]
  - {stage: proposal, title: Make the proposal, entry: [{field: amount, more_than: 0}]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
HEAD = "deal,happened_at,kind,name,value,actor,event_id,attrs\n"
Run = Callable[..., Said]
Golden = Callable[[str, str], None]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs commands on a ledger of the CRM's record, on a clock that is told the day of May."""
    monkeypatch.chdir(tmp_path)
    Path("sales.yaml").write_text(PLAYBOOK, encoding="utf-8")
    Path("people.csv").write_text("actor,role\nann,rep\nmax,manager\n", encoding="utf-8")

    def run(day: int, *words: str, stdin: bytes = b"") -> Said:
        clock = read_instant(f"2026-05-{day:02d}T09:00:00Z", UTC)
        return say(*words, db=Path("deals.db"), clock=clock, stdin=stdin)

    said = run(1, "ledger", "new", "--record", "crm")
    assert said.status == 0, said
    assert run(1, "publish", "sales.yaml").status == 0
    assert run(1, "people", "people.csv").status == 0
    return run


@pytest.fixture
def played(run: Run) -> Run:
    """A month of a CRM: asked and moved, asked and failed, past the gate, on facts of the air."""
    write(
        "D-1,2026-05-01T08:00:00Z,stage,assess-needs,,ann,s1,",
        "D-2,2026-05-01T08:00:00Z,stage,assess-needs,,ann,s1,",
        "D-3,2026-05-01T08:00:00Z,stage,assess-needs,,ann,s1,",
    )
    assert run(1, "import", "crm.csv", "--db", "deals.db").status == 0
    fact = {"happened_at": "2026-05-02T09:00:00Z", "kind": "activity", "name": "needs_interview"}
    Path("f.ndjson").write_text(json.dumps({**fact, "value": "completed"}), encoding="utf-8")
    for deal in ("D-1", "D-2"):
        words = (deal, "proposal", "amount=5", "--facts", "f.ndjson", "--by", "ann")
        assert run(3, "ask", *words, "--id", f"q-{deal}").status == 0
    assert run(3, "ask", "D-3", "proposal", "--by", "ann", "--id", "q-D-3").status == 1
    write(
        "D-1,2026-05-02T09:00:00Z,activity,needs_interview,completed,ann,a1,",
        "D-1,2026-05-03T09:01:00Z,field,amount,5,ann,f1,",
        'D-1,2026-05-03T09:01:00Z,stage,proposal,,ann,s2,"{""decision"": ""q-D-1""}"',
        'D-3,2026-05-04T09:00:00Z,stage,proposal,,bob,s2,"{""origin"": ""bulk""}"',
    )
    assert run(5, "import", "crm.csv", "--db", "deals.db").status == 0
    return run


def write(*rows: str) -> None:
    Path("crm.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")


def test_what_is_printed(played: Run, golden: Golden) -> None:
    shown = []
    for words in (
        ("ledger", "show"),
        ("ask", "D-2", "won", "--by", "ann", "--id", "q4"),
        ("ask", "D-9", "proposal", "pipeline=renewals", "--id", "q5"),
        ("allowed", "D-2", "--by", "ann"),
        ("next", "D-2"),
        ("history", "D-3"),
        ("reconcile",),
    ):
        said = played(6, *words)
        assert not said.err, said
        shown.append(f"$ playgate {' '.join(words)}\n{said.out}")
    golden("crm.txt", "\n".join(shown))


def test_what_is_printed_in_shadow(played: Run, golden: Golden) -> None:
    shown = []
    for words in (
        ("ledger", "set", "shadow", "on"),
        ("ask", "D-3", "won", "--by", "ann", "--id", "q6"),
        ("ask", "D-3", "lost", "--by", "ann", "--id", "q7"),
        ("ask", "D-9", "proposal", "pipeline=renewals", "--id", "q8"),
        ("allowed", "D-3", "--by", "ann"),
        ("history", "D-3"),
    ):
        said = played(6, *words)
        assert said.status == 0, said
        shown.append(f"$ playgate {' '.join(words)}\n{said.out}")
    golden("shadow.txt", "\n".join(shown))


def but_head(said: Said) -> dict[str, Any]:
    """An answer, without the head of the ledger as of it, which no two ledgers share."""
    return {name: value for name, value in said.data.items() if name != "head"}


def test_what_is_printed_as_json(played: Run, golden: Golden) -> None:
    said = played(6, "reconcile", "--format", "json")
    assert said.status == 1
    assert said.data["counts"] == {
        "gated": 1,
        "past_the_gate": 1,
        "allowed_but_not_made": 1,
        "allowed_on_facts_that_never_came": 1,
    }
    golden("reconcile.json", json.dumps(but_head(said), indent=1, ensure_ascii=False) + "\n")
    said = played(6, "allowed", "D-2", "--by", "ann", "--format", "json")
    golden("allowed.json", json.dumps(but_head(said), indent=1, ensure_ascii=False) + "\n")
    assert played(6, "ledger", "show", "--format", "json").data["record"] == "crm"


def test_csv_has_a_row_for_each_result(played: Run) -> None:
    said = played(6, "reconcile", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(said.out)))
    data = played(6, "reconcile", "--format", "json").data["results"]
    assert [(row["result"], row["deal"]) for row in rows] == [
        (each["result"], each["deal"]) for each in data
    ]
    past = next(row for row in rows if row["result"] == "past-the-gate")
    assert (past["would"], past["origin"], past["actor"]) == ("refused", "bulk", "bob")
    assert past["rules"] == "assess-needs/activity/needs_interview proposal/entry/amount"


def test_the_audit_counts_the_same_moves_as_ungated(played: Run) -> None:
    check_all_ways(Path("deals.db"))
    said = played(6, "audit", "--db", "deals.db", "--format", "json", "--fail-on", "never")
    found = [(each["deal"], each["event_id"]) for each in json.loads(said.out)["ungated"]]
    data = played(6, "reconcile", "--format", "json").data["results"]
    past = [each for each in data if each["result"] == "past-the-gate"]
    assert found == [(each["deal"], each["event_id"]) for each in past] == [("D-3", "s2")]


def test_an_import_twice_changes_nothing(played: Run) -> None:
    before = played(6, "reconcile", "--format", "json").data
    assert ", 0 of them new" in played(6, "import", "crm.csv", "--db", "deals.db").err
    after = played(6, "reconcile", "--format", "json").data
    for each in (before, after):  # that an import came is recorded, too
        del each["imported_at"], each["head"]
    assert after == before


def test_a_decision_keeps_its_facts_and_records_no_event(played: Run) -> None:
    with Ledger.open(Path("deals.db")) as ledger:
        (row,) = ledger.decisions.of("D-2")
        assert [(e.kind, e.name) for e in ledger.events.of("D-2")] == [("stage", "assess-needs")]
    assert (row.decision_id, row.event_id, row.allowed) == ("q-D-2", "", 1)
    facts = [(each["kind"], each["name"], each["value"]) for each in json.loads(row.facts)]
    assert facts == [("activity", "needs_interview", "completed"), ("field", "amount", "5")]


def test_a_question_becomes_a_case(played: Run) -> None:
    """With the facts that came with it, so that the case says what the gate said."""
    for deal in ("D-2", "D-3"):
        said = played(6, "case", deal, "--move", "proposal", "--db", "deals.db")
        assert said.status == 0, said
        refusals = "assess-needs/activity/needs_interview"
        assert (refusals in said.out) is (deal == "D-3")
        assert ("needs_interview" in said.out) is True


def test_the_same_question_gets_the_very_same_answer(run: Run) -> None:
    words = ("ask", "D", "proposal", "amount=5", "--by", "ann", "--id", "q", "--format", "json")
    first = run(2, *words)
    write("D,2026-05-02T08:00:00Z,activity,needs_interview,completed,ann,a1,")
    assert run(3, "import", "crm.csv", "--db", "deals.db").status == 0
    again = run(4, *words)
    assert but_head(again) == but_head(first)
    assert again.data["head"]["seq"] > first.data["head"]["seq"]
    assert again.status == first.status == 1
    assert run(4, *words[:-4], "--format", "json").status == 1  # who asks anew is judged anew
    assert run(4, *words[:-3], "r", "--format", "json").data["findings"] != first.data["findings"]


WAYS = """\
playbook: ways
version: 1
roles: [rep, manager]
may_waive: [manager]
fields: {pct: {type: number}, budget: {type: boolean}}
activities: {desk: {}, call: {}, complaint: {}}
stages:
  - stage: a
  - stage: b
    entry:
      - any: [{field: pct, at_most: 15}, {all: [{activity: desk, by: manager}, {activity: call}]}]
      - {field: budget, equals: true}
      - {not: {activity: complaint}}
      - {changes: pct, no_more_than: 0}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
rules: {"*/entered": {level: observe}}
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_retry_names_the_same_ways_on(form: str, tmp_path: Path) -> None:
    """With what was passed over, the choices, and who may waive."""
    db, book, facts = (tmp_path / name for name in ("w.db", "ways.yaml", "facts.ndjson"))
    book.write_text(WAYS, encoding="utf-8")
    told = [("activity", "desk"), ("activity", "complaint"), ("field", "hs_id")]
    rows = [{"happened_at": "2026-05-01T09:00:00Z", "kind": k, "name": n} for k, n in told]
    pcts = [
        {**rows[-1], "name": "pct", "value": value, "event_id": value} for value in ("20", "30")
    ]
    facts.write_text("".join(json.dumps(each) + "\n" for each in (*rows, *pcts)), encoding="utf-8")
    assert say("ledger", "new", "--record", "crm", db=db).status == 0
    assert say("publish", str(book), db=db).status == 0
    words = ("ask", "D", "b", "zz=1", "--facts", str(facts), "--unknown", "ignore", "--id", "q")
    first = say(*words, "--format", form, db=db)
    assert first.status == 1
    if form == "json":
        remedies = [each for found in first.data["findings"] for each in found["remedies"]]
        assert {each["kind"] for each in remedies} == {"do", "one-of", "find-out", "never"}
        undone = [each["words"] for each in remedies if each["kind"] == "never"]
        assert all("; required: " in words for words in undone), undone
        assert first.data["ignored"] == ["zz", "hs_id"]
    else:
        assert "do:   one of" in first.out
        assert "a manager may waive it: playgate waiver request D" in first.out
    assert say(*words, "--format", form, db=db) == first


def test_a_file_without_facts(run: Run) -> None:
    Path("facts.ndjson").write_bytes(b"\n")
    assert run(3, "ask", "D", "lost", "--facts", "facts.ndjson").status == 0


def test_a_batch_brings_facts_as_a_list(run: Run) -> None:
    fact = {"happened_at": "2026-05-02T09:00:00Z", "kind": "activity", "name": "needs_interview"}
    requests = [
        {"deal": "D", "stage": "proposal", "fields": {"amount": 5}, "facts": facts, "tag": tag}
        for tag, facts in enumerate(
            (
                [{**fact, "value": "completed"}],
                [{**fact, "outcome": "completed"}],
                [{**fact, "value": ["completed"]}],
                [{**fact, "happened_at": "yesterday"}],
                ["completed"],
                [{**fact, "name": "neds_interview"}],
                [{**fact, "value": "completed", "attrs": {"with": ["decider"]}}],
            )
        )
    ]
    lines = b"".join(json.dumps(each).encode() + b"\n" for each in requests)
    answers = run(3, "ask", "--batch", stdin=lines).lines
    assert [each["tag"] for each in answers] == list(range(len(requests)))
    codes = [each["error"]["code"] if each["kind"] == "error" else "" for each in answers]
    assert codes == [
        "",
        "unknown-key",
        "wrong-type",
        "wrong-value",
        "wrong-type",
        "unknown-name",
        "",
    ]
    assert [each["rule"] for each in answers[0]["findings"]] == ["assess-needs/entered"]
    assert answers[0]["decision_id"] != answers[-1]["decision_id"]
    with Ledger.open(Path("deals.db")) as ledger:
        assert ledger.events.of("D") == []
        assert len(ledger.decisions.of("D")) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "facts.ndjson:1: a line that is no JSON object"),
        (b"\n[1]", "facts.ndjson:2: a line that is no JSON object"),
        (b'{"a": NaN}', "facts.ndjson:1: a line that is no JSON object"),
        (b"\xff", "facts.ndjson:1: a line that is no JSON object"),
    ],
)
def test_files_that_are_no_facts(content: bytes, said: str, run: Run) -> None:
    Path("facts.ndjson").write_bytes(content)
    answer = run(3, "ask", "D", "proposal", "--facts", "facts.ndjson")
    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err
    assert run(3, "ask", "D", "proposal", "--facts", "none.ndjson").status == 2


def test_facts_from_standard_input(run: Run) -> None:
    line = b'{"happened_at": "2026-05-02T09:00:00Z", "kind": "field", "name": "amount", "value": 5}'
    said = run(3, "ask", "D", "lost", "--facts", "-", "--format", "json", stdin=line)
    assert said.status == 0
    with Ledger.open(Path("deals.db")) as ledger:
        assert json.loads(ledger.decisions.of("D")[0].facts)[0]["value"] == "5"


def test_a_ledger_is_made_once(run: Run) -> None:
    said = run(2, "ledger", "new")
    assert said.status == 2
    assert "deals.db is there already" in said.err
    said = run(2, "ledger", "new", "--db", "other.db", "--format", "json")
    assert said.data["record"] == "ledger"
    assert run(2, "ledger", "show", "--db", "none.db").status == 2


def shadow_of(run: Run, *words: str) -> dict[str, object]:
    said = run(9, "audit", "--db", "deals.db", "--format", "json", "--fail-on", "never", *words)
    found: dict[str, object] = json.loads(said.out)["shadow"]
    return found


def test_the_audit_counts_what_shadow_would_have_refused(played: Run) -> None:
    assert shadow_of(played) is None
    assert played(6, "ledger", "set", "shadow", "on").status == 0
    for deal in ("D-2", "D-3", "D-3"):
        assert played(6, "ask", deal, "proposal", "amount=").status in (0, 1)  # it may be there
        assert played(6, "ask", deal, "won", "--by", "ann").status == 0
    assert played(7, "ask", "D-9", "proposal", "pipeline=renewals").status == 0
    found = shadow_of(played)
    rules = {each["rule"]: (each["decisions"], each["deals"]) for each in _rules(found)}
    assert found["not_governed"] == 1
    assert rules["assess-needs/activity/needs_interview"][1] >= 1
    assert all(deals <= decisions for decisions, deals in rules.values())
    assert _rules(shadow_of(played, "--rule", "proposal/*")) == [
        each for each in _rules(found) if str(each["rule"]).startswith("proposal/")
    ]
    text = played(9, "audit", "--db", "deals.db", "--fail-on", "never").out
    assert "What would have been refused" in text
    assert f"{found['would_refuse']} of {found['decisions']} decisions in shadow" in text


def _rules(found: dict[str, object]) -> Sequence[dict[str, int]]:
    rules = found["rules"]
    assert isinstance(rules, list)
    return rules
