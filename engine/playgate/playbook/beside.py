"""Which files stand beside a playbook, and beside which playbook a file stands."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playgate.errors import InputError
from playgate.records import Record

__all__ = [
    "CASES",
    "LEADS",
    "PAY",
    "Beside",
    "files_beside",
    "kind_of",
    "plan_beside",
    "plans_beside",
    "playbook_beside",
]

_PLAYBOOK = (".playbook.yaml", ".playbook.yml", ".yaml", ".yml")


class Beside(Record):
    """A kind of file that stands beside a playbook: what it is called, and the key that names the
    playbook."""

    name: str
    key: str
    where_none: str
    """What else to do where there is none."""

    @property
    def endings(self) -> tuple[str, str]:
        """How the names of such files end."""
        return f".{self.name}.yaml", f".{self.name}.yml"

    @property
    def named(self) -> re.Pattern[bytes]:
        """Finds the name of the playbook in such a file."""
        key = self.key.encode()
        return re.compile(
            rb"""^(?:\xef\xbb\xbf)?['"]?""" + key + rb"""['"]?[ \t]*:[ \t]*['"]?([^\s'"#]+)""", re.M
        )


CASES = Beside("cases", "playbook", "playgate case makes one of a deal")
PAY = Beside("pay", "pay", "docs/pay.md shows one")
LEADS = Beside("leads", "leads", "docs/leads.md shows one")


def kind_of(file: str) -> Beside | None:
    """Returns which kind of file beside a playbook this is called as; what is wrong in it depends
    on its playbook."""
    return next((each for each in (CASES, PAY, LEADS) if file.endswith(each.endings)), None)


def files_beside(playbook: Path, name: str, kind: Beside) -> list[Path]:
    """Returns the files of a kind in the playbook's folder that are called after its file, or name
    it."""
    try:
        files = sorted(playbook.parent.iterdir())
    except OSError as error:
        raise InputError(
            f"cannot read {playbook.parent}: {error.strerror}", code="cannot-read"
        ) from None
    found = [
        each for each in files if kind_of(each.name) is kind and _is_of(each, playbook, name, kind)
    ]
    if not found:
        called = _without(playbook.name, _PLAYBOOK)
        hint = f"write {playbook.with_name(called + kind.endings[0])}; {kind.where_none}"
        message = f"{playbook} has no {kind.name} beside it"
        raise InputError(message, hint=hint, code="no-such-file")
    return found


def plan_beside(playbook: Path, name: str, kind: Beside, *, hint: str) -> Path:
    """Returns the one plan of a kind beside a playbook; raises `InputError`, with a `hint` on how
    to name one, where there are several."""
    files = files_beside(playbook, name, kind)
    if len(files) > 1:
        names = ", ".join(file.name for file in files)
        raise InputError(f"there are several plans: {names}", hint=hint, code="usage")
    return files[0]


def plans_beside(playbook: Path, name: str | None = None) -> list[Path]:
    """Returns the plans of pay and leads in the playbook's folder that are called after its file,
    or name it; without a name all. There are none where the folder cannot be read."""
    try:
        files = sorted(playbook.parent.iterdir())
    except (OSError, ValueError):  # a name that no folder can have
        return []
    kinds = ((each, kind_of(each.name)) for each in files)
    return [
        each
        for each, kind in kinds
        if kind in (PAY, LEADS) and (name is None or _is_of(each, playbook, name, kind))
    ]


def playbook_beside(file: Path, content: bytes) -> Path:
    """Returns the playbook that a file belongs to: called as the file is, or by the name that it
    gives."""
    kind = kind_of(file.name) or CASES
    stem = _without(file.name, kind.endings)
    names = [stem, *(stem.rsplit(".", count)[0] for count in range(1, stem.count(".") + 1))]
    named = kind.named.search(content)
    if named is not None:
        names.append(named[1].decode("utf-8", "replace"))
    for name in (each for each in names if "/" not in each):
        for ending in _PLAYBOOK:
            path = file.with_name(f"{name}{ending}")
            if os.path.isfile(path):  # unlike Path.is_file, false for a name that no file can have
                return path
    hint = f"put {names[-1]}{_PLAYBOOK[0]} into its folder"
    raise InputError(f"{file} has no playbook beside it", hint=hint, code="no-such-file")


def _is_of(file: Path, playbook: Path, name: str, kind: Beside) -> bool:
    called = _without(file.name, kind.endings) == _without(playbook.name, _PLAYBOOK)
    return called or _names(file, name, kind)


def _names(file: Path, playbook: str, kind: Beside) -> bool:
    from playgate.documents.yaml12 import read_bytes  # `lint` asks `kind_of` before it needs YAML

    named = kind.named.search(read_bytes(file))
    return named is not None and named[1] == playbook.encode()


def _without(name: str, endings: tuple[str, ...]) -> str:
    return next((name.removesuffix(each) for each in endings if name.endswith(each)), name)
