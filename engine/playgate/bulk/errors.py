"""What stops an audit by an engine: the judge can do what it cannot."""

from __future__ import annotations

__all__ = ["CannotExpressError", "CannotReadHereError"]


class CannotExpressError(Exception):
    """What a playbook asks for cannot be said as an expression: what, and why."""


class CannotReadHereError(Exception):
    """DuckDB would read the file in another way than our own reader does: why."""
