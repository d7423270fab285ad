"""Expressions in their plainest spelling find what RE2 finds, in an engine of another make."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from playgate.bulk.values.characters import POSIX
from playgate.bulk.values.plain_patterns import plain_pattern
from playgate.bulk.values.regular_expressions import misread
from playgate.conditions.regex import Finds, PatternError, compile_re2

# Expressions, drawn from what has a meaning

_LETTERS = "abkKsS_01 -\n\v\t,éſK€[]{}^"
_ATOMS = st.sampled_from(
    [
        *"abkKsS01 -,é€\n].^$",
        *(r"\A", r"\z", r"\b", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\n", r"\v"),
        *(r"\x41", r"\x{e9}", r"\.", r"\[", r"\{", "{", "a{", "(?:)", "(|a)"),
        *(r"\B", r"\Z", "(?i)", "[[:alpha:]]", r"\0", r"\1"),
    ]
)
_CLASS_ITEMS = st.sampled_from(
    [*"abkS0^-,é&|", "a-c", "0-9", "!-~", "A-z", r"\d", r"\W", r"\S", r"\n", r"\-", r"\]", "é-ſ"]
)
_CLASSES = st.builds(
    lambda start, items: f"[{start}{''.join(items)}]",
    st.sampled_from(["", "^", "]", "^]", "-"]),
    st.lists(_CLASS_ITEMS, max_size=4),
)
_REPEATS = st.sampled_from(
    ["", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{0}", "{0,2}", "{1,}", "{,2}", "**", "{2}?"]
)
_GROUPS = ["(", "(?:", "(?i:", "(?s:", "(?m:", "(?-i:", "(?im-s:", "(?P<n>", "(?<o>"]


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: f"{a}|{b}", inner, inner),
        st.builds(
            lambda kind, a, many: f"{kind}{a}){many}", st.sampled_from(_GROUPS), inner, _REPEATS
        ),
    )


_SIMPLE = st.builds(lambda atom, many: atom + many, _ATOMS | _CLASSES, _REPEATS)
_PATTERNS = st.builds(
    lambda flags, body: flags + body,
    st.sampled_from(["", "", "(?i)", "(?s)", "(?m)", "(?is)", "(?i)(?m)"]),
    st.recursive(_SIMPLE, _grow, max_leaves=8),
)
_TEXTS = st.lists(st.text(_LETTERS, max_size=8), min_size=3, max_size=8)


@settings(max_examples=500)
@given(_PATTERNS, _TEXTS)
def test_law_of_agreement(pattern: str, texts: list[str]) -> None:
    _check(pattern, texts)


@settings(max_examples=500)
@given(st.text("ab()[]{}|*+?^$\\-&~:<>=!PimsdWbzQEx01,é\n", max_size=12), _TEXTS)
def test_law_of_agreement_on_scribble(pattern: str, texts: list[str]) -> None:
    _check(pattern, [*texts, pattern])


def test_sets_of_characters_are_the_same() -> None:
    everything = [chr(code) for code in (*range(0xD800), *range(0xE000, 0x11000))]
    for pattern in (".", r"\d", r"\W", r"(?i)\w", r"(?i)\W", r"(?i)[^\W]", "(?i)[^!-~]", r"[\S]"):
        spelt, finds = re.compile(plain_pattern(pattern).text), compile_re2(pattern)
        assert [bool(spelt.search(each)) for each in everything] == [*map(finds, everything)]


@pytest.mark.parametrize("name", POSIX)
def test_named_classes_are_the_same(name: str) -> None:
    for pattern in (f"[[:{name}:]]", f"[^[:^{name}:]]", f"(?i)[[:{name}:]]"):
        spelt, finds = re.compile(plain_pattern(pattern).text), compile_re2(pattern)
        for code in range(0x250):
            assert bool(spelt.search(chr(code))) == finds(chr(code)), (pattern, code)


def _check(pattern: str, texts: list[str]) -> None:
    """Python's `re` stands for the engines: it reads what is misread by none of them."""
    finds = _accepted(pattern)
    assume(finds is not None)
    assert finds is not None
    spelt = plain_pattern(pattern)
    if spelt.unlike:
        assert misread(pattern, "postgres")
        return
    engine = re.compile(
        re.sub(r"(\[\^?(?:\\.|[^\]\\])*\]|\\.)|\$", _strict_end, spelt.text, flags=re.S)
    )
    for text in texts:
        assert bool(engine.search(text)) == finds(text), (spelt, text)


def _strict_end(found: re.Match[str]) -> str:
    return found[1] or r"\Z"


def _accepted(pattern: str) -> Finds | None:
    try:
        return compile_re2(pattern)
    except PatternError:
        return None
