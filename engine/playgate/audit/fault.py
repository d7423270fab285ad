"""A bug of the columns, or that the judge says otherwise: the judge then does all of their work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playgate.errors import InputError

__all__ = ["FaultError", "faults"]


class FaultError(Exception):
    """Columns cannot be trusted with this work; why is its cause."""


@contextmanager
def faults() -> Iterator[None]:
    """Raises `FaultError` for what is no mistake in the input, nor a lack of memory or of disk."""
    try:
        yield
    except (InputError, MemoryError, OSError):
        raise
    except Exception as error:
        raise FaultError from error
