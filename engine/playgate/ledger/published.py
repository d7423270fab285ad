"""Is a playbook that a ledger keeps what its digest says?"""

from __future__ import annotations

from playgate.documents.stored import load
from playgate.documents.yaml12 import parse
from playgate.playbook.holidays import without_kept
from playgate.playbook.use import with_used

__all__ = ["is_published"]


def is_published(sha256: str, content: bytes, document: str, *, reads_as_now: bool) -> bool:
    """Returns whether the text of a playbook, with the files that it used, has this digest, and its
    document is what stands in them; only what a country's holidays were is taken as it stands.

    What an earlier playgate read, perhaps otherwise, need not be what `reads_as_now`.
    """
    stored = load(document)
    read, _ = parse(content, stored.file)
    if read is None:
        return False
    whole, _ = with_used(read, frozenset(), [], given=stored.used)
    if (whole.sha256, stored.sha256) != (sha256, sha256):
        return False
    return not reads_as_now or whole.data == without_kept(stored).data
