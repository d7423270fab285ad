"""Measures parts of the live gate within this process; prints one line of JSON.

    PYTHON live_own.py ledger PLAYBOOK DEALS FILE          makes a ledger
    PYTHON live_own.py decide PLAYBOOK                     one decision, and a bare trigger
    PYTHON live_own.py requests COUNT FILE                 makes lines for --batch
    PYTHON live_own.py transactions COUNT FILE             bare transactions in a table of FILE
    PYTHON live_own.py import PLAYBOOK HISTORY with|without FOLDER

Figures are wall and CPU seconds; those of a decision are medians.
"""

from __future__ import annotations

import gc
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from playgate.cli.import_ledger import import_into
from playgate.conditions.instants import EVENTS_UNTIL
from playgate.documents.yaml12 import parse, read_bytes
from playgate.enforce.decide import decide
from playgate.enforce.live import Live
from playgate.history.event import Event, event_id
from playgate.history.order import settle
from playgate.history.people import Person
from playgate.history.read import read_history
from playgate.judge.judge import Judge
from playgate.ledger.store import Ledger
from playgate.playbook.load import load_playbook

HOUR = 3_600_000_000
DAY = 24 * HOUR
NOW = time.time_ns() // 1000
TEAM = 60
Figures = dict[str, tuple[float, float]]


def _clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _passed(since: tuple[float, float]) -> tuple[float, float]:
    now = _clock()
    return now[0] - since[0], now[1] - since[1]


def _timed(job: Callable[[], object]) -> tuple[float, float]:
    gc.collect()
    begun = _clock()
    job()
    return _passed(begun)


def _deal(deal: str, events: int, *, ready: bool) -> list[Event]:
    """A deal in `assess` that has all that the proposal needs, or not."""
    at = NOW - 20 * DAY
    rows = [
        ("stage", "approach", ""),
        ("field", "employees", "120"),
        ("field", "industry", "food"),
        ("field", "amount", "30000"),
        ("activity", "first_call", "reached"),
        ("field", "decider", "Ms Lind"),
        ("stage", "assess", ""),
    ]
    if ready:
        rows += [
            ("field", "budget", "yes"),
            ("activity", "needs_interview", "completed"),
            ("activity", "site_visit", ""),
        ]
    rows += [("activity", "follow_up_call", "")] * (events - len(rows))
    parts = '{"with":["decider"]}'
    return [
        Event(
            deal,
            at + place * 6 * HOUR,
            kind,
            name,
            value,
            f"r{place % TEAM}",
            at + place * 6 * HOUR,
            f"e{place}",
            parts if name == "needs_interview" else "",
            0,
            0,
        )
        for place, (kind, name, value) in enumerate(rows)
    ]


def make_ledger(playbook: str, deals: str, file: str) -> Figures:
    """A ledger of deals of twenty events, every second one ready for the proposal."""
    with Ledger.open(Path(file), create=True) as ledger:
        live = Live(ledger, now=NOW - 30 * DAY)
        loaded = load_playbook(Path(playbook))
        content = read_bytes(Path(playbook))
        document, _ = parse(content, playbook)
        assert document is not None
        names = [f"D-{number:05}" for number in range(int(deals))]
        team = [Person(f"r{number}", role="rep") for number in range(TEAM)]
        with ledger.writing():
            live.keep(loaded, document, content)
            ledger.people.replace(team, live.now)
            ledger.deals.begin_all(names, loaded.sha256)
            ledger.events.add(
                (
                    event
                    for number, name in enumerate(names)
                    for event in _deal(name, 20, ready=number % 2 == 0)
                ),
                live=True,
            )
    return {}


def decisions(playbook: str) -> Figures:
    """The median of one decision on forty events in memory, and of one bare trigger."""
    from transitions import Machine

    judge = Judge(load_playbook(Path(playbook)), has_people=True)
    roles = {f"r{number}": frozenset(("rep",)) for number in range(TEAM)}
    reader = judge.reader(lambda actor, _: roles[actor])
    attempt = Event("D", NOW, "stage", "proposal", "", "r7", NOW, "e-x", "", 0, 0)
    found: Figures = {}
    for name, ready in (("allowed", True), ("refused", False)):
        events = _deal("D", 40, ready=ready)

        def ask(events: Sequence[Event] = events, ready: bool = ready) -> None:
            ruling = decide(judge, reader, events, attempt, since=None, now=NOW)
            assert ruling.allowed is ready

        found[name] = _one(ask)

    class Model:
        state = "assess"

        def allows(self, _: object) -> bool:
            return False

    model = Model()
    machine = Machine(None, ["assess", "proposal"], auto_transitions=False, send_event=True)
    machine.add_transition("move", "assess", "proposal", conditions="allows")
    machine.add_model(model, initial="assess")
    found["trigger"] = _one(model.move)  # type: ignore[attr-defined]
    return found


