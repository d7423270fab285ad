"""What the live gate knows: a ledger's deals, what judges them, and what is compiled of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from playgate.conditions.instants import SKEW
from playgate.conditions.patience import Patience
from playgate.documents.document import Document
from playgate.documents.stored import dump, load
from playgate.enforce.judged import Judged
from playgate.enforce.remedy import Remedies
from playgate.enforce.view import View
from playgate.errors import InputError
from playgate.history.deal import DealReader
from playgate.history.event import Event
from playgate.history.people import People, Person
from playgate.judge.explain import Explainer
from playgate.judge.judge import Judge
from playgate.ledger.head import Head
from playgate.ledger.rows import DealRow, PlaybookRow
from playgate.ledger.settings import RecordKeeper
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.playbook.build import build
from playgate.playbook.holidays import has_country, keep_holidays

if TYPE_CHECKING:
    from playgate.machine import StageMachine
    from playgate.versions.carry import Carried

__all__ = ["SKEW", "Ending", "Live", "last_move"]

_MOST_CARRIED = 200
"""Ways in which deals were migrated that are known at once; each has a judge of its own."""


class Live:
    """Knows one ledger, and when it is: `now` is when all that is done is recorded; with
    `patience`, what is judged counts its steps. What is recorded says from where it comes, where
    `origin` tells it."""

    def __init__(
        self, ledger: Ledger, *, now: int, patience: Patience | None = None, origin: str = ""
    ) -> None:
        self.ledger = ledger
        self.now = now
        self.origin = origin
        self._patience = patience
        self._playbooks: dict[str, Playbook] = {}
        self._carried: dict[tuple[tuple[str, str, int], ...], Carried] = {}
        self._judges: dict[int, Judge] = {}
        self._machines: dict[str, StageMachine] = {}
        self._made: dict[tuple[str, str, str], bool] = {}
        self._readers: dict[int, DealReader] = {}
        self._explainers: dict[int, Explainer] = {}
        self._remedies: dict[int, Remedies] = {}
        self._persons: Sequence[tuple[Any, ...]] = ()
        self._people_end: tuple[int, bytes] | None = None
        self._people: People | None = None
        self._team = 0
        self._people_known = False
        self._shadow: bool | None = None
        self._record: RecordKeeper | None = None
        self._tried: tuple[dict[str, DealRow], dict[str, Playbook]] | None = None
        self._view = View(ledger)
        self._is_viewing = self._was_viewing = False
        self._viewing = Ending(self._end_view)
        self.judged = Judged(patience)

    def refresh(self, now: int, *, twice: bool = True) -> None:
        """Goes on at a later time, at which it reads again what other processes may have changed;
        `twice` is whether what is asked now is asked again under the lock."""
        self.again(now)
        self._forget_carried()
        self.judged.open(keeps=twice)

    def again(self, now: int) -> None:
        """Reads again what other processes may have changed; what was judged stays known."""
        self.now = now
        self._people_known = False
        self._shadow = None
        self._was_viewing = False

    def viewing(self, now: int) -> AbstractContextManager[None]:
        """Goes on at a later time, for what records nothing, until the context ends; must be called
        inside a transaction. What others have not changed is not read again."""
        if self._view.follow() and self._was_viewing:
            self.now = now
            self._forget_carried()
            self.judged.open(keeps=False)
        else:
            self.refresh(now, twice=False)
        self._is_viewing = self._was_viewing = True
        return self._viewing

    def _end_view(self) -> None:
        self._is_viewing = False

    def _forget_carried(self) -> None:
        """Forgets the judges where there are too many; must be called before any is in use, as
        what belongs to one is known by the place where it lies."""
        if len(self._carried) > _MOST_CARRIED:
            for each in (self._carried, self._judges, self._readers):
                each.clear()
            self._explainers.clear()
            self._remedies.clear()

    def head(self) -> Head:
        """Returns where the log ends."""
        seq, digest = self._end()
        return Head(seq, digest.hex())

    def _end(self) -> tuple[int, bytes]:
        return self._view.end if self._is_viewing else self.ledger.log.end()

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Lets deals begin, and playbooks be kept, for now and for this view of the ledger only."""
        self._tried = {}, {}
        try:
            yield
        finally:
            self._tried = None

    def asked_of(self) -> tuple[Hashable, ...]:
        """Returns what every judgement depends on beside its deal: when it is, who is who, and
        what holds for the whole ledger."""
        self.people()
        return self.now, self._team, self.shadow, self.record

    @property
    def record(self) -> RecordKeeper:
        """Who keeps the record; a ledger never changes that."""
        if self._record is None:
            self._record = self.ledger.settings.record()
        return self._record

    @property
    def shadow(self) -> bool:
        """Whether every move is let through, and what would be refused only told."""
        if self._shadow is None:
            self._shadow = self.ledger.settings.shadow()
        return self._shadow

    def known_as(self, deal: str) -> str:
        """Returns the id of a deal that may have been merged into another."""
        if self._row(deal) is not None:
            return deal
        return self.ledger.taken_back.known_as(deal)

    def known_row(self, deal: str) -> DealRow | None:
        """Returns the deal, or `None` where the ledger does not know it."""
        row = self._row(deal)
        return self._tried[0].get(deal) if row is None and self._tried else row

    def _row(self, deal: str) -> DealRow | None:
        return self._view.row(deal) if self._is_viewing else self.ledger.deals.get(deal)

    def begin(self, deal: str, playbook: str) -> None:
        """Makes a deal known, judged by this playbook from then on."""
        if self._tried is None:
            self.ledger.deals.begin(deal, playbook)
        elif self.known_row(deal) is None:
            self._tried[0][deal] = DealRow(deal, playbook, None)

    def row(self, deal: str) -> DealRow:
        """Returns the deal; raises `InputError` where the ledger does not know it."""
        row = self.known_row(deal)
        if row is None:
            near = self.ledger.deals.near(deal)
            new = "an import brings it" if self.record == "crm" else "playgate open starts a deal"
            hint = f'did you mean "{near}"?' if near else new
            raise InputError(f"the ledger has no deal {deal}", hint=hint, code="no-deal")
        if row.erased:
            hint = "what was recorded of it is counted, and nothing of it is known any more"
            raise InputError(f"{deal} was erased", hint=hint, code="erased")
        return row

    def playbook(self, sha256: str) -> Playbook:
        """Returns the playbook of this content, as it stands in the ledger."""
        known = self._playbooks.get(sha256) or (self._tried and self._tried[1].get(sha256))
        if known is None:
            document = load(self.ledger.playbooks.get(sha256).document)
            known = build(document, frozenset(), [])
            if known is None:
                message = f"the ledger's playbook {sha256[:12]} is damaged"
                raise InputError(message, code="ledger-damaged")
            self._playbooks[sha256] = known
        return known

    def version(self, name: str, version: str) -> str:
        """Returns the digest of a version that is kept, empty where there is none."""
        tried = self._tried[1].values() if self._tried else ()
        known = [each.sha256 for each in tried if (each.name, each.version) == (name, version)]
        rows = self.ledger.playbooks.all()
        known += [row.sha256 for row in rows if (row.name, row.version) == (name, version)]
        return next(iter(known), "")

    def pinned(self, row: DealRow) -> Playbook:
        """Returns the playbook that judges the deal: that which it began under, or was migrated
        to."""
        if row.migrated_at is None:
            return self.playbook(row.playbook)
        return self.carried(row.deal).playbook

    def events(self, row: DealRow) -> list[Event]:
        """Returns the deal's events in the words of the version that judges it."""
        source = self._view.events if self._is_viewing else self.ledger.events.of
        events = source(row.deal)
        return events if row.migrated_at is None else [*self.carried(row.deal).translate(events)]

    def carried(self, deal: str) -> Carried:
        """Returns how a deal that was migrated is judged."""
        steps = tuple(
            (each.from_playbook, each.to_playbook, each.at)
            for each in self.ledger.migrations.of(deal)
        )
        if steps not in self._carried:
            from playgate.versions.carry import Migrated, carry  # few deals are migrated

            self._carried[steps] = carry(
                Migrated(at, self.playbook(old), self.playbook(new)) for old, new, at in steps
            )
        return self._carried[steps]

    def people(self) -> People | None:
        """Returns who is who, as the ledger knows it."""
        if not self._people_known:
            end = self._end()
            if end != self._people_end:
                self._read_people()
                self._people_end = end
            self._people_known = True
        return self._people

    def _read_people(self) -> None:
        persons = self.ledger.people.rows()
        if persons != self._persons:
            self._persons, self._team = persons, self._team + 1
            self._readers.clear()
            self._people = People(Person(*each) for each in persons) if persons else None

    def judge(self, playbook: Playbook) -> Judge:
        """Returns the playbook's judge, compiled once: where no people are known, nobody holds a
        role."""
        key = id(playbook)  # the judge keeps it alive
        if key not in self._judges:
            self._judges[key] = Judge(playbook, has_people=True, patience=self._patience)
        return self._judges[key]

    def reader(self, judge: Judge) -> DealReader:
        """Returns the judge's reader of deals, for the people as they are known now."""
        people, key = self.people(), id(judge)  # a judge is kept alive
        if key not in self._readers:
            self._readers[key] = judge.reader(people.roles) if people else judge.reader()
        return self._readers[key]

    def explainer(self, judge: Judge) -> Explainer:
        """Returns what words the judge's findings."""
        if id(judge) not in self._explainers:
            self._explainers[id(judge)] = Explainer(judge)  # which keeps the judge alive
        return self._explainers[id(judge)]

    def remedies(self, judge: Judge) -> Remedies:
        """Returns what finds what would make the judge's rules met."""
        if id(judge) not in self._remedies:
            self._remedies[id(judge)] = Remedies(judge)  # which keeps the judge alive
        return self._remedies[id(judge)]

    def makes(self, sha256: str, current: str, stage: str) -> bool:
        """Returns whether the state machine of the playbook of this content makes a move that the
        judge, who guards it, lets through."""
        move = sha256, current, stage
        if move not in self._made:
            self._made[move] = self._machine(sha256).makes(current, stage, guard=lambda: True)
        return self._made[move]

    def _machine(self, sha256: str) -> StageMachine:
        if sha256 not in self._machines:
            from playgate.machine import StageMachine  # dear; a refusal needs none

            self._machines[sha256] = StageMachine(self.playbook(sha256))
        return self._machines[sha256]

    def keep(self, playbook: Playbook, document: Document, content: bytes) -> Playbook:
        """Keeps the playbook whole in the ledger, and returns it as it stands there.

        What its country's holidays are stays what it was when this content was kept first.
        """
        if playbook.experiments:
            from playgate.versions.arms import arms_to_keep  # few playbooks have any

            for arm in arms_to_keep(playbook, content):  # before it: the last one judges
                self._keep(*arm)
        return self._keep(playbook, document, content)

    def _keep(self, playbook: Playbook, document: Document, content: bytes) -> Playbook:
        if self._tried is not None:
            if all(row.sha256 != playbook.sha256 for row in self.ledger.playbooks.all()):
                self._tried[1][playbook.sha256] = playbook
            return self.playbook(playbook.sha256)
        row = PlaybookRow(
            playbook.sha256,
            playbook.name,
            str(playbook.version),
            playbook.file,
            content,
            dump(keep_holidays(document, playbook.holidays)),
        )
        if self.ledger.playbooks.keep(row, self.now) or not has_country(playbook.holidays):
            self._playbooks[playbook.sha256] = playbook
        return self.playbook(playbook.sha256)

    def current(self, deal: str) -> tuple[str, int | None, str]:
        """Returns the stage that the deal is in, since when, and by whom it was moved there."""
        row = self.row(deal)
        return last_move(self.pinned(row), self.events(row), until=self.now + SKEW)


class Ending:
    """A context that ends something, and can be entered again."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end

    def __enter__(self) -> None:
        """Begins nothing."""

    def __exit__(self, *_: object) -> None:
        self._end()


def last_move(
    playbook: Playbook, events: Sequence[Event], *, until: int
) -> tuple[str, int | None, str]:
    """Returns the last stage that was entered by an instant, when, and by whom.

    What an old ledger holds of a future that is further off than clocks differ counts as little as
    it does in files: a year that was mistyped traps no deal.
    """
    stages = {stage.id for stage in playbook.stages}
    current: tuple[str, int | None, str] = ("", None, "")
    moves = [
        event
        for event in events
        if event.kind == "stage" and event.name in stages and event.happened_at <= until
    ]
    for event in sorted(moves, key=lambda event: event.happened_at):
        if event.name != current[0]:
            current = (event.name, event.happened_at, event.actor)
    return current
