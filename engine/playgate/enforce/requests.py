"""Requests to an open ledger, and their answers: what the command line, batches and the Python API
stand on.

A request is read once: checked against the contract, its texts in Unicode's form C, its fields as
text, and with somebody who makes it. Nothing here reads a clock: who opens a ledger brings one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from playgate.conditions.patience import Patience
from playgate.documents.document import composed
from playgate.enforce.commands import COMMANDS, Request, answer_of
from playgate.enforce.confined import Confined, naming_no_others, refuse_after, refuse_before
from playgate.enforce.contract import check_request
from playgate.enforce.judged import TOGETHER, ChangedError
from playgate.enforce.keyed import AnsweredError, Keyed, refuse_known
from playgate.enforce.largest import Largest
from playgate.enforce.live import Ending, Live
from playgate.enforce.texts import composed_texts
from playgate.enforce.values import Decision, Decisions, NotDecided
from playgate.enforce.when import zone_of
from playgate.errors import InputError
from playgate.ledger.store import Ledger, LedgerError
from playgate.records import replace

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from playgate.conditions.instants import Zone
    from playgate.enforce.values import LiveResult

__all__ = ["Asked", "Requests", "read_request"]

_T = TypeVar("_T")
Read = dict[str, Any]
"""A request as it is answered: checked, and each text of it in one form."""
Asked = Request | Keyed | Confined
"""A request, with what is known of who sends it."""
_TRIES = 20
"""How often a request is judged again where its deal is changed by others meanwhile."""


class Requests:
    """Answers requests to an open ledger; a context manager, which closes it at its end.

    Each request is one transaction: what it answered is durable, and what it refused or raised
    `InputError` for was not recorded. `by` says who acts where a request names nobody; the caller
    is trusted. `within` is called where a request begins, and returns what tells whether it may go
    on; one that may not is an error of the code `took-too-long`. A request that is `Keyed` is
    answered once: what its answer reads as, by `render`, is kept with what it records. One that is
    `Confined` is refused where it is about a deal of another playbook. With
    `reads_files`, a playbook is named by its file, else by the name under which it was published.
    What is recorded says from where it comes, where `origin` tells it. For a deal that is as large
    as the `largest` may be, no more is recorded than what takes something back.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        now: Callable[[], int],
        by: str = "",
        within: Callable[[], Callable[[], bool]] | None = None,
        render: Callable[[LiveResult], str] = str,
        reads_files: bool = True,
        origin: str = "",
        largest: Largest | None = None,
    ) -> None:
        self._ledger = ledger
        self._now = now
        self._by = by
        self._within = within
        self._render = render
        self._reads_files = reads_files
        self._patience = Patience()
        self._endless = Ending(lambda: self._patience.begin(None))
        self._origin = origin
        self._largest = largest
        self._live = self._fresh(now())
        self._last = self._live.now - 1
        self._would_record = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ledger.__exit__(kind, error, trace)

    def close(self) -> None:
        """Closes the ledger; nothing can be asked of it any more."""
        self._ledger.__exit__()

    @property
    def note(self) -> str:
        """What who reads the ledger should know, such as that it cannot be written; else empty."""
        return self._ledger.note

    def zone(self, deal: str) -> Zone:
        """Returns the time zone of the playbook that judges a deal."""
        return zone_of(self._live, self._live.known_as(composed(deal)))

    def do(self, request: Asked) -> LiveResult:
        """Does what a request asks, as `schemas/request.schema.json` has it, and returns the
        answer; raises `InputError` for what it does not allow."""
        return self.answer(self._read(request))

    def answer(self, read: Read) -> LiveResult:
        """Does what a request that was read asks, and returns the answer."""
        with self._in_time(_too_long):
            if not COMMANDS[read["command"]].records:
                with self._ledger.reading(), self._live.viewing(self._later()):
                    return self._run(read)
            return self._recorded(self._with_playbook(read))

    def look(self, read: Callable[[Live], _T]) -> _T:
        """Returns what is read off the ledger, as of now and in one view of it."""
        with self._in_time(_too_long), self._ledger.reading(), self._live.viewing(self._later()):
            return read(self._live)

    def _recorded(self, read: Read) -> LiveResult:
        """Returns the answer to a request that records something.

        It is judged before the lock is taken; under it is only seen that nothing has changed, and
        recorded. Where something has, it is judged again.
        """
        asked = self._prepared(read)
        self._later()
        for _ in range(_TRIES):
            told = self._tried(asked)
            if told is not None:
                return told
            try:
                with self._ledger.writing():
                    live = self._live
                    # Read while we hold the lock: what is recorded later is later.
                    live.again(live.now if live.judged.was_asked else self._still())
                    live.judged.close()
                    return self._run(asked)
            except ChangedError:
                continue
        raise LedgerError(
            f"{self._ledger.path} is in use: nothing was recorded",
            hint="the deal was changed whenever it was judged: try again",
            code="ledger-busy",
        )

    def _tried(self, asked: Read) -> LiveResult | None:
        """Returns the answer to a request that turns out to record nothing, else `None`; what the
        judge says is known then."""
        self._would_record = False
        told = None
        try:
            with self._ledger.trying(), self._live.trying():
                self._live.refresh(self._still())
                told = self._run(asked)
        except LedgerError as error:
            self._notice(error)
        return None if self._would_record else told

    def _notice(self, error: LedgerError) -> None:
        """Notices that something would be recorded, where nothing may be; raises other errors."""
        if error.code != "ledger-read-only":
            raise error
        self._would_record = True

    def do_all(self, requests: Sequence[Asked]) -> Iterator[list[LiveResult | Exception]]:
        """Does what many requests ask, each whole or not at all, and yields the answers in their
        order, those of one commit after it.

        All share one commit, if they can; where that fails, or something unforeseen happens, it is
        taken back and each is tried again by itself. What became of none is an exception; so is the
        answer to a request that was answered before: `AnsweredError`.
        """
        read = [self._read_or_wrong(each) for each in requests]
        while read:
            try:
                told = self._together(read)
            except Exception as error:
                if len(read) == 1 or _is_busy(error):
                    yield [each if isinstance(each, Exception) else error for each in read]
                else:
                    yield from ([self._alone(each)] for each in read)
                return
            yield told or [self._alone(read[0])]
            read = read[max(len(told), 1) :]

    def _fresh(self, now: int) -> Live:
        return Live(self._ledger, now=now, patience=self._patience, origin=self._origin)

    # Before it is answered

    def _read_or_wrong(self, request: Asked) -> Read | Exception:
        try:
            return self._with_playbook(self._read(request))
        except Exception as error:
            return error

    def _read(self, request: Asked) -> Read:
        if isinstance(request, Confined):
            return {**self._read(request.request), "confined": request.playbooks}
        if isinstance(request, Keyed):
            return {**read_request(request.request, by=self._by), "keyed": request}
        return read_request(request, by=self._by)

    def _with_playbook(self, read: Read) -> Read:
        """Returns the request with the playbook that stands in the file which it names: no file is
        opened while others wait."""
        if not self._reads_files or not isinstance(read.get("playbook"), str):
            return read
        # Few requests bring a file, and what reads YAML takes long to import.
        from playgate.enforce.playbook_files import playbook_in

        return {**read, "playbook": playbook_in(read["playbook"])}

    def _as_known(self, request: Read) -> Read:
        """Returns a request about the deal that its own was merged into, where it was."""
        deal = request.get("deal")
        if deal is None or COMMANDS[request["command"]].takes_back:
            return request
        known = self._live.known_as(deal)
        return request if known == deal else {**request, "deal": known}

    def _prepared(self, read: Read) -> Read:
        """Returns the request with the stage which the deal is seen in, of a move: where another
        process moves it before we hold the lock, ours is told so."""
        playbooks = read.get("confined")
        with self._ledger.reading(), naming_no_others(playbooks):
            request = self._as_known(read)
            if playbooks is not None:
                refuse_before(self._live, request, playbooks)
            if request["command"] != "move" or "deal" not in request or request.get("from"):
                return request
            return {**request, "from": self._live.current(request["deal"])[0]}

    def _in_time(self, error: Callable[[], Exception]) -> AbstractContextManager[None]:
        """Begins what may take only so long, until the context ends; beyond that the error is
        raised."""
        if self._within is not None:
            may_go_on = self._within()

            def go_on() -> None:
                if not may_go_on():
                    raise error()

            self._patience.begin(go_on)
        return self._endless

    # Answering

    def _run(self, request: Read) -> LiveResult:
        """Returns the answer to a request that was read, with the head of the ledger as of it; of
        one about several deals each is answered by itself, and none touches the others."""
        keyed = request.get("keyed")
        if keyed is not None:
            refuse_known(self._ledger, keyed, now=self._live.now)
        told: LiveResult
        if "deals" in request:
            each = tuple(self._one({**request, "deal": deal}) for deal in request["deals"])
            told = Decisions(each)
        else:
            told = self._answered(request)
        told = replace(told, head=self._live.head())
        if keyed is not None:
            self._keep(keyed, told)
        return told

    def _answered(self, request: Read) -> LiveResult:
        with naming_no_others(request.get("confined")):
            return self._answered_to(self._as_known(request), request.get("confined"))

    def _answered_to(self, known: Read, playbooks: Collection[str] | None) -> LiveResult:
        if playbooks is not None:
            refuse_before(self._live, known, playbooks)
        if self._largest is not None and COMMANDS[known["command"]].records:
            self._largest.refuse_more(self._live, known)
        told = answer_of(known["command"])(self._live, known)
        if playbooks is not None:
            refuse_after(self._live, told, playbooks)
        return told

    def _keep(self, keyed: Keyed, told: LiveResult) -> None:
        answer, at = self._render(told), self._live.now
        self._ledger.replies.add(keyed.whose, keyed.key, asked=keyed.asked, answer=answer, at=at)

    def _one(self, request: Read) -> Decision | NotDecided:
        try:
            with self._ledger.part():
                return cast("Decision", self._answered(request))
        except LedgerError as error:
            self._notice(error)  # it is not the request that is wrong
            return NotDecided(request["deal"], error)
        except InputError as error:
            return NotDecided(request["deal"], error)

    def _together(self, read: Sequence[Read | Exception]) -> list[LiveResult | Exception]:
        """Returns the answers to the first of many requests, as many as can be judged while others
        wait; where that is none, it must be judged by itself."""
        told: list[LiveResult | Exception] = []
        try:
            # Others wait meanwhile, so what takes long is judged by itself.
            with self._ledger.writing(), self._in_time(ChangedError):
                self._live.refresh(self._live.now, twice=False)
                self._live.judged.close(TOGETHER)
                with suppress(ChangedError):
                    for each in read:
                        told.append(each if isinstance(each, Exception) else self._part(each))
                return told
        except BaseException:
            # What it thought to have recorded was taken back.
            self._live = self._fresh(self._live.now)
            raise

    def _part(self, request: Read) -> LiveResult | Exception:
        self._live.now = self._later()
        # What records nothing needs no part of its own in the transaction.
        records = COMMANDS[request["command"]].records
        try:
            with self._ledger.part() if records else nullcontext():
                return self._run(request)
        except LedgerError:
            raise
        except (InputError, AnsweredError) as error:
            return error.with_traceback(None)  # which would hold all that was judged

    def _alone(self, read: Read | Exception) -> LiveResult | Exception:
        try:
            return read if isinstance(read, Exception) else self.answer(read)
        except Exception as error:
            return error

    def _still(self) -> int:
        """Returns a later instant for the same request."""
        self._last = max(self._now(), self._last)
        return self._last

    def _later(self) -> int:
        """Returns an instant of its own, so that two equal commands are two events."""
        self._last = max(self._now(), self._last + 1)
        return self._last


def read_request(request: Request, *, by: str) -> Read:
    """Reads a request, which is made by somebody where it does not say so; raises `InputError` with
    all that is wrong in it."""
    check_request(request)
    told = {"by": by, **request}
    read: Read = composed_texts({name: said for name, said in told.items() if name != "playbook"})
    if "playbook" in told:
        read["playbook"] = told["playbook"]  # the path of a file is as its system writes it
    if "fields" in read:
        read["fields"] = {name: _text(value) for name, value in read["fields"].items()}
    if isinstance(read.get("with"), str):
        read["with"] = [read["with"]]
    return read


def _too_long() -> InputError:
    return InputError(
        "judging this took too long: nothing was recorded",
        hint="allow it more time, or look at the deal: does it hold far more events than others?",
        code="took-too-long",
    )


def _is_busy(error: Exception) -> bool:
    """Returns whether the ledger was waited for long enough, or has gone: to try again is for who
    asked, who may have to look first whether it was recorded."""
    return isinstance(error, LedgerError) and error.code in ("ledger-busy", "ledger-lost")


def _text(value: object) -> str:
    """Returns a field's value as text: a number as it was written."""
    if isinstance(value, str):
        return value
    return "" if value is None else str(getattr(value, "text", None) or json.dumps(value))
