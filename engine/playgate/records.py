"""Frozen values: what a frozen `dataclass` gives, at a tenth of its import time.

The commands that a CRM calls thousands of times a day spend most of their time starting. Generating
code for some fifty classes, and importing what generates it, cost more than judging a deal
(`docs/performance.md`). Type checkers know the class as a dataclass.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ClassVar, TypeVar, dataclass_transform

    _R = TypeVar("_R", bound="Record")
else:

    def dataclass_transform(**_: bool) -> Callable[[type], type]:
        return lambda cls: cls


__all__ = ["Record", "replace"]


@dataclass_transform(frozen_default=True, order_default=False)
class Record:
    """A frozen value with the fields that its class annotates, in their order; records do not
    inherit.

    Two are equal where their classes and all their fields are. A subclass may say `kw_only=True`,
    which only type checkers enforce.
    """

    __match_args__: ClassVar[tuple[str, ...]] = ()
    __defaults: ClassVar[dict[str, Any]] = {}
    __known: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        names = tuple(cls.__annotations__)
        cls.__match_args__ = names  # type: ignore[misc]
        cls.__known = frozenset(names)
        cls.__defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}

    def __init__(self, *args: Any, **fields: Any) -> None:
        values, names = self.__dict__, self.__match_args__
        if len(args) == len(names) and not fields:
            values.update(zip(names, args, strict=True))
            return
        values.update(self.__defaults)
        if args:
            values.update(zip(names, args, strict=False))
        if fields:
            values.update(fields)
        if values.keys() != self.__known or len(args) > len(values):
            raise TypeError(self.__wrong(args, fields))

    def __wrong(self, args: tuple[Any, ...], fields: dict[str, Any]) -> str:
        names = self.__match_args__
        if len(args) > len(names) or not self.__known.issuperset(fields):
            return f"{type(self).__name__} takes {', '.join(names)}"
        missing = next(name for name in names if name not in self.__dict__)
        return f"{type(self).__name__} needs {missing}"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    __delattr__ = __setattr__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        values = self.__dict__
        return hash((type(self), *[values[name] for name in self.__match_args__]))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__name__}({shown})"

    def __changed(self, changes: dict[str, Any]) -> Record:
        if not self.__known.issuperset(changes):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.__match_args__)}")
        changed = object.__new__(type(self))
        values = changed.__dict__
        values.update(self.__dict__)
        values.update(changes)
        return changed


def replace(record: _R, **changes: Any) -> _R:
    """Returns the record with some fields changed."""
    return record._Record__changed(changes)  # type: ignore[attr-defined,no-any-return]
