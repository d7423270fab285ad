"""An audit shared by several processes: each reads all rows, and judges its part of the deals.

Deals are judged one by one, and only their counts and findings are put together. All that is shared
on the way is *as of*, which is by default the latest instant of the whole history.

However the first process ends, the others end as well: each watches a pipe that nobody writes to,
and that the system closes.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from playgate.audit.result import AuditResult
from playgate.audit.run import Audit
from playgate.audit.verdict_rows import VerdictSink, VerdictStore
from playgate.audit.watch import Watch, unwatched
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.part import PartOfDeals
from playgate.history.spool import LIMIT, Spool

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["Fill", "Start", "audit_parts"]

_PATIENCE = 5.0
"""Seconds in which a process that is no longer needed may put away its temporary files."""

Fill = Callable[[Spool, PartOfDeals, bool], list[Problem]]
"""Reads the events of a part's deals into a spool, with progress shown or not, and returns the
problems."""

Start = Callable[[int | None, VerdictSink | None], Audit]
"""Begins the audit as of an instant, which is `None` where the history has no events, and says who
is given its verdicts."""


def audit_parts(
    fill: Fill,
    start: Start,
    *,
    jobs: int,
    as_of: int | None,
    verdicts: VerdictSink | None = None,
    until: int | None = None,
    watch: Watch = unwatched,
) -> AuditResult:
    """Audits by `jobs` processes, of which this one is the first and is watched.

    What happened after `until` is the future; `verdicts` is given every verdict. The others are
    forked from this process; raises `OSError` or
    `ValueError` where the system cannot do that.
    """
    if sys.platform == "win32":
        raise OSError("a process cannot go on as several here")
    from multiprocessing import get_context

    context = get_context("fork")
    sys.stdout.flush()
    sys.stderr.flush()
    others = []
    life, held = os.pipe()
    try:
        for number in range(1, jobs):
            here, there = context.Pipe()
            part = PartOfDeals(number, jobs)
            process = context.Process(
                target=_other,
                args=(there, fill, start, part, verdicts is not None, until, (life, held)),
                daemon=True,
            )
            process.start()
            there.close()
            others.append((process, here))
        pipes = [here for _, here in others]
        mine = PartOfDeals(0, jobs)
        return _first(fill, start, watch, mine, as_of, until, verdicts, pipes)
    finally:
        for process, here in others:
            here.close()
            process.terminate()
            process.join(_PATIENCE)
            process.kill()
            process.join()
        os.close(held)
        os.close(life)


def _first(
    fill: Fill,
    start: Start,
    watch: Watch,
    part: PartOfDeals,
    as_of: int | None,
    until: int | None,
    verdicts: VerdictSink | None,
    others: Sequence[Connection],
) -> AuditResult:
    with Spool(LIMIT // part.count, until=until) as spool:
        problems = fill(spool, part, True)
        latest = [spool.latest, *map(_received, others)]
        if as_of is None:
            as_of = max((each for each in latest if each is not None), default=None)
        for other in others:
            other.send(as_of)
        audit = start(as_of, verdicts)
        with watch("judging", spool.events) as progress:
            audit.judge(spool, progress)
    known = set(problems)
    for other in others:
        while not isinstance(found := _received(other), tuple):
            if isinstance(found, bytes) and audit.findings is not None:
                audit.findings.unpack(found)
            else:
                audit.pass_on(found)
        found, theirs = found
        # Every part has seen what is wrong with a row as such.
        problems += [each for each in theirs if each not in known]
        audit.absorb(found)
    return audit.result(problems)


def _received(other: Connection) -> Any:
    try:
        kind, found = other.recv()
    except (EOFError, OSError):
        raise InputError(
            "a process that took part in the audit was ended from outside",
            hint="--jobs 1 judges in one process, with less memory",
        ) from None
    if kind == "input":
        raise InputError(found[0], hint=found[1])
    if kind == "bug":
        raise RuntimeError(f"in another process:\n{found}")
    return found


def _other(
    first: Connection,
    fill: Fill,
    start: Start,
    part: PartOfDeals,
    with_verdicts: bool,
    until: int | None,
    pipe: tuple[int, int],
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others,
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # who put away their files first
    _end_with_the_first(*pipe)
    with suppress(BrokenPipeError, EOFError, ConnectionResetError):
        try:
            with Spool(LIMIT // part.count, until=until) as spool:
                problems = fill(spool, part, False)
                first.send(("latest", spool.latest))
                store = VerdictStore() if with_verdicts else None
                audit = start(first.recv(), store)
                audit.judge(spool)
            for rows in store.batches() if store else ():
                first.send(("found", rows))
            for packed in audit.findings.packed() if audit.findings is not None else ():
                first.send(("found", packed))
            first.send(("found", (audit.found(), problems)))
        except InputError as error:
            first.send(("input", (error.message, error.hint)))
        except (BrokenPipeError, EOFError, ConnectionResetError):
            raise
        except Exception:
            first.send(("bug", traceback.format_exc()))


def _end_with_the_first(life: int, held: int) -> None:
    """Ends this process, its files put away, as soon as the first no longer holds its end of a
    pipe."""
    os.close(held)

    def watch() -> None:
        os.read(life, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
