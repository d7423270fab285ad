"""What stands behind the question mark of an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playgate.errors import InputError

__all__ = ["Query", "check_query", "first_of"]

Query = Mapping[str, Sequence[str]]


def check_query(query: Query, *, several: Sequence[str] = (), single: Sequence[str] = ()) -> None:
    """Raises `InputError` for what a query may not say: names that are not known, and one twice
    that may be said once."""
    for name, values in query.items():
        if name not in (*several, *single):
            hint = f"known: {', '.join((*several, *single))}"
            raise InputError(f'there is no "{name[:60]}" here', hint=hint, code="unknown-key")
        if name in single and len(values) > 1:
            raise InputError(f"{name} is said twice", code="wrong-value")


def first_of(query: Query, name: str) -> str | None:
    """Returns what is said under a name; `None` where nothing is."""
    return query[name][0] if name in query else None
