"""What the prover proves of conditions and patterns, and what it leaves alone."""

from __future__ import annotations

import json
from datetime import UTC
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from playgate.conditions import tree
from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.narrowings import Attribute, Outcome
from playgate.conditions.spans import InLast, Since
from playgate.conditions.values import FieldType, Reading
from playgate.documents import yaml12
from playgate.model.playbook import Playbook
from playgate.playbook.load import parse_playbook
from playgate.proof.playbooks import prover_of, prover_of_versions
from playgate.proof.prover import Prover
from playgate.records import replace
from playgate.versions.meaning import normal

PAIRS = Path(__file__).parents[1] / "cases" / "proof" / "implied.yaml"
FIELDS = {
    "f": FieldType("number"),
    "n": FieldType("integer"),
    "t": FieldType("text"),
    "d": FieldType("date"),
}


def prover(*conditions: tree.Condition, patterns: tuple[tree.Pattern, ...] = ()) -> Prover:
    return Prover(
        fields=FIELDS,
        signals={},
        conditions=conditions,
        patterns=patterns,
        calendar=Calendar(),
        reading=Reading(frozenset(), UTC),
    )


def implies(given: tree.Condition, asked: tree.Condition) -> bool:
    return prover(given, asked).implies(given, asked)


# What the provers before it proved


def playbook(data: dict[str, Any]) -> Playbook:
    found, mistakes = parse_playbook(json.dumps(data).encode(), "pairs.yaml")
    assert found is not None, mistakes
    return found


def test_it_proves_what_both_provers_before_it_did() -> None:
    document, mistakes = yaml12.parse(PAIRS.read_bytes(), PAIRS.name)
    assert document is not None, mistakes
    proved = 0
    for group in document.data["groups"]:
        signals = {
            f"{key}{number}": pair[key]
            for number, pair in enumerate(group["pairs"])
            for key in ("given", "asked")
        }
        book = playbook({**group["playbook"], "signals": signals})
        known = prover_of_versions(book, book)
        for number, pair in enumerate(group["pairs"]):
            given, asked = (
                normal(book.signals[f"{key}{number}"], book.signals) for key in ("given", "asked")
            )
            assert known.implies(given, asked), pair
            proved += 1
    assert proved > 100


# Tests of values

_NUMERIC = {
    "equals": float.__eq__,
    "not_equals": float.__ne__,
    "more_than": float.__gt__,
    "at_least": float.__ge__,
    "less_than": float.__lt__,
    "at_most": float.__le__,
}
NUMBERS = [
    *(tree.Test(name, (float(n),)) for name in _NUMERIC for n in (1, 2, 3)),
    *(tree.Test("between", (float(low), float(high))) for low in (1, 2) for high in (2, 3)),
    *(tree.Test(name, each) for name in ("one_of", "none_of") for each in ((1.0, 2.0), (2.0, 3.0))),
    tree.Test("is", ("present",)),
    tree.Test("is", ("absent",)),
]
VALUES = [None, *(step / 2 for step in range(9))]


def passes(test: tree.Test, value: float | None) -> bool:
    """What the design says, without the engine."""
    operands: tuple[Any, ...] = test.operands
    if test.operator == "is":
        return (value is None) == (operands == ("absent",))
    if value is None:
        return test.operator in ("not_equals", "none_of")
    match test.operator:
        case "one_of":
            return value in operands
        case "none_of":
            return value not in operands
        case "between":
            return bool(operands[0] <= value <= operands[1])
    return bool(_NUMERIC[test.operator](value, operands[0]))


@pytest.mark.parametrize("field", ["f", "n"])
def test_what_tests_of_a_number_imply_is_known_exactly(field: str) -> None:
    tests = {each: tree.FieldTest(field, each) for each in NUMBERS}
    values = [each for each in VALUES if field == "f" or each is None or each.is_integer()]
    passing = {each: {value for value in values if passes(each, value)} for each in NUMBERS}
    known = prover(*tests.values())
    for one, other in product(NUMBERS, NUMBERS):
        holds = passing[one] <= passing[other]
        assert known.implies(tests[one], tests[other]) == holds, (one, other)
        apart = passing[one].isdisjoint(passing[other])
        assert known.contradicts(tests[one], tests[other]) == apart, (one, other)


def counted(test: tree.Test, kind: FieldType = FIELDS["f"], **more: Any) -> tree.ActivityCount:
    where = (Attribute(tree.AttributeTest("minutes", kind, test)),)
    return tree.ActivityCount(tree.ActivityPattern(("call",), where), **more)


