"""What hints propose is right: it can be written as it stands there."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playgate.documents.document import Document
from playgate.documents.hints import HINTS, number_hint
from playgate.documents.schema import load_schema
from playgate.documents.yaml12 import parse
from playgate.playbook.load import parse_playbook

BOOK = """\
playbook: p
version: 1
fields: {{acv: {{type: number}}, note: {{type: text}}, signed: {{type: boolean}}}}
activities: {{call: {{}}}}
signals: {{it: {it}}}
stages: [{{stage: lead, when: it}}, {{stage: won, ends: won}}, {{stage: lost, ends: lost}}]
"""


def document(it: str) -> Document:
    found, _ = parse(BOOK.format(it=it).encode(), "p.yaml")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("formula", "condition"),
    [
        ("acv >= 25000", "{field: acv, at_least: 25000}"),
        ("acv>=25,000", "{field: acv, at_least: 25000}"),
        ("acv > 30k", "{field: acv, more_than: 30000}"),
        ("acv ≤ $1.5", "{field: acv, at_most: 1.5}"),
        ("acv at least 5", "{field: acv, at_least: 5}"),
        ("acv Less Than 5", "{field: acv, less_than: 5}"),
        ("acv != 5", "{field: acv, not_equals: 5}"),
        ("note == 'two words'", '{field: note, equals: "two words"}'),
        ("note = a, b", '{field: note, equals: "a, b"}'),
        ("note in [a, b]", "{field: note, one_of: [a, b]}"),
        ("note not in (a, b)", "{field: note, none_of: [a, b]}"),
        ("note contains x", "{field: note, contains: x}"),
        ("note is not empty", "{field: note, is: present}"),
        ("note is empty", "{field: note, is: absent}"),
        ("signed = yes", "{field: signed, equals: true}"),
        ("signed is true", "{field: signed, equals: true}"),
        ("call >= 2", "{activity: call, times: 2}"),
        ("call > 2", "{activity: call, times: 3}"),
        ("call < 2", "{activity: call, no_more_than: 1}"),
        ("call done", "{activity: call}"),
        ("call is completed", "{activity: call}"),
        ("call = reached", "{activity: call, outcome: reached}"),
        ("note present", "{field: note, is: present}"),
        ("lead entered", "{stage: lead, is: entered}"),
        ("not acv > 5", "{not: {field: acv, more_than: 5}}"),
        ("acv > 5 or call done", "{any: [{field: acv, more_than: 5}, {activity: call}]}"),
        ("acv > 5 && note = x", "{all: [{field: acv, more_than: 5}, {field: note, equals: x}]}"),
    ],
)
def test_a_formula_is_shown_as_a_condition_that_can_be_written(
    formula: str, condition: str
) -> None:
    route = ("signals", "it")
    assert HINTS["condition"](document("x"), route, formula) == f"write {condition}"
    playbook, mistakes = parse_playbook(BOOK.format(it=condition).encode(), "p.yaml")
    assert playbook is not None, list(map(str, mistakes))


@pytest.mark.parametrize("text", ["what the client said", "a b c", "acv >=", ">= 5", "x or y", ""])
def test_what_is_no_formula_is_shown_what_conditions_look_like(text: str) -> None:
    hint = HINTS["condition"](document("x"), ("signals", "it"), text)
    assert hint.startswith("write {field: NAME, at_least: 1}, ")


@given(
    st.integers(-(10**12), 10**12), st.sampled_from([",", " ", "'", "’", "_", "\u00a0", "\u202f"])
)
def test_a_number_with_grouping_signs_is_the_number(number: int, sign: str) -> None:
    written = f"{number:,}".replace(",", sign)
    assert number_hint(written).startswith(f"write {number}")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1.000,50", "1000.50"),
        ("1,5", "1.5"),
        ("25 000 EUR", "25000"),
        ("€ 25.000,00", "25000.00"),
        ("2.5m", "2500000"),
        ("30k", "30000"),
        ("5", "5, without quotes"),
    ],
)
def test_an_amount_is_shown_as_a_number(written: str, meant: str) -> None:
    assert number_hint(written) == f"write {meant}"


@pytest.mark.parametrize(
    "written", ["", "much", "50%", "1-2", "1.2.3", "12:30", "2026-01-01", "000"]
)
def test_what_is_no_amount_is_not_guessed(written: str) -> None:
    assert not re.search(r"write -?[0-9.]+(,|$)", number_hint(written))


@given(st.text(min_size=1, max_size=120))
def test_a_name_that_is_proposed_is_a_name(text: str) -> None:
    hint = HINTS["name"](document("x"), ("fields", text), text)
    proposed = re.match(r"write (.*?) and title: ", hint, re.DOTALL)
    if proposed:
        name = load_schema("playbook")["$defs"]["name"]["pattern"]
        assert re.search(name, proposed[1])


def test_words_of_other_systems_lead_to_words_of_this_one() -> None:
    schema = load_schema("playbook")
    ours = _words(schema)
    for theirs, meant in schema["errorWords"].items():
        assert re.fullmatch(r"[^\s_-]+", theirs)
        assert [word for word in meant if " " not in word and word not in ours] == []


def _words(schema: object) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(_words, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    found = {str(each) for each in schema.get("enum", ())} | {str(schema.get("const"))}
    found |= set(schema.get("properties", {}))
    return found.union(*(_words(each) for key, each in schema.items() if key != "errorWords"))
