"""Which cases stand beside a playbook, and which playbook beside cases."""

from __future__ import annotations

import re
from pathlib import Path

from playgate.documents.yaml12 import read_bytes
from playgate.errors import InputError

__all__ = ["SUFFIX", "cases_beside", "playbook_beside"]

SUFFIX = ".cases.yaml"
_NAMED = re.compile(rb"""^(?:\xef\xbb\xbf)?['"]?playbook['"]?[ \t]*:[ \t]*['"]?([^\s'"#]+)""", re.M)


def cases_beside(playbook: Path, name: str) -> list[Path]:
    """The files of cases in the playbook's folder: those called after its file, or that name it."""
    try:
        found = sorted(playbook.parent.glob(f"*{SUFFIX}"))
    except OSError as error:
        raise InputError(f"cannot read {playbook.parent}: {error.strerror}") from None
    return [path for path in found if _belongs(path, playbook, name)]


def _belongs(path: Path, playbook: Path, name: str) -> bool:
    if path.name == f"{playbook.stem}{SUFFIX}":
        return True
    named = _NAMED.search(read_bytes(path))
    return named is not None and named[1] == name.encode()


def playbook_beside(cases: Path, content: bytes) -> Path:
    """The playbook that cases test: called as their file is, or by the name that they give."""
    stem = cases.name.removesuffix(SUFFIX)
    names = [stem, *(stem.rsplit(".", count)[0] for count in range(1, stem.count(".") + 1))]
    named = _NAMED.search(content)
    if named is not None:
        names.append(named[1].decode("utf-8", "replace"))
    for name in names:
        path = cases.with_name(f"{name}.yaml")
        if "/" not in name and path.is_file():
            return path
    raise InputError(
        f"{cases} has no playbook beside it", hint=f"put {names[-1]}.yaml into its folder"
    )
