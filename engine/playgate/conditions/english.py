"""Small words of English, as titles and messages need them; imports nothing."""

from __future__ import annotations

import re

__all__ = ["with_article"]

_SPELT_WITH_A_VOWEL = "AEFHILMNORSX"
"""The letters whose names begin with a vowel: an F, an SDR."""
_ABBREVIATION = re.compile(r"[A-Z][A-Z0-9]*(?![a-z0-9])")
_LIKE_A_VOWEL = re.compile(r"(?!eu|uni|use|usa|util|ubi|ur[aiou]|one(?![a-z])|once)[aeiou]", re.I)


def with_article(words: str) -> str:
    """Returns words with the `a` or `an` that their beginning asks for: `an AE`, `a rep`."""
    if _ABBREVIATION.match(words):
        vowel = words[0] in _SPELT_WITH_A_VOWEL
    else:
        vowel = _LIKE_A_VOWEL.match(words) is not None or words.startswith(("hour", "honest"))
    return f"{'an' if vowel else 'a'} {words}"
