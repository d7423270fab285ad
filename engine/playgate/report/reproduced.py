"""A decision judged again, for people and as JSON: the contract of
`schemas/reproduced.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.enforce.reproduce import Reproduced
from playgate.report.decided import decided_object, decided_text
from playgate.report.json_text import json_line
from playgate.report.words import plural, visible

__all__ = ["as_json", "as_text"]


def as_text(found: Reproduced) -> Iterator[str]:
    """Yields a decision, and whether it is the same when it is judged again, for people."""
    then = found.then
    yield from decided_text(then.decision)
    known = f"{plural(then.entries, 'entry', 'entries')} of the log before entry {then.seq}"
    judged = f"{visible(found.playbook)} version {visible(found.version)}, {known}"
    if found.same:
        yield f"  the same, judged again by {judged}\n"
        return
    yield f"  not the same, judged again by {judged}\n"
    if then.erased:
        yield f"  {plural(then.erased, 'entry was', 'entries were')} erased since\n"
    if found.problem:
        yield f"    {visible(found.problem)}\n"
    for each in found.differences:
        yield f"    {visible(each.what)}: {visible(each.recorded)} → {visible(each.again)}\n"


def as_json(found: Reproduced) -> Iterator[str]:
    """Yields a decision, and what it is when it is judged again, as JSON."""
    then = found.then
    told = {
        "version": 1,
        "kind": "reproduced",
        "same": found.same,
        "entry": then.seq,
        "entries": then.entries,
        "erased": then.erased,
        "playbook": {
            "name": found.playbook,
            "version": found.version,
            "sha256": then.decision.playbook,
        },
        "recorded": decided_object(then.decision),
        "again": None if found.again is None else decided_object(found.again),
        "problem": found.problem or None,
        "differences": [
            {"what": each.what, "recorded": each.recorded, "again": each.again}
            for each in found.differences
        ],
    }
    yield json_line(told) + "\n"
