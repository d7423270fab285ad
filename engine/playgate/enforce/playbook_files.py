"""The playbook that judges deals which the ledger does not know."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from playgate.documents.document import Document
from playgate.documents.yaml12 import parse, read_bytes
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.playbook.load import load_whole
from playgate.playbook.use import says_use, used_names

__all__ = ["playbook_in", "published_last"]


def published_last(ledger: Ledger) -> str:
    """Returns the digest of the version published last; raises `InputError` unless the ledger has
    one playbook."""
    known = ledger.playbooks.all()
    if len({row.name for row in known}) != 1:
        names = ", ".join(f"{row.name} version {row.version}" for row in known) or "none yet"
        raise InputError(
            "which playbook judges deals that are new?",
            hint=f"--playbook FILE names it (in the ledger: {names})",
            code="which-playbook",
        )
    return known[-1].sha256


def playbook_in(file: str) -> tuple[Playbook, Document, bytes]:
    """Reads and checks the playbook in a file; in a batch it is parsed anew only where it has
    changed."""
    path = Path(file)
    if not path.is_file():
        return _from_pipe(path)
    content = read_bytes(path)
    return _parsed(content, file, _used(content, file))


@lru_cache(maxsize=16)
def _from_pipe(path: Path) -> tuple[Playbook, Document, bytes]:
    """Returns a playbook that can be read but once."""
    return _parsed(read_bytes(path), str(path), ())


@lru_cache(maxsize=16)
def _parsed(content: bytes, file: str, _: tuple[bytes, ...]) -> tuple[Playbook, Document, bytes]:
    """Returns the playbook; it is parsed anew where one of the files that it uses has changed."""
    return *load_whole(content, file), content


def _used(content: bytes, file: str) -> tuple[bytes, ...]:
    """Returns what stands in the files that a playbook uses, so far as they can be read."""
    found = []
    for name in _names_used(content, file):
        try:
            found.append(read_bytes(Path(file).parent / name))
        except (InputError, ValueError):
            found.append(b"")
    return tuple(found)


@lru_cache(maxsize=16)
def _names_used(content: bytes, file: str) -> tuple[str, ...]:
    if not says_use(content):
        return ()
    document, _ = parse(content, file)
    return () if document is None else used_names(document)
