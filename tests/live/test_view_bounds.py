"""What a ledger that stays open remembers is bounded, however long its texts are."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gate import say
from hypothesis import given
from hypothesis import strategies as st

from playgate.enforce import live, view
from playgate.enforce.requests import Requests
from playgate.enforce.view import View
from playgate.history.event import Event
from playgate.history.undeclared import UndeclaredWords
from playgate.ledger.rows import DealRow
from playgate.ledger.store import Ledger
from playgate.report.live_json import render

AT = 1_772_000_000_000_000
PLAYBOOK = """\
playbook: small
version: 1
fields: {note: {type: text}}
activities: {call: {title: Call, outcomes: [held, cancelled], attributes: {about: text}}}
stages: [{stage: a}, {stage: b}, {stage: won, ends: won}, {stage: lost, ends: lost}]
"""
LONG = 100_000


@pytest.fixture
def asked(tmp_path: Path) -> Any:
    """What answers requests to a ledger with one deal."""
    playbook, db = tmp_path / "small.yaml", tmp_path / "deals.db"
    playbook.write_text(PLAYBOOK)
    assert say("open", "d", "--playbook", str(playbook), db=db, clock=AT).status == 0
    clock = iter(range(AT + 1, AT + 10_000))
    with Requests(
        Ledger.open(db), now=lambda: next(clock), by="ann", render=render, reads_files=False
    ) as requests:
        yield requests


def left_of(ask: Callable[[str], object]) -> int:
    """How many bytes are kept after 40 texts of 100,000 characters."""
    texts = (f"{number:06}" * (LONG // 6) for number in range(41))
    ask(next(texts))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for text in texts:
            ask(text)
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def test_long_texts_of_questions_are_not_kept(asked: Requests) -> None:
    """What a question brings is forgotten after it."""
    request = {"command": "check", "deal": "d", "stage": "b"}
    assert left_of(lambda text: asked.do({**request, "fields": {"note": text}})) < 10 * LONG


def test_long_words_are_not_kept(asked: Requests) -> None:
    words = UndeclaredWords(asked.look(lambda known: known.pinned(known.row("d"))))
    assert left_of(lambda text: words.of("call", text, "")) < 10 * LONG
    assert left_of(lambda text: words.of("call", "", f'{{"about": "{text}"}}')) < 10 * LONG


def test_judges_of_migrated_deals_are_not_kept_for_ever(tmp_path: Path) -> None:
    """Each deal that was migrated by itself has a judge of its own."""
    db = tmp_path / "deals.db"
    for version in (1, 2):
        playbook = tmp_path / f"small-{version}.yaml"
        text = PLAYBOOK.replace("version: 1", f"version: {version}")
        playbook.write_text(f"{text}migration: {{policy: migrate}}\n")
        assert say("publish", str(playbook), db=db, clock=AT).status == 0
    deals = [f"d{number}" for number in range(6)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "_MOST_CARRIED", 3)
        clock = iter(range(AT + 1, AT + 10_000))
        with Requests(
            Ledger.open(db), now=lambda: next(clock), by="ann", render=render, reads_files=False
        ) as requests:
            for deal in deals:
                requests.do({"command": "open", "deal": deal, "playbook": "small@1"})
                words = ("migrate", "--to", "2", "--deal", deal)
                assert say(*words, db=db, clock=next(clock)).status == 0
            for deal in deals * 2:
                requests.do({"command": "check", "deal": deal, "stage": "b"})
                known = requests._live
                assert len(known._carried) <= 4
                assert len(known._judges) <= 6


class Deals:
    """Deals, each with as many events of as many characters as its name says."""

    def __init__(self) -> None:
        self.deals = self
        self.events = self

    def get(self, deal: str) -> DealRow:
        return DealRow(deal, "p", None)

    def of(self, deal: str) -> list[Event]:
        count, length = map(int, deal.split("x"))
        return [Event(deal, 1, "field", "f", "y" * length, "", 1, "", "", 0, 0)] * count


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("row", "events", "forget")),
        st.builds("{}x{}".format, st.integers(0, 12), st.integers(0, 30)),
    )
)


@given(steps=STEPS)
def test_no_more_is_held_than_is_counted(steps: list[tuple[str, str]]) -> None:
    """A second count of what is held agrees with the first, and both stay within bounds."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("_MOST", 20), ("_LARGEST", 15), ("_CHARACTERS", 10)):
            patch.setattr(view, name, value)
        source: Any = Deals()
        found = View(source)
        for what, deal in steps:
            if what == "forget":
                found._forget(deal)
            elif what == "row":
                assert found.row(deal) == source.get(deal)
            else:
                assert found.row(deal) is not None
                assert found.events(deal) == source.of(deal)
            held = len(found._rows) + sum(
                len(events) + sum(len(each.value) for each in events) // 10
                for _, events in found._events.values()
            )
            assert held == found._held
            assert held <= 20 + 15
