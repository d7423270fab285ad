"""RE2 expressions: what is accepted finds what RE2 finds, what differs is refused."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playgate.conditions.regex import PatternError, compile_re2

FOUND = [
    ("", ""),
    ("b", "abc"),
    ("^bc$", "bc"),
    (r"\Abc\z", "bc"),
    ("(?m)^b$", "a\nb\nc"),
    ("(?m:^)b", "a\nb"),
    ("a.c", "a\u00e9c"),
    ("(?s)a.c", "a\nc"),
    ("(?s:.)", "\n"),
    ("(?i)bank", "BANK"),
    ("(?i)(?s)a.B", "A\nb"),
    ("(?i:b)c", "Bc"),
    ("(?is-m:a)", "A"),
    ("(?i)b(?-i:c)", "Bc"),
    ("(?i)s", "\u017f"),
    (r"(?i)\w", "\u212a"),
    ("(?i)[^a]", "b"),
    ("(?i)20 €", "20 €"),
    (r"\d\w\s", "5_\t"),
    (r"\D\W\S", "\u0665\u00e9\u00a0"),
    (r"\bna", "na\u00efve"),
    (r"ï\b", "naïve"),
    (r"\S", "\v"),
    (r"\v\a\f\n\r\t", "\v\a\f\n\r\t"),
    (r"\x41\x{20AC}", "A€"),
    (r"\.\-\_\"\/", '.-_"/'),
    ("[]a]", "]"),
    ("[^]a]", "b"),
    ("[a-]", "-"),
    ("[-a]", "-"),
    ("[a-b-c]", "-"),
    (r"[\d\-x]", "-"),
    (r"[^\d\s]", "x"),
    (r"[\[\]]", "["),
    ("[:alpha:]", ":"),
    ("[À-ž]", "é"),
    ("(?P<year>[0-9]{4})-(?<month>[0-9]{2})", "on 2026-04"),
    ("a{2}b{1,}c{0,1}", "aab"),
    ("a{2", "a{2"),
    ("{x}", "{x}"),
    ("a]}", "a]}"),
    ("x*", ""),
    ("a+?b", "aab"),
    ("(?:a|)b", "b"),
    ("()", "x"),
    ("a||b", ""),
    (r"(?:[a-z]+\.)+com", "www.bank.com"),
    (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", "write to a.b@bank.example.com"),
    (r"^\+?\d{1,3}([ -]?\d{2,4}){2,4}$", "+33 12 3456"),
    (r".*discount.*\d+ ?%.*", "a discount of 5 %"),
    ("[ab]+c{2,}", "xbccx"),
    ("[ab]{2,3}?c*", "aba"),
    ("x?a*b{0}c??|y+", "zy"),
    ("^(?:price|timing|no[- ]decision)$", "no-decision"),
]

NOT_FOUND = [
    ("bc$", "bc\n"),
    (r"bc\z", "bc\n"),
    ("^b", "a\nb"),
    ("a.c", "a\nc"),
    ("bank", "BANK"),
    ("(?i:b)c", "BC"),
    ("(?i)b(?-i:c)", "BC"),
    ("(?i)i", "\u0130\u0131"),
    ("(?i)[^s]", "\u017f"),
    (r"(?i)\W", "\u017f\u212a"),
    (r"\d", "\u0665"),
    (r"\w", "\u00e9"),
    (r"\s", "\v\u00a0\u2003\x1c\x85"),
    (r"\b", "\u00e9"),
    (r"[^\d]", "5"),
    (r"[^\x00-\x{10FFFF}]", "a"),
    ("a{0}b", "a"),
]

REFUSED = [  # pattern, position, a word of the message
    ("a(?=b)", 1, "look-ahead"),
    ("a(?!b)", 1, "negative look-ahead"),
    ("(?<=a)b", 0, "look-behind"),
    ("(?<!a)b", 0, "negative look-behind"),
    ("(?>a)", 0, "atomic"),
    ("(a)(?(1)b|c)", 3, "conditional"),
    ("(?#x)a", 0, "comment"),
    (r"(a)\1", 3, "back reference"),
    ("(?P<a>x)(?P=a)", 8, "back reference"),
    ("(?P>a)", 0, "call of a group"),
    ("(?P<1>x)", 0, "group's name"),
    ("(?<é>x)", 0, "group's name"),
    ("(?P<a>x)(?<a>y)", 8, "twice"),
    ("(?x) a", 0, "flags"),
    ("(?a)a", 0, "flags"),
    ("(?L)a", 0, "flags"),
    ("(?u:a)", 0, "flags"),
    ("(?U)a", 0, "flags"),
    ("(?)a", 0, "flags"),
    ("(?^i:a)", 0, "flags"),
    ("(?", 0, "flags"),
    ("(?Pa)", 0, "flags"),
    ("a(?i)b", 1, "only at the start"),
    ("^(?i)b", 1, "only at the start"),
    ("(?i-i:a)", 0, "set and taken back"),
    ("a++", 2, "possessive"),
    ("a{2}+", 4, "possessive"),
    ("a*+", 2, "possessive"),
    ("a**", 2, "repeat of a repeat"),
    ("a{2}{3}", 4, "repeat of a repeat"),
    ("a+??", 3, "repeat of a repeat"),
    ("*a", 0, "nothing to repeat"),
    ("a|*", 2, "nothing to repeat"),
    ("(+a)", 1, "nothing to repeat"),
    ("{2}", 0, "nothing to repeat"),
    ("^*a", 1, "place in the text"),
    (r"\b+", 2, "place in the text"),
    ("a$?", 2, "place in the text"),
    ("a{,3}", 1, "only in Python"),
    ("a{02}", 1, "begins with 0"),
    ("a{3,2}", 1, "above the most"),
    ("a{1001}", 1, "more than 1000"),
    ("a{1,99999999999}", 1, "more than 1000"),
    ("(a{100}){11}", 8, "more than 1000"),
    ("(a{501,}b){2}", 10, "more than 1000"),
    (".{1000}" * 4, 0, "too large"),
    (r"a\Z", 1, r"\Z"),
    (r"\h", 0, r"\h"),
    (r"\B", 0, r"\B"),
    (r"\C", 0, r"\C"),
    (r"\X", 0, r"\X"),
    (r"\K", 0, r"\K"),
    (r"\G", 0, r"\G"),
    (r"\R", 0, r"\R"),
    (r"\N{DIGIT ONE}", 0, r"\N"),
    (r"\Qa.b\E", 0, "quoting"),
    (r"\pL", 0, "Unicode classes"),
    (r"[\P{Greek}]", 1, "Unicode classes"),
    (r"\u00e9", 0, r"\u"),
    (r"\U000000e9", 0, r"\U"),
    (r"\x4", 0, "hexadecimal"),
    (r"\x{110000}", 0, "no character"),
    (r"\x{d800}", 0, "no character"),
    ("a\ud800", 1, "surrogate"),
    (r"\y", 0, "no escape"),
    ("\\é", 0, "needs no"),
    (r"\0", 0, "octal"),
    (r"[\07]", 1, "octal"),
    (r"[\1]", 1, "back reference"),
    ("a\\", 1, "at the end"),
    ("[a\\", 2, "at the end"),
    (r"[\b]", 1, "in a class"),
    ("[[:alpha:]]", 1, "POSIX"),
    ("[^[:^digit:]x]", 2, "POSIX"),
    ("[[a]", 1, "in a class"),
    ("[a[]", 2, "in a class"),
    ("[a--b]", 2, "`--`"),
    ("[--a]", 1, "`--`"),
    ("[a&&b]", 2, "`&&`"),
    ("[a||b]", 2, "`||`"),
    ("[a~~b]", 2, "`~~`"),
    (r"[\d-z]", 1, "range"),
    (r"[a-\d]", 1, "range"),
    ("[z-a]", 1, "range"),
    ("a[b", 1, "without `]`"),
    ("[]", 0, "without `]`"),
    ("[^]", 0, "without `]`"),
    ("[a-", 0, "without `]`"),
    ("a(b", 1, "without `)`"),
    ("a)b", 1, "without `(`"),
    ("(?i)é", 4, "without case"),
    ("(?i)[a-ž]", 5, "without case"),
    (r"(?i:\x{17f})", 4, "without case"),
    ("(a+)+", 4, "two ways"),
    ("(a*)*b", 4, "can be empty"),
    ("(a|a)*b", 5, "two ways"),
    ("(a|ab|b)*c", 8, "two ways"),
    ("(a?)+", 4, "can be empty"),
    ("(?:)*", 4, "can be empty"),
    ("(?:^|a)+", 7, "can be empty"),
    ("(?:bar|baz)+x", 11, "two ways"),
    (r"(\w+\s?)*$", 8, "two ways"),
    ("(.*,)*x", 5, "two ways"),
    (r"(?:\w+ ?,?)+x", 11, "two ways"),
    ("a.*b.*c.*d", 0, "too many repeats"),
    ("(a?){30}b", 0, "too many repeats"),
    ("(?:a|a){20}b", 0, "too many repeats"),
    ("(a{0,30}){30}b", 0, "too many repeats"),
    ("a" * 501, 500, "at most 500"),
    ("(" * 51 + ")" * 51, 50, "in each other"),
]

SLOW_TEXTS = ["a" * 3000, "ab" * 1500, "a," * 1500, "1.2@" * 750, " " * 3000]


@pytest.mark.parametrize(("pattern", "text"), FOUND)
def test_finds(pattern: str, text: str) -> None:
    assert compile_re2(pattern).search(text)


@pytest.mark.parametrize(("pattern", "text"), NOT_FOUND)
def test_does_not_find(pattern: str, text: str) -> None:
    assert not compile_re2(pattern).search(text)


@pytest.mark.parametrize(("pattern", "text"), FOUND + NOT_FOUND)
def test_agrees_with_re2(pattern: str, text: str) -> None:
    assert bool(compile_re2(pattern).search(text)) == _re2_finds(pattern, text)


@pytest.mark.parametrize(("pattern", "position", "word"), REFUSED)
def test_refuses(pattern: str, position: int, word: str) -> None:
    with pytest.raises(PatternError) as caught:
        compile_re2(pattern)
    assert (caught.value.position, word in caught.value.message) == (position, True), caught.value


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in FOUND])
def test_comes_to_an_end_on_texts_made_to_be_slow(pattern: str) -> None:
    compiled = compile_re2(pattern)
    for text in SLOW_TEXTS:
        assert bool(compiled.search(text + "\n")) == _re2_finds(pattern, text + "\n")


@pytest.mark.parametrize(
    "unit", [".{1000}", "[^a]{1000}", "[Āą]{1000}", "(?i:[a-z]){1000}", "(?:é|à){300}"]
)
def test_what_is_not_too_large_compiles_in_re2(unit: str) -> None:
    accepted = [unit * times for times in range(1, 40) if _accepts(unit * times)]
    assert accepted
    _re2_finds(accepted[-1], "a")


def test_letters_beyond_ascii_without_case_are_the_same_in_re2() -> None:
    for code in range(0x80, 0x3000):
        if _accepts(f"(?i){chr(code)}"):
            for other in (chr(code).lower(), chr(code).upper()):
                assert _re2_finds(f"(?i)^{chr(code)}$", other) == (other == chr(code))


def test_sets_of_characters_are_the_same_in_re2() -> None:
    re2 = pytest.importorskip("re2")
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x11000)]))
    for pattern in (".", r"\d", r"\W", r"(?i)\w", r"(?i)\W", r"(?i)[^\W]", "(?i)[^!-~]", r"[\S]"):
        assert compile_re2(pattern).findall(everything) == re2.findall(pattern, everything)


# -- the law: whatever is accepted finds what RE2 finds ----------------------------------------

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
    try:
        compiled = _strictly(pattern)
    except PatternError:
        return
    for text in texts:
        assert bool(compiled.search(text)) == _re2_finds(pattern, text), (compiled, text)


@settings(max_examples=500)
@given(st.text("ab()[]{}|*+?^$\\-&~:<>=!PimsdWbzQx01,é\n", max_size=12), _TEXTS)
def test_law_of_agreement_on_scribble(pattern: str, texts: list[str]) -> None:
    try:
        compiled = _strictly(pattern)
    except PatternError:
        return
    for text in [*texts, pattern]:
        assert bool(compiled.search(text)) == _re2_finds(pattern, text), (compiled, text)


def _strictly(pattern: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return compile_re2(pattern)


def _accepts(pattern: str) -> bool:
    try:
        compile_re2(pattern)
    except PatternError:
        return False
    return True


def _re2_finds(pattern: str, text: str) -> bool:
    """Whether RE2 finds it; an error where RE2 refuses the pattern."""
    re2 = pytest.importorskip("re2", reason="google-re2 is not installed")
    return re2.search(pattern, text) is not None
