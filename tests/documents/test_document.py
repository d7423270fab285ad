"""Hints and the way that foreign text is shown."""

from __future__ import annotations

import pytest

from playgate.documents.document import nearest, quoted, resembles


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("propsal", ["proposal", "approach"], 'did you mean "proposal"?'),
        ("Proposal ", ["proposal", "approach"], 'did you mean "proposal"?'),
        ("zzz", ["b", "a"], "known: a, b"),
        ("zzz", [], ""),
        ("zzz", [f"name-{n}" for n in range(17)], ""),
        ("", ["a"], "known: a"),
        ("STRASSE", ["straße"], 'did you mean "straße"?'),
        ("x" * 10_000, ["y" * 10_000], "known: " + "y" * 59 + "…"),
        ("a" + "x" * 10_000, ["A" + "x" * 10_000], 'did you mean "A' + "x" * 58 + '…"?'),
        ("name-7", [f"Name-{n}" for n in range(5_000)], 'did you mean "Name-7"?'),
        ("nam-7", [f"Name-{n}" for n in range(5_000)], ""),
    ],
)
def test_the_hint_names_the_nearest_or_all(name: str, known: list[str], hint: str) -> None:
    assert nearest(name, known) == hint


def test_of_two_names_that_differ_by_case_one_is_named_always() -> None:
    assert nearest("ready", ["READY", "Ready"]) == nearest("ready", ["Ready", "READY"])


@pytest.mark.parametrize(
    ("name", "known", "is_near"),
    [("feild", ["field"], True), ("colour", ["field"], False), (5, ["5"], False), ("x", [], False)],
)
def test_resembles(name: object, known: list[str], is_near: bool) -> None:
    assert resembles(name, known) is is_near


def test_long_text_is_cut_and_stays_on_its_line() -> None:
    assert quoted("a\nb") == '"a\\nb"'
    assert quoted("é") == '"é"'
    assert len(quoted("x" * 1000)) == 62
