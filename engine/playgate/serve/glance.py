"""The ledger as it is looked at in passing: opened anew where its server had gone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from playgate.errors import InputError
from playgate.ledger.store import Ledger

__all__ = ["Glance", "anew", "is_lost"]

_T = TypeVar("_T")


def is_lost(error: object) -> bool:
    """Returns whether an error says that the server of a ledger has gone, and its connection."""
    return isinstance(error, InputError) and error.code == "ledger-lost"


def anew(opened: Callable[[], _T]) -> _T:
    """Returns what is opened in place of what was lost; raises `InputError` of the code
    `ledger-lost` where that cannot be yet."""
    try:
        return opened()
    except InputError as error:
        hint = "is its server there, and is the way to it open? then ask again"
        raise InputError(error.message, hint=hint, code="ledger-lost") from error


class Glance:
    """Looks into a ledger, in one thread."""

    def __init__(self, opened: Callable[[], Ledger]) -> None:
        self._opened = opened
        self._ledger: Ledger | None = opened()

    def __call__(self, look: Callable[[Ledger], _T]) -> _T:
        """Returns what is seen."""
        try:
            return self._look(look)
        except InputError as error:
            if not is_lost(error):
                raise
        self.close()
        return self._look(look)

    def _look(self, look: Callable[[Ledger], _T]) -> _T:
        if self._ledger is None:
            self._ledger = anew(self._opened)
        with self._ledger.reading():
            return look(self._ledger)

    def close(self) -> None:
        """Closes the ledger."""
        if self._ledger is not None:
            with suppress(Exception):  # it may have gone
                self._ledger.__exit__()
            self._ledger = None
