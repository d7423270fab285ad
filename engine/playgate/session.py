"""A session: an open ledger, and all that the live commands do with it, as methods.

The command line and its batches stand on it; `playgate.open_ledger` opens one. Nothing here reads
a clock: who opens a session brings one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Literal, cast

from playgate.documents.document import composed
from playgate.enforce.commands import COMMANDS, Request, as_known, composed_request, run
from playgate.enforce.contract import check_request
from playgate.enforce.live import Live
from playgate.enforce.when import zone_of
from playgate.errors import InputError
from playgate.ledger.store import Ledger, LedgerError

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal
    from os import PathLike
    from types import TracebackType
    from typing import Self, TypeAlias

    from playgate.conditions.instants import Zone
    from playgate.enforce.migrate import Published
    from playgate.enforce.reconcile import Reconciliation
    from playgate.enforce.values import (
        Allowed,
        Course,
        Decision,
        LiveResult,
        Merged,
        RecordedFact,
        Retracted,
        Standing,
        WaiverRequest,
    )
    from playgate.ledger.settings import RecordKeeper
    from playgate.model.playbook import Playbook

    When: TypeAlias = datetime | str | int
    """An instant: a `datetime`, text as the command line takes it, or microseconds since 1970 in
    UTC. Without an offset it is read in the time zone of the deal's playbook."""
    FieldValue: TypeAlias = str | int | float | bool | date | datetime | Decimal | None
    """What a field may be given; `None` clears it."""
    Fields: TypeAlias = Mapping[str, FieldValue]
    PlaybookFile: TypeAlias = Playbook | str | PathLike[str]
    """A playbook's file, or the playbook that was read from it."""
    Unknown: TypeAlias = Literal["refuse", "ignore"]
    """What becomes of fields that the playbook does not know."""

__all__ = ["Session", "open_session"]


