"""What the keys have in common that accept any of several values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from playgate.conditions.narrowing import Changes, Follows, Narrowing, Reader, Trait
from playgate.documents.document import Route
from playgate.records import replace

__all__ = ["Listed"]


class Listed(Trait):
    """A key that accepts any of several values, written as one or as a list."""

    values: tuple[str, ...]

    @classmethod
    def read(cls, reader: Reader, route: Route, data: Any) -> tuple[Self, ...] | None:
        return (cls((data,) if isinstance(data, str) else tuple(data)),)

    def is_within(self, other: Narrowing, order: Follows) -> bool:
        return (
            isinstance(other, Listed)
            and type(other) is type(self)
            and set(self.values) <= set(other.values)
        )

    def normal(self) -> Self:
        return replace(self, values=tuple(sorted(set(self.values))))

    def loosened(self, changes: Changes) -> Iterator[tuple[str, Self | None]]:
        yield f"without {self.key}: {', '.join(self.values)}", None
