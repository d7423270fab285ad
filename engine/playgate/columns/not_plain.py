"""What stops a reading by columns, for our own reader to begin."""

from __future__ import annotations

__all__ = ["NotPlainError"]


class NotPlainError(Exception):
    """Some rows are not plain: our own reader has to say what they are."""
