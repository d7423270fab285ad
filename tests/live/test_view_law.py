"""Law: a ledger that stays open answers as one that is opened for the question, whatever was
recorded meanwhile, by itself or by others."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live.gate import say
from live.on_server import ledgers_on
from playgate.conditions.instants import show_instant
from playgate.enforce import live, view
from playgate.enforce.deal_list import Wanted, list_deals
from playgate.enforce.requests import Requests
from playgate.errors import InputError
from playgate.history.people import Person
from playgate.ledger.erasing import Asked
from playgate.ledger.store import Ledger
from playgate.report.deal_list import as_json
from playgate.report.live_json import render

AT = 1_772_000_000_000_000
PLAYBOOK = """\
playbook: small
version: {version}
roles: [rep, manager]
may_waive: [manager]
fields: {{note: {{type: text}}}}
activities: {{call: {{title: Call}}}}
stages:
  - {{stage: a, activities: [{{do: call, within: {days} days}}]}}
  - {{stage: b, entry: [{{field: note, is: present}}], by: [rep, manager]}}
  - {{stage: won, ends: won}}
  - {{stage: lost, ends: lost}}
migration: {{policy: migrate}}
"""
NEWER = (2, 3)
DEALS = ("d", "e", "f")
Step = tuple[str, str, str]


class Clock:
    """A clock that goes on by an hour whenever it is set on."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> int:
        return self.at

    def on(self) -> None:
        self.at += 3_600_000_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with two deals."""
    return make(tmp_path_factory.mktemp("viewed"))


def make(folder: Path) -> Path:
    """Makes a ledger with two deals, and versions of their playbook beside it."""
    playbook, db = folder / "small.yaml", folder / "deals.db"
    playbook.write_text(PLAYBOOK.format(version=1, days=3))
    for version in NEWER:
        (folder / f"small-{version}.yaml").write_text(PLAYBOOK.format(version=version, days=1))
    for deal in DEALS[:2]:
        assert say("open", deal, "--playbook", str(playbook), db=db, clock=AT).status == 0
    return db


def opened(db: Path, clock: Clock, *, reading: bool = False) -> Requests:
    """Returns what answers requests to the ledger."""
    ledger = Ledger.open(db, reading=reading)
    return Requests(ledger, now=clock, by="ann", render=render, reads_files=False)


def answer(requests: Requests, request: dict[str, Any]) -> str:
    """Returns an answer as it is sent, or what is wrong."""
    try:
        if request["command"] == "deals":
            found = requests.look(lambda known: list_deals(known, Wanted(ended=True), at=known.now))
            return "".join(as_json(found))
        return render(requests.do(request))
    except InputError as error:
        return repr((error.code, str(error)))


def record(db: Path, requests: Requests, step: Step) -> None:
    """Does what a step asks, or what becomes of it."""
    what, deal, other = step
    file = db.with_name("small-2.yaml" if other == "d" else "small-3.yaml")
    brought = db.with_name("brought.csv")
    at = requests.look(lambda known: known.now)
    commands: dict[str, dict[str, Any]] = {
        "log": {"activity": "call", "id": f"call-{deal}"},
        "set": {"fields": {"note": other}},
        "move": {"stage": "b" if other == "d" else "won"},
        "open": {},
        "waive": {"rule": "b/*", "reason": other, "all": True},
        "retract": {"event": f"call-{deal}", "reason": "no"},
        "merge": {"into": other, "reason": "one"},
        "waiver-request": {"rule": "b/entry/note", "reason": other},
    }
    words: dict[str, tuple[str, ...]] = {
        "publish": ("publish", str(file)),
        "migrate": ("migrate", "--to", file.stem[-1], "--deal", deal),
        "import": ("import", str(brought), "--playbook", str(file)),
        "rebuild": ("ledger", "rebuild"),
        "token": ("token", "new", "--scope", "read"),
    }
    told = f"deal,happened_at,kind,name,actor\n{deal},{show_instant(at)},activity,call,{other}\n"
    elsewhere: dict[str, Callable[[Ledger], object]] = {
        "shadow": lambda ledger: ledger.settings.set_shadow(other == "d"),
        "people": lambda ledger: ledger.people.replace(
            [Person("ann", role="manager" if other == "d" else "rep")], AT
        ),
    }
    if what in commands:
        answer(requests, {"command": what, "deal": deal, **commands[what]})
    elif what in words:
        brought.write_text(told)
        assert say(*words[what], db=db, clock=at).status < 3
    elif what == "erase":
        with Ledger.open(db) as ledger:
            try:
                ledger.erase(deal=deal, asked=Asked(AT, "ann", "asked"))
            except InputError:
                return
    else:
        with Ledger.open(db) as ledger, ledger.writing():
            elsewhere[what](ledger)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                *("log", "set", "move", "open", "waive", "retract", "merge", "shadow", "people"),
                *("erase", "publish", "migrate", "import", "rebuild", "token", "waiver-request"),
            )
        ),
        st.sampled_from(DEALS),
        st.sampled_from(DEALS),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


def check(made: Path, steps: list[tuple[str, str, str, bool]]) -> None:
    """Tells a story of a copy of the ledger."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(made.parent, folder, dirs_exist_ok=True)
        check_of(Path(folder, made.name), steps)


