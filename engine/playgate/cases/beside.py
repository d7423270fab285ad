"""Which cases stand beside a playbook, and which playbook beside cases."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playgate.errors import InputError

__all__ = ["cases_beside", "is_cases", "playbook_beside"]

_CASES = (".cases.yaml", ".cases.yml")
_PLAYBOOK = (".playbook.yaml", ".playbook.yml", ".yaml", ".yml")
_NAMED = re.compile(rb"""^(?:\xef\xbb\xbf)?['"]?playbook['"]?[ \t]*:[ \t]*['"]?([^\s'"#]+)""", re.M)


def is_cases(file: str) -> bool:
    """Returns whether the file is called as cases are; what is wrong in them depends on their
    playbook."""
    return file.endswith(_CASES)


def cases_beside(playbook: Path, name: str) -> list[Path]:
    """Returns the files of cases in the playbook's folder that are called after its file, or name
    it."""
    called = _without(playbook.name, _PLAYBOOK)
    try:
        files = sorted(each for each in playbook.parent.iterdir() if is_cases(each.name))
    except OSError as error:
        raise InputError(
            f"cannot read {playbook.parent}: {error.strerror}", code="cannot-read"
        ) from None
    found = [each for each in files if _without(each.name, _CASES) == called or _names(each, name)]
    if not found:
        hint = f"write {playbook.with_name(called + _CASES[0])}; playgate case makes one of a deal"
        raise InputError(f"{playbook} has no cases beside it", hint=hint, code="no-such-file")
    return found


def playbook_beside(cases: Path, content: bytes) -> Path:
    """Returns the playbook that cases test: called as their file is, or by the name that they
    give."""
    stem = _without(cases.name, _CASES)
    names = [stem, *(stem.rsplit(".", count)[0] for count in range(1, stem.count(".") + 1))]
    named = _NAMED.search(content)
    if named is not None:
        names.append(named[1].decode("utf-8", "replace"))
    for name in (each for each in names if "/" not in each):
        for ending in _PLAYBOOK:
            path = cases.with_name(f"{name}{ending}")
            if os.path.isfile(path):  # unlike Path.is_file, false for a name that no file can have
                return path
    hint = f"put {names[-1]}{_PLAYBOOK[0]} into its folder"
    raise InputError(f"{cases} has no playbook beside it", hint=hint, code="no-such-file")


def _names(cases: Path, playbook: str) -> bool:
    from playgate.documents.yaml12 import read_bytes  # `lint` asks `is_cases` before it needs YAML

    named = _NAMED.search(read_bytes(cases))
    return named is not None and named[1] == playbook.encode()


def _without(name: str, endings: tuple[str, ...]) -> str:
    return next((name.removesuffix(each) for each in endings if name.endswith(each)), name)
