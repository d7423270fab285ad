"""Stars in the texts of a mapping stand for anything, and no cell takes long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playgate.history.patterns import names_of, pattern_of


def fits(pattern: str, text: str) -> bool:
    """Whether it does, by trying what each star may stand for."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(fits(pattern[1:], text[place:]) for place in range(len(text) + 1))
    star = pattern[:2] == r"\*"
    return text[:1] == pattern[star] and fits(pattern[1 + star :], text[1:])


@given(
    patterns=st.lists(st.lists(st.sampled_from([*"ab*.\n", r"\*"]), max_size=7), min_size=1),
    text=st.text("ab*.\n", max_size=8),
)
def test_a_star_stands_for_anything(patterns, text):
    texts = ["".join(each) for each in patterns]
    found = pattern_of(texts)
    stars = [each for each in texts if "*" in each.replace(r"\*", "")]
    assert bool(found and found.fullmatch(text)) == any(fits(each, text) for each in stars)


def test_many_stars_end_soon():
    text = "a" * 100_000
    many = "*a" * 30
    assert pattern_of([many]).fullmatch(text)
    assert not pattern_of([f"{many}*b"]).fullmatch(text)
    assert names_of({f"{many}*b": "never", f"{many}*": "as"}).get(text) == "as"
