"""What is wrong with an input, as a value, and the one exception that stops a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from playgate.records import Record

__all__ = ["CODES", "Code", "InputError", "Mistake", "Place"]

Code = Literal[
    "bug",
    "cannot-connect",
    "cannot-listen",
    "cannot-read",
    "cannot-write",
    "deal-exists",
    "engine-cannot",
    "erased",
    "head-differs",
    "id-taken",
    "in-the-future",
    "key-taken",
    "ledger-busy",
    "ledger-damaged",
    "ledger-exists",
    "ledger-failed",
    "ledger-full",
    "ledger-lost",
    "ledger-read-only",
    "may-not",
    "missing-key",
    "no-deal",
    "no-decision",
    "no-json",
    "no-ledger",
    "no-route",
    "no-such-file",
    "no-token",
    "no-version",
    "not-installed",
    "not-public",
    "not-signed",
    "nothing-to-judge",
    "out-of-memory",
    "playbook-taken",
    "several-rules",
    "stopping",
    "strict",
    "too-early",
    "too-large",
    "too-many",
    "too-slow",
    "took-too-long",
    "unknown-key",
    "unknown-name",
    "usage",
    "which-playbook",
    "wrong-file",
    "wrong-input",
    "wrong-key",
    "wrong-ledger",
    "wrong-method",
    "wrong-proof",
    "wrong-record",
    "wrong-type",
    "wrong-value",
]
"""What tells kinds of wrong input apart, for programs; a code is never given another meaning."""

CODES: Mapping[Code, str] = {
    "bug": "playgate failed; the hint names the log to send.",
    "cannot-connect": "Another server cannot be reached, or does not answer as it should.",
    "cannot-listen": "A server cannot listen at this address.",
    "cannot-read": "A file or a table is there, but cannot be read.",
    "cannot-write": "A file cannot be written.",
    "deal-exists": "The deal is open already.",
    "engine-cannot": "The engine cannot judge by this playbook; the judge can.",
    "erased": "The deal was erased; nothing of it is known any more.",
    "head-differs": "The ledger is not what its head says: rewritten, cut short, or an older copy.",
    "id-taken": "Another event of the deal has this id, with other content.",
    "in-the-future": "What is to be recorded has not happened yet.",
    "key-taken": "Another request came under this Idempotency-Key.",
    "ledger-busy": "Somebody else has been writing for a minute; try again.",
    "ledger-damaged": "The ledger is damaged.",
    "ledger-exists": "There is a ledger of this name already.",
    "ledger-failed": "The ledger cannot be used, for the reason that the message gives.",
    "ledger-full": "The disk of the ledger is full.",
    "ledger-lost": "The server of the ledger has gone, or does not answer any more.",
    "ledger-read-only": "The ledger may not be written.",
    "may-not": "Who asks may not do this: by no role that they hold, or not by their token.",
    "missing-key": "The request lacks something that its command needs.",
    "no-deal": "The ledger, or the history, has no such deal.",
    "no-decision": "The ledger has no such decision, or several deals have one of this id.",
    "no-json": "The request is no JSON object, or one that says a key twice.",
    "no-ledger": "There is no ledger of this name.",
    "no-route": "There is nothing at this address of the server.",
    "no-such-file": "There is no file, mapping, or playbook of this name.",
    "no-token": "The request brings no token, or none that counts.",
    "no-version": "The ledger has no such version of a playbook, or several.",
    "not-installed": "An extra or a program that this needs is not installed.",
    "not-public": "An address is not public, and is in no network that was named.",
    "not-signed": "A hook is not signed by its secret, or was signed too long ago.",
    "nothing-to-judge": "There is no deal that could be judged.",
    "out-of-memory": "There was not enough memory.",
    "playbook-taken": "The ledger has this name and version with other content.",
    "several-rules": "A waiver names several rules, and was not told to cover all.",
    "stopping": "The server is stopping, or not ready yet; ask again.",
    "strict": "There are problems with the data, and `--strict` lets none pass.",
    "too-early": "A move would lie before the deal's last one, or its migration.",
    "too-large": "A body, a batch or a deal is larger than it may be.",
    "too-many": "More is asked at once, or of one token, than may be; ask again later.",
    "too-slow": "The request did not come in time.",
    "took-too-long": "Judging the question took longer than it may.",
    "unknown-key": "The request says something that its command does not know.",
    "unknown-name": "The playbook, or the team, knows no such name.",
    "usage": "The command line cannot be understood.",
    "which-playbook": "No playbook, or several, could judge a new deal.",
    "wrong-file": "A file is not what it should be: its form, its text, its columns.",
    "wrong-input": "What was given cannot be used, for the reason that the message gives.",
    "wrong-key": "A file holds no key, or something was not signed by the key that is named.",
    "wrong-ledger": "The file is no ledger, or one of a newer playgate.",
    "wrong-method": "This address of the server takes another method.",
    "wrong-proof": "A proof does not show what it says, or does not reach its head.",
    "wrong-record": "The ledger keeps its record elsewhere: in the CRM, or here.",
    "wrong-type": "A value of the request is of another type than it must be.",
    "wrong-value": "A value does not read as what it must be.",
}
"""Every code, with what it says."""


class Place(NamedTuple):
    """Where something stands in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Mistake(Record):
    """Something that is wrong in an input: what, where, and what to do about it.

    `rule` is a stable kebab-case id; `related` is a second place that the message speaks of. A
    `warning` is worth mending but makes nothing wrong.
    """

    place: Place
    message: str
    rule: str
    hint: str = ""
    level: Literal["error", "warning"] = "error"
    related: Place | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.rule}]"


class InputError(Exception):
    """Says that the input cannot be used; it is shown without a traceback, with exit status 2.

    Carries either mistakes with places, or several errors, or, where there is no place to name, a
    message of one line, `lines` that stand below it, and a hint. `code` tells programs which kind
    of wrong input it is.
    """

    def __init__(
        self,
        message: str = "",
        *,
        hint: str = "",
        lines: Sequence[str] = (),
        mistakes: Sequence[Mistake] = (),
        several: Sequence[InputError] = (),
        code: Code = "wrong-input",
    ) -> None:
        told = "\n".join((message, *lines))
        super().__init__(told or "\n".join(map(str, mistakes or several)))
        self.message = message
        self.hint = hint
        self.lines = tuple(lines)
        self.mistakes = tuple(mistakes)
        self.several = tuple(several)
        self.code = code
