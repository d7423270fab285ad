"""What answers: the ledger as each thread has it open, who may ask, and how much at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from playgate.documents.addresses import is_address
from playgate.enforce.requests import Requests
from playgate.errors import InputError
from playgate.language import ENGLISH, Language
from playgate.ledger.store import Ledger
from playgate.records import Record
from playgate.serve.buckets import Buckets
from playgate.serve.counted import Counted
from playgate.serve.desks import Desks, desk
from playgate.serve.exchange import Bodies, Exchange
from playgate.serve.glance import Glance
from playgate.serve.logs import Log
from playgate.serve.metrics import Figures
from playgate.serve.post_room import PostRoom
from playgate.serve.questions import Questions
from playgate.serve.readers import AT_ONCE, Readers
from playgate.serve.settings import Settings, World
from playgate.serve.tokens import Asker, Doorkeeper
from playgate.serve.writer import Writer

__all__ = ["House", "Voice"]

_COUNTING = 120.0
"""Seconds for which all deals together may be judged for the page."""
_USES_AFTER = 60.0
"""Seconds after which it is kept when tokens were last used."""


_T = TypeVar("_T")


class Voice(Record):
    """What answers the page in one language."""

    counted: Counted
    desks: Desks

    async def work(self, job: Callable[[Requests], _T]) -> _T:
        """Returns what is read off the ledger."""
        return await self.desks.do(job)

    def close(self) -> None:
        """Ends the threads."""
        self.desks.close()
        self.counted.close()


class House:
    """All that answers; it is opened and closed in the thread that asks."""

    def __init__(self, settings: Settings, world: World) -> None:
        self.settings = settings
        self.world = world
        self.limits = settings.limits
        self.log = Log(world, settings.logged)
        self.buckets = Buckets(settings.limits.rate, clock=world.clock)
        self.figures = Figures()
        self.stopping = False
        """Whether nothing new is accepted."""
        self.batches = 0
        """How many batches are being answered."""
        self.under_way = 0
        """How many requests are being answered."""
        self.importing = asyncio.Lock()
        """Held by what takes events in: one at a time leaves room for questions."""
        self.bodies = Bodies()
        """The bodies of these that are waited for."""

    def open(self) -> None:
        """Opens the ledger, and lets the threads begin."""
        self._look = Glance(lambda: self._opened(reading=True))
        self._doorkeeper = Doorkeeper(self._look, now=self.world.now, clock=self.world.clock)
        desks = self._desks_for(ENGLISH)
        self._at_once = desk(self._opened(reading=True), self.world, patience=AT_ONCE)
        self._voices = {ENGLISH.tag: Voice(self._counted_for(ENGLISH), desks)}
        # Elsewhere than in a file, an answer is waited for: that is done by other threads.
        is_near = not is_address(self.settings.db)
        self.readers = Readers(
            self.settings.readers if is_near else 0, self.settings.db, self.world, self._reader_lost
        )
        self.questions = Questions(self.readers, self._at_once if is_near else None, desks)
        self.writer = Writer(
            lambda: self._desk(reading=False),
            most_waiting=self.limits.waiting,
            uses=self._doorkeeper.take_uses,
            uses_after=_USES_AFTER,
            clock=self.world.clock,
        )
        self.post_room = PostRoom(lambda: self._opened(reading=False), self.world)

    def close(self) -> None:
        """Finishes what was accepted, and closes the ledger."""
        self.stopping = True
        self.post_room.close()
        self.writer.close()
        self.readers.close()
        for voice in self._voices.values():
            voice.close()
        self._at_once.close()
        self._look.close()

    def voice(self, language: Language) -> Voice:
        """Returns what answers the page in a language; what is judged is said as it is judged, so
        that each has threads of its own, from when it is first asked for."""
        found = self._voices.get(language.tag)
        if found is None:
            found = Voice(self._counted_for(language), self._desks_for(language))
            self._voices[language.tag] = found
        return found

    def _desks_for(self, language: Language) -> Desks:
        name = f"desk-{language.tag}"
        return Desks(lambda: self._desk(reading=True)[1], name=name, language=language)

    def _counted_for(self, language: Language) -> Counted:
        return Counted(
            lambda: self._desk(reading=True, patience=_COUNTING)[1],
            head=lambda: self._look(lambda ledger: ledger.log.head()),
            clock=self.world.clock,
            language=language,
        )

    def _desk(self, *, reading: bool, patience: float | None = None) -> tuple[Ledger, Requests]:
        ledger = self._opened(reading=reading)
        limits = self.limits
        allowed = patience or limits.patience
        return ledger, desk(ledger, self.world, patience=allowed, largest=limits.largest)

    def _reader_lost(self) -> bool:
        """Tells that a process that answers has ended, and whether it is begun again: who stops the
        server may have told them as well."""
        if not self.stopping:
            self.log.say("reader-lost")
        return not self.stopping

    def _opened(self, *, reading: bool) -> Ledger:
        return Ledger.open(self.settings.db, reading=reading)

    def asker(self, exchange: Exchange, authorization: str = "") -> Asker:
        """Returns who asks, by the header that says so or by what is said in its place; raises
        `InputError` where that is nobody, or somebody who asks too often."""
        said = authorization or exchange.header(b"authorization")
        exchange.asker = asker = self._doorkeeper.asker(said)
        self.buckets.take(asker.id)
        return asker

    def signed_in(self, known_id: str) -> Asker | None:
        """Returns who signed in by the token of an id; `None` where it counts no more."""
        return self._doorkeeper.still(known_id)

    def asker_for(self, exchange: Exchange, what: str) -> Asker:
        """Returns who asks for something; raises `InputError` where they may not."""
        asker = self.asker(exchange)
        asker.refuse_beyond(what)
        return asker

    def is_ready(self) -> bool:
        """Returns whether it answers, and can record; looks into the ledger."""
        if self.stopping or not self.writer.is_alive:
            return False
        try:
            return self._look(lambda ledger: ledger.size()) >= 0
        except InputError:
            return False
