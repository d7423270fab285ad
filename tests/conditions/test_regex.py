"""RE2 expressions: what they find, and what is said of a text that is none."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
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
    (r"\bna\B", "name"),
    (r"^\pL+$", "Éa"),
    (r"[\p{Greek}]", "λ"),
    ("(?i)É", "é"),
    ("a(?i)b", "aB"),
    ("(?U)a+", "a"),
    (r"\Qa.b\E", "a.b"),
    (r"\0[\07]", "\x00\x07"),
    ("[[:alpha:]][^[:^digit:]x]", "a5"),
    ("[[a]", "["),
    ("[a&&b]", "&"),
    ("^*a", "a"),
    ("(a+)+(a|a)*", "a"),
    ("a.*b.*c.*d", "a b c d"),
    (".", "\ud800"),
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
    ("(a|b).*(c|d)", "ab" * 60_000),
    (r"^(\w+\s?)*$", "ab" * 60_000 + "!"),
    ("(a?){300}a{300}!", "a" * 100_000),
    ("b", "\ud800"),
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
    ("(?x) a", 0, "`(?x` is not in RE2"),
    ("(?i:a)(?^i:a)", 6, "`(?^` is not in RE2"),
    ("(?", 0, "`(?` is not in RE2"),
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
    ("a{,3}", 1, "repeats nothing in RE2"),
    ("a{02}", 1, "repeats nothing in RE2"),
    ("a{1,99999999999}", 1, "repeats nothing in RE2"),
    ("a{3,2}", 1, "above the most"),
    ("a{1001}", 1, "more than 1000"),
    ("(a{100}){11}", 8, "more than 1000"),
    ("(a{501,}b){2}", 10, "more than 1000"),
    (".{1000}" * 4, 0, "too large"),
    (r"\pL{300}", 0, "too large"),
    (r"a\Z", 1, r"\Z"),
    (r"\\h\h", 3, r"\h"),
    (r"\X", 0, r"\X"),
    (r"\K", 0, r"\K"),
    (r"\G", 0, r"\G"),
    (r"\R", 0, r"\R"),
    (r"\N{DIGIT ONE}", 0, r"\N"),
    (r"\u00e9", 0, r"\u"),
    (r"\U000000e9", 0, r"\U"),
    (r"\x4", 0, "hexadecimal"),
    (r"\x{110000}", 0, "hexadecimal"),
    ("a\ud800", 1, "surrogate"),
    (r"\y", 0, "no escape"),
    ("\\é", 0, "needs no"),
    ("a\\", 1, "at the end"),
    (r"[\b]", 1, "in a class"),
    (r"\p{Grek}", 0, "no range or class"),
    ("[[:alfa:]]", 1, "no range or class"),
    ("[a--b]", 1, "no range or class"),
    (r"[a-\d]", 3, "at both ends"),
    ("[z-a]", 1, "no range or class"),
    ("a[b", 1, "without `]`"),
    ("[]", 0, "without `]`"),
    ("[^]", 0, "without `]`"),
    ("a(b", 1, "without `)`"),
    (r"\((b[)]", 2, "without `)`"),
    ("a)b", 1, "without `(`"),
    ("a" * 501, 500, "at most 500"),
]


@pytest.mark.parametrize(("pattern", "text"), FOUND)
def test_finds(pattern: str, text: str) -> None:
    assert compile_re2(pattern)(text)


@pytest.mark.parametrize(("pattern", "text"), NOT_FOUND)
def test_does_not_find(pattern: str, text: str) -> None:
    assert not compile_re2(pattern)(text)


@pytest.mark.parametrize(("pattern", "position", "word"), REFUSED)
def test_refuses(pattern: str, position: int, word: str) -> None:
    with pytest.raises(PatternError) as caught:
        compile_re2(pattern)
    assert (caught.value.position, word in caught.value.message) == (position, True), caught.value


@given(st.text("ab()[]{}|*+?^$\\-&~:<>=!PQEimsUdWbzpx01,é\n", max_size=14))
def test_law_of_scribble(pattern: str) -> None:
    """What is no expression is refused at a place in it, and never stops with another error."""
    error = _refusal(pattern)
    assert error is None or (0 <= error.position <= len(pattern) and error.message)


def _refusal(pattern: str) -> PatternError | None:
    try:
        compile_re2(pattern)("a")
    except PatternError as error:
        return error
    return None


def test_re2_is_imported_only_where_it_is_needed() -> None:
    script = (
        "import sys; from playgate.conditions import comparisons, parse_tests;"
        "assert 're2' not in sys.modules; comparisons.compile_re2('a'); assert 're2' in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