class Session:
    """An open ledger, which is a context manager and closes at its end.

    Every command is one transaction: what it answered is durable, and what it refused or raised
    `InputError` for was not recorded. `by` says who acts, and is the session's own where a command
    names nobody; the caller is trusted.
    """

    def __init__(self, ledger: Ledger, *, now: Callable[[], int], by: str = "") -> None:
        self._ledger = ledger
        self._now = now
        self._by = by
        self._live = Live(ledger, now=now())
        self._last = self._live.now - 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the ledger; nothing can be asked of it any more."""
        self._ledger.__exit__()

    @property
    def note(self) -> str:
        """What who reads the ledger should know, such as that it cannot be written; else empty."""
        return self._ledger.note

    # What the command line stands on

    def do(self, request: Request) -> LiveResult:
        """Does what a request asks, as `schemas/request.schema.json` has it, and returns the
        answer; raises `InputError` for what it does not allow."""
        check_request(request)
        request = composed_request(self._by_somebody(request))
        if not COMMANDS[request["command"]].records:
            with self._ledger.reading():
                self._live.refresh(self._later())
                return run(self._live, request)
        with self._ledger.reading():
            prepared = self._prepared(dict(as_known(self._live, request)))
        with self._ledger.writing():
            # Read while we hold the lock: what is recorded later is later.
            self._live.refresh(self._later())
            return run(self._live, prepared)

    def do_all(self, requests: Sequence[Request]) -> Iterator[list[LiveResult | Exception]]:
        """Does what many requests ask, each whole or not at all, and yields the answers in their
        order, those of one commit after it.

        All share one commit, if they can; where that fails, or something unforeseen happens, it is
        taken back and each is tried again by itself. What became of none is an exception.
        """
        try:
            told = self._together(requests)
        except Exception as error:
            if len(requests) == 1 or _is_busy(error):
                yield [error for _ in requests]
            else:
                yield from ([self._alone(request)] for request in requests)
        else:
            yield told

    def zone(self, deal: str) -> Zone:
        """Returns the time zone of the playbook that judges a deal."""
        return zone_of(self._live, self._live.known_as(composed(deal)))

    def _by_somebody(self, request: Request) -> Request:
        return request if "by" in request else {**request, "by": self._by}

    def _later(self) -> int:
        """Returns an instant of its own, so that two equal commands are two events."""
        self._last = max(self._now(), self._last + 1)
        return self._last

    def _prepared(self, request: dict[str, Any]) -> Request:
        """Does what can be done before the lock is taken, so that others wait less; returns the
        request.

        Of a move that is the stage which the deal was seen in: where another process moves it
        before we hold the lock, ours is told so.
        """
        command = request["command"]
        if command in ("open", "ask", "merge") or "deal" not in request:
            return request  # the deal may be new, or no longer there, and a question moves nothing
        live = self._live
        live.judge(live.pinned(live.row(live.known_as(request["deal"]))))
        if command == "move" and request.get("from") is None:
            return {**request, "from": live.current(request["deal"])[0]}
        return request

    def _together(self, requests: Sequence[Request]) -> list[LiveResult | Exception]:
        try:
            with self._ledger.writing():
                self._live.refresh(self._live.now)
                return [self._answer(request) for request in requests]
        except BaseException:
            # What it thought to have recorded was taken back.
            self._live = Live(self._ledger, now=self._live.now)
            raise

    def _answer(self, request: Request) -> LiveResult | Exception:
        live = self._live
        live.now = self._later()
        try:
            check_request(request)
            request = self._by_somebody(request)
            # What records nothing needs no part of its own in the transaction.
            with live.ledger.part() if COMMANDS[request["command"]].records else nullcontext():
                return run(live, request)
        except LedgerError:
            raise  # it is not the request that is wrong
        except InputError as error:
            return error

    def _alone(self, request: Request) -> LiveResult | Exception:
        try:
            return self._together([request])[0]
        except Exception as error:
            return error

    # The commands

    def publish(self, playbook: PlaybookFile) -> Published:
        """Keeps a version of a playbook whole in the ledger; deals in flight stay under theirs.

        Where deals would be left without a stage it is not published, and the answer lists them.
        """
        from playgate.enforce.migrate import publish
        from playgate.enforce.playbook_files import playbook_in

        self._live.refresh(self._later())
        return publish(self._live, *playbook_in(_file(playbook)))

    def open(
        self,
        deal: str,
        fields: Fields | None = None,
        *,
        playbook: PlaybookFile | None = None,
        stage: str = "",
        unknown: Unknown = "refuse",
        by: str = "",
        at: When | None = None,
        id: str = "",
    ) -> Decision:
        """Opens a deal, in the first stage or `stage`, under a playbook that the ledger keeps from
        then on (default: the published one that applies)."""
        given = {"fields": fields, "stage": stage, "unknown": unknown, "by": by, "at": at, "id": id}
        told = {"playbook": None if playbook is None else _file(playbook), **given}
        return cast("Decision", self._command("open", deal=deal, **told))

    def log(
        self,
        deal: str,
        activity: str,
        outcome: str = "",
        *,
        with_: Sequence[str] = (),
        attrs: Mapping[str, Any] | None = None,
        by: str = "",
        at: When | None = None,
        id: str = "",
    ) -> RecordedFact:
        """Records that something was done, `with_` people who play these parts."""
        told = {"with": list(with_), "attrs": attrs, "by": by, "at": at, "id": id}
        found = self._command("log", deal=deal, activity=activity, outcome=outcome, **told)
        return cast("RecordedFact", found)

    def set(
        self,
        deal: str,
        fields: Fields,
        *,
        unknown: Unknown = "refuse",
        by: str = "",
        at: When | None = None,
        id: str = "",
    ) -> RecordedFact | Decision:
        """Records that something is known, values of fields; or returns the decision that refuses
        them."""
        told = {"fields": fields, "unknown": unknown, "by": by, "at": at, "id": id}
        return cast("RecordedFact | Decision", self._command("set", deal=deal, **told))

    def move(
        self,
        deal: str,
        stage: str,
        fields: Fields | None = None,
        *,
        from_: str = "",
        unknown: Unknown = "refuse",
        by: str = "",
        at: When | None = None,
        id: str = "",
    ) -> Decision:
        """Asks the gate, and moves the deal if it is allowed; `fields` come with the move or not at
        all. With `from_`, only if the deal is in that stage now."""
        told = {"from": from_, "unknown": unknown, "by": by, "at": at, "id": id}
        found = self._command("move", deal=deal, stage=stage, fields=fields, **told)
        return cast("Decision", found)

    def check(
        self,
        deal: str,
        stage: str,
        fields: Fields | None = None,
        *,
        unknown: Unknown = "refuse",
        by: str = "",
        at: When | None = None,
    ) -> Decision:
        """Returns what `move` would decide, changing nothing."""
        told = {"fields": fields, "unknown": unknown, "by": by, "at": at}
        return cast("Decision", self._command("check", deal=deal, stage=stage, **told))

    def ask(
        self,
        deal: str,
        stage: str,
        fields: Fields | None = None,
        *,
        facts: Sequence[Mapping[str, Any]] = (),
        playbook: PlaybookFile | None = None,
        from_: str = "",
        not_governed: Literal["refuse", "allow"] = "refuse",
        unknown: Unknown = "refuse",
        by: str = "",
        at: When | None = None,
        id: str = "",
    ) -> Decision:
        """Asks the gate where the CRM keeps the record: `facts` (rows of the history table) and
        `fields` come with the question, and only the decision is recorded."""
        told = {
            "facts": [dict(fact) for fact in facts],
            "playbook": None if playbook is None else _file(playbook),
            "from": from_,
            "not_governed": not_governed,
            "unknown": unknown,
            "by": by,
            "at": at,
            "id": id,
        }
        found = self._command("ask", deal=deal, stage=stage, fields=fields, **told)
        return cast("Decision", found)

    def allowed(self, deal: str, *, by: str = "", at: When | None = None) -> Allowed:
        """Returns for each stage whether a move would be let through, and what is missing."""
        return cast("Allowed", self._command("allowed", deal=deal, by=by, at=at))

    def waive(
        self,
        deal: str,
        rule: str,
        reason: str,
        *,
        expires: str = "",
        all: bool = False,
        by: str = "",
        at: When | None = None,
        id: str = "",
    ) -> RecordedFact:
        """Records an exception for one rule, or with `all` for every rule that a glob matches."""
        told = {"expires": expires, "all": all, "by": by, "at": at, "id": id}
        found = self._command("waive", deal=deal, rule=rule, reason=reason, **told)
        return cast("RecordedFact", found)

    def request_waiver(
        self, deal: str, rule: str, reason: str, *, expires: str = "", by: str = ""
    ) -> WaiverRequest:
        """Asks somebody who may waive for an exception; nothing is waived yet."""
        told = {"reason": reason, "expires": expires, "by": by}
        return cast("WaiverRequest", self._command("waiver-request", deal=deal, rule=rule, **told))

    def approve_waiver(self, request: str, *, by: str = "") -> WaiverRequest:
        """Approves a request by its id, so that the waiver is recorded."""
        return cast("WaiverRequest", self._command("waiver-approve", request=request, by=by))

    def decline_waiver(self, request: str, reason: str, *, by: str = "") -> WaiverRequest:
        """Declines a request by its id, with a reason for who asked."""
        told = {"request": request, "reason": reason, "by": by}
        return cast("WaiverRequest", self._command("waiver-decline", **told))

    def retract(self, deal: str, event: str, reason: str, *, by: str = "") -> Retracted:
        """Says of an event, by its id, that it never happened: nothing is judged by it any more."""
        told = {"event": event, "reason": reason, "by": by}
        return cast("Retracted", self._command("retract", deal=deal, **told))

    def merge(self, deal: str, into: str, *, reason: str = "", by: str = "") -> Merged:
        """Says that a deal is another one: its events are the other's from now on."""
        told = {"into": into, "reason": reason, "by": by}
        return cast("Merged", self._command("merge", deal=deal, **told))

    def next(self, deal: str, *, by: str = "", at: When | None = None) -> Standing:
        """Returns where the deal stands, what is missing, and what a move on would be answered."""
        return cast("Standing", self._command("next", deal=deal, by=by, at=at))

    def history(self, deal: str, *, only: str = "", at: When | None = None) -> Course:
        """Returns the deal's events and decisions in order; `only` those of one actor."""
        return cast("Course", self._command("history", deal=deal, only=only, at=at))

    def reconcile(self, *, window: str = "15 minutes", since: When | None = None) -> Reconciliation:
        """Matches the moves that were imported from the CRM with the gate's decisions."""
        from playgate.enforce.reconcile import reconcile, window_of
        from playgate.enforce.when import since_of

        with self._ledger.reading():
            self._live.refresh(self._later())
            start = None if since is None else since_of(_instant(since))
            return reconcile(self._live, window=window_of(window), since=start)

    def _command(self, command: str, **told: Any) -> LiveResult:
        if told.get("unknown") == "refuse":
            del told["unknown"]
        if told.get("not_governed") == "refuse":
            del told["not_governed"]
        fields = told.pop("fields", None)
        if fields or command == "set":
            told["fields"] = {name: _text(value) for name, value in (fields or {}).items()}
        if told.get("at") is not None:
            told["at"] = _instant(told["at"])
        request = {name: value for name, value in told.items() if _is_said(value)}
        return self.do({"command": command, **request})