def test_what_tests_of_an_attribute_imply_is_known_exactly() -> None:
    counts = {each: counted(each) for each in NUMBERS}
    caps = {each: counted(each, no_more_than=0) for each in NUMBERS}
    passing = {each: {value for value in VALUES if passes(each, value)} for each in NUMBERS}
    known = prover(*counts.values(), *caps.values())
    for one, other in product(NUMBERS, NUMBERS):
        holds = passing[one] <= passing[other]
        assert known.implies(counts[one], counts[other]) == holds, (one, other)
        assert known.implies(caps[other], caps[one]) == holds, (one, other)
        assert known.covers([counts[other].pattern], [counts[one].pattern]) == holds, (one, other)
        assert known.contradicts(counts[one], caps[other]) == holds, (one, other)


def test_attributes_are_one_only_where_they_are_read_alike() -> None:
    low, high = tree.Test("at_least", (1.0,)), tree.Test("at_least", (2.0,))
    assert implies(counted(high), counted(low))
    assert not implies(counted(high, FieldType("integer")), counted(low))
    other = replace(
        counted(high),
        pattern=tree.ActivityPattern(
            ("call",), (Attribute(tree.AttributeTest("seconds", FIELDS["f"], high)),)
        ),
    )
    assert not implies(other, counted(low))


def test_text_is_compared_by_what_it_is_to_contain() -> None:
    def text(operator: str, *texts: str) -> tree.FieldTest:
        return tree.FieldTest("t", tree.Test(operator, texts))

    assert implies(text("equals", "xabcx"), text("contains", "abc"))
    assert implies(text("starts_with", "abc"), text("starts_with", "ab"))
    assert implies(text("contains", "abc"), text("is", "present"))
    assert implies(text("matches", "^a"), text("matches", "^a"))
    assert not implies(text("contains", "abc"), text("contains", "ab"))  # true, and not told
    assert not implies(text("starts_with", "ab"), text("starts_with", "abc"))


def test_an_exception_written_another_way_is_the_same_condition() -> None:
    below = tree.Not(tree.FieldTest("f", tree.Test("less_than", (10.0,))))
    enough = tree.Any(
        (
            tree.FieldTest("f", tree.Test("is", ("absent",))),
            tree.FieldTest("f", tree.Test("at_least", (10.0,))),
        )
    )
    assert implies(below, enough)
    assert implies(enough, below)
    more = tree.FieldTest("n", tree.Test("more_than", (4.0,)))
    least = tree.FieldTest("n", tree.Test("at_least", (5.0,)))
    assert implies(more, least)
    assert implies(least, more)


# Dates and windows


def dated(operator: str, amount: int, unit: str) -> tree.FieldTest:
    return tree.FieldTest("d", tree.Test(operator, duration=Duration(amount, unit)))


@pytest.mark.parametrize(
    ("given", "asked", "wanted"),
    [
        (("older_than", 3, "day"), ("older_than", 2, "day"), True),
        (("older_than", 1, "week"), ("older_than", 7, "day"), True),
        (("older_than", 3, "business day"), ("older_than", 2, "business day"), True),
        (("older_than", 2, "business day"), ("older_than", 3, "business day"), False),
        (("newer_than", 2, "business day"), ("newer_than", 3, "business day"), True),
        (("in_next", 2, "business day"), ("in_next", 3, "business day"), True),
        (("older_than", 1, "week"), ("older_than", 3, "business day"), True),
        (("older_than", 6, "day"), ("older_than", 5, "business day"), False),
        (("older_than", 1, "week"), ("older_than", 5, "business day"), True),
        (("older_than", 2, "calendar day"), ("older_than", 2, "day"), True),
        (("older_than", 2, "day"), ("older_than", 2, "calendar day"), False),
        (("newer_than", 8, "business hour"), ("newer_than", 4, "day"), True),
        (("in_next", 1, "calendar day"), ("in_next", 2, "business day"), True),
        (("in_next", 1, "calendar day"), ("in_next", 9, "business hour"), False),
        (("newer_than", 3, "business day"), ("newer_than", 1, "week"), True),
        (("in_next", 3, "business day"), ("in_next", 1, "week"), True),
        (("in_next", 1, "week"), ("in_next", 3, "business day"), False),
        (("older_than", 1, "day"), ("in_next", 3, "business day"), False),
    ],
)
def test_dates_stand_in_one_order_to_now(
    given: tuple[str, int, str], asked: tuple[str, int, str], wanted: bool
) -> None:
    one, other = dated(*given), dated(*asked)
    assert implies(one, other) == wanted
    assert one.test.duration
    assert other.test.duration
    window = tree.ActivityCount(tree.ActivityPattern(("call",)), spans=(InLast(one.test.duration),))
    longer = replace(window, spans=(InLast(other.test.duration),))
    if given[0] == asked[0] == "newer_than":
        assert implies(window, longer) == wanted
    where = [counted(each.test, FieldType("datetime")) for each in (one, other)]
    assert implies(*where) == wanted


