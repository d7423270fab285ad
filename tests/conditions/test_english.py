"""Small words of English: `a` and `an` before what playbooks name."""

from __future__ import annotations

import pytest

from playgate.conditions.english import with_article

SAID = (
    "a rep",
    "an account-executive",
    "an AE",
    "an SDR",
    "an FX-desk",
    "a CSM",
    "a KAM",
    "a VP sales",
    "an Engineer",
    "an ae",
    "a unit-head",
    "a user",
    "an underwriter",
    "an hourly-worker",
    "a house-agent",
    "a one-off",
    "an onestop",
    "an integer",
)


@pytest.mark.parametrize("said", SAID)
def test_the_article_is_that_of_the_word_as_it_is_spoken(said: str) -> None:
    assert with_article(said.partition(" ")[2]) == said
