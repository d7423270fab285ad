"""Finds the schemas and playbooks that ship, in the installed package and in a checkout."""

from __future__ import annotations

from pathlib import Path

__all__ = ["shipped"]

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(folder: str, *parts: str) -> Path:
    """The path of something under `schemas/` or `playbooks/`."""
    installed = _PACKAGE / folder
    root = installed if installed.is_dir() else _PACKAGE.parent.parent / folder
    return root.joinpath(*parts)
