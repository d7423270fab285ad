"""What several playbooks share: `use` through every command, and what a ledger keeps of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from running import Run

from playgate.documents.schema import load_schema
from playgate.documents.stored import dump, load
from playgate.enforce.playbook_files import playbook_in
from playgate.playbook.build import build
from playgate.playbook.load import load_whole, parse_playbook
from playgate.playbook.use import MAX_USED

SHARED = """\
roles: [rep, manager]
parts: [decider]
holidays: [2026-05-01]
fields:
  amount: {type: number}
activities:
  call: {title: Call, outcomes: [reached, missed]}
signals:
  large: {field: amount, at_least: 50000}
profiles:
  firms: {fit: {size: {field: amount, more_than: 1}}}
segments:
  big: {when: large}
products:
  crane: {priority: 1, differentiators: It folds.}
quality:
  batch: false
"""
OWN = """\
playbook: sales
version: 1
use: [common.yaml]
may_waive: [manager]
stages:
  - stage: lead
    activities: [{do: call, outcome: reached, with: decider}]
    exit: [{field: amount, is: present}]
  - {stage: offer, entry: [large], by: rep}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
ALONE = OWN.replace("use: [common.yaml]\n", SHARED)


@pytest.fixture
def shared(quiet_environment: Path) -> Path:
    """A folder with a playbook and the words that it uses."""
    (quiet_environment / "common.yaml").write_text(SHARED, encoding="utf-8")
    (quiet_environment / "sales.yaml").write_text(OWN, encoding="utf-8")
    return quiet_environment


def test_what_is_used_is_as_if_it_stood_in_the_playbook(shared: Path, run: Run) -> None:
    (shared / "alone.yaml").write_text(ALONE, encoding="utf-8")
    assert run("lint", "--strict", "sales.yaml", "common.yaml").status == 0
    diff = json.loads(run("diff", "alone.yaml", "sales.yaml", "--format", "json").out)
    assert diff["changes"] == []


def test_every_section_may_be_used(shared: Path) -> None:
    sections = set(load_schema("common")["properties"])
    assert {line.partition(":")[0] for line in SHARED.splitlines() if line[0] != " "} == sections
    playbook, _ = load_whole(OWN.encode(), "sales.yaml")
    assert playbook.roles == ("rep", "manager")
    assert playbook.parts == ("decider",)
    assert len(playbook.calendar.holidays) == 1
    assert [profile.id for profile in playbook.profiles] == ["firms"]
    numbers = playbook.numbers
    assert numbers is not None
    assert (len(numbers.segments), len(numbers.products)) == (1, 1)
    assert numbers.quality is not None
    assert numbers.quality.batch is None


def test_places_are_those_of_the_file_that_says_it(shared: Path, run: Run) -> None:
    playbook, document = load_whole(OWN.encode(), "sales.yaml")
    assert str(document.key_place(("fields", "amount"))) == "common.yaml:5:3"
    assert str(document.place(("roles", 1))) == "common.yaml:1:14"
    assert playbook.profiles[0].place.file == "common.yaml"
    shown = json.loads(run("show", "sales.yaml", "--format", "json").out)
    Draft202012Validator(load_schema("show")).validate(shown)
    assert {each["file"] for each in shown["rules"]} == {"sales.yaml"}
    assert shown["playbook"]["parts"] == ["decider"]
    assert shown["activities"][0]["outcomes"] == ["reached", "missed"]


def test_the_digest_is_that_of_all_files(shared: Path) -> None:
    before = load_whole(OWN.encode(), "sales.yaml")[0].sha256
    assert load_whole(OWN.encode(), "sales.yaml")[0].sha256 == before
    (shared / "common.yaml").write_text(SHARED + "# more\n", encoding="utf-8")
    after = load_whole(OWN.encode(), "sales.yaml")[0].sha256
    assert len({before, after, load_whole(ALONE.encode(), "sales.yaml")[0].sha256}) == 3


def test_what_is_stored_is_whole(shared: Path) -> None:
    playbook, document = load_whole(OWN.encode(), "sales.yaml")
    again = load(dump(document))
    assert again == document
    assert again.used == {"common.yaml": SHARED}
    mistakes: list[object] = []
    (shared / "common.yaml").unlink()
    rebuilt = build(again, frozenset(), mistakes)  # type: ignore[arg-type]
    assert mistakes == []
    assert rebuilt is not None
    assert (rebuilt.fields, rebuilt.stages) == (playbook.fields, playbook.stages)


