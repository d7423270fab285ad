"""What each deal that entered the landmark had done by then, and whether it came to the outcome."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from hashlib import sha256
from itertools import repeat
from typing import Any, NamedTuple

from playgate.documents.document import Document
from playgate.errors import InputError
from playgate.history.deal import Deal, no_roles, responsible
from playgate.history.money import Amounts
from playgate.history.people import People
from playgate.history.walk import Rows, Walked, walk
from playgate.judge.judge import Judge
from playgate.judge.verdict import Verdict
from playgate.model.numbers import Numbers, Occurrence, Practising
from playgate.model.playbook import Playbook
from playgate.numbers.customers import Customers, groups_of
from playgate.numbers.history import History
from playgate.numbers.occurrences import Reader, value_of
from playgate.numbers.practices.candidates import Candidate, Seen, candidates
from playgate.playbook.load import load_whole
from playgate.rules.list import Rule, list_rules

__all__ = ["Studied", "Study", "practising"]

_NOT_ASKED = (
    *("use", "sequence", "limits", "rules", "level", "from", "practices", "experiments", "arm"),
)
"""What a playbook says that no candidate needs, or that would set candidates, too."""
_LEFT, _DONE, _UNASKED = 0, 1, 2
_THIRDS = 3


class Studied(NamedTuple):
    """Where and for what it was looked, as words."""

    outcome: str
    landmark: str
    first: str


def practising(playbook: Playbook, wanted: Practising) -> Studied:
    """Returns what is looked at where not all of it is named; raises `InputError` where no stage
    stands between the first and an end."""
    between = [stage.id for stage in playbook.track if stage.ends is None]
    if len(between) < 2:
        raise InputError(
            "the playbook has no stage between the first and an end",
            hint="practices are what was done by the entry into such a stage",
            code="nothing-to-judge",
        )
    landmark = wanted.landmark or between[1:][len(between[1:]) // 2]
    return Studied(wanted.outcome, landmark, between[0])


class _Deal(NamedTuple):
    """What is known of a decided deal besides what it did."""

    rep: str
    segment: str
    amount: float | None
    well: bool
    half: bool
    """In which half of the deals it is, drawn by its id."""
    of_half: bool
    """In which half of the reps its rep is."""


class Study:
    """The deals of a history that entered the landmark, judged by the candidates and by the
    playbook's own rules."""

    def __init__(
        self,
        playbook: Playbook,
        document: Document,
        *,
        studied: Studied,
        wanted: Practising,
        people: People | None,
        as_of: int,
        minimum: int,
        share: float = 1.0,
        named: Collection[str] = (),
    ) -> None:
        self.playbook = playbook
        self.studied = studied
        self._document = document
        self._wanted = wanted
        self._minimum = minimum
        self._as_of = as_of
        self._share = share
        self._asked_of = named
        self.named: dict[str, int] = {}
        """Of those that are named, the places of the decided."""
        self._roles = people.roles if people else no_roles
        self._has_people = people is not None
        self._numbers = playbook.numbers or Numbers()
        self._judge = Judge(playbook, has_people=self._has_people)
        self._reader = Reader(self._judge)
        self._outcome = self._reader.positions(self._outcome_of(wanted.outcome))
        self._customers = Customers(self._judge, groups_of(playbook, self._numbers))
        self._field = value_of(self._numbers)
        self._amounts = Amounts(playbook, None)
        self.reached = self.undecided = 0
        self.deals = self.events = self.left_out = self.problems = 0
        self.candidates: list[Candidate] = []
        self.rules: tuple[Rule, ...] = ()
        self.own: tuple[Rule, ...] = tuple(each.rule for each in self._judge.rules)
        self._decided: list[_Deal] = []
        self._done, self._kept = bytearray(), bytearray()

    def _outcome_of(self, kpi_id: str) -> Occurrence:
        then = self._numbers.kpi(kpi_id).then if kpi_id else None
        return then or Occurrence(words=("won",))

    def run(self, history: History, progress: Callable[[int], None] | None = None) -> None:
        """Looks through the history twice: what there is to try, and who did it."""
        seen = Seen(self.playbook, frozenset(self.playbook.parts))
        decided: set[str] = set()
        for walked in self._walk(history, self._judge, progress):
            deal = walked.deal
            self.problems += len(self._judge.notes(deal)) + len(walked.clashes)
            if not walked.governed:
                self.left_out += 1
                continue
            self.deals += 1
            self.events += len(deal.events)
            landmark = self._landmark(deal)
            if landmark is not None:
                seen.see(deal, landmark)
                if self._decide(deal, landmark):
                    decided.add(deal.id)
        self.reached = seen.deals
        self.candidates = candidates(
            seen,
            look=self._wanted.look,
            landmark=self.studied.landmark,
            first=self.studied.first,
            minimum=self._minimum,
        )
        # Within a span that was not over yet, it was not done by then.
        later = [_LEFT if "within" in each.rule else _UNASKED for each in self.candidates]
        tried = self._tried()
        for walked in self._walk(history, tried, progress):
            deal = walked.deal
            landmark = self._landmark(deal)
            if landmark is not None and deal.id in decided:
                self._done += self._answers(deal, landmark, tried.judge(deal), later)

    def _answers(
        self, deal: Deal, landmark: int, verdicts: list[Verdict | None], later: list[int]
    ) -> bytes:
        at = deal.happened[landmark]
        done = {
            name
            for name, positions in deal.activities.items()
            if any(deal.effective[position] <= at for position in positions)
        }
        answers = zip(self.candidates, verdicts, later, strict=True)
        return bytes(
            _done_by(at, verdict, late) if done.issuperset(each.among) else _UNASKED
            for each, verdict, late in answers
        )

    def _walk(
        self, history: History, judge: Judge, progress: Callable[[int], None] | None
    ) -> Iterator[Walked]:
        """Yields the deals as the judge reads them: what it remembers of a deal is its own."""
        reader = judge.reader(self._roles)
        for walked in walk(
            self._drawn(history), reader, judge.ever_governs, as_of=self._as_of, progress=progress
        ):
            if walked.is_one:
                yield walked

    def _drawn(self, history: History) -> Rows:
        """Yields the deals that are looked at: so large a share of all, drawn by their ids."""
        if self._share >= 1:
            return history.deals()
        return (each for each in history.deals() if _drawn_at("look", each[0]) < self._share)

    def _landmark(self, deal: Deal) -> int | None:
        move = deal.first_entry.get(self.studied.landmark)
        return None if move is None else deal.moves[move]

    def _tried(self) -> Judge:
        """Returns the judge of the candidates, which were read as a playbook's rules are."""
        kept = {key: each for key, each in self._document.data.items() if key not in _NOT_ASKED}
        rules = [{"id": f"c{n}", **each.rule} for n, each in enumerate(self.candidates)]
        data: dict[str, Any] = {**kept, "sequence": rules} if rules else kept
        playbook, _ = load_whole(json.dumps(data).encode(), self.playbook.file)
        self.rules = tuple(
            rule for rule in list_rules(playbook) if rule.info.id.startswith("sequence/")
        )
        return Judge(playbook, has_people=self._has_people, rules=self.rules)

    def _decide(self, deal: Deal, landmark: int) -> bool:
        """Takes a deal if it came to the outcome or to an end, and returns whether it did."""
        well = any(position > landmark for position in self._outcome(deal))
        if not well and deal.is_open:
            self.undecided += 1
            return False
        at = deal.happened[landmark]
        moment = deal.event_moment(landmark, grace=False)
        segment = self._customers.segment_at(deal, moment)
        rep = responsible(deal, landmark)
        worth = self._amounts.of(deal, self._field, at) if self._field else None
        if deal.id in self._asked_of:
            self.named[deal.id] = len(self._decided)
        halves = _half("deal", deal.id), _half("rep", rep)
        self._decided.append(_Deal(rep, segment, worth.own if worth else None, well, *halves))
        self._kept += bytes(map(_done_by, repeat(at), self._judge.judge(deal)))
        return True

    # What was seen, to be counted

    @property
    def decided(self) -> Sequence[_Deal]:
        """The deals that came to the outcome or to an end."""
        return self._decided

    def strata(self) -> list[Hashable]:
        """Returns of each deal with which it is alike: rep, segment, and a third by amount."""
        amounts = sorted(deal.amount for deal in self._decided if deal.amount is not None)
        cuts = [amounts[len(amounts) * part // _THIRDS] for part in (1, 2)] if amounts else []
        return [
            (
                deal.rep,
                deal.segment,
                None if deal.amount is None else sum(deal.amount >= cut for cut in cuts),
            )
            for deal in self._decided
        ]

    def done(self, place: int) -> bytearray:
        """Returns of each deal whether it did the candidate at this place: 0 or 1, and 2 where it
        was not asked of it."""
        return self._done[place :: len(self.rules)]

    def kept(self, place: int) -> bytearray:
        """Returns the same of the playbook's own rule at this place."""
        return self._kept[place :: len(self.own)]


def _half(what: str, name: str) -> bool:
    """Draws a half by a name, so that the same name is always in the same one."""
    return bool(_digest(what, name)[0] & 1)


def _drawn_at(what: str, name: str) -> float:
    """Draws a number from 0 to 1 by a name."""
    return int.from_bytes(_digest(what, name)[:4]) / 2**32


def _digest(what: str, name: str) -> bytes:
    return sha256(f"{what} {name}".encode("utf-8", "surrogatepass")).digest()


def _done_by(at: int, verdict: Verdict | None, later: int = _UNASKED) -> int:
    """Returns what a rule's verdict says of the time until an instant; `later` is what one says
    that fell due after it."""
    if verdict is None or verdict.verdict == "waived":
        return _UNASKED
    if verdict.due.at > at:
        return later
    return _DONE if verdict.verdict == "met" else _LEFT
