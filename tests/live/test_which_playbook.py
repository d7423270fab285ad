"""`open` without `--playbook`: the published playbook that applies to the deal."""

from __future__ import annotations

from pathlib import Path

import pytest
from gate import say

ON_BOTH = True

BOOK = """\
playbook: {name}
version: {version}
fields: {{amount: {{type: number}}, channel: {{type: text}}}}
{applies}
stages: [{{stage: a}}, {{stage: won, ends: won}}, {{stage: lost, ends: lost}}]
"""
LARGE = "applies_to: {field: amount, at_least: 1000}"
SMALL = "applies_to: {field: amount, less_than: 1000}"
PARTNER = "applies_to: {field: channel, equals: partner}"


def published(folder: Path, *books: tuple[str, int, str]) -> Path:
    db = folder / "new.db"
    for number, (name, version, applies) in enumerate(books):
        file = folder / f"{number}.yaml"
        file.write_text(BOOK.format(name=name, version=version, applies=applies), "utf-8")
        assert say("publish", str(file), "--db", str(db), db=db).status == 0
    return db


@pytest.mark.parametrize(
    ("fields", "name", "version"),
    [
        (("amount=5000",), "large", "2"),
        (("amount=5",), "small", "1"),
        (("channel=partner",), "partner", "1"),
    ],
)
def test_it_is_the_latest_of_the_one_that_applies(
    tmp_path: Path, fields: tuple[str, ...], name: str, version: str
) -> None:
    db = published(
        tmp_path,
        ("large", 1, LARGE.replace("1000", "1")),
        ("small", 1, SMALL),
        ("large", 2, LARGE),
        ("partner", 1, PARTNER),
    )
    opened = say("open", "D", *fields, "--format", "json", db=db).data
    assert (opened["playbook"]["name"], opened["playbook"]["version"]) == (name, version)
    assert (opened["allowed"], opened["governed"]) == (True, True)


def test_none_or_several_are_listed(tmp_path: Path) -> None:
    db = published(tmp_path, ("large", 1, LARGE), ("small", 1, SMALL), ("partner", 1, PARTNER))
    none = say("open", "D", db=db)
    assert none.status == 2
    assert "no playbook applies to D" in none.err
    assert all(f"{name} version 1" in none.err for name in ("large", "small", "partner"))
    several = say("open", "D", "amount=5", "channel=partner", "--format", "json", db=db)
    assert several.status == 2
    assert several.data["error"]["code"] == "which-playbook"
    assert "several playbooks apply to D" in several.data["error"]["message"]
    assert "small version 1" in several.data["error"]["hint"]
    assert "large version" not in several.data["error"]["hint"]
    assert say("history", "D", db=db).status == 2  # nothing was recorded


def test_one_without_applies_to_always_does(tmp_path: Path) -> None:
    db = published(tmp_path, ("all", 1, ""), ("partner", 1, PARTNER))
    assert say("open", "D", "--format", "json", db=db).data["playbook"]["name"] == "all"
    assert "several playbooks apply" in say("open", "E", "channel=partner", db=db).err


def test_the_only_one_judges_all(tmp_path: Path) -> None:
    db = published(tmp_path, ("large", 1, LARGE), ("large", 2, LARGE))
    opened = say("open", "D", "amount=5", "--format", "json", db=db).data
    assert opened["playbook"]["version"] == "2"
    assert (opened["allowed"], opened["governed"]) == (True, False)
    assert "not governed" in opened["note"]


def test_where_nothing_is_published(tmp_path: Path) -> None:
    db = tmp_path / "empty.db"
    assert say("publish", str(_file(tmp_path)), "--db", str(db), db=db).status == 0
    assert say("open", "D", db=tmp_path / "none.db").status == 2


def _file(folder: Path) -> Path:
    file = folder / "b.yaml"
    file.write_text(BOOK.format(name="b", version=1, applies=""), "utf-8")
    return file


def test_an_import_of_known_deals_needs_no_playbook(tmp_path: Path) -> None:
    db = published(tmp_path, ("large", 1, LARGE), ("small", 1, SMALL))
    assert say("open", "D", "amount=5", db=db).status == 0
    crm = tmp_path / "crm.csv"
    crm.write_text("deal,happened_at,kind,name,value\nD,2026-03-01,field,amount,7\n", "utf-8")
    assert say("import", str(crm), "--db", str(db), db=db).status == 0
    crm.write_text("deal,happened_at,kind,name,value\nE,2026-03-01,field,amount,7\n", "utf-8")
    assert "which playbook judges" in say("import", str(crm), "--db", str(db), db=db).err
