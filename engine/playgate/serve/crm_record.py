"""Where the CRM keeps the record: its events come in at once, and are held against the gate's
decisions."""

from __future__ import annotations

import asyncio
import tempfile
from functools import partial
from pathlib import Path

from playgate.enforce.live import Live
from playgate.enforce.reconcile import reconcile, window_of
from playgate.enforce.when import since_of
from playgate.enforce.which_playbook import named_playbook
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.report import reconciled
from playgate.report.json_text import json_line
from playgate.serve.exchange import Exchange
from playgate.serve.house import House
from playgate.serve.queries import check_query, first_of
from playgate.serve.taken import Taken, note_import, take_files

__all__ = ["compared", "imported"]

_WRITTEN_AS = "body.ndjson"
_MOST_TOLD = 100


async def imported(house: House, exchange: Exchange) -> None:
    """Takes events of the history table into the ledger, and answers once they are durable."""
    house.asker_for(exchange, "import").refuse_confined()
    query = exchange.query()
    check_query(query, single=("playbook",))
    body = await exchange.body()
    playbook = first_of(query, "playbook") or ""
    async with house.importing:
        taken = await asyncio.to_thread(_take, house, body, playbook)
    await exchange.answer(200, f"{json_line(_data(taken))}\n".encode())


def _take(house: House, body: bytes, playbook: str) -> Taken:
    world = house.world
    with (
        Ledger.open(house.settings.db) as ledger,
        tempfile.TemporaryDirectory(prefix="playgate-import-") as folder,
    ):
        with ledger.reading():
            live = Live(ledger, now=world.now())
            if live.record != "crm":
                message = "this ledger keeps the record itself"
                hint = "playgate ledger new --record crm makes one for which the CRM keeps it"
                raise InputError(message, hint=hint, code="wrong-record")
            sha256 = named_playbook(live, playbook).sha256 if playbook else ""
        path = Path(folder, _WRITTEN_AS)
        path.write_bytes(body)
        taken = take_files(ledger, world, [str(path)], None, sha256=sha256, without_future=True)
        note_import(ledger, world)
        return taken


def _data(taken: Taken) -> dict[str, object]:
    return {
        "version": 1,
        "kind": "imported",
        "events": taken.events,
        "new": taken.added,
        "problems": [
            {"line": each.line, "reason": each.reason, "hint": each.hint or None}
            for each in taken.problems[:_MOST_TOLD]
        ],
    }


async def compared(house: House, exchange: Exchange) -> None:
    """Answers with the moves of the CRM held against the decisions of the gate."""
    house.asker_for(exchange, "reconcile").refuse_confined()
    query = exchange.query()
    check_query(query, single=("since", "window"))
    since = since_of(first_of(query, "since"))
    length = window_of(first_of(query, "window") or "15 minutes")
    found = partial(reconcile, window=length, since=since)
    text = await house.questions.work(lambda desk: "".join(reconciled.as_json(desk.look(found))))
    await exchange.answer(200, text.encode())
