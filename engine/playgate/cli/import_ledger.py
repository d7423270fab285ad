"""`playgate import --db`: take a mapped history into the ledger, as often as one likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from playgate.cli.clock import now
from playgate.documents.yaml12 import read_bytes
from playgate.enforce.live import Live
from playgate.enforce.taking_in import take_in
from playgate.history.event import Event, Problem
from playgate.ledger.store import Ledger
from playgate.playbook.load import load_whole

__all__ = ["import_into"]


def import_into(
    path: Path | str,
    deals: Iterator[list[Event]],
    *,
    playbook: str | None,
    until: int,
    sources: Sequence[str],
    problems: list[Problem],
    progress: Callable[[int], None] | None = None,
) -> tuple[int, int]:
    """Opens the ledger and takes settled deals in, as `take_in` does; `playbook` is a file, by
    which deals are judged that the ledger does not know, and with it there need be no ledger
    yet."""
    with Ledger.open(path, create=playbook is not None) as ledger:
        found = take_in(
            ledger,
            deals,
            sha256=_playbook(ledger, playbook) if playbook is not None else "",
            until=until,
            sources=sources,
            problems=problems,
            now=now,
            progress=progress,
        )
        with ledger.writing():
            ledger.settings.set_imported_at(now())
    return found


def _playbook(ledger: Ledger, file: str) -> str:
    content = read_bytes(Path(file))
    loaded, document = load_whole(content, file)
    with ledger.writing():
        Live(ledger, now=now()).keep(loaded, document, content)
    return loaded.sha256
