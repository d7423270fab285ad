"""Does what a live command asks, in one transaction, and shows the answer."""

from __future__ import annotations

import sys
from typing import Any

from playgate.cli.clock import in_time, now
from playgate.cli.door import colour_wanted, put, tell
from playgate.cli.requests import actor_or_user, db_name, status
from playgate.conditions.instants import Zone
from playgate.conditions.patience import SECONDS
from playgate.enforce.commands import COMMANDS
from playgate.enforce.requests import Requests, read_request
from playgate.enforce.values import LiveResult
from playgate.errors import InputError
from playgate.ledger.store import Ledger

__all__ = ["answer", "answer_asked"]


def answer_asked(command: str, asked: dict[str, Any]) -> int:
    """Answers what the command line was asked, given by parameter, and returns the exit status."""
    db, form, batch = (asked.pop(name) for name in ("db", "form", "batch"))
    patience = asked.pop("patience") or SECONDS
    # What was not said, the library says with nothing, no items, or no.
    request = {name: value for name, value in asked.items() if value not in (None, (), {}, False)}
    return answer(command, request, db=db, form=form, batch=batch, patience=patience)


def answer(
    command: str,
    request: dict[str, Any],
    *,
    db: str | None,
    form: str,
    batch: bool,
    patience: float = SECONDS,
) -> int:
    """Does what a command asks, or each line of a batch, and returns the exit status."""
    if batch:
        from playgate.cli.batch import run_batch

        return run_batch(db_name(db), _for_all(command, request), patience=patience)
    read = read_request({**request, "command": command}, by=actor_or_user(request.get("by")))
    begins = command == "open" and bool(request.get("playbook"))
    if begins:
        from playgate.enforce.playbook_files import playbook_in

        playbook_in(request["playbook"])  # before there is a ledger to be left empty
    ledger = Ledger.open(db_name(db), create=begins, reading=not COMMANDS[command].records)
    with Requests(ledger, now=now, within=in_time(patience)) as requests:
        result = requests.answer(read)
        # Of the deal that was asked about, or that the answer is about.
        about = str(request.get("deal") or getattr(result, "deal", ""))
        zone = requests.zone(about) if form == "text" else None
        if requests.note:
            tell(f"note: {requests.note}")
        show(result, zone)
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


def show(result: LiveResult, zone: Zone | None) -> None:
    """Writes an answer to standard output: as text with times in `zone`, else as JSON."""
    if zone is None:
        from playgate.report.live_json import render

        put([render(result), "\n"])
        return
    from playgate.report.live_text import render_result

    put(render_result(result, zone=zone, colour=colour_wanted(sys.stdout)))
