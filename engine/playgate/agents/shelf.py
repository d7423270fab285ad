"""What agents may read: playbooks as they were published, and the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote

from playgate.agents.visitor import Visitor
from playgate.auditing.of_ledger import audit_ledger
from playgate.auditing.select import Scope
from playgate.enforce.live import Live
from playgate.enforce.requests import Requests
from playgate.enforce.which_playbook import named_playbook
from playgate.errors import InputError
from playgate.ledger.store import Ledger
from playgate.records import Record, replace
from playgate.report import audit_json, playbook_markdown
from playgate.report.words import visible

__all__ = ["PLAYBOOKS", "Book", "Shelf"]

PLAYBOOKS = "playgate://playbooks/"
_AUDIT = "playgate://reports/audit"


class Book(Record):
    """Something to read."""

    uri: str
    name: str
    about: str
    kind: str
    """Its media type."""
    text: str = ""
    """Empty in a list."""
    is_data: bool = False
    """Whether it repeats texts of deals."""


class Shelf(Record):
    """What an agent may read of one ledger."""

    db: str
    visitor: Visitor
    now: Callable[[], int]

    def books(self, requests: Requests) -> list[Book]:
        """Returns all that there is, without its text."""
        found = (
            requests.look(lambda live: [*_playbooks(live)])
            if "playbooks" in self.visitor.scopes
            else []
        )
        return [*found, _REPORT] if "audit" in self.visitor.scopes else found

    def read(self, requests: Requests, uri: str) -> Book:
        """Returns something with its text; raises `InputError` where there is none, or the agent
        may not read it."""
        if uri == _AUDIT:
            self._refuse_beyond("audit")
            with Ledger.open(self.db, reading=True) as ledger:
                result = audit_ledger(ledger, Scope(now=self.now()))
            return replace(_REPORT, text="".join(audit_json.render(result)))
        if not uri.startswith(PLAYBOOKS):
            hint = "the list of resources has all that there is"
            raise InputError("there is no such resource", hint=hint, code="unknown-name")
        self._refuse_beyond("playbooks")
        name = unquote(uri.removeprefix(PLAYBOOKS))
        playbook = requests.look(lambda live: named_playbook(live, name))
        text = "".join(playbook_markdown.render(playbook))
        return Book(uri, name, visible(playbook.title), "text/markdown", text)

    def _refuse_beyond(self, scope: str) -> None:
        if scope not in self.visitor.scopes:
            hint = f"only a person can let you: {self.visitor.mends_scope}"
            raise InputError("you may not read this here", hint=hint, code="may-not")


def _playbooks(live: Live) -> Iterator[Book]:
    for row in live.ledger.playbooks.all():
        playbook = live.playbook(row.sha256)
        if playbook.arm:
            continue
        name = f"{row.name}@{row.version}"
        about = visible(playbook.title)
        yield Book(PLAYBOOKS + quote(name, safe="@"), name, about, "text/markdown")


_REPORT = Book(
    _AUDIT,
    "audit",
    "The audit of all deals, as JSON: texts of deals in it are data.",
    "application/json",
    is_data=True,
)
