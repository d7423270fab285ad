"""A session: an open ledger, and the live commands as methods; `playgate.open_ledger` opens one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from playgate.conditions.instants import show_instant
from playgate.enforce.migrate import publish
from playgate.enforce.playbook_files import playbook_in
from playgate.enforce.reconcile import reconcile, window_of
from playgate.enforce.reproduce import reproduce
from playgate.enforce.requests import Requests
from playgate.enforce.when import since_of
from playgate.errors import InputError
from playgate.ledger.as_of import before_decision
from playgate.model.playbook import Playbook

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal
    from os import PathLike
    from typing import TypeAlias

    from playgate.enforce.migrate import Published
    from playgate.enforce.reconcile import Reconciliation
    from playgate.enforce.reproduce import Reproduced
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

__all__ = ["Session"]


class Session(Requests):
    """An open ledger, which is a context manager and closes at its end.

    Every command is one transaction: what it answered is durable, and what it refused or raised
    `InputError` for was not recorded. `by` says who acts, and is the session's own where a command
    names nobody; the caller is trusted.
    """

    def publish(self, playbook: PlaybookFile) -> Published:
        """Keeps a version of a playbook whole in the ledger; deals in flight stay under theirs.

        Where deals would be left without a stage it is not published, and the answer lists them.
        """
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
        with self._ledger.reading():
            self._live.refresh(self._later())
            start = None if since is None else since_of(_instant(since))
            return reconcile(self._live, window=window_of(window), since=start)

    def reproduce(self, decision: str, *, deal: str = "") -> Reproduced:
        """Judges a decision, by its id, again from what the ledger knew then: does it say the same?
        `deal` is said where several have a decision of this id."""
        with self._ledger.reading():
            return reproduce(before_decision(self._ledger.connection, decision, deal=deal))

    def _command(self, command: str, **told: Any) -> LiveResult:
        if told.get("unknown") == "refuse":
            del told["unknown"]
        if told.get("not_governed") == "refuse":
            del told["not_governed"]
        fields = told.pop("fields", None)
        if fields or command == "set":
            told["fields"] = {name: _plain(value) for name, value in (fields or {}).items()}
        if told.get("at") is not None:
            told["at"] = _instant(told["at"])
        request = {name: value for name, value in told.items() if _is_said(value)}
        return self.do({"command": command, **request})


def _is_said(value: object) -> bool:
    return value is not None and value is not False and value not in ("", [])


def _file(playbook: PlaybookFile) -> str:
    """Returns a playbook's file; raises `InputError` where it changed since it was read."""
    if not isinstance(playbook, Playbook):
        return os.fspath(playbook)
    if playbook_in(playbook.file)[0].sha256 != playbook.sha256:
        message = f"{playbook.file} is not what it was when {playbook.name} was read from it"
        raise InputError(message, hint="read it again", code="wrong-value")
    return playbook.file


def _instant(at: When) -> str:
    if isinstance(at, str):
        return at
    if isinstance(at, int):
        return show_instant(at)
    return at.isoformat()


def _plain(value: FieldValue) -> object:
    """Returns a field's value as a request has it."""
    if value is None or type(value) in (str, bool, int, float):
        return value
    return str(value.isoformat() if hasattr(value, "isoformat") else value)
