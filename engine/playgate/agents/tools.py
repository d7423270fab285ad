"""The tools that agents are given: what each is for, what it takes, and which scope lets it
through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from playgate.documents.document import nearest
from playgate.enforce.contract import form_of, load
from playgate.errors import InputError
from playgate.records import Record

__all__ = ["TOOLS", "Tool", "checked", "schema_of"]

_ID = {"type": "string", "pattern": "\\S"}


class Tool(Record, kw_only=True):
    """A tool, as its users see it."""

    title: str
    about: str
    """What it does, and when to use it."""
    scope: str
    """What must be let through, so that it may be used."""
    command: str = ""
    """The live command that answers it; empty where something else does."""
    takes: tuple[str, ...] = ()
    """Of a live command: the keys of its request that an agent may say."""
    own: Mapping[str, Mapping[str, Any]] = {}
    """Of all others: what it takes, as JSON Schema."""
    records: bool = False
    """Whether it may write into the ledger."""
    record: Literal["", "ledger", "crm"] = ""
    """Who must keep the record, so that it can be used; empty where it may be either."""


def _live(command: str, title: str, about: str, takes: str, **more: Any) -> Tool:
    return Tool(
        title=title, about=about, scope=command, command=command, takes=tuple(takes.split()), **more
    )


_REFUSED = (
    "A refusal is an answer, and no error: it says what is missing, which tool mends it, and what"
    " only a person can do."
)
TOOLS: Mapping[str, Tool] = {
    "deals": Tool(
        title="List deals",
        about="Lists the deals, those that need attention first: where each stands, what is open,"
        " what falls due.",
        scope="deals",
        own={
            "rep": {**_ID, "description": "Only deals of this rep, by id or name."},
            "team": {**_ID, "description": "Only deals of this team."},
            "stage": {**_ID, "description": "Only deals in this stage."},
            "playbook": {**_ID, "description": "Only deals under this playbook."},
            "due": {**_ID, "description": '"overdue", "today", "this week", or such as "3 days".'},
            "ended": {"type": "boolean", "description": "Deals that ended, too."},
            "limit": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
        },
    ),
    "next": _live(
        "next",
        "Where a deal stands",
        "Tells in which stage a deal is, what is missing for the next one, and what falls due. Ask"
        " this before you work on a deal.",
        "deal",
    ),
    "allowed": _live(
        "allowed",
        "Which moves are allowed",
        "Tells for every stage whether a move into it would be let through now, and what is"
        " missing.",
        "deal",
    ),
    "check": _live(
        "check",
        "Try a move",
        "Tells what a move would be answered, and changes nothing.",
        "deal stage fields",
    ),
    "history": _live("history", "What happened", "Tells all that happened to a deal.", "deal"),
    "ask": _live(
        "ask",
        "Ask to move",
        f"Asks whether you may move a deal in the CRM; the decision is recorded. {_REFUSED}",
        "deal stage fields facts from id",
        records=True,
        record="crm",
    ),
    "move": _live(
        "move",
        "Move a deal",
        f"Asks the gate, and moves the deal if it is let through. {_REFUSED}",
        "deal stage fields from id",
        records=True,
        record="ledger",
    ),
    "log": _live(
        "log",
        "Log an activity",
        "Records an activity that you did. Record only what was done: it is kept under your name,"
        " and audited.",
        "deal activity outcome with attrs at id",
        records=True,
        record="ledger",
    ),
    "set": _live(
        "set",
        "Record what is known",
        "Records values of fields that you found out. Record only what is so: it is kept under your"
        " name, and audited.",
        "deal fields id",
        records=True,
        record="ledger",
    ),
    "request_waiver": _live(
        "waiver-request",
        "Ask a person for an exception",
        "Asks people who may waive a rule to make an exception on one deal. Nothing is waived until"
        " one of them approves; you cannot approve it.",
        "deal rule reason expires",
        records=True,
    ),
    "explain_rule": Tool(
        title="What a rule asks",
        about="Tells what a rule of a playbook asks, why, and who may waive it. Say the deal, or"
        " the playbook.",
        scope="playbooks",
        own={
            "rule": {**_ID, "description": "Its id, such as proposal/entry/budget_known."},
            "deal": {**_ID, "description": "By whose playbook."},
            "playbook": {**_ID, "description": "Its name, or NAME@VERSION."},
        },
    ),
    "audit_summary": Tool(
        title="How the playbooks are followed",
        about="Tells how far the playbooks were followed over all deals, and which rules were not"
        " met.",
        scope="audit",
    ),
}
"""Every tool by its name."""
_REQUIRED = {"explain_rule": ("rule",)}
_TYPES: Mapping[str, type] = {"string": str, "boolean": bool, "integer": int}


def schema_of(name: str) -> dict[str, Any]:
    """Returns what a tool takes, as JSON Schema."""
    tool = TOOLS[name]
    keys = {key: form_of(tool.command, key) for key in tool.takes} or dict(tool.own)
    required: list[str] = [*_REQUIRED.get(name, ())]
    if tool.command:
        body = load()["$defs"][tool.command]
        required = [key for key in tool.takes if key in body["required"] or key == "deal"]
    return {
        "type": "object",
        "properties": keys,
        "required": required,
        "additionalProperties": False,
    }


def checked(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns what a tool is told; raises `InputError` for what it does not take. What a live
    command takes is looked at further where it is answered."""
    tool = TOOLS[name]
    known = tool.takes or tuple(tool.own)
    for key in arguments:
        if key not in known:
            hint = nearest(key[:60], known) or f"it takes {', '.join(known) or 'nothing'}"
            raise InputError(f'{name} takes no "{key[:60]}"', hint=hint, code="unknown-key")
    for key, form in tool.own.items():
        if key in arguments:
            _check(key, arguments[key], form)
    for key in _REQUIRED.get(name, ()):
        if key not in arguments:
            raise InputError(f"{name} needs {key}", code="missing-key")
    return arguments


def _check(key: str, value: object, form: Mapping[str, Any]) -> None:
    kind = form["type"]
    if type(value) is not _TYPES[kind]:
        raise InputError(f"{key} must be of type {kind}", code="wrong-type")
    if isinstance(value, str) and not value.strip():
        raise InputError(f"{key} is empty", hint="leave it out", code="wrong-value")
    if kind == "integer" and isinstance(value, int):
        low, high = form["minimum"], form["maximum"]
        if not low <= value <= high:
            raise InputError(f"{key} must be between {low} and {high}", code="wrong-value")
