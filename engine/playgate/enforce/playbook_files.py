"""The playbook that judges deals which the ledger does not know."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from playgate.documents.document import Document
from playgate.documents.yaml12 import parse, read_bytes
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.playbook.load import parse_playbook

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
    return _parsed(read_bytes(path), str(path)) if path.is_file() else _from_pipe(path)


@lru_cache(maxsize=16)
def _from_pipe(path: Path) -> tuple[Playbook, Document, bytes]:
    """Returns a playbook that can be read but once."""
    return _parsed(read_bytes(path), str(path))


@lru_cache(maxsize=16)
def _parsed(content: bytes, file: str) -> tuple[Playbook, Document, bytes]:
    playbook, mistakes = parse_playbook(content, file)
    document, _ = parse(content, file)
    if playbook is None or document is None:
        raise InputError(mistakes=[each for each in mistakes if each.level == "error"])
    return playbook, document, content
