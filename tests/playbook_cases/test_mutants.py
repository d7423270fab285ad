"""Mutants: which there are of a playbook that has something of everything; all can judge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from playgate.cases.model import CaseFile
from playgate.cases.mutants import mutants
from playgate.cases.survey import survey
from playgate.conditions.tree import ActivityCount, ActivityPattern
from playgate.documents.yaml12 import parse
from playgate.history.order import settle
from playgate.judge.judge import Judge
from playgate.playbook.load import load_playbook, parse_playbook
from playgate.rules.asks import Done
from playgate.rules.due import patterns_of
from playgate.rules.list import list_rules
from support.parity import drawn

FOLDER = Path(__file__).parent.parent / "cases" / "playbook_cases"


def test_what_is_changed(request: pytest.FixtureRequest) -> None:
    path = FOLDER / "mutants.yaml"
    document, _ = parse(path.read_bytes(), str(path))
    assert document is not None
    found = mutants(load_playbook(path), document)
    text = "".join(f"{each.place.line}: {each.name}\n" for each in found)
    golden = path.with_suffix(".out")
    if request.config.getoption("--update-golden"):
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", range(4))
def test_every_mutant_differs_has_a_name_of_its_own_and_judges(seed: int) -> None:
    example = drawn(seed, deals=2)
    playbook = example.playbook
    document, _ = parse(json.dumps(example.book).encode(), "playbook.yaml")
    assert document is not None
    found = mutants(playbook, document)
    assert len({each.name for each in found}) == len(found)
    events = settle([event for event in example.events if event.deal == "d0"])[0]
    for mutant in found:
        assert (mutant.playbook, mutant.rules) != (playbook, list_rules(playbook)), mutant.name
        judge = Judge(mutant.playbook, has_people=True, rules=mutant.rules)
        deal = judge.reader().read("d0", events, events[-1].happened_at)
        assert len(judge.judge(deal)) == len(judge.rules)


def test_what_must_come_again_is_changed_with_what_is_done() -> None:
    path = FOLDER / "mutants.yaml"
    document, _ = parse(path.read_bytes(), str(path))
    assert document is not None
    name = "a/activity/again: call without outcome: reached"
    found = {each.name: each for each in mutants(load_playbook(path), document)}
    rules = {rule.info.id: rule for rule in found[name].rules}
    (again,) = patterns_of(rules["a/every/again"].due)
    assert Done(ActivityCount(again)) == rules["a/activity/again"].ask
    assert again == ActivityPattern(("call",))


def test_what_no_deal_can_tell_may_live() -> None:
    """Beside the higher bound the lower one says nothing, whether it is there or lower still."""
    low, high = ({"field": "amount", "at_least": each} for each in (5, 10))
    data = {
        "playbook": "bounds",
        "version": 1,
        "fields": {"amount": {"type": "number"}},
        "stages": [
            {"stage": "a", "exit": [{"id": "both", "all": [low, high]}]},
            {"stage": "won", "ends": "won"},
            {"stage": "lost", "ends": "lost"},
        ],
    }
    text = json.dumps(data).encode()
    playbook, _ = parse_playbook(text, "bounds.yaml")
    document, _ = parse(text, "bounds.yaml")
    assert playbook is not None
    assert document is not None
    found = [each for each in mutants(playbook, document) if each.subject == "a/exit/both"]
    whole = survey(playbook, [], found, out_of_time=lambda: False)
    assert len(whole.living) == len(found)
    assert {each.mutant.name for each in whole.living if each.why} == {
        "a/exit/both: without amount is at least 5",
        "a/exit/both: amount is at least 4 instead of at least 5",
    }


def test_without_time_nothing_is_tried_and_nothing_is_stale() -> None:
    path = FOLDER / "mutants.yaml"
    document, _ = parse(path.read_bytes(), str(path))
    assert document is not None
    playbook = load_playbook(path)
    found = mutants(playbook, document)
    empty = CaseFile(file="", playbook="mutants", people=None, cases=(), may_live=())
    heard: list[int] = []
    whole = survey(playbook, [empty], found, out_of_time=lambda: False, progress=heard.append)
    assert (whole.caught, len(whole.living), sum(heard)) == (0, len(found), len(found))
    none = survey(playbook, [empty], found, out_of_time=lambda: True)
    assert (none.untried, none.living, none.good) == (len(found), (), False)
