"""How like two names are; the one door to `rapidfuzz`."""

from __future__ import annotations

from collections.abc import Callable

from playgate.errors import InputError

__all__ = ["likeness"]


def likeness() -> Callable[[str, str], float]:
    """Returns the function that says how like two texts are, from 0 to 100, whatever the order of
    their words; raises `InputError` where the library is not there."""
    try:
        from rapidfuzz.fuzz import token_sort_ratio
    except ImportError:
        raise InputError(
            "names that are nearly the same need a library",
            hint="pip install 'playgate[leads]', or take fuzzy out of the plan",
            code="not-installed",
        ) from None
    return lambda one, other: float(token_sort_ratio(one, other))
