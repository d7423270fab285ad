"""What can be asked of the server, as OpenAPI 3.1 has it: made from the schemas that all share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from playgate.documents.schema import load_schema
from playgate.enforce.commands import COMMANDS
from playgate.enforce.contract import takes
from playgate.report.json_text import json_line
from playgate.version import __version__

__all__ = ["description", "document"]

_FILES = ("request", "decision", "deal", "deals", "error", "card", "reconcile", "problem")
"""The schemas that requests and answers have."""
_ANSWERS: Mapping[str, tuple[str, ...]] = {
    "open": ("decision.decision",),
    "log": ("decision.recorded",),
    "set": ("decision.recorded", "decision.decision"),
    "move": ("decision.decision", "decision.decisions"),
    "check": ("decision.decision", "decision.decisions"),
    "ask": ("decision.decision",),
    "allowed": ("deal.allowed",),
    "waive": ("decision.recorded",),
    "waiver-request": ("decision.waiver-request",),
    "waiver-approve": ("decision.waiver-request",),
    "waiver-decline": ("decision.waiver-request",),
    "retract": ("decision.retracted",),
    "merge": ("decision.merged",),
    "next": ("deal.standing",),
    "history": ("deal.history",),
}
"""What each command is answered with, one of these components."""
_PLAYBOOK = {
    "title": "The playbook",
    "description": "The name of a published playbook, or NAME@VERSION; without it, the one whose"
    " `applies_to` holds.",
    "type": "string",
    "pattern": "\\S",
    "examples": ["bank-sales", "bank-sales@3"],
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "What was recorded under a key is answered the same for a day, however often it"
    " is sent.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}


def description(doors: Mapping[str, Any]) -> bytes:
    """Returns the description as JSON."""
    return f"{json_line(document(doors))}\n".encode()


def document(doors: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """Returns the description as data; `doors` are the addresses at which something else answers,
    with what is asked there."""
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "playgate",
            "version": __version__,
            "summary": "The gate of a sales playbook.",
            "description": "A refusal is an answer: 200, with `allowed` false. What cannot be"
            " asked is a problem of RFC 9457, with a code of `docs/errors.md`.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": {**dict(_paths()), **doors},
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of `playgate token new`.",
                }
            },
            "responses": {
                "problem": {
                    "description": "What is wrong; nothing was recorded.",
                    "content": {"application/problem+json": {"schema": _ref("problem")}},
                }
            },
            "schemas": dict(_components()),
        },
    }


def _paths() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in COMMANDS:
        yield f"/v1/{name}", {"post": _command(name)}
    yield "/v1/batch", {"post": _batch()}
    yield "/v1/import", {"post": _import()}
    yield "/v1/hooks/{source}", {"post": _hook("hook", "source")}
    yield "/v1/hooks/{source}/{secret}", {"post": _hook("hook-by-path", "source", "secret")}
    yield "/v1/deals", {"get": _deals()}
    yield "/v1/deals/{deal}/card", {"get": _card()}
    yield "/v1/reconcile", {"get": _reconcile()}
    yield "/metrics", {"get": _text("metrics", "The server's own figures, for Prometheus.")}
    for name, said in (
        ("healthz", "Whether the server runs."),
        ("readyz", "Whether the ledger can be read and written."),
    ):
        yield f"/{name}", {"get": {**_text(name, said), "security": []}}
    yield "/openapi.json", {"get": {**_own(), "security": []}}


def _command(name: str) -> dict[str, Any]:
    said: str = load_schema("request")["$defs"][name]["description"]
    answers = [_ref(each) for each in _ANSWERS[name]]
    return {
        "operationId": name,
        "summary": said.partition(":")[0].rstrip("."),
        "description": said,
        **({"parameters": [_KEY]} if COMMANDS[name].records else {}),
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref(f"request.{name}")}},
        },
        "responses": _responses("application/json", _one_of(answers), "The answer."),
    }


def _batch() -> dict[str, Any]:
    return {
        "operationId": "batch",
        "summary": "Many requests, one on each line",
        "description": "Each line is a request, of the scopes that the token has; its answer, or"
        " what is wrong with it, stands on the same line of the answer.",
        "parameters": [
            {
                "name": "command",
                "in": "query",
                "description": "The command of lines that name none.",
                "schema": {"enum": list(COMMANDS)},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        },
        "responses": _responses("application/x-ndjson", {"type": "string"}, "A line for each."),
    }


def _hook(name: str, *parameters: str) -> dict[str, Any]:
    kept = {
        "type": "object",
        "required": ["version", "kind", "new"],
        "properties": {
            "version": {"const": 1},
            "kind": {"const": "received"},
            "new": {"description": "False where it came before.", "type": "boolean"},
        },
    }
    responses = _responses("application/json", kept, "It is kept, and taken in later.")
    responses["202"] = responses.pop("200")
    several = {"type": "array", "items": {"type": "object"}}
    body = {"oneOf": [{"type": "object"}, several]}
    text = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}
    return {
        "operationId": name,
        "summary": "A hook of a CRM, which says in its own way from whom it comes",
        "security": [],
        "parameters": [
            {"name": each, "in": "path", "required": True, "schema": text} for each in parameters
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": responses,
    }


def _import() -> dict[str, Any]:
    count = {"type": "integer", "minimum": 0}
    problem = {
        "type": "object",
        "required": ["line", "reason", "hint"],
        "properties": {
            "line": {"type": "integer"},
            "reason": {"type": "string"},
            "hint": {"type": ["string", "null"]},
        },
    }
    taken = {
        "type": "object",
        "required": ["version", "kind", "events", "new", "problems"],
        "properties": {
            "version": {"const": 1},
            "kind": {"const": "imported"},
            "events": count,
            "new": {"description": "How many of them the ledger did not have.", **count},
            "problems": {"type": "array", "items": problem},
        },
    }
    said = "Events of the history table, one on each line, of a CRM that keeps the record"
    return {
        "operationId": "import",
        "summary": said,
        "description": f"{said}. What the ledger has already stays; the answer comes when the rest"
        " is durable.",
        "parameters": [
            _query("playbook", "The published one that judges new deals.", {"type": "string"})
        ],
        "requestBody": {
            "required": True,
            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        },
        "responses": _responses("application/json", taken, "What was taken in."),
    }


def _reconcile() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "operationId": "reconcile",
        "summary": "Moves of the CRM against the decisions of the gate",
        "parameters": [
            _query("since", "Leaves out what was earlier.", text),
            _query("window", "How far a move may lie from its decision: 15 minutes.", text),
        ],
        "responses": _responses("application/json", _ref("reconcile"), "All that was found."),
    }


def _deals() -> dict[str, Any]:
    several = {"type": "array", "items": {"type": "string"}}
    text = {"type": "string"}
    queries: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("rep", "Only deals of this rep, by id or name.", several),
        ("team", "Only deals of this team.", several),
        ("stage", "Only deals in this stage.", several),
        ("playbook", "Only deals under this playbook, or NAME@VERSION.", several),
        ("due", "overdue, today, this week, or a duration such as 3 days.", text),
        ("at", "Where they stood then.", text),
        ("all", "Deals that ended, too.", {"type": "boolean", "default": False}),
        ("limit", "So many at most.", {"type": "integer", "minimum": 1}),
    )
    return {
        "operationId": "deals",
        "summary": "The deals of the ledger, those that need attention first",
        "parameters": [_query(*each) for each in queries],
        "responses": _responses("application/json", _ref("deals"), "The deals."),
    }


def _card() -> dict[str, Any]:
    responses = _responses("application/json", _ref("card"), "The card.")
    responses["200"]["content"]["text/html"] = {"schema": {"type": "string"}}
    return {
        "operationId": "card",
        "summary": "What a deal lacks for the next stage, to show in a CRM",
        "parameters": [
            {
                "name": "deal",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "pattern": "\\S"},
            },
            _query("format", "Else by the header Accept.", {"enum": ["json", "html"]}),
            _query("by", "Who looks, where the token trusts that.", {"type": "string"}),
        ],
        "responses": responses,
    }


def _text(name: str, said: str) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": said.rstrip("."),
        "responses": _responses("text/plain", {"type": "string"}, said),
    }


def _own() -> dict[str, Any]:
    said = "This description."
    return {
        "operationId": "openapi",
        "summary": said.rstrip("."),
        "responses": _responses("application/json", {"type": "object"}, said),
    }


def _query(name: str, said: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": said, "schema": schema}


def _responses(kind: str, schema: Mapping[str, Any], said: str) -> dict[str, Any]:
    return {
        "200": {"description": said, "content": {kind: {"schema": schema}}},
        "default": {"$ref": "#/components/responses/problem"},
    }


def _one_of(schemas: list[dict[str, str]]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"oneOf": schemas}


# Schemas as components: `FILE` for a whole one, `FILE.NAME` for each of its parts


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _components() -> Iterator[tuple[str, Any]]:
    for file in _FILES:
        schema = load_schema(file)
        whole = {
            key: each for key, each in schema.items() if key not in ("$schema", "$id", "$defs")
        }
        if file != "request":
            yield file, _moved(whole, file)
        for name, part in schema.get("$defs", {}).items():
            told = _as_sent(name, part) if file == "request" and name in COMMANDS else part
            yield f"{file}.{name}", _moved(told, file)


def _as_sent(command: str, part: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the schema of a request as it is sent to its own address: it need not say its
    command, and names a playbook by the name under which it was published."""
    told = {**part, "required": [name for name in part["required"] if name != "command"]}
    if not told["required"]:
        del told["required"]
    if takes(command, "playbook"):
        told["properties"] = {**part["properties"], "playbook": _PLAYBOOK}
    return told


def _moved(schema: Any, file: str) -> Any:
    """Returns a schema with its references to where its parts stand here."""
    if isinstance(schema, list):
        return [_moved(each, file) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: _moved(each, file) for key, each in schema.items()}
    said = schema.get("$ref")
    if isinstance(said, str):
        other, _, part = said.partition("#/$defs/")
        told["$ref"] = f"#/components/schemas/{other.partition('.')[0] or file}.{part}"
    return told
