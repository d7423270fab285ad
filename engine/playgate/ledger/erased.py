"""What entries of the log say that they erased: is what stands there now what erasing leaves?

Erasing puts a pseudonym, or as good as nothing. An entry that says so of anything else would let
whoever can add an entry change what was recorded: who acted, say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from playgate.ledger.chain import NOTHING, kept_apart
from playgate.ledger.checking import Erased
from playgate.ledger.connection import Connection
from playgate.ledger.entries import GROUPS, Entry, columns_of
from playgate.ledger.log import Row
from playgate.ledger.pseudonyms import blanked

__all__ = ["Erasures"]

_TOKEN = re.compile(r"erased-[0-9a-f]{16}")


class Erasures:
    """What was erased from the entries of a log, as the entries that erased it say."""

    def __init__(self, connection: Connection) -> None:
        commitments: dict[int, dict[str, str]] = {}
        by: dict[tuple[int, str], tuple[str, str]] = {}
        for seq, opened in connection.execute(
            "SELECT seq, open FROM log WHERE kind = 'erase' ORDER BY seq"
        ):
            what, pseudonyms, named = columns_of(opened)
            for erased, group, commitment in named:
                if erased < seq:
                    commitments.setdefault(erased, {})[group] = commitment
                    by[erased, group] = what, pseudonyms[0]
        self.commitments: Erased = commitments
        self._by: Mapping[tuple[int, str], tuple[str, str]] = by

    def fault_of(self, row: Row, entry: Entry) -> str:
        """Returns what is wrong with an entry that erases, or from which something was erased, as
        far as its digest does not tell; or nothing."""
        if entry.kind == "erase":
            what, (token, *more), _ = entry.open
            numbered = [f"{token}-{place}" for place in range(2, len(more) + 2)]
            if what not in _LEAVES or not _TOKEN.fullmatch(token) or more != numbered:
                return "it erases as playgate does not"
        seq, kept = row[0], row[-2]
        if kept is None:
            return ""
        for group, was in zip(GROUPS, kept_apart(kept), strict=True):
            if was != NOTHING:
                what, token = self._by[seq, group]
                if not _LEAVES[what](entry, group, token):
                    return "what stands there is not what erasing leaves"
        return ""


def _left_of_deal(entry: Entry, group: str, token: str) -> bool:
    if group == "text":
        return blanked(entry.text) == entry.text
    named = [each.startswith(token) for each in entry.deal if each]
    is_merge = entry.kind == "merge" or entry.open[:1] == ("merges",)
    return group == "deal" and (any(named) if is_merge else all(named))


def _left_of_actor(entry: Entry, group: str, token: str) -> bool:
    if group == "who":
        return token in entry.who
    return any(token in each for each in (entry.text if group == "text" else entry.deal[1:]))


_LEAVES = {"deal": _left_of_deal, "actor": _left_of_actor}
