"""This error stops an audit by an engine; the judge can do what it cannot."""

from __future__ import annotations

__all__ = ["CannotExpressError"]


class CannotExpressError(Exception):
    """A playbook asks for something that no expression can say; the text says what, and why."""