def check_of(db: Path, steps: list[tuple[str, str, str, bool]]) -> None:
    """Asks all that there is after each step: of who reads, of who writes, and anew."""
    clock = Clock()
    with opened(db, clock, reading=True) as reader, opened(db, clock) as writer:
        for what, deal, other, itself in steps:
            clock.on()
            if itself:
                record(db, writer, (what, deal, other))
            else:
                with opened(db, clock) as somebody:
                    record(db, somebody, (what, deal, other))
            for request in (
                *({"command": "check", "deal": each, "stage": "b"} for each in DEALS),
                *({"command": "next", "deal": each} for each in (deal, other)),
                {"command": "allowed", "deal": deal},
                {"command": "history", "deal": other},
                {"command": "deals"},
            ):
                clock.on()
                with opened(db, clock, reading=True) as fresh:
                    expected = answer(fresh, request)
                assert answer(reader, request) == expected
                assert answer(writer, request) == expected


@settings(max_examples=15, deadline=None)
@given(steps=STEPS)
def test_what_stays_open_answers_as_what_is_opened(
    made: Path, steps: list[tuple[str, str, str, bool]]
) -> None:
    """Each step is recorded by the writer that stays open, or by somebody else."""
    check(made, steps)


@settings(max_examples=8, deadline=None)
@given(steps=STEPS)
def test_little_room_changes_no_answer(made: Path, steps: list[tuple[str, str, str, bool]]) -> None:
    """What is held is bounded, and so are the entries that are followed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view, "_MOST", 4)
        patch.setattr(view, "_FOLLOWED", 2)
        patch.setattr(live, "_MOST_CARRIED", 0)
        check(made, steps)


@pytest.mark.thorough
@settings(max_examples=250, deadline=None)
@given(steps=STEPS)
def test_what_stays_open_answers_as_what_is_opened_at_length(
    made: Path, steps: list[tuple[str, str, str, bool]]
) -> None:
    """The same of many more stories."""
    check(made, steps)


@pytest.mark.postgres
@settings(max_examples=6, deadline=None)
@given(steps=STEPS)
def test_what_stays_open_answers_as_what_is_opened_on_a_server(
    server: str, steps: list[tuple[str, str, str, bool]]
) -> None:
    """The same of a ledger on PostgreSQL."""
    with ledgers_on(server), tempfile.TemporaryDirectory() as folder:
        check_of(make(Path(folder)), steps)


def test_another_ledger_in_its_place_is_read_anew(made: Path, tmp_path: Path) -> None:
    """A ledger that is put back to what it was holds no answer of what was."""
    db, clock = Path(shutil.copy(made, tmp_path / "deals.db")), Clock()
    question = {"command": "check", "deal": "d", "stage": "b"}
    with opened(db, clock) as writer:
        clock.on()
        writer.do({"command": "set", "deal": "d", "fields": {"note": "known"}})
        before = answer(writer, question)
        with Ledger.open(db) as ledger, ledger.writing():
            ledger.connection.execute("DELETE FROM events WHERE kind = 'field'")
            ledger.connection.execute("DELETE FROM log WHERE seq = (SELECT max(seq) FROM log)")
        clock.on()
        told = answer(writer, question)
        assert "note was empty" in told
        assert "note was empty" not in before
        with opened(db, clock) as fresh:
            assert told == answer(fresh, question)