def test_no_date_is_old_and_new() -> None:
    old, new = dated("older_than", 1, "week"), dated("newer_than", 3, "business day")
    soon = dated("in_next", 3, "business day")
    known = prover(old, new, soon)
    assert known.contradicts(old, new)
    assert known.contradicts(old, soon)
    assert not known.contradicts(new, soon)  # it may be now
    assert not known.contradicts(
        dated("older_than", 5, "business day"), dated("newer_than", 1, "week")
    )


# Patterns


def test_patterns_cover_each_other_together() -> None:
    call, meeting = tree.ActivityPattern(("call",)), tree.ActivityPattern(("meeting",))
    either = tree.ActivityPattern(("call", "meeting"))
    done = replace(either, narrowings=(Outcome(("done",)),))
    known = prover(patterns=(call, meeting, either, done))
    assert known.covers([call, meeting], [either])
    assert known.covers([either], [call, meeting])
    assert known.covers([call, meeting], [done])
    assert not known.covers([done], [call])
    assert not known.covers([call], [either])
    assert not known.covers([tree.StagePattern("a")], [call])
    assert known.covers([call, tree.StagePattern("a")], [tree.StagePattern("a")])


def test_changes_of_a_field_cover_each_other_together() -> None:
    def changed(operator: str, *numbers: float, field: str = "f") -> tree.FieldPattern:
        return tree.FieldPattern(field, tree.Test(operator, tuple(map(float, numbers))))

    low, high = changed("at_most", 1), changed("at_least", 1)
    whole, other = changed("between", 0, 2), changed("between", 0, 2, field="n")
    known = prover(patterns=(low, high, whole, other))
    assert known.covers([low, high], [whole])
    assert not known.covers([low], [whole])
    assert not known.covers([low, high], [other])


def test_a_new_value_need_not_be_the_field_s_value() -> None:
    """Two changes at one instant: each is compared with the last of them."""
    own = tree.FieldPattern("f", tree.Test("equals", (tree.FieldRef("f"),)))
    present = tree.FieldPattern("f", tree.Test("is", ("present",)))
    known = prover(patterns=(own, present))
    assert not known.covers([own], [present])
    assert known.covers([own], [own])


# What it does not know


def test_nothing_is_claimed_of_constants_that_are_not_known() -> None:
    low, high = (tree.FieldTest("f", tree.Test("at_least", (each,))) for each in (10.0, 20.0))
    assert implies(high, low)
    assert not prover(low).implies(high, low)
    assert not prover(high).implies(low, high)
    assert prover(low).implies(high, high)
    many, few = (
        tree.ActivityCount(tree.ActivityPattern(("call",)), times=times) for times in (9, 3)
    )
    assert implies(many, few)
    assert not prover(few).implies(many, few)
    assert not prover(many).implies(few, many)
    old, new = dated("older_than", 3, "day"), dated("newer_than", 2, "day")
    assert prover(old, new).contradicts(old, new)
    assert not prover(old).contradicts(old, new)
    assert not prover().contradicts(tree.SignalRef("a"), tree.SignalRef("b"))


BOOK = """\
playbook: p
version: 1
fields: {kind: FIRST, amount: {type: number}}
stages:
  - stage: a
    exit: [{field: kind, equals: x}, {field: amount, at_least: 1}]
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""


def test_a_field_that_two_versions_read_otherwise_is_left_aside() -> None:
    def book(kind: str) -> Playbook:
        found, mistakes = parse_playbook(BOOK.replace("FIRST", kind).encode(), "book.yaml")
        assert found is not None, mistakes
        return found

    text, choice = book("{type: text}"), book("{type: choice, options: [x, y]}")
    reordered = book("{type: choice, options: [y, x], title: Kind}")
    is_x = tree.FieldTest("kind", tree.Test("equals", ("x",)))
    no_other = tree.FieldTest("kind", tree.Test("none_of", ("y",)))
    present = tree.FieldTest("kind", tree.Test("is", ("present",)))
    both = tree.All((no_other, present))
    assert prover_of(choice).implies(both, is_x)
    assert prover_of_versions(choice, reordered).implies(both, is_x)
    assert not prover_of(text).implies(both, is_x)
    assert not prover_of_versions(choice, text).implies(both, is_x)
    assert not prover_of_versions(text, choice).implies(both, is_x)
    assert prover_of_versions(text, choice).implies(tree.All((is_x, present)), is_x)


def test_since_is_since_the_stage_that_is_named() -> None:
    call = tree.ActivityCount(tree.ActivityPattern(("call",)))
    since = replace(call, spans=(Since(),))
    entered = tree.StageEntered("a")
    known = prover(call, since, entered)
    assert known.implies(since, call, stage="a")
    assert not known.implies(call, since, stage="a")
    assert known.implies(since, entered, stage="a")
    assert not known.implies(since, entered, stage="b")