def _one(job: Callable[[], object]) -> tuple[float, float]:
    """The median of one call: by the clock of single calls, of CPU in rounds of a hundred."""
    for _ in range(500):
        job()
    wall, cpu = [], []
    for _ in range(50):
        begun = time.process_time()
        for _ in range(100):
            at = time.perf_counter()
            job()
            wall.append(time.perf_counter() - at)
        cpu.append((time.process_time() - begun) / 100)
    return median(wall), median(cpu)


def make_requests(number: str, file: str) -> Figures:
    """A third each: something done, a question, a move; every second deal is refused."""
    with open(file, "w", encoding="utf-8") as out:
        for place in range(int(number) // 3):
            deal = {"deal": f"D-{place:05}", "by": "r7"}
            for request in (
                {"command": "log", "activity": "follow_up_call", "outcome": "reached", **deal},
                {"command": "check", "stage": "proposal", **deal},
                {"command": "move", "stage": "proposal", **deal},
            ):
                out.write(json.dumps(request) + "\n")
    return {}


INSERT = (
    "INSERT INTO bare (deal, event_id, happened_at, kind, name, value, actor, recorded_at,"
    " attrs, live) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _bare(file: Path) -> sqlite3.Connection:
    """A table with the columns and the indexes of the ledger's events, and its settings."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE bare (seq INTEGER PRIMARY KEY, deal TEXT NOT NULL, event_id TEXT NOT NULL,"
        " happened_at INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,"
        " value TEXT NOT NULL, actor TEXT NOT NULL, recorded_at INTEGER NOT NULL,"
        " attrs TEXT NOT NULL, live INTEGER NOT NULL, UNIQUE (deal, event_id))"
    )
    return connection


def transactions(number: str, file: str) -> Figures:
    """So many rows, each in a transaction of its own."""
    connection = _bare(Path(file))
    rows = [
        (f"D-{place:05}", "e-0", NOW, "activity", "follow_up_call", "", "r7", NOW, "", 1)
        for place in range(int(number))
    ]

    def work() -> None:
        for row in rows:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(INSERT, row)
            connection.execute("COMMIT")

    return {"work": _timed(work)}


def importing(playbook: str, history: str, ids: str, folder: str) -> Figures:
    """Reading and settling; the ledger's part; and the same rows by `executemany`."""
    deals: list[list[Event]] = []

    def read() -> None:
        rows: dict[str, list[Event]] = {}
        for event in read_history([history], mapping=None, report=_refuse):
            rows.setdefault(event.deal, []).append(event)
        deals.extend(settle(each)[0] for each in rows.values())

    reading = _timed(read)
    named = [[event._replace(event_id=event_id(event)) for event in each] for each in deals]
    ours, raw = Path(folder, "import.db"), Path(folder, "raw.db")
    given = named if ids == "with" else deals
    into = partial(import_into, ours, until=EVENTS_UNTIL, sources=[history], problems=[])
    into(iter(()), playbook=playbook)  # the playbook is read once, not for each event
    found = {
        "reading": reading,
        "ledger": _timed(lambda: into(iter(given), playbook=None)),
        "raw": _timed(lambda: _insert(raw, _columns(named))),
    }
    for file in Path(folder).glob("*.db*"):
        if file.name.startswith(("import.", "raw.")):
            file.unlink()
    return found


def _columns(deals: list[list[Event]]) -> Iterator[tuple[object, ...]]:
    for each in deals:
        for e in each:
            yield (
                e.deal,
                e.event_id,
                e.happened_at,
                e.kind,
                e.name,
                e.value,
                e.actor,
                e.recorded_at,
                e.attrs,
                0,
            )


def _insert(file: Path, rows: Iterator[tuple[object, ...]]) -> None:
    connection = _bare(file)
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(INSERT, rows)
    connection.execute("COMMIT")
    connection.close()


def _refuse(problem: object) -> None:
    raise SystemExit(str(problem))


JOBS: dict[str, Callable[..., Figures]] = {
    "ledger": make_ledger,
    "decide": decisions,
    "requests": make_requests,
    "transactions": transactions,
    "import": importing,
}

if __name__ == "__main__":
    job, *arguments = sys.argv[1:]
    print(json.dumps(JOBS[job](*arguments)))
