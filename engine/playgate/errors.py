"""What is wrong with an input, as a value, and the one exception that stops a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from playgate.records import Record

__all__ = ["InputError", "Mistake", "Place"]


class Place(NamedTuple):
    """Where something stands in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Mistake(Record):
    """Something that is wrong in an input: what, where, and what to do about it.

    `rule` is a stable kebab-case id; `related` is a second place that the message speaks of. A
    `warning` is worth mending but makes nothing wrong.
    """

    place: Place
    message: str
    rule: str
    hint: str = ""
    level: Literal["error", "warning"] = "error"
    related: Place | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.rule}]"


class InputError(Exception):
    """Says that the input cannot be used; it is shown without a traceback, with exit status 2.

    Carries either mistakes with places or, where there is no place to name, a message and a hint.
    `code` is a stable kebab-case word for programs, which tells kinds of wrong input apart.
    """

    def __init__(
        self,
        message: str = "",
        *,
        hint: str = "",
        mistakes: Sequence[Mistake] = (),
        code: str = "wrong-input",
    ) -> None:
        super().__init__(message or "\n".join(map(str, mistakes)))
        self.message = message
        self.hint = hint
        self.mistakes = tuple(mistakes)
        self.code = code
