"""Finds the schemas and playbooks that ship, in the installed package and in a checkout."""

from __future__ import annotations

from pathlib import Path

__all__ = ["shipped", "shipped_crms", "shipped_playbooks"]

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


def shipped_crms() -> list[str]:
    """Returns the names of the CRMs of which mappings ship, with a playbook and an export."""
    folders = shipped("playbooks", "crm").iterdir()
    return sorted(each.name for each in folders if (each / f"{each.name}.yaml").is_file())