def test_publish_keeps_the_whole(shared: Path, run: Run) -> None:
    assert run("publish", "sales.yaml").status == 0
    (shared / "common.yaml").unlink()
    (shared / "sales.yaml").unlink()
    assert run("open", "d", "--by", "ann").status == 0
    assert run("log", "d", "call", "reachd").status == 2
    assert run("log", "d", "call", "reached", "--with", "decider").status == 0
    assert run("set", "d", "amount=5").status == 0
    refused = run("move", "d", "offer")
    assert refused.status == 1
    assert "large" in refused.out


def test_another_text_of_a_used_file_is_another_version(shared: Path, run: Run) -> None:
    assert run("publish", "sales.yaml").status == 0
    (shared / "common.yaml").write_text(SHARED.replace("50000", "60000"), encoding="utf-8")
    refused = run("publish", "sales.yaml")
    assert refused.status == 2
    assert "version" in refused.err


def test_a_used_file_is_read_anew_where_it_has_changed(shared: Path) -> None:
    first, _, _ = playbook_in("sales.yaml")
    assert playbook_in("sales.yaml")[0] is first
    (shared / "common.yaml").write_text(SHARED.replace("50000", "60000"), encoding="utf-8")
    assert playbook_in("sales.yaml")[0].sha256 != first.sha256


def test_lint_reads_used_files_anew(shared: Path, run: Run) -> None:
    assert run("lint", "sales.yaml").status == 0
    (shared / "common.yaml").write_text(SHARED.replace("amount:", "sum:"), encoding="utf-8")
    assert run("lint", "sales.yaml").status == 2


def test_what_several_use_is_told_once(shared: Path, run: Run) -> None:
    (shared / "other.yaml").write_text(OWN.replace("sales", "other"), encoding="utf-8")
    (shared / "common.yaml").write_text(SHARED.replace("number", "numbr"), encoding="utf-8")
    said = run("lint", "sales.yaml", "other.yaml", "common.yaml").out
    assert said.count("common.yaml:5:18") == 1


def test_cases_and_layout_know_what_is_used(shared: Path, run: Run) -> None:
    case = "{case: a, when: {move: offer}, then: {refused: offer/entry/large}}"
    cases = f"playbook: sales\ncases:\n  - {case}\n"
    (shared / "sales.cases.yaml").write_text(cases, encoding="utf-8")
    assert run("lint", "sales.cases.yaml").status == 0
    assert run("test", "sales.yaml", "--mutate").status in (0, 1)
    unordered = "fields: {amount: {unit: EUR, type: number}}\nroles: [rep]\n"
    (shared / "common.yaml").write_text(unordered, encoding="utf-8")
    assert run("fmt", "common.yaml").status == 0
    laid_out = (shared / "common.yaml").read_text(encoding="utf-8")
    assert laid_out.index("roles") < laid_out.index("fields")
    assert "{type: number, unit: EUR}" in laid_out


def test_no_link_leads_out_of_the_folder(shared: Path, run: Run) -> None:
    outside = shared.parent / "outside.yaml"
    outside.write_text(SHARED, encoding="utf-8")
    (shared / "common.yaml").unlink()
    (shared / "common.yaml").symlink_to(outside)
    refused = run("lint", "sales.yaml")
    assert refused.status == 2
    assert "leads out of the playbook's folder [use]" in refused.out
    (shared / "inside.yaml").write_text(SHARED, encoding="utf-8")
    (shared / "common.yaml").unlink()
    (shared / "common.yaml").symlink_to("inside.yaml")
    assert run("lint", "sales.yaml").status == 0


def test_what_is_used_is_bounded(shared: Path) -> None:
    names = [f"c{number}.yaml" for number in range(MAX_USED + 1)]
    for number, name in enumerate(names):
        text = f"fields: {{f{number}: {{type: text}}}}\n"
        (shared / name).write_text(text, encoding="utf-8")
    many = OWN.replace("[common.yaml]", json.dumps(names))
    rules = {mistake.rule for mistake in parse_playbook(many.encode(), "sales.yaml")[1]}
    assert "too-many-values" in rules
    (shared / "common.yaml").write_text(SHARED + "#" * (3 << 20), encoding="utf-8")
    found = parse_playbook(OWN.encode(), "sales.yaml")[1]
    assert {mistake.rule for mistake in found} == {"use"}
