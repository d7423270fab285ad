"""What the ledger keeps: playbooks by content, deals of many playbooks, people with dates."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

from gate import events_of, opened, say

from playgate.conditions.instants import read_instant
from playgate.ledger.store import Ledger

ON_BOTH = True

HEAD = "playbook: {name}\nversion: {version}\nroles: [rep, manager]\nmay_waive: [manager]\n"
BODY = """\
fields: {note: {type: text}}
activities: {call: {title: Call}}
stages:
  - {stage: a, activities: [call]}
  - {stage: b, by: [manager]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""


def write(folder: Path, name: str, *, version: int = 1, body: str = BODY) -> Path:
    path = folder / f"{name}-{version}.yaml"
    path.write_text(HEAD.format(name=name, version=version) + body, encoding="utf-8")
    return path


def at(day: str) -> int:
    found = read_instant(f"2026-{day}T00:00:00Z", UTC)
    assert found is not None
    return found


# Playbooks


def test_the_same_name_and_version_with_other_content(tmp_path: Path) -> None:
    db, path = tmp_path / "deals.db", write(tmp_path, "p")
    opened(db, path, "d1")
    path.write_text(path.read_text(encoding="utf-8") + "# a comment\n", encoding="utf-8")
    said = say("open", "d2", "--playbook", str(path), db=db)
    assert said.status == 2
    assert "p version 1 stands in the ledger with other content" in said.err
    assert "give" in said.err
    assert "a new version" in said.err
    assert say("next", "d2", db=db).status == 2
    opened(db, write(tmp_path, "p", version=2), "d2")


def test_a_deal_is_judged_by_the_copy_that_it_began_with(tmp_path: Path) -> None:
    db, path = tmp_path / "deals.db", write(tmp_path, "p")
    people(db, tmp_path, "rep,manager", day="03-01")
    opened(db, path, "old")
    loose = BODY.replace("activities: [call]", "title: A")
    opened(db, write(tmp_path, "p", version=2, body=loose), "new")
    path.unlink()
    assert say("move", "old", "b", db=db).status == 1
    assert say("move", "new", "b", db=db).status == 0
    said = say("open", "old", "--playbook", str(tmp_path / "p-2.yaml"), db=db)
    assert said.status == 2
    assert "old is open already, under p version 1" in said.err
    with Ledger.open(db) as ledger:
        assert [(row.name, row.version) for row in ledger.playbooks.all()] == [
            ("p", "1"),
            ("p", "2"),
        ]
        assert ledger.playbooks.all()[0].content.decode() == HEAD.format(name="p", version=1) + BODY


def test_deals_of_several_playbooks(tmp_path: Path) -> None:
    db = tmp_path / "deals.db"
    other = BODY.replace("call", "mail").replace("stage: b", "stage: x")
    people(db, tmp_path, "rep,manager", day="03-01")
    opened(db, write(tmp_path, "p"), "d1", "d3")
    opened(db, write(tmp_path, "q", body=other), "d2")
    assert say("log", "d1", "call", db=db).status == 0
    assert say("log", "d2", "call", db=db).status == 2
    assert say("log", "d2", "mail", db=db).status == 0
    assert say("move", "d1", "x", db=db).status == 2
    assert say("move", "d2", "x", db=db).status == 0
    with Ledger.open(db) as ledger:
        first, second = ledger.playbooks.all()
        assert {event.deal for event in ledger.events.of_playbook(first.sha256)} == {"d1", "d3"}
        assert {event.deal for event in ledger.events.of_playbook(second.sha256)} == {"d2"}


def test_a_playbook_with_mistakes_opens_nothing(tmp_path: Path) -> None:
    db = tmp_path / "deals.db"
    broken = write(tmp_path, "p", body=BODY.replace("activities: [call]", "activities: [cal]"))
    said = say("open", "d", "--playbook", str(broken), db=db)
    assert said.status == 2
    assert 'did you mean "call"?' in said.err
    said = say("open", "d", "--playbook", str(tmp_path / "none.yaml"), db=db)
    assert said.status == 2
    assert "Traceback" not in said.err


# People


def people(db: Path, folder: Path, *rows: str, day: str) -> str:
    path = folder / "people.csv"
    path.write_text("\n".join(["actor,role", *rows]) + "\n", encoding="utf-8")
    said = say("people", str(path), "--at", f"2026-{day}T00:00:00Z", db=db, clock=at(day))
    assert said.status == 0, said
    return said.out


def test_roles_count_from_when_they_began_until_they_ended(tmp_path: Path) -> None:
    db = tmp_path / "deals.db"
    opened(db, write(tmp_path, "p"), "d")
    people(db, tmp_path, "ann,manager", "rep,rep", day="03-01")
    waive = ("waive", "d", "a/activity/call", "--reason", "urgent")
    assert say(*waive, "--by", "ann", db=db, clock=at("03-02")).status == 0
    assert people(db, tmp_path, "bob,manager", "ann,rep", "rep,rep", day="04-01") == (
        "3 people: 2 entries begun, 1 ended\n"
    )
    said = say(*waive, "--by", "ann", db=db, clock=at("04-02"))
    assert said.status == 2
    assert "ann (rep) may not waive: only manager may" in said.err
    assert say(*waive, "--by", "bob", db=db, clock=at("04-02")).status == 0


def test_a_waiver_counts_by_the_role_of_its_time(tmp_path: Path) -> None:
    """It was made by a manager; that she is none any more changes nothing."""
    db = tmp_path / "deals.db"
    opened_at = at("03-01")
    path = str(write(tmp_path, "p"))
    assert say("open", "d", "--playbook", path, db=db, clock=opened_at).status == 0
    people(db, tmp_path, "ann,manager", "bob,manager", day="03-01")
    words = ("waive", "d", "a/activity/call", "--reason", "urgent", "--by", "ann")
    assert say(*words, db=db, clock=at("03-02")).status == 0
    people(db, tmp_path, "bob,manager", day="03-03")
    assert say("move", "d", "b", "--by", "bob", db=db, clock=at("03-04")).status == 0


def test_by_asks_for_the_role_at_the_move(tmp_path: Path) -> None:
    db = tmp_path / "deals.db"
    path = str(write(tmp_path, "p"))
    assert say("open", "d", "--playbook", path, db=db, clock=at("03-01")).status == 0
    assert say("log", "d", "call", db=db, clock=at("03-01")).status == 0
    people(db, tmp_path, "ann,manager", day="03-01")
    people(db, tmp_path, "bob,manager", day="03-05")
    for who, day, status in (
        ("bob", "03-04", 1),
        ("ann", "03-05", 1),
        ("ann", "03-04", 0),
        ("bob", "03-05", 0),
    ):
        words = ("check", "d", "b", "--by", who, "--at", f"2026-{day}T00:00:00Z")
        assert say(*words, db=db, clock=at("03-06")).status == status, (who, day)


def test_people_of_whom_nobody_is_left(tmp_path: Path) -> None:
    """Then nobody holds a role, as where no people were ever given."""
    db = tmp_path / "deals.db"
    opened(db, write(tmp_path, "p"), "d")
    assert say("log", "d", "call", db=db).status == 0
    assert say("check", "d", "b", "--by", "ann", db=db).status == 1
    people(db, tmp_path, "ann,manager", day="03-01")
    assert say("check", "d", "b", "--by", "ann", db=db).status == 0
    people(db, tmp_path, day="03-02")
    assert say("check", "d", "b", "--by", "ann", db=db).status == 1


def test_a_people_file_with_mistakes_changes_nothing(tmp_path: Path) -> None:
    db = tmp_path / "deals.db"
    people(db, tmp_path, "ann,manager", day="03-01")
    path = tmp_path / "broken.csv"
    path.write_text("actor,role\nbob,rep\n,manager\n", encoding="utf-8")
    said = say("people", str(path), db=db)
    assert said.status == 2
    assert "broken.csv:3: the actor is empty" in said.err
    with Ledger.open(db) as ledger:
        team = ledger.people.all()
    assert team is not None
    assert team.person("bob") is None


# Text of any kind


def test_any_text_comes_back_as_it_was(db: Path) -> None:
    texts = ["Ünï ☃ 𝄞", "a'b\"c;--", "line\nbreak\ttab", "x\x01y", "-dash", "%_!", " ", "1" * 5000]
    for text in texts:
        assert say("set", "d", f"note={text}", db=db).status == 0
    assert [value for kind, _, value in events_of(db, "d") if kind == "field"] == texts
    said = say("history", "d", "--format", "json", db=db)
    assert [each["value"] for each in said.data["entries"] if each["kind"] == "field"] == texts
    shown = say("history", "d", db=db).out
    assert "\0" not in shown
    assert "\\x01" in shown


def test_text_that_is_none(db: Path) -> None:
    """Bytes of the command line that are no UTF-8 come as halves of surrogate pairs."""
    broken = "caf\udce9"
    for words in (
        ("set", "d", f"note={broken}"),
        ("log", "d", "call", broken),
        ("log", broken, "call"),
        ("log", "d", broken),
        ("move", "d", "c", "--by", broken),
        ("check", broken, "c"),
        ("next", broken),
        ("open", broken, "--playbook", broken),
        ("waive", "d", "b/by", "--reason", broken),
    ):
        said = say(*words, db=db)
        assert said.status == 2, (words, said)
        assert "Traceback" not in said.err
    assert events_of(db, "d") == [("stage", "a", "")]


def test_deals_with_odd_names(db: Path, playbook: Path) -> None:
    for deal in ("10000000000000000001", "010", "a b", "'; DROP TABLE deals; --", "$(rm -rf x)"):
        opened(db, playbook, deal)
        said = say("move", deal, "b", "--format", "json", db=db)
        assert said.status == 1
        quoted = deal if deal.isalnum() else "'" + deal.replace("'", "'\"'\"'") + "'"
        (finding,) = said.data["findings"]
        assert finding["remedies"][0]["command"] == f"set {quoted} note=…"
        assert say("history", deal, "--format", "json", db=db).data["deal"] == deal
