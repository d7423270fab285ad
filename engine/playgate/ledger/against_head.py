"""A ledger held against a head that left the machine: was its past rewritten, or its end cut?"""

from __future__ import annotations

from playgate.errors import InputError
from playgate.ledger.head import Head
from playgate.ledger.log import Log

__all__ = ["check_head"]


def check_head(log: Log, head: Head) -> None:
    """Raises `InputError` unless the log holds the entry that a head is of.

    What the log says of itself is believed here; that its entries are what their hashes say is
    verified elsewhere.
    """
    end = log.head()
    if end.seq < head.seq:
        raise InputError(
            f"the ledger ends at entry {end.seq}, and had {head.seq} when the head was taken",
            hint="its end was cut off, or it is an older copy: a later backup has the rest",
            code="head-differs",
        )
    if log.hash_before(head.seq + 1).hex() != head.hash:
        raise InputError(
            f"entry {head.seq} is another than the one whose head this is",
            hint="what was recorded until then was rewritten, or it is another ledger",
            code="head-differs",
        )
