"""Finds the schemas and playbooks that ship, in the installed package and in a checkout."""

from __future__ import annotations

from pathlib import Path

__all__ = ["shipped", "shipped_playbooks"]

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(folder: str, *parts: str) -> Path:
    """Returns the path of something under `schemas/` or `playbooks/`."""
    installed = _PACKAGE / folder
    root = installed if installed.is_dir() else _PACKAGE.parent.parent / folder
    return root.joinpath(*parts)


def shipped_playbooks() -> list[str]:
    """Returns the names of the playbooks that ship."""
    folders = shipped("playbooks").iterdir()
    return sorted(each.name for each in folders if (each / f"{each.name}.yaml").is_file())
