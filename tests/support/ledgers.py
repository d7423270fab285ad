"""A ledger audited in every way there is: by the judge and by columns, whole and in short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from playgate.auditing.of_ledger import audit_ledger
from playgate.auditing.select import Scope
from playgate.conditions.instants import DAY
from playgate.ledger.store import Ledger
from playgate.records import replace

__all__ = ["check_all_ways"]

_MUCH_LATER = 73_000 * DAY


def check_all_ways(path: Path, **options: Any) -> None:
    """What columns say of a ledger is what the judge says; what is shown is the same in short."""
    pytest.importorskip("pyarrow")
    pytest.importorskip("ibis")  # what compares the results is shared with the relational engines
    from support.bulk import differences

    with Ledger.open(str(path), reading=True) as ledger:
        if not ledger.deals.count():
            return
        now = ledger.events.latest(_MUCH_LATER) or 0
        scope = Scope(now=now, **options)
        judged, found, short, shown = (
            audit_ledger(ledger, scope, engine=engine, shown=shown)
            for shown in (False, True)
            for engine in ("judge", "columns")
        )
    told = list(
        differences(*(replace(each, findings=tuple(each.findings)) for each in (judged, found)))
    )
    assert told == [], told
    for each in (short, shown):
        assert each.summary == judged.summary
        assert each.actors == judged.actors
        assert each.ungated == judged.ungated
