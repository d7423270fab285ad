"""The words that an activity may declare: its outcomes and attributes, and the customer's parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType

from playgate.conditions.literals import GROUP, article
from playgate.conditions.narrowing import OfActivity
from playgate.conditions.value_tests import AttributeTest
from playgate.conditions.values import FieldType
from playgate.documents.document import nearest, quoted, shortened
from playgate.records import Record

__all__ = ["ALWAYS", "ActivityWords", "Undeclared", "undeclared_words"]

ALWAYS = ("with", "origin", "expires")
"""Attributes that every event may have (`docs/histories.md`)."""
_BY_TEXT = ("is", "equals", "not_equals", "one_of", "none_of")


class ActivityWords(Record):
    """What an activity declares; nothing is declared where it is empty."""

    outcomes: tuple[str, ...] = ()
    attributes: Mapping[str, FieldType] = MappingProxyType({})


class Undeclared(Record):
    """A word that is not among those declared: under which key it stands, and what to say."""

    key: str
    word: str
    message: str
    rule: str
    hint: str


def undeclared_words(
    activities: Collection[str],
    narrowings: Iterable[OfActivity],
    declared: Mapping[str, ActivityWords],
    parts: tuple[str, ...],
) -> Iterator[Undeclared]:
    """Yields what narrows these activities by words that none of them declares.

    Where one of them declares nothing of the kind, it may have any word.
    """
    words = [declared.get(name, ActivityWords()) for name in activities]
    named = " or ".join(map(shortened, activities))
    for narrowing in narrowings:
        for kind, attribute, text in narrowing.named(""):
            if kind == "outcome" and all(each.outcomes for each in words):
                known = {outcome for each in words for outcome in each.outcomes}
                message = f"outcome {quoted(text)} of {named} is not declared"
                yield from _missing(narrowing.key, text, known, message, "unknown-outcome")
            if attribute == "with" and parts:
                message = f"part {quoted(text)} is not declared"
                yield from _missing("with", text, parts, message, "unknown-part")
        if not all(each.attributes for each in words):
            continue
        for kind, name in narrowing.reads():
            if kind == "attribute":
                known = {*ALWAYS, *(attribute for each in words for attribute in each.attributes)}
                message = f"attribute {quoted(name)} of {named} is not declared"
                yield from _missing(narrowing.key, name, known, message, "unknown-attribute")
        for test in narrowing.tests:
            yield from _unlike(narrowing.key, test, words)


def _missing(
    key: str, word: str, known: Collection[str], message: str, rule: str
) -> Iterator[Undeclared]:
    if word not in known:
        yield Undeclared(key, word, message, rule, nearest(word, set(known) - set(ALWAYS)))


def _unlike(key: str, asked: AttributeTest, words: list[ActivityWords]) -> Iterator[Undeclared]:
    """Yields that a test compares an attribute with a value of another type than it declares."""
    kinds = {
        each.attributes[asked.attribute].kind
        for each in words
        if asked.attribute in each.attributes
    }
    group = GROUP[asked.kind.kind]
    if not kinds or group in {GROUP[kind] for kind in kinds} or asked.test.operator == "is":
        return
    if group == "text" and asked.test.operator in _BY_TEXT and "instant" in map(GROUP.get, kinds):
        return
    kind = sorted(kinds)[0]
    wanted = article(asked.kind.kind)
    message = (
        f"attribute {shortened(asked.attribute)} is {article(kind)}, and this asks for {wanted}"
    )
    hint = "compare it with a value of its type"
    yield Undeclared(key, asked.attribute, message, "test-type", hint)
