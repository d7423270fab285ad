"""Does what a live command asks, in one transaction, and shows the answer."""

from __future__ import annotations

import os
import sys
from typing import Any

from playgate.cli.contract import check_request
from playgate.cli.live_commands import LIVE, composed_request, run
from playgate.cli.requests import (
    LiveResult,
    actor_or_user,
    db_name,
    db_path,
    now,
    playbook_in,
    status,
    zone_of,
)
from playgate.conditions.instants import Zone
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.ledger.store import Ledger

__all__ = ["answer", "answer_asked"]


def answer_asked(command: str, asked: dict[str, Any]) -> int:
    """Answers what the command line was asked, given by parameter, and returns the exit status."""
    db, form, batch = (asked.pop(name) for name in ("db", "form", "batch"))
    # What was not said, the library says with nothing, no items, or no.
    request = {name: value for name, value in asked.items() if value not in (None, (), {}, False)}
    return answer(command, request, db=db, form=form, batch=batch)


def answer(command: str, request: dict[str, Any], *, db: str | None, form: str, batch: bool) -> int:
    """Does what a command asks, or each line of a batch, and returns the exit status."""
    if batch:
        from playgate.cli.batch import run_batch

        return run_batch(db_path(db), _for_all(command, request))
    check_request({**request, "command": command})
    by = actor_or_user(request.get("by"))
    request = composed_request({**request, "command": command, "by": by})
    records = LIVE[command].records
    begins = command == "open" and bool(request.get("playbook"))
    if begins:
        playbook_in(request["playbook"])  # before there is a ledger to be left empty
    with Ledger.open(db_name(db), create=begins, reading=not records) as ledger:
        live = Live(ledger, now=now())
        if records:
            with ledger.reading():
                prepared = _prepared(live, request)
            with ledger.writing():
                # Read while we hold the lock: what is recorded later is later.
                live.refresh(now())
                result = run(live, prepared)
        else:
            with ledger.reading():
                result = run(live, request)
        zone = zone_of(live, request["deal"]) if form == "text" else None
    if ledger.note:
        sys.stderr.write(f"note: {ledger.note}\n")
    show(result, form, zone)
    return status(result)


def _for_all(command: str, request: dict[str, Any]) -> dict[str, Any]:
    """Returns what holds for each line of a batch that does not say it itself."""
    given: dict[str, Any] = {
        name: request.pop(name) for name in ("by", "unknown") if name in request
    }
    if request:
        names = ", ".join(request)
        hint = "each line says its own; --by and --unknown hold for all"
        raise InputError(f"--batch takes no {names}", hint=hint, code="usage")
    return {**given, "command": command, "by": actor_or_user(given.get("by"))}


def _prepared(live: Live, request: dict[str, Any]) -> dict[str, Any]:
    """Does what can be done before the lock is taken, so that others wait less; returns the
    request.

    Of a move that is the stage which the deal was seen in: where another process moves it before we
    hold the lock, ours is told so.
    """
    if request["command"] == "open":
        return request
    live.judge(live.pinned(live.row(request["deal"])))
    if request["command"] == "move" and request.get("from") is None:
        return {**request, "from": live.current(request["deal"])[0]}
    return request


def show(result: LiveResult, form: str, zone: Zone | None) -> None:
    """Writes an answer to standard output: as text with times in `zone`, else as JSON."""
    if zone is None:
        from playgate.report.live_json import render

        sys.stdout.write(render(result) + "\n")
        return
    from playgate.report.live_text import render_result

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    sys.stdout.writelines(render_result(result, zone=zone, colour=colour))