def open_session(
    path: str | PathLike[str],
    *,
    create: bool = False,
    reading: bool = False,
    record: RecordKeeper | None = None,
    now: Callable[[], int],
    by: str = "",
) -> Session:
    """Opens the ledger at `path`; see `playgate.open_ledger`."""
    import os

    name = os.fspath(path)
    if record is not None:
        ledger = Ledger.new(name, record=record)
    else:
        ledger = Ledger.open(name, create=create, reading=reading)
    return Session(ledger, now=now, by=by)


def _is_busy(error: Exception) -> bool:
    """Returns whether the ledger was waited for long enough."""
    return isinstance(error, LedgerError) and error.code == "ledger-busy"


def _is_said(value: object) -> bool:
    return value is not None and value is not False and value not in ("", [])


def _file(playbook: PlaybookFile) -> str:
    """Returns a playbook's file; raises `InputError` where it changed since it was read."""
    import os

    from playgate.model.playbook import Playbook

    if not isinstance(playbook, Playbook):
        return os.fspath(playbook)
    from playgate.enforce.playbook_files import playbook_in

    if playbook_in(playbook.file)[0].sha256 != playbook.sha256:
        message = f"{playbook.file} is not what it was when {playbook.name} was read from it"
        raise InputError(message, hint="read it again", code="wrong-value")
    return playbook.file


def _instant(at: When) -> str:
    if isinstance(at, str):
        return at
    if isinstance(at, int):
        from playgate.conditions.instants import show_instant

        return show_instant(at)
    return at.isoformat()


def _text(value: FieldValue) -> str:
    """Returns a value as a field's text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.isoformat() if hasattr(value, "isoformat") else value)
