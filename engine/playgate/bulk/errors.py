"""These errors stop an audit by an engine; the judge can do what it cannot."""

from __future__ import annotations

__all__ = ["CannotExpressError", "CannotReadHereError"]


class CannotExpressError(Exception):
    """A playbook asks for something that no expression can say; the text says what, and why."""


class CannotReadHereError(Exception):
    """DuckDB would read a file in another way than our own reader does; the text says why."""
